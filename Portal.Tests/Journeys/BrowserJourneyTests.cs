using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Portal.Domain.Common;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>The whole thread in a browser: from the first run to a paid invoice.</summary>
public sealed class BrowserJourneyTests
{
    private const string Password = "a quiet river bends slowly 7";

    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.0.7", Traits = ["tier", "thorough"])]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task From_the_first_run_to_a_paid_invoice(string pulsar)
    {
        await using var browser = await Browser.StartAsync();
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        // On the stand-in as its operator runs it.
        await using RunningPortal portal =
            pulsar == "LocalPulsar"
                ? await PortalProcess.StartAsync(cluster.Settings, firstRun: false)
                : await PortalHere.StartAsync(cluster.Settings, firstRun: false);
        var tenant = $"shop-{Guid.NewGuid():N}"[..12];
        var topic = $"{tenant}/default/orders";

        var @operator = await browser.VisitorAsync(portal.Url);
        await @operator.Page.GotoAsync("first-run");
        await @operator.LookedAtAsync();
        await @operator.FillAsync("Email", "operator@example.com");
        await @operator.FillAsync("Password", Password);
        await @operator.PressAsync("Create account");
        await @operator.Page.WaitForURLAsync(url => !url.Contains("first-run", StringComparison.Ordinal));

        var elena = await browser.VisitorAsync(portal.Url);
        await CalculatePriceAsync(elena);
        await SignUpAsync(elena, "elena@northwind.example");
        await OrganizationWithCardAsync(elena, portal);
        await TenantAndTopicAsync(elena, tenant);
        var (url, token) = await KeyAsync(elena, tenant);

        var client = new PlainWebSocketClient(url, token);
        using (var consumer = await client.ConnectAsync("consumer", topic, "billing", "?receiverQueueSize=1000"))
        {
            await client.SendAsync(topic, 1_000, 1_024);
            await PlainWebSocketClient.ReadAsync(consumer, 1_000);
            await PlainWebSocketClient.CloseAsync(consumer);
        }
        await cluster.CountAllAsync(topic, 1_000, 1_000);
        var counters = await cluster.CountersAsync(topic);

        await UsageShowsAsync(elena, counters);
        await PublishPricesAsync(@operator);
        await elena.GoAsync("o/northwind/billing");
        await elena.HeadingAsync("Billing");
        await elena.LookedAtAsync();
        await CloseMonthAsync(@operator);
        await InvoiceIsPaidAsync(elena, counters);
    }

    /// <summary>By number and by slider; the amounts are those of the price list that comes with the portal.</summary>
    private static async Task CalculatePriceAsync(Visitor visitor)
    {
        await visitor.Page.GotoAsync("");
        await visitor.LookedAtAsync();
        var total = visitor.Page.Locator("[data-estimate] .total .v");
        await Assertions.Expect(total).ToHaveTextAsync("$42.81");
        await visitor.Page.GetByLabel("Partitions").First.FillAsync("24");
        await Assertions.Expect(total).ToHaveTextAsync("$53.32");
        var slider = visitor.Page.GetByRole(AriaRole.Slider, new() { Name = "Data in" });
        await slider.PressAsync("ArrowRight");
        await Assertions.Expect(total).ToHaveTextAsync("$63.32");
        await Assertions.Expect(visitor.Page.Locator("#cost-in")).ToHaveValueAsync("200");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Side project" }).ClickAsync();
        await Assertions.Expect(total).ToHaveTextAsync("$3.19");
    }

    private static async Task SignUpAsync(Visitor visitor, string email)
    {
        await visitor.Page.GotoAsync("sign-up");
        await visitor.LookedAtAsync();
        await visitor.FillAsync("Email", email);
        await visitor.FillAsync("Password", Password);
        await visitor.PressAsync("Create account");
        await visitor.HeadingAsync("Check your inbox");
        await visitor.Page.GotoAsync("outbox");
        await visitor.LookedAtAsync();
        await visitor.Page.Locator("article").Filter(new() { HasText = email }).Locator("a.btn").First.ClickAsync();
        await visitor.PressAsync("Confirm address");
        // In the browser that signed up nothing is typed twice.
        await visitor.HeadingAsync("New organization");
    }

