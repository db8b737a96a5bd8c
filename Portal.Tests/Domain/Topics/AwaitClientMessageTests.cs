using System.Text;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Topics;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Domain.Topics;

/// <summary>Waiting for a client's first message, and for who acknowledges one.</summary>
public sealed class AwaitClientMessageTests : PageTest
{
    private static readonly CancellationToken Now = CancellationToken.None;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_clients_message_is_given_with_its_sender_and_ticks_the_quickstart()
    {
        await OrdersAsync();
        Cluster.Origin = new MessageOrigin("till-7", 3);
        using var wait = await WaitAsync();
        Assert.False((await Use<GetOrganizationSummary>().RunAsync(Owner, Org, Now)).Value.HasMessages);
        Cluster.Feeds.Send(Said("hello"));
        var news = (await wait.NextAsync(Patience, Now)).Value;
        Assert.Equal(("hello", "till-7"), (Encoding.UTF8.GetString(news.Message!.Payload.Span), news.Message.Origin?.Producer));
        Assert.True((await Use<GetOrganizationSummary>().RunAsync(Owner, Org, Now)).Value.HasMessages);
    }

    [Fact]
    public async Task What_the_portal_sends_itself_is_passed_over()
    {
        await OrdersAsync();
        Cluster.Origin = new MessageOrigin($"{Portal.Domain.Clusters.Cluster.OwnProducerPrefix}1", 0);
        using var wait = await WaitAsync();
        Cluster.Feeds.Send(Said("from here"));
        var waiting = wait.NextAsync(TimeSpan.FromSeconds(20), Now);
        await Eventually.TrueAsync(
            () =>
            {
                Clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(waiting.IsCompleted);
            },
            "the time is over"
        );
        Assert.Equal((null, 1), ((await waiting).Value.Message, (await waiting).Value.PassedOver));
    }

    [Fact]
    public async Task It_is_for_those_who_may_read_messages()
    {
        await OrdersAsync();
        Assert.Equal(
            "role-missing",
            (await Use<AwaitClientMessage>().RunAsync(await MemberAsync(Role.Viewer), Org, "shop", "default", "orders", null, Now))
                .Problem
                ?.Code
        );
        Assert.Equal(
            "topic-not-found",
            (await Use<AwaitClientMessage>().RunAsync(Owner, Org, "shop", "default", "nowhere", null, Now)).Problem?.Code
        );
    }

    [Fact]
    public async Task Who_has_acknowledged_a_message_is_told_when_it_changes()
    {
        await OrdersAsync();
        Cursors.There.Add(new("billing", new(1, 1, -1), []));
        Cursors.There.Add(new("search", new(1, 1, -1), [(new(1, 2, -1), new(1, 4, -1))]));
        var watch = (
            await Use<WatchAcknowledgements>().RunAsync(await MemberAsync(Role.Viewer), Org, "shop", "default", "orders", "1:3", Now)
        ).Value;
        Assert.Equal([new("billing", false), new("search", true)], (await watch.NextAsync(Patience, Now)).Value);
        Cursors.There[0] = Cursors.There[0] with { Mark = new(2, 0, -1) };
        Assert.Equal([new("billing", true), new("search", true)], (await watch.NextAsync(Patience, Now)).Value);
        Assert.Equal(
            "message-id-unknown",
            (await Use<WatchAcknowledgements>().RunAsync(Owner, Org, "shop", "default", "orders", "1:3:5", Now)).Problem?.Code
        );
        await TopicAsync("shop", "passing", persistent: false);
        Assert.Equal(
            "topic-keeps-nothing",
            (await Use<WatchAcknowledgements>().RunAsync(Owner, Org, "shop", "default", "passing", "1:3", Now)).Problem?.Code
        );
    }

    private async Task OrdersAsync()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
    }

    private async Task<ClientMessageWait> WaitAsync()
    {
        var wait = (await Use<AwaitClientMessage>().RunAsync(Owner, Org, "shop", "default", "orders", null, Now)).Value;
        await Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Open == 1), "the topic is read");
        return wait;
    }

    private static Message Said(string text) =>
        new("1:2", null, new Dictionary<string, string>(), Encoding.UTF8.GetBytes(text), DateTimeOffset.UnixEpoch, text.Length);
}
