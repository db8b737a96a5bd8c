using System.Collections.Concurrent;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Work;

/// <summary>The engine itself, running, over a real database: whatever one row does, the rest goes on.</summary>
public sealed class EngineTests(PostgresServer server)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private sealed record TrialWork(string Does) : IWorkPayload
    {
        public static string Kind => "trial";
    }

    private sealed class TrialStep : IWorkStep<TrialWork>
    {
        public ConcurrentQueue<string> Ran { get; } = new();
        public ConcurrentBag<string> Told { get; } = [];
        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public bool Healed { get; set; }

        public async Task<StepResult> RunAsync(TrialWork payload, WorkTurn turn, CancellationToken cancellationToken)
        {
            Ran.Enqueue(payload.Does);
            switch (payload.Does.Split(':')[0])
            {
                case "throw" when !Healed:
                    throw new InvalidOperationException($"Nobody expected {payload.Does}.");
                case "away" when !Healed:
                    return new StepResult.Later(new Problem.Unavailable("away", "It is away."));
                case "refuse":
                    return new StepResult.Refused(new Problem.Conflict("no", "It cannot be."));
                case "settle" when !Healed:
                    return new StepResult.Done((_, _) => throw new InvalidOperationException("The settlement failed."));
                case "hang" when !Healed:
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    break;
                case "deaf" when !Healed:
                    await Release.Task;
                    break;
                case "steps":
                    var done = int.Parse(turn.Checkpoint ?? "0", System.Globalization.CultureInfo.InvariantCulture) + 1;
                    return done == 5
                        ? new StepResult.Done(null, new(5, 5, "pieces", null))
                        : new StepResult.GoOn($"{done}", Progress: new(done, 5, "pieces", null));
            }
            return StepResult.Finished;
        }

        public Task PostponedAsync(IPortalSession session, TrialWork payload, Problem problem, CancellationToken cancellationToken)
        {
            Told.Add($"{payload.Does} waits: {problem.Code}");
            return Task.CompletedTask;
        }

        public Task RefusedAsync(IPortalSession session, TrialWork payload, Problem problem, CancellationToken cancellationToken)
        {
            Told.Add($"{payload.Does} ends: {problem.Code}");
            return Task.CompletedTask;
        }
    }

    private static readonly WorkSettings Quick = new(
        10,
        TimeSpan.FromMilliseconds(300),
        TimeSpan.FromMilliseconds(200),
        SharesLanes: false
    );

    /// <summary>Tells which leases were let go.</summary>
    private sealed class WatchedLeases(ILeases leases) : ILeases
    {
        public ConcurrentBag<string> Released { get; } = [];

        public Task<Lease?> AcquireAsync(string name, CancellationToken cancellationToken) => leases.AcquireAsync(name, cancellationToken);

        public Task<IReadOnlySet<string>> FreeAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
            leases.FreeAsync(names, cancellationToken);

        public Task<bool> RenewAsync(Lease lease, CancellationToken cancellationToken) => leases.RenewAsync(lease, cancellationToken);

        public async Task ReleaseAsync(Lease lease, CancellationToken cancellationToken)
        {
            await leases.ReleaseAsync(lease, cancellationToken);
            Released.Add(lease.Name);
        }
    }

    private sealed class Running(TestDatabase data, TrialStep step, WorkSettings settings, ILeases? leases = null) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private Task _running = Task.CompletedTask;

        public TrialStep Step => step;

        public Running Start()
        {
            _running = new WorkRunner(
                data.Database,
                leases ?? data.Leases,
                data.Changes,
                new WorkHandlers(WorkHandler.Of(step)),
                new NoWorkObserver(),
                settings,
                data.Clock
            ).RunAsync(_stop.Token);
            return this;
        }

        public async ValueTask DisposeAsync()
        {
            step.Release.TrySetResult();
            await _stop.CancelAsync();
            await _running.WaitAsync(Soon);
            _stop.Dispose();
        }
    }

    private static Task<WorkId> AddAsync(
        TestDatabase data,
        string does,
        string? line = null,
        string lane = "lane",
        OrganizationId? owner = null,
        WorkPriority priority = WorkPriority.Waiting
    ) =>
        data.Database.UpdateAsync(
            null,
            session =>
                Task.FromResult(session.Work.Add(data.Clock, new TrialWork(does), new(lane, line ?? does, owner, does, priority)).Id),
            Now
        );

    private static Task<WorkItem> RowAsync(TestDatabase data, WorkId id) =>
        data.Database.ReadAsync(async session => (await session.Work.FindAsync(id, Now))!, Now);

    private static Task UntilAsync(TestDatabase data, WorkId id, Func<WorkItem, bool> holds, string what) =>
        Support.Journeys.Eventually.TrueAsync(async () => holds(await RowAsync(data, id)), what);

    [Theory]
    [InlineData("throw", "unexpected-error")]
    [InlineData("settle", "unexpected-error")]
    [InlineData("away", "away")]
    [InlineData("hang", "step-too-long")]
    [InlineData("deaf", "step-too-long")]
    public async Task A_row_in_trouble_says_so_holds_up_its_line_alone_and_goes_on_when_it_can(string trouble, string code)
    {
        await using var data = await TestDatabase.SqliteAsync();
        await using var engine = new Running(data, new(), Quick).Start();
        var sick = await AddAsync(data, trouble, "line");
        var behind = await AddAsync(data, "behind", "line");
        var others = new List<WorkId>();
        for (var i = 0; i < 20; i++)
            others.Add(await AddAsync(data, $"fine:{i}"));

        foreach (var other in others)
            await UntilAsync(data, other, row => row.State == WorkState.Done, "the others are done");
        await UntilAsync(data, sick, row => row.Failures > 0, "the sick row says that it failed");
        var row = await RowAsync(data, sick);
        Assert.Equal((WorkState.Open, code), (row.State, row.ProblemCode));
        Assert.NotNull(row.ProblemMessage);
        Assert.Contains($"{trouble} waits: {code}", engine.Step.Told);
        Assert.True((await RowAsync(data, behind)).IsOpen);

        engine.Step.Healed = true;
        engine.Step.Release.TrySetResult();
        await data.Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Work.FindAsync(sick, Now))!.TryNow(data.Clock.Now());
                return true;
            },
            Now
        );
        await UntilAsync(data, behind, row => row.State == WorkState.Done, "what stood behind it is done");
        Assert.Equal(
            (WorkState.Done, 0, null),
            ((await RowAsync(data, sick)).State, (await RowAsync(data, sick)).Failures, (await RowAsync(data, sick)).ProblemCode)
        );
    }

    [Fact]
    public async Task Rows_that_hang_in_every_slot_do_not_hold_up_the_taking_away_of_access_nor_another_lane()
    {
        await using var data = await TestDatabase.SqliteAsync();
        var slow = Quick with { StepLimit = TimeSpan.FromMinutes(5) };
        await using var engine = new Running(data, new(), slow).Start();
        for (var i = 0; i < 40; i++)
            await AddAsync(data, $"hang:{i}");
        await Support.Journeys.Eventually.TrueAsync(
            () => Task.FromResult(engine.Step.Ran.Count(does => does.StartsWith("hang", StringComparison.Ordinal)) == 8),
            "eight hang"
        );
        var revoke = await AddAsync(data, "revoke", priority: WorkPriority.TakeAway);
        var elsewhere = await AddAsync(data, "elsewhere", lane: "other");
        await UntilAsync(data, revoke, row => row.State == WorkState.Done, "access is taken away");
        await UntilAsync(data, elsewhere, row => row.State == WorkState.Done, "the other lane works");
    }

    [Fact]
    public async Task Organizations_take_turns()
    {
        await using var data = await TestDatabase.SqliteAsync();
        var (large, small) = (new OrganizationId(Guid.CreateVersion7()), new OrganizationId(Guid.CreateVersion7()));
        for (var i = 0; i < 300; i++)
            await AddAsync(data, $"large:{i}", owner: large);
        var last = await AddAsync(data, "small", owner: small);
        await using var engine = new Running(data, new(), Quick).Start();
        await UntilAsync(data, last, row => row.State == WorkState.Done, "the small one is done");
        Assert.InRange(engine.Step.Ran.ToList().IndexOf("small"), 0, 20);
    }

    [Fact]
    public async Task A_step_that_goes_on_begins_where_it_left_off_and_shows_how_far_it_is()
    {
        await using var data = await TestDatabase.SqliteAsync();
        await using var engine = new Running(data, new(), Quick).Start();
        var id = await AddAsync(data, "steps");
        await UntilAsync(data, id, row => row.State == WorkState.Done, "it is done");
        var row = await RowAsync(data, id);
        Assert.Equal((5L, 5L, "pieces", 5), (row.Done, row.Total, row.Unit, row.Attempts));
        Assert.Equal(5, engine.Step.Ran.Count);
    }

    [Fact]
    public async Task What_is_refused_ends_and_its_line_goes_on()
    {
        await using var data = await TestDatabase.SqliteAsync();
        await using var engine = new Running(data, new(), Quick).Start();
        var refused = await AddAsync(data, "refuse", "line");
        var behind = await AddAsync(data, "behind", "line");
        await UntilAsync(data, behind, row => row.State == WorkState.Done, "what stood behind it is done");
        Assert.Equal(
            (WorkState.Refused, "It cannot be."),
            ((await RowAsync(data, refused)).State, (await RowAsync(data, refused)).ProblemMessage)
        );
        Assert.Contains("refuse ends: no", engine.Step.Told);
    }

    [Fact]
    public async Task Paused_work_rests_with_its_line_and_stopped_work_ends()
    {
        await using var data = await TestDatabase.SqliteAsync();
        var (paused, behind, stopped) = (await AddAsync(data, "a", "line"), await AddAsync(data, "b", "line"), await AddAsync(data, "c"));
        async Task WantAsync(WorkId id, WorkWish wish) =>
            await data.Database.UpdateAsync(
                null,
                async session =>
                {
                    (await session.Work.FindAsync(id, Now))!.Want(wish);
                    return true;
                },
                Now
            );
        await WantAsync(paused, WorkWish.Pause);
        await WantAsync(stopped, WorkWish.Stop);
        await using var engine = new Running(data, new(), Quick).Start();
        await UntilAsync(data, stopped, row => row.State == WorkState.Stopped, "it is stopped");
        Assert.Contains("c ends: stopped", engine.Step.Told);
        Assert.True((await RowAsync(data, behind)).IsOpen);
        await WantAsync(paused, WorkWish.Run);
        await UntilAsync(data, behind, row => row.State == WorkState.Done, "the line goes on");
        Assert.Equal(["a", "b"], engine.Step.Ran);
    }

    [Fact]
    public async Task An_unexpected_error_asks_for_a_person_after_five_times_and_an_outage_after_an_hour()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new(2026, 11, 28, 9, 0, 0, TimeSpan.Zero));
        await using var data = await TestDatabase.SqliteAsync(clock);
        var pump = new WorkPump(data.Database, clock, new TrialStep());
        var (broken, away) = (await AddAsync(data, "throw"), await AddAsync(data, "away"));
        for (var second = 0; second < 40; second++)
        {
            await pump.RunAsync();
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        var row = await RowAsync(data, broken);
        Assert.True(row.NeedsPerson);
        Assert.Equal("InvalidOperationException: Nobody expected throw.", row.Cause);
        Assert.False((await RowAsync(data, away)).NeedsPerson);
        // Logged when the cause is new, not at each of the tries.
        Assert.Equal(2, pump.Failures.Count);
        for (var minute = 0; minute < 61; minute++)
        {
            await pump.RunAsync();
            clock.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.True((await RowAsync(data, away)).NeedsPerson);
        Assert.Equal(2, pump.Failures.Count);
    }

    [Fact]
    public async Task A_lane_without_work_is_let_go_and_taken_again_and_one_with_a_paused_row_is_kept()
    {
        await using var data = await TestDatabase.SqliteAsync();
        var leases = new WatchedLeases(data.Leases);
        await using var engine = new Running(data, new(), Quick with { KeepsIdleLanes = TimeSpan.FromMilliseconds(400) }, leases).Start();
        await data.Database.UpdateAsync(
            null,
            session =>
            {
                session
                    .Work.Add(data.Clock, new TrialWork("paused"), new("kept", "paused", null, "paused", WorkPriority.Waiting))
                    .Want(WorkWish.Pause);
                return Task.FromResult(true);
            },
            Now
        );
        await UntilAsync(data, await AddAsync(data, "first", lane: "customer"), row => row.State == WorkState.Done, "the first is done");
        await Support.Journeys.Eventually.TrueAsync(() => Task.FromResult(leases.Released.Contains("work:customer")), "the lane is let go");
        await UntilAsync(data, await AddAsync(data, "second", lane: "customer"), row => row.State == WorkState.Done, "the second is done");
        await Support.Journeys.Eventually.TrueAsync(
            () => Task.FromResult(leases.Released.Count(name => name == "work:customer") == 2),
            "the lane is let go again"
        );
        Assert.DoesNotContain("work:kept", leases.Released);
    }

    [Fact]
    public async Task Two_replicas_carry_out_each_row_once_and_one_takes_over_when_the_other_stops()
    {
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        await using var one = await TestDatabase.PostgreSqlAsync(server);
        await using var two = one.Another();
        var step = new TrialStep();
        var shared = Quick with { SharesLanes = true, StepLimit = TimeSpan.FromSeconds(20) };
        var first = new Running(one, step, shared).Start();
        await using var second = new Running(two, step, shared).Start();
        var ids = new List<WorkId>();
        for (var i = 0; i < 60; i++)
            ids.Add(await AddAsync(one, $"fine:{i}", lane: $"lane-{i % 6}"));
        foreach (var id in ids)
            await UntilAsync(two, id, row => row.State == WorkState.Done, "all are done");
        Assert.Equal(60, step.Ran.Distinct().Count());
        Assert.Equal(60, step.Ran.Count);

        await first.DisposeAsync();
        var after = await AddAsync(two, "after", lane: "lane-0");
        await UntilAsync(two, after, row => row.State == WorkState.Done, "the other replica goes on");
    }
}