    private static async Task OrganizationWithCardAsync(Visitor visitor, RunningPortal portal)
    {
        await visitor.GoAsync("organizations/new");
        await visitor.LookedAtAsync();
        await visitor.Page.Locator("#name").FillAsync("Northwind");
        await Assertions.Expect(visitor.Page.Locator("#slug")).ToHaveValueAsync("northwind");
        await visitor.Page.GetByText("Pay as you go", new() { Exact = true }).First.ClickAsync();
        await visitor.PressAsync("Create organization");
        await visitor.HeadingAsync("Billing");
        await visitor.PressAsync("Add a card");
        await visitor.PressAsync("Save card");
        await visitor.Page.WaitForURLAsync(url => url.StartsWith(portal.Url.ToString(), StringComparison.Ordinal));
        await Assertions.Expect(visitor.Page.GetByText("ending in 4242")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Assertions.Expect(visitor.Page.GetByText("paid by card")).ToBeVisibleAsync();
    }

    private static async Task TenantAndTopicAsync(Visitor visitor, string tenant)
    {
        await visitor.GoAsync("o/northwind/tenants/new");
        await visitor.LookedAtAsync();
        await visitor.Page.Locator("#name").FillAsync(tenant);
        await visitor.PressAsync("Create tenant");
        await visitor.HeadingAsync(tenant);
        await Assertions
            .Expect(visitor.Page.Locator(".chip", new() { HasText = "ready" }).First)
            .ToBeVisibleAsync(new() { Timeout = 60_000 });
        await visitor.GoAsync($"o/northwind/tenants/{tenant}/topics/new");
        await visitor.LookedAtAsync();
        await visitor.Page.Locator("#name").FillAsync("orders");
        await visitor.PressAsync("Next: Shape");
        await visitor.HeadingAsync("Storage and partitions");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Storage and partitions" })).ToBeFocusedAsync();
        await visitor.Page.Locator("#partitions").FillAsync("3");
        await visitor.LookedAtAsync();
        // By the keyboard alone, and over a reload.
        await visitor.Page.Locator("#partitions").PressAsync("Enter");
        await visitor.HeadingAsync("How long messages are kept");
        await visitor.LookedAtAsync();
        await visitor.PressAsync("Next: Schema");
        await visitor.HeadingAsync("What messages look like");
        await visitor.LookedAtAsync();
        await visitor.PressAsync("Next: Subscriptions");
        await visitor.HeadingAsync("Who reads it");
        await visitor.LookedAtAsync();
        await visitor.PressAsync("Next: Review");
        await visitor.HeadingAsync("Review and create");
        await visitor.Page.ReloadAsync();
        await visitor.InteractiveAsync();
        await Assertions.Expect(visitor.Page.Locator(".review")).ToContainTextAsync("orders");
        await visitor.LookedAtAsync();
        await JumpAsync(visitor);
        await visitor.PressAsync("Create topic");
        await visitor.HeadingAsync("orders");
        await Assertions.Expect(visitor.Page.GetByText("3 partitions").First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await visitor.LookedAtAsync();
    }

    /// <summary>The command palette and the keyboard map, by the keyboard alone; the page behind them stays.</summary>
    private static async Task JumpAsync(Visitor visitor)
    {
        var keyboard = visitor.Page.Keyboard;
        await keyboard.PressAsync("?");
        await Assertions.Expect(visitor.Page.Locator("#keyboard-map")).ToBeVisibleAsync();
        await visitor.LookedAtAsync();
        await keyboard.PressAsync("Escape");
        await keyboard.PressAsync("Control+k");
        await Assertions.Expect(visitor.Page.Locator("#palette-search")).ToBeFocusedAsync();
        await keyboard.TypeAsync("usa");
        await Assertions.Expect(visitor.Page.Locator("#palette [role=option][aria-selected=true]")).ToContainTextAsync("Usage");
        await visitor.LookedAtAsync();
        await keyboard.PressAsync("Enter");
        await visitor.HeadingAsync("Usage");
        await visitor.Page.GoBackAsync();
        // Another page and back: the wizard is where it was, with all that was typed.
        await visitor.HeadingAsync("Review and create");
        await Assertions.Expect(visitor.Page.Locator(".review")).ToContainTextAsync("orders");
    }

    private static async Task<(string Url, string Token)> KeyAsync(Visitor visitor, string tenant)
    {
        await visitor.GoAsync($"o/northwind/tenants/{tenant}?tab=connect");
        await visitor.HeadingAsync("Keys");
        await visitor.LookedAtAsync();
        var url = await visitor.Page.Locator(".copy .value").Filter(new() { HasText = "ws://" }).First.InnerTextAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "New key" }).First.ClickAsync();
        await visitor.HeadingAsync("Name the key");
        await visitor.Page.Locator("#key-name").FillAsync("web-backend");
        await visitor.LookedAtAsync();
        await visitor.PressAsync("Create key");
        var token = await visitor.Page.Locator("main .copy .value").First.InnerTextAsync();
        await visitor.LookedAtAsync();
        Assert.StartsWith("eyJ", token, StringComparison.Ordinal);
        await visitor.PressAsync("I have copied it");
        await Assertions
            .Expect(visitor.Page.Locator("tr", new() { HasText = "web-backend" }).Locator(".chip.good"))
            .ToBeVisibleAsync(new() { Timeout = 60_000 });
        return (url.Trim().TrimEnd('/'), token.Trim());
    }

