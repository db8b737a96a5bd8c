using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>Scraping one customer's metrics as Prometheus does, on the stand-in.</summary>
public sealed class TopicMetricsApiTests
{
    [Fact]
    public async Task An_API_key_scrapes_its_organizations_topics_and_no_others()
    {
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        using var http = new HttpClient { BaseAddress = portal.Url };
        var (northwind, contoso) = (new GatewayWorld(portal, rest, "northwind"), new GatewayWorld(portal, rest, "contoso"));
        await northwind.CreateAsync("orders", "parts");
        await contoso.CreateAsync("orders");
        foreach (var (world, count) in new[] { (northwind, 3), (contoso, 5) })
        {
            var topic = $"/api/v1/organizations/{world.Slug}/tenants/{world.Tenant}/namespaces/default/topics/orders";
            await rest.PostAsync($"{topic}/subscriptions", new JsonObject { ["name"] = "billing" }, HttpStatusCode.Created);
            for (var number = 0; number < count; number++)
                await rest.PostAsync($"{topic}/messages", new JsonObject { ["payload"] = "x" }, HttpStatusCode.Created);
        }
        await rest.PostAsync(
            "/api/v1/organizations/northwind/tenants/" + northwind.Tenant + "/namespaces",
            new JsonObject { ["name"] = "empty" },
            HttpStatusCode.Accepted
        );
        await rest.SettledAsync($"/api/v1/organizations/northwind/tenants/{northwind.Tenant}/namespaces/empty");
        using var person = await RestClient.SignedInAsync(portal.Url, RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        var viewer = await KeyAsync("viewer", null);
        var limited = await KeyAsync("viewer", "empty");

        PrometheusPage page = null!;
        await Eventually.TrueAsync(
            async () => (page = await ScrapeAsync(viewer, "northwind")).Of("pulsar_in_messages_total").Any(one => one.Value == 3),
            "the counters of the messages are there"
        );
        Assert.Equal(
            [northwind.Tenant],
            page.Samples.Where(one => one.Labels.ContainsKey("namespace")).Select(one => one["namespace"].Split('/')[0]).Distinct()
        );
        Assert.Equal([Full(northwind, "orders"), Full(northwind, "parts")], page.Of("pulsar_storage_size").Select(one => one["topic"]));
        Assert.Equal(
            (3, 3, 1),
            (
                page.Value("pulsar_msg_backlog", ("topic", Full(northwind, "orders"))),
                page.Value("pulsar_subscription_back_log", ("subscription", "billing")),
                page.Value("portal_cluster_up")
            )
        );
        Assert.True(page.Value("pulsar_storage_size", ("topic", Full(northwind, "orders"))) > 0);
        Assert.DoesNotContain(
            contoso.Tenant,
            string.Join(' ', page.Samples.SelectMany(one => one.Labels.Values)),
            StringComparison.Ordinal
        );

        var narrow = await ScrapeAsync(limited, "northwind");
        Assert.Empty(narrow.Of("pulsar_rate_in"));
        Assert.Equal(1, narrow.Value("portal_cluster_up"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/api/v1/organizations/northwind/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(viewer, "contoso")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(viewer, "northwind", $"?tenant={contoso.Tenant}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(viewer, "northwind", "?namespace=default")).Status);

        // As Prometheus asks: compressed.
        using var scraper = new HttpClient(new HttpClientHandler { AutomaticDecompression = DecompressionMethods.None })
        {
            BaseAddress = portal.Url,
        };
        scraper.DefaultRequestHeaders.Authorization = new("Bearer", viewer);
        scraper.DefaultRequestHeaders.AcceptEncoding.Add(new("gzip"));
        using var packed = await scraper.GetAsync("/api/v1/organizations/northwind/metrics");
        Assert.Equal(
            ("gzip", "text/plain; version=0.0.4; charset=utf-8"),
            (packed.Content.Headers.ContentEncoding.Single(), packed.Content.Headers.ContentType!.ToString())
        );
        await using var unpacked = new System.IO.Compression.GZipStream(
            await packed.Content.ReadAsStreamAsync(),
            System.IO.Compression.CompressionMode.Decompress
        );
        using var reader = new StreamReader(unpacked);
        Assert.NotEmpty(PrometheusPage.Parse(await reader.ReadToEndAsync()).Samples);

        async Task<string> KeyAsync(string role, string? @namespace)
        {
            var body = new JsonObject { ["name"] = $"scrape-{@namespace}", ["role"] = role };
            if (@namespace is not null)
                (body["tenant"], body["namespace"]) = (northwind.Tenant, @namespace);
            return (string)(await person.PostAsync("/api/v1/organizations/northwind/api-keys", body, HttpStatusCode.Created))["key"]!;
        }

        async Task<PrometheusPage> ScrapeAsync(string key, string organization)
        {
            var (status, type, text) = await AskAsync(key, organization);
            Assert.Equal((HttpStatusCode.OK, "text/plain; version=0.0.4; charset=utf-8"), (status, type));
            return PrometheusPage.Parse(text);
        }

        async Task<(HttpStatusCode Status, string? Type, string Text)> AskAsync(string key, string organization, string query = "")
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/organizations/{organization}/metrics{query}")
            {
                Headers = { Authorization = new("Bearer", key) },
            };
            using var answer = await http.SendAsync(request);
            return (answer.StatusCode, answer.Content.Headers.ContentType?.ToString(), await answer.Content.ReadAsStringAsync());
        }

        static string Full(GatewayWorld world, string topic) => $"persistent://{world.Topic(topic)}";
    }
}
