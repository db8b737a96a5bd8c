using Portal.Domain.Access;
using Portal.Domain.Audit;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Domain.Topics;

/// <summary>
/// What people do to a subscription's position: refused with a reason, recorded with what it met, told with what it left.
/// </summary>
public sealed class SubscriptionMovesTests : PageTest
{
    private static readonly CancellationToken Now = CancellationToken.None;

    [Fact]
    public async Task A_skip_is_recorded_with_what_it_met_and_what_the_person_saw()
    {
        await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 1_200, 3_250_586);
        var change = (await SkipAsync("billing", new(600, SeenBacklog: 1_190))).Value;
        Assert.Equal((1_200L, 600L, true), (change.Before.Figures.Backlog, change.After!.Figures.Backlog, change.IsFinished));
        Assert.Equal(["skip billing 600"], Subscriptions.Asked);
        var record = await RecordAsync("subscription.skip");
        Assert.Equal(
            ("shop/default/orders/billing", AuditOutcome.Allowed, "elena@northwind.example"),
            (record.Subject, record.Outcome, record.Actor)
        );
        Assert.Equal(
            ("600 entries", "1,200 entries (3.1 MiB)", "1,190 entries"),
            (record.Details["skip"], record.Details["backlog"], record.Details["backlog shown"])
        );
    }

    [Theory]
    [InlineData(null, null, "entries-malformed")]
    [InlineData(0L, null, "entries-malformed")]
    [InlineData(-1L, null, "entries-malformed")]
    [InlineData(2_147_483_648L, null, "entries-malformed")]
    [InlineData(1L, 0, "partition-unknown")]
    public async Task A_skip_of_no_sense_is_refused_and_nothing_asked(long? entries, int? partition, string code)
    {
        await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10);
        Assert.Equal(code, (await SkipAsync("billing", new(entries, partition))).Problem?.Code);
        Assert.Empty(Subscriptions.Asked);
    }

    [Theory]
    [InlineData(null, "partition-missing")]
    [InlineData(2, "partition-unknown")]
    [InlineData(-1, "partition-unknown")]
    [InlineData(1, null)]
    public async Task Of_a_partitioned_topic_a_skip_names_its_partition(int? partition, string? code)
    {
        await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting(
            "billing",
            10,
            0,
            null,
            true,
            new(0, 4, 0, 0, null),
            new(1, 6, 0, 0, null)
        );
        Assert.Equal(code, (await SkipAsync("billing", new(2, partition))).Problem?.Code);
        Assert.Equal(code is null ? ["skip billing 2 in 1"] : [], Subscriptions.Asked);
    }

    [Theory]
    [InlineData("orders", "billing", null, null, null, "peek billing 10")]
    [InlineData("orders", "billing", null, 20, null, "peek billing 20")]
    [InlineData("orders", "billing", null, 21, "entries-malformed", null)]
    [InlineData("orders", "billing", null, 0, "entries-malformed", null)]
    [InlineData("orders", "billing", 0, null, "partition-unknown", null)]
    [InlineData("orders", "parts", null, null, "partition-missing", null)]
    [InlineData("orders", "parts", 2, null, "partition-unknown", null)]
    [InlineData("orders", "parts", 1, 5, null, "peek parts 5 in 1")]
    [InlineData("orders", "nobody", null, null, "subscription-not-found", null)]
    [InlineData("orders", "reader-1", null, null, "subscription-not-durable", null)]
    public async Task A_peek_asks_only_for_what_is_there_and_is_recorded(
        string topic,
        string name,
        int? partition,
        int? limit,
        string? code,
        string? asked
    )
    {
        await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10);
        Subscriptions.There["parts"] = StandingSubscriptions.Waiting(
            "parts",
            10,
            0,
            null,
            true,
            new(0, 4, 0, 0, null),
            new(1, 6, 0, 0, null)
        );
        Subscriptions.There["reader-1"] = StandingSubscriptions.Waiting("reader-1", 10, durable: false);
        Subscriptions.Next.Add(new("1:0", null, new Dictionary<string, string>(), "FF"u8.ToArray(), Clock.GetUtcNow(), 2));
        Schemas.Has("", "INT32");
        var peeked = await Use<PeekMessages>().RunAsync(Owner, Org, "shop", "default", topic, name, partition, limit, Now);
        Assert.Equal(code, peeked.Problem?.Code);
        Assert.Equal(asked is null ? [] : [asked], Subscriptions.Asked);
        if (code is not null)
            return;
        Assert.Equal("It has 2 bytes; INT32 values have 4.", peeked.Value[0].Decoded?.Reason);
        Assert.Equal($"{limit ?? 10}", (await RecordAsync("subscription.peek")).Details["entries"]);
        Assert.IsType<Problem.Forbidden>(
            (
                await Use<PeekMessages>()
                    .RunAsync(await MemberAsync(Role.Viewer), Org, "shop", "default", topic, name, partition, limit, Now)
            ).Problem
        );
    }

    [Fact]
    public async Task A_skip_whose_first_attempt_died_is_not_done_again()
    {
        await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10);
        Assert.Equal("skip-uncertain", (await SkipAsync("billing", new(2, WasBegun: true))).Problem?.Code);
        Assert.Empty(Subscriptions.Asked);
    }

    [Fact]
    public async Task Nothing_moves_what_is_not_there_or_cannot_be_moved()
    {
        await OrdersAsync();
        await TopicAsync("shop", "pulse", persistent: false);
        await Use<CreateTopic>().RunAsync(Owner, Org, "shop", "default", new("coming"), Now);
        Subscriptions.There["live"] = StandingSubscriptions.Waiting("live", 0);
        Subscriptions.There["reader-1"] = StandingSubscriptions.Waiting("reader-1", 10, durable: false);
        foreach (
            var (topic, name, code) in new[]
            {
                ("orders", "nobody", "subscription-not-found"),
                ("orders", "", "subscription-name-malformed"),
                ("orders", "__compaction", "subscription-name-reserved"),
                ("orders", "reader-1", "subscription-not-durable"),
                ("pulse", "live", "topic-keeps-nothing"),
                ("coming", "live", "topic-not-ready"),
                ("gone", "live", "topic-not-found"),
            }
        )
        foreach (var problem in await AllAsync(Owner, topic, name))
            Assert.Equal($"{topic} {name}: {code}", $"{topic} {name}: {problem?.Code}");
        Assert.Empty(Subscriptions.Asked);
    }

    [Fact]
    public async Task Who_may_only_look_moves_nothing_and_the_attempt_is_recorded()
    {
        await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10);
        var viewer = await MemberAsync(Role.Viewer);
        Assert.All(await AllAsync(viewer, "orders", "billing"), problem => Assert.IsType<Problem.Forbidden>(problem));
        Assert.Empty(Subscriptions.Asked);
        Assert.Equal(
            10,
            (await Use<GetSubscription>().RunAsync(viewer, Org, "shop", "default", "orders", "billing", Now)).Value.Figures.Backlog
        );
        Assert.True(
            (await Use<PreviewRewind>().RunAsync(viewer, Org, "shop", "default", "orders", "billing", new(Clock.GetUtcNow()), Now)).IsOk
        );
        foreach (
            var operation in (string[])
                ["subscription.skip", "subscription.clear", "subscription.rewind", "subscription.expire", "subscription.analyze"]
        )
            Assert.Equal(AuditOutcome.Refused, (await RecordAsync(operation)).Outcome);
    }

    [Fact]
    public async Task What_the_cluster_refuses_is_told_and_stays_on_record()
    {
        await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10);
        Subscriptions.Trouble = new Problem.Conflict("subscription-busy", "It is being moved.");
        Assert.Equal(
            "subscription-busy",
            (await Use<ClearBacklog>().RunAsync(Owner, Org, "shop", "default", "orders", "billing", null, Now)).Problem?.Code
        );
        Assert.Equal("10 entries", (await RecordAsync("subscription.clear")).Details["backlog"]);
    }

    [Fact]
    public async Task What_was_done_is_done_though_the_cluster_is_away_afterwards()
    {
        await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10);
        Subscriptions.BlindAfterwards = new Problem.Unavailable("cluster-unreachable", "Away.");
        var change = (await Use<ClearBacklog>().RunAsync(Owner, Org, "shop", "default", "orders", "billing", 10, Now)).Value;
        Assert.Equal((10L, null), (change.Before.Figures.Backlog, change.After));
    }

    [Fact]
    public async Task A_rewind_goes_to_a_time_or_to_a_message_and_says_which()
    {
        await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 0);
        Subscriptions.Behind = new EntryCount(7, 700);
        var noon = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
        var foreseen = (await Use<PreviewRewind>().RunAsync(Owner, Org, "shop", "default", "orders", "billing", new(noon), Now)).Value;
        Assert.Equal((0L, 7L), (foreseen.BacklogBefore.Entries, foreseen.Backlog.Entries));
        Assert.Empty(Subscriptions.Asked);
        Assert.Equal(7, (await RewindAsync(new(noon))).Value.After!.Figures.Backlog);
        Assert.Equal("2026-11-23T12:00:00Z", (await RecordAsync("subscription.rewind")).Details["to"]);
        Assert.True((await RewindAsync(new(MessageId: "12:34"))).IsOk);
        Assert.Equal("message 12:34", (await RecordAsync("subscription.rewind")).Details["to"]);
        Assert.Equal(["rewind billing to 2026-11-23T12:00:00.0000000Z", "rewind billing to 12:34"], Subscriptions.Asked);
    }

    [Fact]
    public async Task A_rewind_that_would_lead_nowhere_is_refused_before_it_loses_the_backlog()
    {
        await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10);
        foreach (
            var (to, code) in new (RewindTarget, string)[]
            {
                (new(), "rewind-target-missing"),
                (new(MessageId: ""), "rewind-target-missing"),
                (new(Clock.GetUtcNow(), "1:2"), "rewind-target-missing"),
                (new(MessageId: "nonsense"), "message-id-unknown"),
                (new(MessageId: "1:2:0"), "message-id-partition"),
            }
        )
        {
            Assert.Equal(code, (await RewindAsync(to)).Problem?.Code);
            Assert.Equal(
                code,
                (await Use<PreviewRewind>().RunAsync(Owner, Org, "shop", "default", "orders", "billing", to, Now)).Problem?.Code
            );
        }
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting(
            "billing",
            10,
            0,
            null,
            true,
            new(0, 4, 40, 0, null),
            new(1, 6, 60, 0, null)
        );
        Assert.Equal("message-id-partition", (await RewindAsync(new(MessageId: "1:2"))).Problem?.Code);
        Assert.Equal("message-id-partition", (await RewindAsync(new(MessageId: "1:2:2"))).Problem?.Code);
        Subscriptions.Behind = new Problem.Invalid("message-gone", "It is gone.");
        Assert.Equal("message-gone", (await RewindAsync(new(MessageId: "1:2:1"))).Problem?.Code);
        Assert.Empty(Subscriptions.Asked);
        Subscriptions.Behind = new EntryCount(9, 90);
        var foreseen = (
            await Use<PreviewRewind>().RunAsync(Owner, Org, "shop", "default", "orders", "billing", new(MessageId: "1:2:1"), Now)
        ).Value;
        Assert.Equal((6L, 9L, 1), (foreseen.BacklogBefore.Entries, foreseen.Backlog.Entries, foreseen.Partition));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(3, true)]
    [InlineData(1000, false)]
    public async Task An_expiry_is_waited_for_a_while(int slowLooks, bool finished)
    {
        await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10, 100, Clock.GetUtcNow().AddHours(-3));
        (Subscriptions.Behind, Subscriptions.SlowLooks) = (new EntryCount(4, 40), slowLooks);
        var expiring = Use<ExpireMessages>().RunAsync(Owner, Org, "shop", "default", "orders", "billing", 3600, 10, Now);
        while (!expiring.IsCompleted)
        {
            await Task.Delay(5);
            Clock.Advance(TimeSpan.FromMilliseconds(250));
        }
        var change = (await expiring).Value;
        Assert.Equal(
            (10L, finished ? 4L : 10L, finished),
            (change.Before.Figures.Backlog, change.After!.Figures.Backlog, change.IsFinished)
        );
        Assert.Equal(["expire billing 3600"], Subscriptions.Asked);
        Assert.Equal("3600 s", (await RecordAsync("subscription.expire")).Details["older than"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    [InlineData(-5L)]
    [InlineData(2_147_483_648L)]
    public async Task An_age_that_is_none_is_refused(long? seconds)
    {
        await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10);
        Assert.Equal(
            "age-malformed",
            (await Use<ExpireMessages>().RunAsync(Owner, Org, "shop", "default", "orders", "billing", seconds, null, Now)).Problem?.Code
        );
        Assert.Empty(Subscriptions.Asked);
    }

    [Fact]
    public async Task One_backlog_of_an_organization_is_analyzed_at_a_time_and_the_next_one_after_it()
    {
        await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10);
        (Subscriptions.AnalysisGoesOn, Subscriptions.Analysis) = (new(), new BacklogAnalysis(10, 248, null, true, "1:0", "1:9"));
        var first = AnalyzeAsync();
        while (Subscriptions.Asked.Count == 0)
            await Task.Delay(5);
        Assert.IsType<Problem.TooMany>((await AnalyzeAsync()).Problem);
        Subscriptions.AnalysisGoesOn.SetResult();
        Assert.Equal(248, (await first).Value.Messages);
        Assert.True((await AnalyzeAsync()).IsOk);
        Assert.Equal(["analyze billing", "analyze billing"], Subscriptions.Asked);

        Task<Outcome<BacklogAnalysis>> AnalyzeAsync() =>
            Task.Run(() => Use<AnalyzeBacklog>().RunAsync(Owner, Org, "shop", "default", "orders", "billing", Now));
    }

    private async Task OrdersAsync()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
    }

    private Task<Outcome<SubscriptionChange>> SkipAsync(string name, Skip skip) =>
        Use<SkipMessages>().RunAsync(Owner, Org, "shop", "default", "orders", name, skip, Now);

    private Task<Outcome<SubscriptionChange>> RewindAsync(RewindTarget to) =>
        Use<RewindSubscription>().RunAsync(Owner, Org, "shop", "default", "orders", "billing", to, null, Now);

    private async Task<IReadOnlyList<Problem?>> AllAsync(Actor actor, string topic, string name) =>
        [
            (await Use<SkipMessages>().RunAsync(actor, Org, "shop", "default", topic, name, new(1), Now)).Problem,
            (await Use<ClearBacklog>().RunAsync(actor, Org, "shop", "default", topic, name, null, Now)).Problem,
            (
                await Use<RewindSubscription>().RunAsync(actor, Org, "shop", "default", topic, name, new(Clock.GetUtcNow()), null, Now)
            ).Problem,
            (await Use<ExpireMessages>().RunAsync(actor, Org, "shop", "default", topic, name, 1, null, Now)).Problem,
            (await Use<AnalyzeBacklog>().RunAsync(actor, Org, "shop", "default", topic, name, Now)).Problem,
        ];

    private async Task<AuditRecord> RecordAsync(string operation) =>
        (await Use<ListAudit>().RunAsync(Owner, Org, new(Operation: operation), new(), Now)).Value.Items[0];
}
