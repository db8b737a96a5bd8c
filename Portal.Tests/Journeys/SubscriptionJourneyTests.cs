using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>What a person does with a subscription in a browser: half of it read, some skipped, rewound, cleared, deleted.</summary>
public sealed class SubscriptionJourneyTests
{
    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task From_half_read_over_skipped_and_rewound_to_deleted(string pulsar)
    {
        await using var browser = await Browser.StartAsync();
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var topic = $"/api/v1/organizations/northwind/tenants/{world.Tenant}/namespaces/default/topics/orders";
        await rest.PostAsync(
            $"{topic}/subscriptions",
            new JsonObject { ["name"] = "billing", ["position"] = "earliest" },
            HttpStatusCode.Created
        );
        for (var number = 0; number < 10; number++)
            await rest.PostAsync($"{topic}/messages", new JsonObject { ["payload"] = $"{number}" }, HttpStatusCode.Created);
        var (_, client, _) = await world.KeyAsync(["consume"]);
        Assert.Equal(["0", "1", "2", "3", "4"], await ConsumeAsync(world, client, 5));

        var visitor = await browser.VisitorAsync(portal.Url);
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        await visitor.GoAsync($"o/northwind/tenants/{world.Tenant}/default/orders?tab=subscriptions");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "billing", Exact = true }).ClickAsync();
        await visitor.HeadingAsync("billing");
        await WaitingAsync(visitor, 5);
        await visitor.LookedAtAsync();

        await visitor.PressAsync("Skip messages");
        await Dialog(visitor).GetByLabel("Entries to skip").FillAsync("2");
        await Assertions.Expect(Dialog(visitor)).ToContainTextAsync("The oldest 2 entries of about 5 will be skipped.");
        await visitor.LookedAtAsync();
        await ConfirmAsync(visitor, "Skip messages");
        await SaysAsync(visitor, "Messages skipped.");
        await WaitingAsync(visitor, 3);
        Assert.Equal(["7"], await ConsumeAsync(world, client, 1));

        await visitor.PressAsync("Rewind to a time");
        var earlier = TimeProvider.System.GetUtcNow().AddHours(-1).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);
        await Dialog(visitor).GetByLabel("Date and time").FillAsync(earlier);
        await ConfirmAsync(visitor, "Continue");
        await Assertions.Expect(Dialog(visitor)).ToContainTextAsync("About 8 entries will be delivered again.");
        await visitor.LookedAtAsync();
        await ConfirmAsync(visitor, "Rewind subscription");
        await SaysAsync(visitor, "Subscription rewound.");
        await WaitingAsync(visitor, 10);
        Assert.Equal(["0", "1", "2"], await ConsumeAsync(world, client, 3));
        await WaitingAsync(visitor, 7);

        await visitor.PressAsync("Analyze backlog");
        await Assertions.Expect(visitor.Page.GetByText("First message")).ToBeVisibleAsync();
        var third = (await rest.GetAsync($"{topic}/messages"))["items"]!.AsArray()[2]!;
        await visitor.PressAsync("Rewind to a message");
        await Dialog(visitor).GetByLabel("Message ID").FillAsync((string)third["messageId"]!);
        await ConfirmAsync(visitor, "Continue");
        await ConfirmAsync(visitor, "Rewind subscription");
        await WaitingAsync(visitor, 8);
        Assert.Equal(["2"], await ConsumeAsync(world, client, 1));

        await visitor.PressAsync("Clear backlog");
        await Assertions.Expect(Dialog(visitor)).ToContainTextAsync("will be skipped. A batch counts as one entry.");
        await visitor.Page.Locator("#confirm-name").FillAsync("billing");
        await ConfirmAsync(visitor, "Clear backlog");
        await SaysAsync(visitor, "Backlog cleared.");
        await WaitingAsync(visitor, 0);

        await visitor.PressAsync("Delete subscription");
        await visitor.Page.Locator("#confirm-name").FillAsync("billing");
        await ConfirmAsync(visitor, "Delete subscription");
        await visitor.HeadingAsync("No subscriptions yet");
        Assert.Empty((await rest.GetAsync($"{topic}/subscriptions"))["items"]!.AsArray());
        Assert.Equal(
            ["subscription.delete", "subscription.clear", "subscription.rewind", "subscription.rewind", "subscription.skip"],
            (await rest.GetAsync("/api/v1/organizations/northwind/audit?operation=subscription"))["items"]!
                .AsArray()
                .Select(one => (string)one!["operation"]!)
                .Where(one => one != "subscription.create")
        );
    }

    /// <summary>
    /// Reads and acknowledges with a client that comes and goes; Shared, as a broker notices a little later that it went.
    /// </summary>
    private static async Task<IReadOnlyList<string>> ConsumeAsync(GatewayWorld world, PlainWebSocketClient client, int count)
    {
        using var consumer = await client.ConnectAsync(
            "consumer",
            world.Topic("orders"),
            "billing",
            "?receiverQueueSize=1&subscriptionType=Shared"
        );
        var read = await PlainWebSocketClient.TextsAsync(consumer, count);
        await PlainWebSocketClient.CloseAsync(consumer);
        return read;
    }

    private static ILocator Dialog(Visitor visitor) => visitor.Page.Locator(".mud-dialog");

    private static Task ConfirmAsync(Visitor visitor, string button) =>
        Dialog(visitor).GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    private static Task SaysAsync(Visitor visitor, string words) =>
        Assertions.Expect(visitor.Page.Locator(".note.good")).ToContainTextAsync(words);

    /// <summary>The subscription's own figure; the topic's stands above it.</summary>
    private static Task WaitingAsync(Visitor visitor, int entries) =>
        Assertions
            .Expect(visitor.Page.Locator(".stat").Filter(new() { HasText = "Backlog" }).Last.Locator(".v"))
            .ToHaveTextAsync(new Regex($@"^\s*{entries}\s*entr(y|ies)\s*$"));
}
