using System.Text;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Domain.Topics;

/// <summary>Following a topic: one reader for all who look on, bounded, and said what is not shown.</summary>
public sealed class FollowMessagesTests : PageTest
{
    private static readonly CancellationToken Now = CancellationToken.None;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private StandingFeeds Feeds => Cluster.Feeds;

    [Fact]
    public async Task All_who_follow_share_one_reader_which_ends_with_the_last()
    {
        await OrdersAsync();
        var first = await FollowAsync();
        await OpenAsync();
        Feeds.Send(Said("a"));
        Assert.Equal("a", await TextAsync(first));
        var second = await FollowAsync();
        Feeds.Send(Said("b"), Said("c"));
        // Who comes later sees what comes later.
        foreach (var watch in new[] { first, second })
        {
            var text = await TextAsync(watch);
            Assert.Equal("bc", text == "b" ? text + await TextAsync(watch) : text);
        }
        Assert.Equal((1, 1), (Feeds.Opened, Feeds.Open));
        first.Dispose();
        first.Dispose();
        Feeds.Send(Said("d"));
        Assert.Equal("d", await TextAsync(second));
        second.Dispose();
        await Eventually.TrueAsync(() => Task.FromResult(Feeds.Open == 0), "the reader is closed");
    }

    [Fact]
    public async Task Only_what_matches_is_given_and_the_rest_is_counted()
    {
        await OrdersAsync();
        using var watch = await FollowAsync(MessageFilter.Create("k1", null, null).Value);
        await OpenAsync();
        Feeds.Send(Said("a", "k1"), Said("b", "k2"), Said("c", "k1"));
        var (text, looked) = ("", 0);
        while (looked < 3)
        {
            var news = (await watch.NextAsync(Patience, Now)).Value;
            (text, looked) = (text + Text(news), looked + news.Looked);
        }
        Assert.Equal(("ac", 3), (text, looked));
    }

    [Fact]
    public async Task Who_looks_too_late_is_told_how_many_are_gone()
    {
        await OrdersAsync();
        using var watch = await FollowAsync();
        await OpenAsync();
        // Below the pace at which some would be skipped.
        for (var second = 0; second < 6; second++)
        {
            Feeds.Send([.. Enumerable.Range(0, 50).Select(number => Said($"{second}-{number}"))]);
            await Eventually.TrueAsync(() => Task.FromResult(Feeds.Taken == (second + 1) * 50), "the messages are taken");
            Clock.Advance(TimeSpan.FromSeconds(2));
        }
        var news = (await watch.NextAsync(Patience, Now)).Value;
        Assert.Equal((TopicFollows.Kept, 300 - TopicFollows.Kept, false), (news.Items.Count, news.Missed, news.Skipped));
        Assert.Equal("5-49", Encoding.UTF8.GetString(news.Items[^1].Payload.Span));
    }

    [Fact]
    public async Task A_topic_that_is_too_fast_is_read_anew_from_its_end()
    {
        await OrdersAsync();
        using var watch = await FollowAsync();
        await OpenAsync();
        Feeds.Send([.. Enumerable.Range(0, TopicFollows.MostInSecond + 50).Select(number => Said($"{number}"))]);
        await Eventually.TrueAsync(
            () =>
            {
                Clock.Advance(TimeSpan.FromMilliseconds(100));
                return Task.FromResult(Feeds is { Opened: 2, Open: 1 });
            },
            "a second reader begins at the end"
        );
        var (count, skipped) = (0, false);
        await Eventually.TrueAsync(
            async () =>
            {
                Feeds.Send(Said("after"));
                var news = await LookAsync(watch);
                (count, skipped) = (count + news.Items.Count, skipped || news.Skipped);
                return skipped && Text(news).EndsWith("after", StringComparison.Ordinal);
            },
            "it goes on, and says that some were skipped"
        );
        Assert.True(count < TopicFollows.MostInSecond + 50);
    }

