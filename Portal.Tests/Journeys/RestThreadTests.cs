using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>The whole thread with an HTTP client, as a customer's script walks it.</summary>
public sealed class RestThreadTests
{
    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.0.7", Traits = ["tier", "real"])]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task Messages_become_usage_and_usage_becomes_a_paid_invoice(string pulsar)
    {
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        // On the stand-in as its operator runs it.
        await using RunningPortal portal =
            pulsar == "LocalPulsar" ? await PortalProcess.StartAsync(cluster.Settings) : await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var tenant = $"shop-{Guid.NewGuid():N}"[..12];
        var topic = $"{tenant}/default/orders";
        const string org = "/api/v1/organizations/northwind";

        var made = await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject
            {
                ["name"] = "Northwind",
                ["slug"] = "northwind",
                ["plan"] = "payg",
            },
            HttpStatusCode.Created
        );
        Assert.Equal("free", (string?)made["plan"]);
        await CheckoutAsync(rest, portal.Url, org, "4242424242424242");
        Assert.Equal("payg", (string?)(await rest.GetAsync(org))["plan"]);
        Assert.Equal("4242", (string?)(await rest.GetAsync($"{org}/billing/payment-methods"))["items"]![0]!["last4"]);

        await rest.PostAsync($"{org}/tenants", new JsonObject { ["name"] = tenant }, HttpStatusCode.Accepted);
        Assert.Equal("ready", (string?)(await rest.SettledAsync($"{org}/tenants/{tenant}"))["state"]);
        Assert.Equal("ready", (string?)(await rest.SettledAsync($"{org}/tenants/{tenant}/namespaces/default"))["state"]);
        var asked = DateTimeOffset.UtcNow;
        await rest.PostAsync(
            $"{org}/tenants/{tenant}/namespaces/default/topics",
            new JsonObject { ["name"] = "orders", ["partitions"] = 3 },
            HttpStatusCode.Accepted
        );
        Assert.Equal("ready", (string?)(await rest.SettledAsync($"{org}/tenants/{tenant}/namespaces/default/topics/orders"))["state"]);
        var ready = DateTimeOffset.UtcNow;
        var key = await rest.PostAsync(
            $"{org}/keys",
            new JsonObject
            {
                ["name"] = "app",
                ["tenant"] = tenant,
                ["namespace"] = "default",
                ["topics"] = new JsonArray("orders"),
                ["permissions"] = new JsonArray("produce", "consume"),
            },
            HttpStatusCode.Created
        );
        Assert.Equal("ready", (string?)key["state"]);

        var client = new PlainWebSocketClient(
            (string)(await rest.GetAsync($"{org}/tenants/{tenant}/connect"))["webSocketUrl"]!,
            (string)key["token"]!
        );
        using (var consumer = await client.ConnectAsync("consumer", topic, "billing", "?receiverQueueSize=1000"))
        {
            await client.SendAsync(topic, 1_000, 1_024);
            Assert.Equal(1_000 * 1_024, await PlainWebSocketClient.ReadAsync(consumer, 1_000));
            await PlainWebSocketClient.CloseAsync(consumer);
        }

        await cluster.CountAllAsync(topic, 1_000, 1_000);
        await UsageEqualsCountersAsync(rest, cluster, org, topic);
        await rest.PostAsync("/api/v1/operator/price-books", PlainPrices.Book("dear"), HttpStatusCode.Created);
        Assert.True((long)(await rest.GetAsync($"{org}/billing/current"))["total"]! > 3_000);

        var month = DateTimeOffset.UtcNow.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        var close = new JsonObject { ["early"] = true };
        var (_, first) = await rest.SendAsync(HttpMethod.Post, $"/api/v1/operator/months/{month}/close", close.DeepClone(), "close-once");
        var (_, again) = await rest.SendAsync(HttpMethod.Post, $"/api/v1/operator/months/{month}/close", close.DeepClone(), "close-once");
        Assert.Equal((string?)first!["job"], (string?)again!["job"]);
        Assert.Equal("succeeded", (string?)(await rest.SettledAsync($"/api/v1/operator/jobs/{first["job"]}"))["state"]);

