using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>What happens at Stripe, or goes wrong there, seen through the portal's API only.</summary>
public sealed class StripeJourneyTests
{
    private const string Org = "/api/v1/organizations/northwind";

    [Theory]
    [InlineData("shuffled and doubled", 600)]
    [InlineData("dropped", 2)]
    public async Task What_happens_at_Stripe_alone_shows_on_the_invoices(string events, int reconcileSeconds)
    {
        await using var stripe = await StripeBeside.StartAsync();
        await using var portal = await stripe.PortalAsync(reconcileSeconds);
        using var rest = portal.Rest();
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        await rest.PutAsync("/api/v1/operator/organizations/northwind/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        await RestThreadTests.UsedAsync(rest, Org);
        var (paid, failed, voided, disputed) = (
            await CloseAsync(rest),
            await CloseAsync(rest),
            await CloseAsync(rest),
            await CloseAsync(rest)
        );

        for (var pair = 0; pair < 30; pair++)
            foreach (var kind in events == "dropped" ? ["drop", "drop", "drop"] : new[] { "reorder", "duplicate" })
                await stripe.ControlAsync("webhooks/faults", new { kind });
        await stripe.SubmitAsync(Page(paid, "/pay"), "card", "visa");
        await stripe.SubmitAsync(Page(failed, "/pay"), "card", "chargeCustomerFail");
        await stripe.SubmitAsync(Page(voided, "/act"), "act", "Void");
        await stripe.SubmitAsync(Page(disputed, "/pay"), "card", "visa");
        await stripe.SubmitAsync(Page(disputed, "/act"), "act", "Dispute");

        await ShowsAsync(paid, "paid", null);
        await ShowsAsync(failed, "open", "declined");
        await ShowsAsync(voided, "void", null);
        await ShowsAsync(disputed, "paid", "disputed");
        Assert.Equal((long)paid["total"]!, (long)(await rest.GetAsync($"{Org}/invoices/{paid["number"]}"))["amountPaid"]!);

        // And on: the customer pays after all, the bank decides.
        await stripe.SubmitAsync(Page(failed, "/pay"), "card", "mastercard");
        await stripe.SubmitAsync(Page(disputed, "/act"), "act", "WinDispute");
        await ShowsAsync(failed, "paid", null);
        await ShowsAsync(disputed, "paid", null);
        Assert.Equal(3, (await stripe.ListAsync("charges?limit=100")).Count(charge => (string?)charge["status"] == "succeeded"));

        async Task ShowsAsync(JsonNode invoice, string status, string? problem)
        {
            JsonNode? now = null;
            await Eventually.TrueAsync(
                async () =>
                {
                    now = await rest.GetAsync($"{Org}/invoices/{invoice["number"]}");
                    return (string?)now["status"] == status
                        && ((string?)now["problem"])?.Contains(problem ?? "", StringComparison.Ordinal) == (problem is null ? null : true);
                },
                () => $"{invoice["number"]} is {status}, {problem ?? "without a problem"}: {now}"
            );
        }
    }

    [Fact]
    public async Task Failures_that_Stripe_keeps_at_every_change_end_with_one_invoice_paid_once()
    {
        await using var stripe = await StripeBeside.StartAsync();
        await using var portal = await stripe.PortalAsync();
        using var rest = portal.Rest();
        var failures = new[] { "error_before", "lock_timeout", "error_after_commit" };
        foreach (var path in new[] { "/v1/customers", "/v1/invoices", "/v1/invoiceitems", "/v1/invoices/*/finalize", "/v1/invoices/*/pay" })
        foreach (var kind in failures)
            await stripe.ControlAsync(
                "faults",
                new
                {
                    kind,
                    path,
                    method = "POST",
                }
            );

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
        await Eventually.TrueAsync(async () => (await stripe.ListAsync("customers")).Count > 0, "the customer is made");
        await RestThreadTests.CheckoutAsync(rest, portal.Url, Org, "4242424242424242");
        await RestThreadTests.UsedAsync(rest, Org);
        var invoice = await CloseAsync(rest);
        await Eventually.TrueAsync(
            async () => (string?)(await rest.GetAsync($"{Org}/invoices/{invoice["number"]}"))["status"] == "paid",
            "the invoice is paid"
        );

        Assert.Single(await stripe.ListAsync("customers"));
        var there = Assert.Single(await stripe.ListAsync("invoices"));
        Assert.Equal(((long)invoice["total"]!, (string?)invoice["stripeInvoiceId"]), ((long)there["total"]!, (string?)there["id"]));
        Assert.Single(await stripe.ListAsync("charges"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_customer_deleted_at_Stripe_stops_nothing(bool drafted)
    {
        await using var stripe = await StripeBeside.StartAsync();
        await using var portal = await stripe.PortalAsync();
        using var rest = portal.Rest();
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
        await RestThreadTests.CheckoutAsync(rest, portal.Url, Org, "4242424242424242");
        await RestThreadTests.UsedAsync(rest, Org);
        var gone = (string)(await stripe.ListAsync("customers")).Single()["id"]!;
        string? job = null;
        if (drafted)
        {
            // The close has its draft and comes no further.
            await stripe.ControlAsync(
                "faults",
                new
                {
                    kind = "unavailable",
                    path = "/v1/invoiceitems",
                    method = "POST",
                    times = 10_000,
                }
            );
            job = await StartCloseAsync(rest);
            await Eventually.TrueAsync(async () => (await stripe.ListAsync("invoices")).Count == 1, "the draft is made");
        }
        await stripe.ControlAsync($"customers/{gone}/delete", new { });
        await stripe.CalmAsync();

        Assert.Empty((await rest.GetAsync($"{Org}/billing/payment-methods"))["items"]!.AsArray());
        await rest.SettledAsync($"/api/v1/operator/jobs/{job ?? await StartCloseAsync(rest)}");
        var invoice = (await rest.GetAsync($"{Org}/invoices"))["items"]!.AsArray().Single()!;
        Assert.Equal("open", (string?)invoice["status"]);
        Assert.Contains("no card on file", (string?)invoice["problem"], StringComparison.Ordinal);
        var (customer, there) = ((await stripe.ListAsync("customers")).Single(), (await stripe.ListAsync("invoices")).Single());
        Assert.NotEqual(gone, (string?)customer["id"]);
        Assert.Equal(((string?)customer["id"], (long)invoice["total"]!), ((string?)there["customer"], (long)there["total"]!));
        var organization = await rest.GetAsync(Org);
        Assert.Equal(("payg", "awaiting-card"), ((string?)organization["plan"], (string?)organization["state"]));

        await RestThreadTests.CheckoutAsync(rest, portal.Url, Org, "5555555555554444");
        Assert.Equal("active", (string?)(await rest.GetAsync(Org))["state"]);
        Assert.Equal("paid", (string?)(await CloseAsync(rest))["status"]);
    }

    private static Uri Page(JsonNode invoice, string action) => new((string)invoice["hostedUrl"]! + action);

    private static async Task<string> StartCloseAsync(RestClient rest)
    {
        await Eventually.TrueAsync(
            async () => await rest.GetAsync($"{Org}/billing/current") is var bill && (long)bill["total"]! - (long)bill["invoiced"]! > 80,
            "there is something to invoice"
        );
        var month = DateTimeOffset.UtcNow.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        return (string)
            (await rest.PostAsync($"/api/v1/operator/months/{month}/close", new JsonObject { ["early"] = true }, HttpStatusCode.Accepted))[
                "job"
            ]!;
    }

    /// <summary>The newest invoice after closing what was used until now.</summary>
    private static async Task<JsonNode> CloseAsync(RestClient rest)
    {
        await rest.SettledAsync($"/api/v1/operator/jobs/{await StartCloseAsync(rest)}");
        return (await rest.GetAsync($"{Org}/invoices"))["items"]![0]!;
    }
}
