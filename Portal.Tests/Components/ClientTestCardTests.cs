using System.Text;
using Bunit;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Features.Topics;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Components;

/// <summary>The panel that tells whether a client works, both ways.</summary>
public sealed class ClientTestCardTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_first_message_of_a_client_is_shown_with_who_sent_it()
    {
        Cluster.Origin = new MessageOrigin("till-7", 3);
        var card = await CardAsync(["web-backend"]);
        Click(card, "Wait for a message");
        await Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Open == 1), "it waits");
        card.WaitForAssertion(
            () => Assert.Contains("No producer of yours is connected", card.Find("[data-checks]").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Contains("(web-backend)", card.Find("[data-checks]").TextContent, StringComparison.Ordinal);
        Cluster.Feeds.Send(new Message("1:2", "k1", new Dictionary<string, string>(), "hello"u8.ToArray(), Clock.GetUtcNow(), 5));
        card.WaitForAssertion(
            () => Assert.Contains("Your client works", card.Find(".note.good").TextContent, StringComparison.Ordinal),
            Soon
        );
        var facts = card.Find("[data-client-message=came] dl").TextContent;
        foreach (var fact in new[] { "till-7", "k1", "5 B", "hello" })
            Assert.Contains(fact, facts, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Open == 0), "nothing is read any more");
    }

    [Fact]
    public async Task Waiting_can_be_stopped_and_ends_by_itself_with_what_to_check()
    {
        var card = await CardAsync([]);
        Click(card, "Wait for a message");
        await Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Open == 1), "it waits");
        Click(card, "Stop waiting");
        card.WaitForAssertion(() => Assert.Contains("Stopped waiting.", card.Markup, StringComparison.Ordinal), Soon);
        await Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Open == 0), "nothing is read any more");
        Click(card, "Wait again");
        await Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Open == 1), "it waits again");
        await Eventually.TrueAsync(
            () =>
            {
                Clock.Advance(TimeSpan.FromMinutes(1));
                return Task.FromResult(card.Markup.Contains("No message arrived within 10 minutes.", StringComparison.Ordinal));
            },
            "waiting ends"
        );
        Assert.Contains(
            "none of your keys may produce to this topic yet",
            card.Find("[data-checks]").TextContent,
            StringComparison.Ordinal
        );
        Assert.Contains("Create a key for this topic", card.Find("[data-checks]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_from_the_portal_is_followed_until_it_is_acknowledged()
    {
        Cursors.There.Add(new("billing", new(1, 1, -1), []));
        Cluster.SentAs = "1:3";
        var card = await CardAsync(null);
        Click(card, "Send a test message");
        card.WaitForAssertion(
            () => Assert.Contains("waiting", card.Find("[data-test-message] ul").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Equal("Test message from Portal", Encoding.UTF8.GetString(Cluster.Held.Single().Payload.Span));
        Cursors.There[0] = Cursors.There[0] with { Mark = new(1, 3, -1) };
        await Eventually.TrueAsync(
            () =>
            {
                Clock.Advance(AcknowledgementWatch.Every);
                return Task.FromResult(card.FindAll("[data-test-message=ended] ul .chip.good").Count == 1);
            },
            "it is acknowledged"
        );
        Assert.Contains("acknowledged", card.Find("[data-test-message] ul").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_subscription_it_says_what_to_do()
    {
        Cluster.SentAs = "1:3";
        var card = await CardAsync(null);
        Click(card, "Send a test message");
        card.WaitForAssertion(() => Assert.Contains("This topic has no subscription yet.", card.Markup, StringComparison.Ordinal), Soon);
        Click(card, "Stop watching");
        card.WaitForAssertion(() => Assert.Single(card.FindAll("[data-test-message=ended]")), Soon);
    }

    private static void Click(IRenderedComponent<ClientTestCard> card, string text) =>
        _ = card.FindAll("button").Single(button => button.TextContent == text).ClickAsync();

    private async Task<IRenderedComponent<ClientTestCard>> CardAsync(IReadOnlyList<string>? keys)
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        return Render<ClientTestCard>(parameters =>
            parameters.Add(one => one.Org, Org).Add(one => one.Topic, topic).Add(one => one.Keys, keys)
        );
    }
}