        var invoice = (await rest.GetAsync($"{org}/invoices"))["items"]!.AsArray().Single()!;
        var counters = await cluster.CountersAsync(topic);
        Assert.Equal("paid", (string?)invoice["status"]);
        Assert.Equal((long)invoice["total"]!, (long)invoice["amountPaid"]!);
        var lines = invoice["lines"]!.AsArray().ToDictionary(line => (string)line!["meter"]!, line => line!);
        Assert.Equal(counters, ((long)lines["write"]["quantity"]!, (long)lines["read"]["quantity"]!));
        foreach (var (meter, line) in lines)
            Assert.Equal(PlainPrices.Cents(meter, line["quantity"]!.ToJsonString()), (long)line["amount"]!);
        Assert.Equal(lines.Values.Sum(line => (long)line["amount"]!), (long)invoice["total"]!);
        Assert.All(
            ["write", "read", "storage", "partitions"],
            meter => Assert.True((long)lines[meter]["amount"]! > 0, $"{meter} costs nothing: {invoice}")
        );

        // The meters that count time, bounded by what this test saw itself.
        var end = (DateTimeOffset)invoice["to"]!;
        Assert.InRange(
            (double)lines["partitions"]["quantity"]!,
            3 * (end - ready).TotalHours - 0.001,
            3 * (end - asked).TotalHours + 0.001
        );
        Assert.InRange((double)lines["storage"]["quantity"]!, 0.001, await cluster.StorageAsync(topic) * (end - ready).TotalHours);

