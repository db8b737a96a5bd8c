using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Portal.Domain.Common;
using Portal.Domain.Sample;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>
/// The sample company from the operator's wish to the last row, over the API: it shows the product alive, is in nobody's books, and leaves
/// nothing.
/// </summary>
public sealed class SampleJourneyTests(ITestOutputHelper output)
{
    private const string Sample = "/api/v1/operator/sample";
    private const string Org = "/api/v1/organizations/alder-and-pine";

    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task It_is_made_shows_the_product_alive_stays_out_of_the_books_and_leaves_nothing(string pulsar)
    {
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var stripe = await StripeBeside.StartAsync();
        await using var portal = await PortalHere.StartAsync(new Dictionary<string, string>(cluster.Settings.Concat(stripe.Settings)));
        await stripe.SendEventsToAsync(portal.Url);
        using var rest = portal.Rest();
        await RealCustomerAsync(rest);
        Assert.Equal("none", (string?)(await rest.GetAsync(Sample))["state"]);
        var rows = new DatabaseWalk(portal.DataFolder);
        var before = await rows.CountAsync();

        var watch = Stopwatch.StartNew();
        await MakeAsync(rest);
        output.WriteLine($"From the wish to the last invoice: {watch.Elapsed.TotalSeconds:0.0} s");
        var ids = await rows.IdsOfSampleAsync();
        await LooksAliveAsync(rest);
        Assert.Equal(HttpStatusCode.Conflict, (await rest.SendAsync(HttpMethod.Post, Sample)).Status);
        await StaysOutOfBooksAsync(rest);
        await NoMailAsync(portal.Url, rows);
        Assert.Equal(2, (await stripe.ListAsync("customers?limit=100")).Count);

        await RemoveAsync(rest);
        Assert.Equal("none", (string?)(await rest.GetAsync(Sample))["state"]);
        Assert.Equal(HttpStatusCode.NotFound, (await rest.SendAsync(HttpMethod.Get, Org)).Status);
        Assert.Empty(await rows.FindAsync(ids));
        Assert.Empty(await GrownAsync(rows, before));
        foreach (var tenant in Tenants)
            Assert.False(await cluster.HasTenantAsync(tenant), tenant);
        Assert.Equal("northwind", (string?)Assert.Single(await stripe.ListAsync("customers?limit=100"))["metadata"]!["organization_slug"]);
        Assert.Equal(HttpStatusCode.NotFound, (await rest.SendAsync(HttpMethod.Delete, Sample)).Status);

        // Its names are free again, and removing does not wait for the making.
        var job = await rest.PostAsync(Sample, new JsonObject(), HttpStatusCode.Accepted);
        await Eventually.TrueAsync(async () => (await rest.GetAsync(Sample))["organization"] is not null, "it is being made again");
        await RemoveAsync(rest);
        Assert.Equal("failed", (string?)(await rest.GetAsync($"/api/v1/operator/jobs/{job["job"]}"))["state"]);
        Assert.Empty(await GrownAsync(rows, before));
    }

    [Fact]
    public async Task Killed_at_every_point_it_is_made_once_and_removed_whole()
    {
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var stripe = await StripeBeside.StartAsync();
        await using var portal = await PortalProcess.StartAsync(
            new Dictionary<string, string>(cluster.Settings.Concat(stripe.Settings)),
            armed: true
        );
        using var rest = portal.Rest();
        var rows = new DatabaseWalk(portal.DataFolder);
        var before = await rows.CountAsync();
        var ofMaking = KillPoint.OfSample.TakeWhile(point => point != KillPoint.SampleAfterUsageErased).ToList();

        await WalkAsync(portal, ofMaking, () => rest.PostAsync(Sample, new JsonObject(), HttpStatusCode.Accepted));
        await SettledAsync(rest, "ready");
        var ids = await rows.IdsOfSampleAsync();
        await LooksAliveAsync(rest);
        Assert.Single(await stripe.ListAsync("customers?limit=100"));
        Assert.Equal(2, (await stripe.ListAsync("invoices?limit=100")).Count);

        await WalkAsync(portal, [.. KillPoint.OfSample.Except(ofMaking)], () => rest.SendAsync(HttpMethod.Delete, Sample));
        await SettledAsync(rest, "none");
        Assert.Empty(await rows.FindAsync(ids));
        Assert.Empty(await GrownAsync(rows, before));
        foreach (var tenant in Tenants)
            Assert.False(await cluster.HasTenantAsync(tenant), tenant);
        Assert.Empty(await stripe.ListAsync("customers?limit=100"));
    }

    /// <summary>Tables with more rows than before.</summary>
    private static async Task<IReadOnlyList<string>> GrownAsync(DatabaseWalk rows, Dictionary<string, long> before) =>
        [
            .. (await rows.CountAsync())
                .Where(table => table.Value > before.GetValueOrDefault(table.Key))
                .Select(table => $"{table.Key}: {before.GetValueOrDefault(table.Key)} rows before, {table.Value} after"),
        ];

    private static IEnumerable<string> Tenants => SampleCompany.Topics.Select(topic => topic.Tenant).Distinct();

    private async Task MakeAsync(RestClient rest)
    {
        var job = await rest.PostAsync(Sample, new JsonObject(), HttpStatusCode.Accepted);
        // Asked for twice it is one.
        Assert.Equal((string?)job["job"], (string?)(await rest.PostAsync(Sample, new JsonObject(), HttpStatusCode.Accepted))["job"]);
        await SettledAsync(rest, "ready");
        Assert.Equal("succeeded", (string?)(await rest.GetAsync($"/api/v1/operator/jobs/{job["job"]}"))["state"]);
    }

