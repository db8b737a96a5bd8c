using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LocalPulsar;
using LocalStripe;
using Microsoft.Extensions.Logging.Abstractions;

namespace Portal.Bench;

/// <summary>
/// A month's close of a thousand organizations, five of them sick in five ways: the time in which the other 995 have their
/// invoices. Baseline, in the same run: a thousand of whom all are well. The portal is a process of its own, on SQLite.
/// </summary>
internal static class CloseBench
{
    private const int Sick = 5;
    private const string ApiKey = "bench-key-0123456789abcdef0123456789abcdef";

    private static readonly int Organizations = int.Parse(
        Environment.GetEnvironmentVariable("PORTAL_BENCH_ORGANIZATIONS") ?? "1000",
        CultureInfo.InvariantCulture
    );

    private static IEnumerable<string> Slugs => Enumerable.Range(0, Organizations).Select(number => $"org-{number}");

    /// <summary>What Stripe does to a sick one, for ever.</summary>
    private static readonly (string Kind, string Path)[] Troubles =
    [
        ("errorBefore", "/v1/invoices"),
        ("lockTimeout", "/v1/invoices"),
        ("errorAfterCommit", "/v1/invoices"),
        ("errorBefore", "/v1/invoiceitems"),
        ("lockTimeout", "/v1/invoiceitems"),
    ];

