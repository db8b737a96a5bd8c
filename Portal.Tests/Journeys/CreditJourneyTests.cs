using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>A credit and a promotion code from the operator's pages to the invoice at Stripe.</summary>
public sealed class CreditJourneyTests
{
    private const string Org = "/api/v1/organizations/northwind";

    [Theory]
    [InlineData("light")]
    [InlineData("dark", Traits = ["tier", "pictures"])]
    [InlineData("phone", Traits = ["tier", "pictures"])]
    public async Task What_an_operator_gives_comes_off_the_invoice_that_Stripe_charges(string look)
    {
        await using var browser = await Browser.StartAsync();
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
        var person = await browser.VisitorAsync(portal.Url, look);
        await person.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);

        await person.GoAsync("operator/promotions");
        await person.PressAsync("Create promotion code");
        await person.FillAsync("Code", "SPRING-20");
        await person.PictureAsync($"promotion-dialog-{look}");
        await person.LookedAtAsync();
        await person.PressAsync("Create code");
        await person.Page.Locator("tr[data-promotion=SPRING-20]").WaitForAsync();
        await person.PictureAsync($"promotions-{look}");
        await person.LookedAtAsync();

        await person.GoAsync("operator/organizations/northwind/credits");
        await person.PressAsync("Grant credit");
        await person.FillAsync("Amount", "0.10");
        await person.FillAsync("Reason", "Sorry for the outage on Monday");
        await person.PictureAsync($"credit-dialog-{look}");
        await person.LookedAtAsync();
        await person.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Grant credit" }).ClickAsync();
        await person.Page.Locator("[data-left-minor='10']").WaitForAsync();
        await person.PictureAsync($"customer-credits-{look}");
        await person.LookedAtAsync();

        await RestThreadTests.UsedAsync(rest, Org);
        await person.GoAsync("o/northwind/billing");
        await person.FillAsync("Promotion code", "SPRING-21");
        await person.PressAsync("Redeem code");
        await Assertions.Expect(person.Page.GetByText("There is no promotion code “SPRING-21”.")).ToBeVisibleAsync();
        await person.FillAsync("Promotion code", "spring-20");
        await person.PressAsync("Redeem code");
        await person.Page.Locator("[data-share=SPRING-20]").WaitForAsync();
        await person.Page.Locator("[data-to-pay-minor]").WaitForAsync();
        await person.PictureAsync($"billing-credits-{look}");
        await person.LookedAtAsync();

        // Closed up to a point after the redemption: the period ends later than it.
        await Eventually.TrueAsync(
            async () =>
                DateTimeOffset.Parse((string)(await rest.GetAsync($"{Org}/billing/current"))["completeTo"]!, CultureInfo.InvariantCulture)
                > DateTimeOffset.Parse(
                    (string)(await rest.GetAsync($"{Org}/billing/promotion-codes"))["items"]![0]!["redeemedAt"]!,
                    CultureInfo.InvariantCulture
                ),
            "counters are in past the redemption"
        );
        var invoice = await RestThreadTests.ClosedAsync(rest, Org);
        await Eventually.TrueAsync(
            async () => (string?)(invoice = await rest.GetAsync($"{Org}/invoices/{invoice["number"]}"))["status"] == "paid",
            "the invoice is paid"
        );
        var used = invoice["lines"]!.AsArray().Sum(line => (long)line!["amount"]!);
        var discount = (long)Math.Round(used * 0.2m, MidpointRounding.AwayFromZero);
        Assert.Equal(
            [("discount", -discount), ("credit", -10L)],
            invoice["adjustments"]!.AsArray().Select(one => ((string)one!["kind"]!, (long)one["amount"]!))
        );
        Assert.Equal(used - discount - 10, (long)invoice["total"]!);
        Assert.Equal((long)invoice["total"]!, (long)Assert.Single(await stripe.ListAsync("charges"))["amount"]!);
        Assert.Equal(used - discount - 10, (long)Assert.Single(await stripe.ListAsync("invoices"))["amount_paid"]!);

        await person.GoAsync($"o/northwind/billing/invoices/{invoice["number"]}");
        await Assertions.Expect(person.Page.Locator("[data-adjustment-minor]")).ToHaveCountAsync(2);
        await person.PictureAsync($"invoice-credits-{look}");
        await person.LookedAtAsync();
        var csv = await person.Page.EvaluateAsync<string>(
            "path => fetch(path).then(answer => answer.text())",
            $"/o/northwind/billing/invoices/{invoice["number"]}/csv"
        );
        Assert.Contains(",discount,", csv, StringComparison.Ordinal);
        await person.GoAsync("o/northwind/billing/credits");
        await Assertions.Expect(person.Page.GetByRole(AriaRole.Link, new() { Name = (string)invoice["number"]! })).ToBeVisibleAsync();
        await person.PictureAsync($"credits-{look}");
        await person.LookedAtAsync();
        var books = (await rest.GetAsync("/api/v1/operator/books"))["items"]![0]!;
        Assert.Equal((true, discount + 10), ((bool)books["balanced"]!, (long)books["credited"]!));

        // The operator corrects it: part of what was paid goes back to the card, and the customer sees it.
        await person.GoAsync("operator/organizations/northwind/invoices");
        await person.PictureAsync($"customer-invoices-{look}");
        await person.LookedAtAsync();
        await person.GoAsync($"operator/invoices/{invoice["number"]}");
        await person.PressAsync("Issue credit note");
        await person.Page.Locator(".mud-dialog .choice").Filter(new() { HasText = "An amount" }).ClickAsync();
        await person.FillAsync("Amount in USD", "0.20");
        await person.FillAsync("Reason", "Storage was counted twice on Monday");
        await person.PictureAsync($"credit-note-dialog-{look}");
        await person.LookedAtAsync();
        await person.PressAsync("Review credit note");
        await person.Page.Locator("[data-given-back-minor='20']").WaitForAsync();
        await person.PictureAsync($"credit-note-review-{look}");
        await person.LookedAtAsync();
        await person.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Issue credit note" }).ClickAsync();
        await person.Page.Locator($"tr[data-credit-note='{invoice["number"]}-CN-01']").WaitForAsync();
        await person.PictureAsync($"customer-invoice-{look}");
        await person.LookedAtAsync();
        Assert.Equal(20, (long)Assert.Single(await stripe.ListAsync("refunds"))["amount"]!);

        // Somebody refunds half of the rest in Stripe's dashboard: it is seen, and listed until a credit note stands for it.
        await stripe.ControlAsync($"invoices/{invoice["stripeInvoiceId"]}/act", new { act = "refund_half" });
        await person.Page.Locator("tr[data-refund]").WaitForAsync();
        await person.GoAsync("operator/books");
        await person.Page.Locator("tr[data-balanced=no]").WaitForAsync();
        await person.PictureAsync($"books-refund-{look}");
        await person.LookedAtAsync();
        await person.GoAsync($"o/northwind/billing/invoices/{invoice["number"]}");
        await person.Page.Locator("[data-credited-sum-minor='20']").WaitForAsync();
        await person.PictureAsync($"invoice-credit-note-{look}");
        await person.LookedAtAsync();
    }
}
