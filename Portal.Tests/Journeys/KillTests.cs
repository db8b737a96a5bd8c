using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Portal.Domain.Common;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>
/// The portal is killed with -9 at every named point and started again, its stand-ins being processes of their own that
/// live on. One customer's thread is walked; at each death the next point on the way is armed.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const string Org = "/api/v1/organizations/northwind";
    private readonly HashSet<string> _passed = [];

    [Fact]
    public async Task Killed_at_every_point_nothing_is_lost_and_nothing_happens_twice()
    {
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var stripe = await StripeBeside.StartAsync();
        var settings = new Dictionary<string, string>(cluster.Settings.Concat(stripe.Settings));
        await using var portal = await PortalProcess.StartAsync(settings, armed: true);
        using var rest = portal.Rest();

        await WalkAsync(
            portal,
            [KillPoint.CustomerBeforeStripe, KillPoint.CustomerAfterStripe],
            () =>
                rest.PostAsync(
                    "/api/v1/organizations",
                    new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
                    HttpStatusCode.Created
                )
        );
        await rest.PutAsync("/api/v1/operator/organizations/northwind/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        await WalkAsync(
            portal,
            [
                KillPoint.TenantBeforeCluster,
                KillPoint.TenantAfterCluster,
                KillPoint.NamespaceBeforeCluster,
                KillPoint.NamespaceBetweenPolicies,
                KillPoint.NamespaceAfterCluster,
            ],
            () => rest.PostAsync($"{Org}/tenants", new JsonObject { ["name"] = "shop" }, HttpStatusCode.Accepted)
        );
        Assert.Equal("ready", (string?)(await rest.SettledAsync($"{Org}/tenants/shop/namespaces/default"))["state"]);
        await WalkAsync(portal, [KillPoint.TopicBeforeCluster, KillPoint.TopicAfterCluster], () => TopicAsync(rest, "orders"));
        await rest.SettledAsync($"{Org}/tenants/shop/namespaces/default/topics/orders");
        await WalkAsync(portal, [KillPoint.KeyBeforeGrant, KillPoint.KeyAfterGrant], () => KeyAsync(rest, "web"));
        var kept = await ReadyKeyAsync(rest, "kept");
        var web = (await rest.GetAsync($"{Org}/keys"))["items"]!.AsArray().Single(key => (string?)key!["name"] == "web")!;
        Assert.Equal("ready", (string?)(await rest.SettledAsync($"{Org}/keys/{web["id"]}"))["state"]);

        // At the cluster itself: the gateway's sessions end with the portal that is killed.
        var client = new PlainWebSocketClient(cluster.Settings["Portal__Clusters__0__WebSocketUrl"].TrimEnd('/'), (string)kept["token"]!);
        await WalkAsync(
            portal,
            [KillPoint.PollBeforeCommit, KillPoint.PollAfterCommit],
            () => client.SendAsync("shop/default/orders", 200, 1_024)
        );
        await cluster.CountAllAsync("shop/default/orders", 200, 0);
        await RestThreadTests.UsageEqualsCountersAsync(rest, cluster, Org, "shop/default/orders");

        await rest.PostAsync("/api/v1/operator/price-books", PlainPrices.Book("dear"), HttpStatusCode.Created);
        var month = DateTimeOffset.UtcNow.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        await WalkAsync(
            portal,
            [
                KillPoint.CloseAfterRating,
                KillPoint.CloseBeforeDraft,
                KillPoint.CloseAfterDraft,
                KillPoint.CloseAfterItem,
                KillPoint.CloseAfterItems,
                KillPoint.CloseAfterCompare,
                KillPoint.CloseAfterFinalize,
            ],
            () => rest.PostAsync($"/api/v1/operator/months/{month}/close", new JsonObject { ["early"] = true }, HttpStatusCode.Accepted)
        );
        await OneInvoiceAsync(rest, settings, cluster, paid: false);

        // By card once more, for the point that only a charge reaches.
        await RestThreadTests.CheckoutAsync(rest, portal.Url, Org, "4242424242424242");
        await rest.PutAsync("/api/v1/operator/organizations/northwind/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "card" });
        await client.SendAsync("shop/default/orders", 100, 1_024);
        await cluster.CountAllAsync("shop/default/orders", 300, 0);
        await RestThreadTests.UsageEqualsCountersAsync(rest, cluster, Org, "shop/default/orders");
        await WalkAsync(
            portal,
            [KillPoint.CloseAfterPay],
            () => rest.PostAsync($"/api/v1/operator/months/{month}/close", new JsonObject { ["early"] = true }, HttpStatusCode.Accepted)
        );
        await OneInvoiceAsync(rest, settings, cluster, paid: true);

        await WalkAsync(
            portal,
            [KillPoint.KeyBeforeRevoke, KillPoint.KeyAfterRevoke],
            () => rest.SendAsync(HttpMethod.Delete, $"{Org}/keys/{web["id"]}")
        );
        await WalkAsync(
            portal,
            [KillPoint.TopicBeforeDelete, KillPoint.TopicAfterDelete],
            () => rest.SendAsync(HttpMethod.Delete, $"{Org}/tenants/shop/namespaces/default/topics/orders?force=true")
        );
        await EndsAsync(cluster, rest);
        output.WriteLine($"{_passed.Count} kill points gone through");
        Console.WriteLine($"{_passed.Count} kill points gone through");
        Assert.Equal(KillPoint.All.Order(), _passed.Order());
    }

    /// <summary>Arms the first point and acts, and at every death arms the next and starts again; at last nothing is armed.</summary>
    private async Task WalkAsync(PortalProcess portal, IReadOnlyList<string> points, Func<Task> act)
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
            _passed.Add(point);
            portal.Arm(index + 1 < points.Count ? points[index + 1] : "");
            await portal.StartAgainAsync();
        }
    }

    private static Task TopicAsync(RestClient rest, string name) =>
        rest.PostAsync(
            $"{Org}/tenants/shop/namespaces/default/topics",
            new JsonObject { ["name"] = name, ["partitions"] = 2 },
            HttpStatusCode.Accepted
        );

    private static Task<JsonNode> KeyAsync(RestClient rest, string name) =>
        rest.PostAsync(
            $"{Org}/keys",
            new JsonObject
            {
                ["name"] = name,
                ["tenant"] = "shop",
                ["namespace"] = "default",
                ["topics"] = new JsonArray("orders"),
                ["permissions"] = new JsonArray("produce", "consume"),
            },
            HttpStatusCode.Created
        );

    private static async Task<JsonNode> ReadyKeyAsync(RestClient rest, string name)
    {
        var made = await KeyAsync(rest, name);
        await rest.SettledAsync($"{Org}/keys/{made["id"]}");
        return made;
    }

    private static async Task OneInvoiceAsync(RestClient rest, Dictionary<string, string> settings, TestedCluster cluster, bool paid)
    {
        await Eventually.TrueAsync(
            async () =>
                (await rest.GetAsync("/api/v1/operator/jobs"))["items"]!.AsArray().All(job => (string?)job!["state"] == "succeeded"),
            "the close succeeds"
        );
        var invoices = (await rest.GetAsync($"{Org}/invoices"))["items"]!.AsArray();
        Assert.Equal(paid ? 2 : 1, invoices.Count);
        Assert.Equal(paid ? "paid" : "open", (string?)invoices[0]!["status"]);
        var counters = await cluster.CountersAsync("shop/default/orders");
        Assert.Equal(
            counters.In,
            invoices
                .SelectMany(invoice => invoice!["lines"]!.AsArray())
                .Where(line => (string?)line!["meter"] == "write")
                .Sum(line => (long)line!["quantity"]!)
        );

        using var stripe = new RestClient(new Uri(settings["Portal__Stripe__ApiBase"]), settings["Portal__Stripe__ApiKey"]);
        var there = (await stripe.GetAsync("/v1/invoices?limit=100"))["data"]!.AsArray();
        Assert.Equal(invoices.Count, there.Count);
        foreach (var invoice in invoices)
        {
            var twin = there.Single(candidate => (string?)candidate!["id"] == (string?)invoice!["stripeInvoiceId"])!;
            Assert.Equal(((long)invoice!["total"]!, (string?)invoice["status"]), ((long)twin["total"]!, (string?)twin["status"]));
            Assert.Equal(
                invoice["lines"]!.AsArray().Select(line => (long)line!["amount"]!).Where(amount => amount != 0).Order(),
                (await stripe.GetAsync($"/v1/invoices/{twin["id"]}/lines?limit=100"))["data"]!
                    .AsArray()
                    .Select(line => (long)line!["amount"]!)
                    .Where(amount => amount != 0)
                    .Order()
            );
        }
        Assert.Single((await stripe.GetAsync("/v1/customers?limit=100"))["data"]!.AsArray());
        Assert.Equal(paid ? 1 : 0, (await stripe.GetAsync("/v1/charges?limit=100"))["data"]!.AsArray().Count);
    }

    private static async Task EndsAsync(TestedCluster cluster, RestClient rest)
    {
        await Eventually.TrueAsync(
            async () =>
                (await rest.SendAsync(HttpMethod.Get, $"{Org}/tenants/shop/namespaces/default/topics/orders")).Status
                == HttpStatusCode.NotFound,
            "the topic is deleted"
        );
        Assert.Empty((await cluster.AdminAsync(HttpMethod.Get, "persistent/shop/default")).AsArray());
        Assert.NotNull((await cluster.AdminAsync(HttpMethod.Get, "namespaces/shop/default"))["auth_policies"]);
        Assert.Equal(["kept"], (await rest.GetAsync($"{Org}/keys"))["items"]!.AsArray().Select(key => (string)key!["name"]!));
        var tenants = (await rest.GetAsync($"{Org}/tenants"))["items"]!.AsArray();
        Assert.Equal("shop", (string?)tenants.Single()!["name"]);
    }
}