    public static async Task RunAsync()
    {
        var well = await CloseAsync(sick: 0);
        var ill = await CloseAsync(Sick);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"close, {Organizations - Sick} invoices of {Organizations} organizations: "
                    + $"{well.Settled.TotalSeconds:N1} s when all are well, {ill.Settled.TotalSeconds:N1} s when {Sick} are sick "
                    + $"({ill.Settled / well.Settled:N2}x); the job names {ill.Named} of them"
            )
        );
    }

    private static async Task<(TimeSpan Settled, int Named)> CloseAsync(int sick)
    {
        var folder = Directory.CreateTempSubdirectory("portal-bench-").FullName;
        await using var stripe = await LocalStripeServer.StartAsync(
            new()
            {
                DataFolder = Path.Combine(folder, "stripe"),
                Clock = TimeProvider.System,
                LoggerFactory = NullLoggerFactory.Instance,
                Port = 0,
            },
            CancellationToken.None
        );
        await using var pulsar = await LocalPulsarServer.StartAsync(
            new()
            {
                DataFolder = Path.Combine(folder, "pulsar"),
                Port = 0,
                Clock = TimeProvider.System,
            },
            CancellationToken.None
        );
        var url = new Uri($"http://localhost:{SignInFloodBench.FreePort()}");
        using var portal = await SignInFloodBench.StartAsync(
            url,
            Path.Combine(folder, "portal"),
            new()
            {
                ["Portal__Clusters__0__Name"] = "one",
                ["Portal__Clusters__0__AdminUrl"] = pulsar.AdminUrl.ToString(),
                ["Portal__Clusters__0__WebSocketUrl"] = pulsar.WebSocketUrl.ToString(),
                ["Portal__Clusters__0__AdminToken"] = pulsar.AdminToken,
                ["Portal__Clusters__0__TokenPrivateKeyFile"] = pulsar.TokenPrivateKeyFile,
                ["Portal__Stripe__ApiBase"] = stripe.ApiBase,
                ["Portal__Stripe__ApiKey"] = stripe.ApiKey,
                ["Portal__Stripe__WebhookSecret"] = stripe.WebhookSecret,
                ["Portal__Limits__ApiRequestsPerSecond"] = "10000",
                ["Portal__Limits__ApiBurst"] = "10000",
                ["Portal__Metering__IntervalSeconds"] = "5",
            }
        );
        try
        {
            using var rest = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(60) };
            rest.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
            var month = TimeProvider.System.GetUtcNow().ToString("yyyy-MM", CultureInfo.InvariantCulture);
            await SendAsync(rest, HttpMethod.Post, "/api/v1/operator/price-books", Book());
            foreach (var slug in Slugs)
            {
                await SendAsync(rest, HttpMethod.Post, "/api/v1/organizations", new() { ["name"] = slug, ["slug"] = slug });
                await SendAsync(
                    rest,
                    HttpMethod.Put,
                    $"/api/v1/operator/organizations/{slug}/plan",
                    new() { ["plan"] = "payg", ["payBy"] = "invoice" }
                );
                await SendAsync(rest, HttpMethod.Post, $"/api/v1/organizations/{slug}/tenants", new() { ["name"] = slug });
            }
            foreach (var slug in Slugs)
            {
                var tenant = $"/api/v1/organizations/{slug}/tenants/{slug}";
                await UntilAsync(async () => (string?)(await GetAsync(rest, tenant))["state"] == "ready");
                await SendAsync(rest, HttpMethod.Post, $"{tenant}/namespaces/default/topics", new() { ["name"] = "orders" });
            }
            // An early close charges what is metered: every topic has begun to cost something.
            foreach (var slug in Slugs)
                await UntilAsync(async () => (long)(await GetAsync(rest, $"/api/v1/organizations/{slug}/billing/current"))["total"]! > 0);
            using var api = new HttpClient { BaseAddress = new Uri(stripe.ApiBase) };
            api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", stripe.ApiKey);
            foreach (var (number, (kind, path)) in Troubles.Take(sick).Index())
            {
                string? customer = null;
                await UntilAsync(async () => (customer = await CustomerAsync(api, $"org-{number}")) is not null);
                await SendAsync(
                    api,
                    HttpMethod.Post,
                    "/_control/faults",
                    new()
                    {
                        ["kind"] = kind,
                        ["path"] = path,
                        ["times"] = 1_000_000,
                        ["customer"] = customer,
                    }
                );
            }

            var begun = Stopwatch.GetTimestamp();
            var job = (string)
                (await SendAsync(rest, HttpMethod.Post, $"/api/v1/operator/months/{month}/close", new() { ["early"] = true }))["job"]!;
            JsonNode? state = null;
            await UntilAsync(async () =>
                (long)(state = await GetAsync(rest, $"/api/v1/operator/jobs/{job}"))["done"]! >= Organizations - Sick
            );
            var settled = Stopwatch.GetElapsedTime(begun);
            var named = 0;
            if (sick > 0)
                await UntilAsync(async () => (named = Named(await GetAsync(rest, $"/api/v1/operator/jobs/{job}"))) >= sick);
            await UntilAsync(async () => await InvoicesAsync(rest, Slugs.Skip(sick)) == Organizations - sick);
            return (settled, named);
        }
        finally
        {
            portal.Kill(entireProcessTree: true);
            await portal.WaitForExitAsync();
            await stripe.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Named(JsonNode job) =>
        Enumerable.Range(0, Sick).Count(number => ((string?)job["problem"])?.Contains($"org-{number}", StringComparison.Ordinal) == true);

    /// <summary>So dear that a topic costs something within seconds.</summary>
    private static JsonObject Book() =>
        new()
        {
            ["version"] = "bench",
            ["currency"] = "usd",
            ["startsAt"] = "2026-01-01T00:00:00Z",
            ["meters"] = new JsonObject
            {
                ["partitions"] = new JsonObject
                {
                    ["per"] = "hour",
                    ["model"] = "perUnit",
                    ["unitPrice"] = "1000",
                },
            },
        };

    private static async Task<int> InvoicesAsync(HttpClient rest, IEnumerable<string> slugs)
    {
        var count = 0;
        foreach (var slug in slugs)
            count += (await GetAsync(rest, $"/api/v1/organizations/{slug}/invoices"))["items"]!
                .AsArray()
                .Count(invoice => (string?)invoice!["status"] != "draft");
        return count;
    }

    private static async Task<string?> CustomerAsync(HttpClient api, string name)
    {
        for (var after = ""; ; )
        {
            var page = await GetAsync(api, $"/v1/customers?limit=100{after}");
            var items = page["data"]!.AsArray();
            if (items.FirstOrDefault(one => (string?)one!["name"] == name) is { } found)
                return (string)found["id"]!;
            if (!(bool)page["has_more"]!)
                return null;
            after = $"&starting_after={items[^1]!["id"]}";
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Delay(50);
    }

    private static async Task<JsonNode> GetAsync(HttpClient http, string path) => (await http.GetFromJsonAsync<JsonNode>(path))!;

    private static async Task<JsonNode> SendAsync(HttpClient http, HttpMethod method, string path, JsonObject body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