    private async Task RemoveAsync(RestClient rest)
    {
        var watch = Stopwatch.StartNew();
        var (status, job) = await rest.SendAsync(HttpMethod.Delete, Sample);
        Assert.True(status == HttpStatusCode.Accepted, $"{(int)status} {job}");
        await SettledAsync(rest, "none");
        output.WriteLine($"Removed in {watch.Elapsed.TotalSeconds:0.0} s");
    }

    private static async Task SettledAsync(RestClient rest, string state)
    {
        JsonNode? now = null;
        await Eventually.TrueAsync(
            async () => (string?)(now = await rest.GetAsync(Sample))["state"] is not ("creating" or "removing"),
            () => $"the sample company is {state}: {now}",
            seconds: 300
        );
        Assert.True((string?)now!["state"] == state, $"{now}");
    }

    private static async Task LooksAliveAsync(RestClient rest)
    {
        Assert.True((bool)(await rest.GetAsync(Org))["sample"]!);
        Assert.Equal(SampleCompany.People.Count + 1, (await rest.GetAsync($"{Org}/members"))["items"]!.AsArray().Count);
        Assert.Equal(5, (await rest.GetAsync($"{Org}/keys"))["items"]!.AsArray().Count);

        var invoices = (await rest.GetAsync($"{Org}/invoices"))["items"]!
            .AsArray()
            .OrderBy(invoice => (string)invoice!["month"]!, StringComparer.Ordinal)
            .ToList();
        Assert.Equal(["paid", "open"], invoices.Select(invoice => (string?)invoice!["status"]));
        Assert.NotNull(invoices[1]!["problem"]);
        foreach (var invoice in invoices)
        {
            Assert.Equal((long)invoice!["total"]!, invoice["lines"]!.AsArray().Sum(line => (long)line!["amount"]!));
            // A line leads to topics and hours, and those to the counters of the broker.
            var detail = await rest.GetAsync($"{Org}/invoices/{invoice["number"]}/lines/write");
            Assert.NotEmpty(detail["items"]!.AsArray());
            Assert.NotEmpty(detail["items"]![0]!["samples"]!.AsArray());
        }
        Assert.True((long)(await rest.GetAsync($"{Org}/billing/current"))["total"]! > 0);

        var (from, to) = (Iso(DateTimeOffset.UtcNow.AddDays(-7)), Iso(DateTimeOffset.UtcNow));
        Assert.NotEmpty((await rest.GetAsync($"{Org}/usage?from={from}&to={to}"))["gaps"]!.AsArray());
        await Eventually.TrueAsync(
            async () =>
                (await rest.GetAsync($"{Org}/tenants/alderpine-analytics/namespaces/events/topics/page-viewed/messages?limit=5"))["items"]!
                    .AsArray()
                    .Count > 0,
            "messages come in"
        );
    }

    private static async Task RealCustomerAsync(RestClient rest)
    {
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        await rest.PutAsync("/api/v1/operator/organizations/northwind/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        await rest.PostAsync("/api/v1/organizations/northwind/tenants", new JsonObject { ["name"] = "shop" }, HttpStatusCode.Accepted);
        await rest.SettledAsync("/api/v1/organizations/northwind/tenants/shop/namespaces/default");
    }

    private static async Task StaysOutOfBooksAsync(RestClient rest)
    {
        var month = DateTimeOffset.UtcNow.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        var job = await rest.PostAsync(
            $"/api/v1/operator/months/{month}/close",
            new JsonObject { ["early"] = true },
            HttpStatusCode.Accepted
        );
        var ended = await rest.SettledAsync($"/api/v1/operator/jobs/{job["job"]}");
        Assert.Equal("succeeded", (string?)ended["state"]);
        Assert.Equal(2, (await rest.GetAsync($"{Org}/invoices"))["items"]!.AsArray().Count);
        Assert.Empty((await rest.GetAsync("/api/v1/operator/invoices/unsettled"))["items"]!.AsArray());
        var listed = (await rest.GetAsync("/api/v1/operator/organizations"))["items"]!
            .AsArray()
            .ToDictionary(one => (string)one!["slug"]!, one => (bool)one!["sample"]!);
        Assert.Equal((true, false), (listed["alder-and-pine"], listed["northwind"]));
    }

    private static async Task NoMailAsync(Uri portal, DatabaseWalk rows)
    {
        var mails = (await rows.CountAsync()).GetValueOrDefault("mails");
        using var http = new HttpClient { BaseAddress = portal };
        http.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        using var asked = await http.SubmitAsync("forgot", "forgot", new() { ["Input.Email"] = SampleCompany.People[0].Email.Value });
        Assert.True((int)asked.StatusCode < 400);
        Assert.Equal(mails, (await rows.CountAsync()).GetValueOrDefault("mails"));
    }

    private static async Task WalkAsync(PortalProcess portal, List<string> points, Func<Task> act)
    {
        portal.Arm(points[0]);
        try
        {
            await act();
        }
        catch (HttpRequestException)
        {
            // It died before it could answer.
        }
        for (var index = 0; index < points.Count; index++)
        {
            var point = points[index];
            await Eventually.TrueAsync(() => Task.FromResult(portal.HasEnded), () => $"the portal dies at {point}: {portal.Said}");
            portal.Arm(index + 1 < points.Count ? points[index + 1] : "");
            await portal.StartAgainAsync();
        }
    }

    private static string Iso(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH':00:00Z'", CultureInfo.InvariantCulture);
}
