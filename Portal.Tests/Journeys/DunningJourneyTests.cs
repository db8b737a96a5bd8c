using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>
/// A card that is declined, weeks that go by, and the card that pays: at the customer's pages, in the inbox, and at the broker.
/// </summary>
public sealed class DunningJourneyTests
{
    private const string Org = "/api/v1/organizations/northwind";

    [Theory]
    [InlineData("light")]
    [InlineData("dark", Traits = ["tier", "pictures"])]
    [InlineData("phone", Traits = ["tier", "pictures"])]
    public async Task A_failed_payment_reminds_then_blocks_publishing_and_another_card_pays_and_opens_it_again(string look)
    {
        await using var browser = await Browser.StartAsync();
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        var clock = new MovedClock();
        var settings = new Dictionary<string, string>(cluster.Settings) { ["Portal__SignIn__ConfirmAfterMinutes"] = "1440" };
        await using var portal = await PortalHere.StartAsync(settings, replace: services => services.AddSingleton<TimeProvider>(clock));
        using var rest = portal.Rest();
        await rest.PostAsync("/api/v1/operator/price-books", PlainPrices.Book("dear"), HttpStatusCode.Created);
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        await RestThreadTests.CheckoutAsync(rest, portal.Url, Org, "4000000000000341");
        await rest.PutAsync("/api/v1/operator/organizations/northwind/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "card" });
        var (key, client, token) = await world.KeyAsync(["produce", "consume"]);
        using var reads = await client.ConnectAsync("consumer", world.Topic("orders"), "s");
        await client.SendAsync(world.Topic("orders"), 5, 1024);
        await Eventually.TrueAsync(
            async () => (long)(await rest.GetAsync($"{Org}/billing/current"))["total"]! > 80,
            "there is something to pay"
        );
        await rest.PostAsync(
            $"/api/v1/operator/months/{DateTimeOffset.UtcNow.ToString("yyyy-MM", CultureInfo.InvariantCulture)}/close",
            new JsonObject { ["early"] = true },
            HttpStatusCode.Accepted
        );
        await StandsAsync("notice");
        var owner = await VisitorAsync();
        await owner.Page.GotoAsync("outbox");
        await Assertions.Expect(owner.Page.GetByText("Payment failed for invoice northwind-").First).ToBeVisibleAsync();
        await owner.GoAsync("o/northwind");
        await Assertions.Expect(owner.Page.GetByText("Payment failed for northwind-").First).ToBeVisibleAsync();
        await owner.PictureAsync($"dunning-home-{look}");
        await owner.LookedAtAsync();

        clock.Move(TimeSpan.FromDays(3.01));
        owner = await VisitorAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await owner.Page.GotoAsync("outbox");
                return await owner.Page.GetByText("Reminder: invoice northwind-").CountAsync() > 0;
            },
            "a reminder is written"
        );
        clock.Move(TimeSpan.FromDays(4));
        await StandsAsync("restricted");
        var (status, refused) = await rest.SendAsync(
            HttpMethod.Post,
            $"{Org}/tenants/{world.Tenant}/namespaces/default/topics",
            new JsonObject { ["name"] = "more" }
        );
        Assert.Equal((HttpStatusCode.PaymentRequired, "payment-overdue"), (status, (string?)refused!["code"]));
        await client.SendAsync(world.Topic("orders"), 1, 16);

        clock.Move(TimeSpan.FromDays(7));
        await StandsAsync("publishing-blocked");
        await Eventually.TrueAsync(
            async () =>
                await GatewayWorld.RefusedAsync(portal.Url, $"/ws/v2/producer/persistent/{world.Topic("orders")}", token)
                == (HttpStatusCode.Forbidden, "publishing-blocked"),
            "producers are refused"
        );
        await Eventually.TrueAsync(
            async () => !(await GrantsAsync()).Contains("produce") && (await GrantsAsync()).Contains("consume"),
            "the broker has taken the right to produce, and left the other"
        );

        owner = await VisitorAsync();
        await owner.GoAsync("operator/dunning");
        await Assertions.Expect(owner.Page.Locator("tr[data-organization=northwind]")).ToContainTextAsync("publishing blocked");
        await owner.PictureAsync($"dunning-operator-{look}");
        await owner.LookedAtAsync();
        await owner.PressAsync("Extend time of northwind");
        await owner.Page.Locator("#dunning-days").WaitForAsync();
        await owner.PictureAsync($"dunning-extend-{look}");
        await owner.LookedAtAsync();
        await owner.PressAsync("Cancel");
        await owner.GoAsync("o/northwind/billing");
        await Assertions.Expect(owner.Page.Locator("[data-overdue=publishing-blocked]")).ToContainTextAsync("Your card was declined.");
        await Assertions.Expect(owner.Page.Locator("[data-overdue-banner]")).ToBeVisibleAsync();
        await owner.PictureAsync($"dunning-billing-{look}");
        await owner.LookedAtAsync();
        await owner.PressAsync("Change card and pay");
        await owner.PressAsync("Save card");
        await owner.Page.WaitForURLAsync(url => url.StartsWith(portal.Url.ToString(), StringComparison.Ordinal));
        await Assertions.Expect(owner.Page.GetByText("Card saved. We're charging your open invoices to it.")).ToBeVisibleAsync();
        // No reload: the page hears of the payment.
        await Assertions.Expect(owner.Page.Locator("[data-overdue]")).ToHaveCountAsync(0);
        await owner.PictureAsync($"dunning-paid-{look}");

        await StandsAsync(null);
        await rest.SettledAsync($"{Org}/keys/{key}");
        await Eventually.TrueAsync(async () => (await GrantsAsync()).Contains("produce"), "the broker has the right to produce again");
        await client.SendAsync(world.Topic("orders"), 1, 16);
        await rest.PostAsync(
            $"{Org}/tenants/{world.Tenant}/namespaces/default/topics",
            new JsonObject { ["name"] = "more" },
            HttpStatusCode.Accepted
        );
        Assert.All(
            (await rest.GetAsync($"{Org}/invoices"))["items"]!.AsArray(),
            invoice => Assert.Equal("paid", (string?)invoice!["status"])
        );
        await owner.Page.GotoAsync("outbox");
        await Assertions.Expect(owner.Page.GetByText("Thank you for your payment").First).ToBeVisibleAsync();

        Task StandsAsync(string? stage) =>
            Eventually.TrueAsync(
                async () => (string?)(await rest.GetAsync($"{Org}/billing/current"))["overdue"]?["stage"] == stage,
                $"what is overdue has come to {stage ?? "an end"}"
            );

        async Task<string> GrantsAsync() =>
            (await cluster.AdminAsync(HttpMethod.Get, $"namespaces/{world.Tenant}/default"))["auth_policies"]![
                "destination_auth"
            ]!.ToJsonString();

        // Weeks end a session: somebody who comes back signs in.
        async Task<Visitor> VisitorAsync()
        {
            var visitor = await browser.VisitorAsync(portal.Url, look);
            await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
            return visitor;
        }
    }
}