    [Fact]
    public async Task A_connection_that_is_lost_is_said_and_made_again()
    {
        await OrdersAsync();
        using var watch = await FollowAsync();
        await OpenAsync();
        Feeds.Refuses = new Problem.Unavailable("topic-busy", "As many clients as the plan allows.");
        Feeds.Cut();
        await Eventually.TrueAsync(
            async () =>
            {
                return (await LookAsync(watch)).Trouble?.Code == "topic-busy";
            },
            "it says why nothing comes"
        );
        Feeds.Refuses = null;
        var skipped = false;
        await Eventually.TrueAsync(
            async () =>
            {
                var news = await LookAsync(watch);
                skipped |= news.Skipped;
                return news.Trouble is null;
            },
            "it reads again"
        );
        Assert.True(skipped);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_may_no_longer_is_shown_nothing_more(bool told)
    {
        await OrdersAsync();
        var member = await MemberAsync(Role.Developer);
        var northwind = (await Database.ReadAsync(session => session.Organizations.FindAsync(Org, Now), Now))!.Id;
        using var watch = (await Use<FollowMessages>().RunAsync(member, Org, "shop", "default", "orders", null, Now)).Value;
        await Database.UpdateAsync(
            null,
            told ? northwind : null,
            async session =>
            {
                session.Organizations.Remove((await session.Organizations.FindMembershipAsync(northwind, member.AccountId!.Value, Now))!);
                return true;
            },
            Now
        );
        if (!told)
            Clock.Advance(MessageWatch.ChecksEvery);
        Feeds.Send(Said("secret"));
        Assert.IsType<Problem.NotFound>((await watch.NextAsync(Patience, Now)).Problem);
    }

    [Fact]
    public async Task Viewers_follow_nothing_and_it_is_recorded_who_does()
    {
        await OrdersAsync();
        Assert.Equal(
            "role-missing",
            (await Use<FollowMessages>().RunAsync(await MemberAsync(Role.Viewer), Org, "shop", "default", "orders", null, Now))
                .Problem
                ?.Code
        );
        Assert.Equal(
            "topic-not-found",
            (await Use<FollowMessages>().RunAsync(Owner, Org, "shop", "default", "nowhere", null, Now)).Problem?.Code
        );
        using var watch = await FollowAsync();
        var records = (await Use<Portal.Domain.Audit.ListAudit>().RunAsync(Owner, Org, new(Operation: "message.read"), new(), Now))
            .Value
            .Items;
        Assert.Contains(records, one => one.Details.GetValueOrDefault("from") == "now, as they arrive");
    }

    [Fact]
    public async Task So_many_topics_of_one_organization_are_followed_at_once()
    {
        await TenantAsync();
        var topics = new List<Topic>();
        for (var number = 0; number < 5; number++)
            topics.Add(await TopicAsync("shop", $"orders-{number}"));
        var follows = Use<TopicFollows>();
        var @namespace = (
            await Database.ReadAsync(
                session => session.Store<Portal.Domain.Tenants.ITenantStore>().FindNamespaceAsync(topics[0].NamespaceId, Now),
                Now
            )
        )!;
        List<TopicFollows.Seat> seats = [];
        for (var number = 0; number < TopicFollows.MostOfOrganization; number++)
            seats.Add(
                follows
                    .Join(
                        @namespace,
                        new Topic(new(Guid.NewGuid()), @namespace, TopicName.Create($"t{number}").Value, true, 0, Clock.GetUtcNow())
                    )
                    .Value
            );
        Assert.Equal("follows-busy", follows.Join(@namespace, topics[0]).Problem?.Code);
        seats[0].Dispose();
        using var free = follows.Join(@namespace, topics[0]).Value;
        seats.ForEach(seat => seat.Dispose());
    }

    [Fact]
    public async Task A_message_tells_who_sent_it_to_those_who_may_read()
    {
        await OrdersAsync();
        Cluster.Origin = new MessageOrigin("till-7", 41);
        Assert.Equal(new MessageOrigin("till-7", 41), (await OriginAsync(Owner, "1:2")).Value);
        Assert.Equal("message-id-unknown", (await OriginAsync(Owner, "nonsense")).Problem?.Code);
        Assert.Equal("role-missing", (await OriginAsync(await MemberAsync(Role.Viewer), "1:2")).Problem?.Code);
        Cluster.Held.Add(new("1:2", null, new Dictionary<string, string>(), "x"u8.ToArray(), DateTimeOffset.UnixEpoch, 1));
        Assert.Null((await ReadAsync(origins: false)).Origin);
        Assert.Equal(new MessageOrigin("till-7", 41), (await ReadAsync(origins: true)).Origin);
        Cluster.Origin = new Problem.Unavailable("cluster-unreachable", "Away.");
        Assert.Null((await ReadAsync(origins: true)).Origin);
        Cluster.Origin = Outcome.Of<MessageOrigin?>(null);
        Assert.Equal("message-not-stored", (await OriginAsync(Owner, "1:2")).Problem?.Code);

        Task<Outcome<MessageOrigin>> OriginAsync(Actor actor, string id) =>
            Use<GetMessageOrigin>().RunAsync(actor, Org, "shop", "default", "orders", id, Now);

        async Task<Message> ReadAsync(bool origins) =>
            (await Use<ReadMessages>().RunAsync(Owner, Org, "shop", "default", "orders", new ReadQuery(Origins: origins), null, Now))
                .Value
                .Items[0];
    }

    private async Task OrdersAsync()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
    }

    private async Task<MessageWatch> FollowAsync(MessageFilter? filter = null) =>
        (await Use<FollowMessages>().RunAsync(Owner, Org, "shop", "default", "orders", filter, Now)).Value;

    private Task OpenAsync() => Eventually.TrueAsync(() => Task.FromResult(Feeds.Open == 1), "the reader is open");

    /// <summary>What is new, if need be when time has passed.</summary>
    private async Task<FollowedMessages> LookAsync(MessageWatch watch)
    {
        var next = watch.NextAsync(Patience, Now);
        await Eventually.TrueAsync(
            () =>
            {
                if (!next.IsCompleted)
                    Clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(next.IsCompleted);
            },
            "the watch answers"
        );
        return (await next).Value;
    }

    private static async Task<string> TextAsync(MessageWatch watch)
    {
        while (true)
            if (Text((await watch.NextAsync(Patience, Now)).Value) is { Length: > 0 } text)
                return text;
    }

    private static string Text(FollowedMessages news) =>
        string.Concat(news.Items.Select(message => Encoding.UTF8.GetString(message.Payload.Span)));

    private static Message Said(string text, string? key = null) =>
        new("1:0", key, new Dictionary<string, string>(), Encoding.UTF8.GetBytes(text), DateTimeOffset.UnixEpoch, text.Length);
}