    private static async Task UsageShowsAsync(Visitor visitor, (long In, long Out) counters)
    {
        await visitor.GoAsync("o/northwind/usage");
        await visitor.HeadingAsync("Usage");
        // No reload: the page follows the meter.
        await Assertions
            .Expect(visitor.Page.Locator("td[data-meter=write][data-quantity]").First)
            .ToHaveAttributeAsync("data-quantity", $"{counters.In}", new() { Timeout = 60_000 });
        await Assertions
            .Expect(visitor.Page.Locator("td[data-meter=read][data-quantity]").First)
            .ToHaveAttributeAsync("data-quantity", $"{counters.Out}", new() { Timeout = 60_000 });
        await Assertions.Expect(visitor.Page.GetByText(new Regex(@"complete to \d\d:\d\d UTC"))).ToBeVisibleAsync();
        await visitor.LookedAtAsync();
        // The close takes what is complete: it has to be complete past the last traffic.
        var now = DateTimeOffset.UtcNow;
        await Eventually.TrueAsync(
            async () =>
                DateTimeOffset.TryParse(
                    await visitor.Page.Locator("[data-complete-to]").GetAttributeAsync("data-complete-to"),
                    CultureInfo.InvariantCulture,
                    out var completeTo
                )
                && completeTo > now,
            "usage is complete past the traffic"
        );
    }

    private static async Task PublishPricesAsync(Visitor visitor)
    {
        await visitor.GoAsync("operator/prices");
        await visitor.LookedAtAsync();
        await visitor.PressAsync("Publish prices");
        await visitor.Page.Locator("#price-version").WaitForAsync();
        await visitor.LookedAtAsync();
        await visitor.PressAsync("Edit as JSON");
        await visitor.Page.Locator("#price-book").FillAsync(PlainPrices.Book("dear").ToJsonString());
        await visitor.PressAsync("Review changes");
        await visitor.PressAsync("Publish");
        await visitor.HeadingAsync("dear");
    }

    private static async Task CloseMonthAsync(Visitor visitor)
    {
        await visitor.GoAsync("operator/jobs");
        var month = Month.Of(DateTimeOffset.UtcNow);
        await visitor.PressAsync($"Close {month.Previous.Title}…");
        await visitor.Page.Locator("#month").SelectOptionAsync(month.ToString());
        await visitor.PressAsync($"Close {month.Title}");
        await Assertions.Expect(visitor.Page.Locator("tr[data-job][data-state=Done]").First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await visitor.LookedAtAsync();
    }

    private static async Task InvoiceIsPaidAsync(Visitor visitor, (long In, long Out) counters)
    {
        await visitor.GoAsync("o/northwind/billing");
        await visitor.Page.Locator("main a", new() { HasText = "northwind-" }).First.ClickAsync();
        await visitor.HeadingAsync("Invoice northwind-");
        await Assertions
            .Expect(visitor.Page.Locator(".chip.good", new() { HasText = "paid" }))
            .ToBeVisibleAsync(new() { Timeout = 60_000 });
        await visitor.LookedAtAsync();
        var total = 0L;
        foreach (var meter in new[] { "write", "read", "storage", "partitions" })
        {
            var quantity = await visitor.Page.Locator($"td[data-meter={meter}][data-quantity]").GetAttributeAsync("data-quantity");
            var amount = await visitor.Page.Locator($"td[data-meter={meter}][data-amount-minor]").GetAttributeAsync("data-amount-minor");
            Assert.Equal(PlainPrices.Cents(meter, quantity!), long.Parse(amount!, CultureInfo.InvariantCulture));
            if (meter is "write" or "read")
                Assert.Equal($"{(meter == "write" ? counters.In : counters.Out)}", quantity);
            total += PlainPrices.Cents(meter, quantity!);
        }
        Assert.Equal($"{total}", await visitor.Page.Locator("[data-total-minor]").GetAttributeAsync("data-total-minor"));
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Hours of Data in" }).ClickAsync();
        await visitor.HeadingAsync("Data in, hour by hour");
        await visitor.LookedAtAsync();
    }
}