        var detail = await rest.GetAsync($"{org}/invoices/{invoice["number"]}/lines/write");
        Assert.Equal(counters.In, detail["items"]!.AsArray().Sum(share => (long)share!["quantity"]!));
        Assert.Equal(
            counters.In,
            detail["items"]!.AsArray().SelectMany(share => share!["samples"]!.AsArray()).Sum(sample => (long)sample!["quantity"]!)
        );
    }

    [Fact]
    public async Task By_invoice_no_card_is_asked_for_and_the_invoice_stays_open()
    {
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        const string org = "/api/v1/organizations/northwind";
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        var changed = await rest.PutAsync(
            "/api/v1/operator/organizations/northwind/plan",
            new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" }
        );
        Assert.Equal(("payg", "invoice"), ((string?)changed["plan"], (string?)changed["payBy"]));
        await UsedAsync(rest, org);
        var invoice = await ClosedAsync(rest, org);
        Assert.Equal(("open", 0L), ((string?)invoice["status"], (long)invoice["amountPaid"]!));
        Assert.NotNull((string?)invoice["stripeInvoiceId"]);
        Assert.Empty((await rest.GetAsync($"{org}/billing/payment-methods"))["items"]!.AsArray());
    }

    [Fact]
    public async Task A_card_that_is_declined_at_the_close_leaves_the_invoice_open_and_says_what_to_do()
    {
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        const string org = "/api/v1/organizations/northwind";
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject
            {
                ["name"] = "Northwind",
                ["slug"] = "northwind",
                ["plan"] = "payg",
            },
            HttpStatusCode.Created
        );
        // Stripe's number of a card that can be kept and is declined when it is charged.
        await CheckoutAsync(rest, portal.Url, org, "4000000000000341");
        await UsedAsync(rest, org);
        var invoice = await ClosedAsync(rest, org);
        Assert.Equal(("open", 0L), ((string?)invoice["status"], (long)invoice["amountPaid"]!));
        Assert.Contains("declined", (string?)invoice["problem"], StringComparison.OrdinalIgnoreCase);

        // Another card pays it, as the sentence on the invoice promises.
        await CheckoutAsync(rest, portal.Url, org, "4242424242424242");
        await Eventually.TrueAsync(
            async () => (string?)(await rest.GetAsync($"{org}/invoices/{invoice["number"]}"))["status"] == "paid",
            "the new card pays the invoice"
        );
    }

    [Fact]
    public async Task A_declined_card_begins_no_plan_and_an_open_idempotency_key_takes_no_other_body()
    {
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        const string org = "/api/v1/organizations/northwind";
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject
            {
                ["name"] = "Northwind",
                ["slug"] = "northwind",
                ["plan"] = "payg",
            },
            HttpStatusCode.Created
        );
        await CheckoutAsync(rest, portal.Url, org, "4000000000000002");
        Assert.Equal("awaiting-card", (string?)(await rest.GetAsync(org))["state"]);

        var (status, _) = await rest.SendAsync(HttpMethod.Post, $"{org}/tenants", new JsonObject { ["name"] = "first" }, "tenant-key");
        Assert.Equal(HttpStatusCode.Accepted, status);
        (status, var problem) = await rest.SendAsync(
            HttpMethod.Post,
            $"{org}/tenants",
            new JsonObject { ["name"] = "second" },
            "tenant-key"
        );
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.NotNull((string?)problem!["code"]);
        (status, problem) = await rest.SendAsync(HttpMethod.Post, $"{org}/tenants", new JsonObject { ["name"] = "another" });
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "tenants-limit", 1), (status, (string?)problem!["code"], (int)problem["limit"]!));
    }

    /// <summary>Under a dear price book a topic's first seconds are worth an invoice: a partition costs 1,000 dollars an hour.</summary>
    internal static async Task UsedAsync(RestClient rest, string org)
    {
        await rest.PostAsync("/api/v1/operator/price-books", PlainPrices.Book("dear"), HttpStatusCode.Created);
        await rest.PostAsync($"{org}/tenants", new JsonObject { ["name"] = "shop" }, HttpStatusCode.Accepted);
        await rest.SettledAsync($"{org}/tenants/shop/namespaces/default");
        await rest.PostAsync(
            $"{org}/tenants/shop/namespaces/default/topics",
            new JsonObject { ["name"] = "orders" },
            HttpStatusCode.Accepted
        );
        await rest.SettledAsync($"{org}/tenants/shop/namespaces/default/topics/orders");
        await Eventually.TrueAsync(
            async () => (long)(await rest.GetAsync($"{org}/billing/current"))["total"]! > 80,
            "the partition costs something"
        );
    }

    /// <summary>The one invoice that closing the running month makes.</summary>
    internal static async Task<JsonNode> ClosedAsync(RestClient rest, string org)
    {
        var month = DateTimeOffset.UtcNow.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        var job = await rest.PostAsync(
            $"/api/v1/operator/months/{month}/close",
            new JsonObject { ["early"] = true },
            HttpStatusCode.Accepted
        );
        await rest.SettledAsync($"/api/v1/operator/jobs/{job["job"]}");
        return (await rest.GetAsync($"{org}/invoices"))["items"]!.AsArray().Single()!;
    }

    /// <summary>Walks the Checkout page as a browser without scripts does.</summary>
    internal static async Task CheckoutAsync(RestClient rest, Uri portal, string org, string number)
    {
        var page = new Uri(
            (string)
                (
                    await rest.PostAsync(
                        $"{org}/billing/checkout",
                        new JsonObject { ["returnUrl"] = new Uri(portal, "/o/northwind/billing").ToString() },
                        HttpStatusCode.OK
                    )
                )["url"]!
        );
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var html = await browser.GetStringAsync(page);
        var action = WebUtility.HtmlDecode(html.Split("action=\"")[1].Split('"')[0]);
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["card"] = "number",
                ["number"] = number,
                ["expiry"] = "12/34",
                ["cvc"] = "123",
            }
        );
        using var _ = await browser.PostAsync(new Uri(page, action), form);
        await rest.PostAsync($"{org}/billing/checkout/complete", new JsonObject(), HttpStatusCode.OK);
    }

    /// <summary>Waits until usage is complete past the last traffic, then compares it to the byte.</summary>
    internal static async Task UsageEqualsCountersAsync(RestClient rest, TestedCluster cluster, string org, string topic)
    {
        JsonNode? usage = null;
        (long In, long Out) counters = default;
        await Eventually.TrueAsync(
            async () =>
            {
                counters = await cluster.CountersAsync(topic);
                usage = await rest.GetAsync($"{org}/usage?groupBy=meter");
                return counters.In > 0 && Quantity(usage, "write") == counters.In && Quantity(usage, "read") == counters.Out;
            },
            () => $"usage equals the counters {counters}: {usage}"
        );
        var seen = DateTimeOffset.UtcNow;
        await Eventually.TrueAsync(
            async () => (DateTimeOffset?)(await rest.GetAsync($"{org}/usage"))["completeTo"] >= seen,
            "usage is complete past the traffic"
        );
        Assert.Equal(counters, await cluster.CountersAsync(topic));
    }

    internal static long Quantity(JsonNode usage, string meter) =>
        usage["items"]!.AsArray().Where(item => (string?)item!["meter"] == meter).Sum(item => (long)item!["quantity"]!);
}
