using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

public abstract partial class PortalDatabaseContract
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Of_each_line_only_the_first_open_work_is_due()
    {
        await using var database = await NewAsync();
        var work = await AddAsync(database, "a", "b", "a", "c", "b");
        Assert.Equal([0, 1, 3], await DueAsync(database, work));

        await ChangeAsync(database, work[0], row => row.Finish(new(), database.Clock.Now()));
        await ChangeAsync(
            database,
            work[1],
            row => row.Postpone(new Problem.Unavailable("away", "Away."), TimeSpan.FromHours(1), null, null, database.Clock.Now())
        );
        // The first of line b waits, and with it the whole line.
        Assert.Equal([2, 3], await DueAsync(database, work));
        Assert.Equal([3], await DueAsync(database, work, except: ["a"]));
        Assert.Empty(await DueAsync(database, work, lane: "elsewhere"));

        await ChangeAsync(database, work[2], row => row.Want(WorkWish.Pause));
        Assert.Equal([3], await DueAsync(database, work));
        var page = await database.Database.ReadAsync(session => session.Work.ListAsync(new(), new(4), Now), Now);
        var rest = await database.Database.ReadAsync(session => session.Work.ListAsync(new(), new(4, page.Next), Now), Now);
        // Open ones first, newest first; then what has ended.
        Assert.Equal([4, 3, 2, 1, 0], page.Items.Concat(rest.Items).Select(row => work.IndexOf(row.Id)));
    }

    [Fact]
    public async Task Taking_away_goes_first_and_one_owners_lines_do_not_crowd_out_anothers()
    {
        await using var database = await NewAsync();
        var (large, small) = (new OrganizationId(database.Clock.NewUuid()), new OrganizationId(database.Clock.NewUuid()));
        var work = new List<WorkId>();
        await database.Database.UpdateAsync(
            null,
            async session =>
            {
                for (var i = 0; i < 100; i++)
                    work.Add(Add(session, database, $"large-{i}", large, WorkPriority.Waiting));
                work.Add(Add(session, database, "small", small, WorkPriority.Waiting));
                work.Add(Add(session, database, "revoke", small, WorkPriority.TakeAway));
                work.Add(Add(session, database, "upkeep", null, WorkPriority.Background));
                await Task.CompletedTask;
                return true;
            },
            Now
        );
        var heads = await database.Database.ReadAsync(
            session => session.Work.HeadsAsync("lane", database.Clock.Now(), [], 3, 100, Now),
            Now
        );
        Assert.Equal(["revoke", "large-0", "small", "large-1", "large-2", "upkeep"], heads.Select(head => head.Line));
        Assert.Equal((small, WorkPriority.TakeAway), (heads[0].Owner, heads[0].Priority));
    }

    [Fact]
    public async Task Parts_of_a_job_are_counted_and_the_troubled_ones_named()
    {
        await using var database = await NewAsync();
        var job = (await AddAsync(database, "job"))[0];
        var parts = await AddAsync(database, job, "a", "b", "c", "d");
        await ChangeAsync(database, parts[0], row => row.Finish(new(), database.Clock.Now()));
        await ChangeAsync(
            database,
            parts[1],
            row => row.Postpone(new Problem.Unavailable("away", "It is away."), null, "boom", "trace", database.Clock.Now())
        );
        await ChangeAsync(
            database,
            parts[2],
            row => row.GoOn(new(null, default, null, new(0, 0, null, "waits for counters")), database.Clock.Now())
        );
        await ChangeAsync(database, parts[3], row => row.End(WorkState.Refused, new Problem.Conflict("no", "No."), database.Clock.Now()));
        var stand = await database.Database.ReadAsync(session => session.Work.PartsAsync(job, Now), Now);
        Assert.Equal(
            (4, 2, 1, 0, 1, "waits for counters"),
            (stand.Total, stand.Ended, stand.Refused, stand.Stuck, stand.Waiting, stand.FirstNote)
        );
        Assert.Equal(["It is away.", "No."], stand.Troubled.Select(part => part.ProblemMessage));
    }

    [Fact]
    public async Task Depth_and_age_of_a_lane_are_of_what_is_due()
    {
        await using var database = await NewAsync();
        var work = await AddAsync(database, "a", "b", "c");
        await ChangeAsync(database, work[0], row => row.Finish(new(), database.Clock.Now()));
        await ChangeAsync(
            database,
            work[1],
            row => row.Postpone(new Problem.Unavailable("away", "Away."), TimeSpan.FromHours(5), null, null, database.Clock.Now())
        );
        var depth = Assert.Single(
            await database.Database.ReadAsync(session => session.Work.DepthsAsync(database.Clock.Now().AddHours(1), Now), Now)
        );
        Assert.Equal(("lane", 2L, 1L, 0L), (depth.Lane, depth.Open, depth.Failing, depth.NeedPerson));
        Assert.InRange(depth.Age, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
        Assert.Equal(
            (2L, 0L),
            await database.Database.ReadAsync(
                async session =>
                    (await session.Work.CountOpenAsync(CutWorkWork.Kind, Now), await session.Work.CountOpenAsync("other", Now)),
                Now
            )
        );
    }

    [Fact]
    public async Task Ended_work_is_cut_when_it_is_old_and_open_work_never()
    {
        await using var database = await NewAsync();
        var work = await AddAsync(database, "a", "b", "c");
        foreach (var id in work.Take(2))
            await ChangeAsync(database, id, row => row.Finish(new(), database.Clock.Now()));
        Task<int> CutAsync(DateTimeOffset before, int most) =>
            database.Database.UpdateAsync(null, session => session.Work.CutAsync(before, most, Now), Now);
        Assert.Equal(0, await CutAsync(database.Clock.Now().AddDays(-1), 10));
        Assert.Equal(1, await CutAsync(database.Clock.Now().AddDays(1), 1));
        Assert.Equal(1, await CutAsync(database.Clock.Now().AddDays(1), 10));
        Assert.Equal(
            [work[2]],
            (await database.Database.ReadAsync(session => session.Work.ListAsync(new(), new(), Now), Now)).Items.Select(row => row.Id)
        );
    }

    [Fact]
    public async Task A_commit_tells_those_who_listen_here_and_on_another_replica()
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var organization = await OrganizationAsync(database);
        using var here = database.Changes.Listen([Change.Organization(organization.Id)]);
        using var there = other.Changes.Listen([Change.Lane("lane")]);
        // SQLite belongs to one process: there is nobody else to tell.
        var others = database.Connections.IsSqlite ? null : there;
        await HeardAsync(database, here);
        if (others is not null)
            await HeardAsync(other, others);

        await WriteAsync(database, organization, "a", session => Add(session, database, "x", organization.Id, WorkPriority.Waiting));
        Assert.True(await here.WaitAsync(Soon, Now));
        if (others is not null)
            Assert.True(await others.WaitAsync(Soon, Now));

        // Nothing of what concerns somebody else. PostgreSQL tells this process too what it has just told itself.
        if (others is not null)
            await here.WaitAsync(TimeSpan.FromMilliseconds(500), Now);
        await WriteAsync(database, await OrganizationAsync(database, "fabrikam"), "b", _ => { });
        Assert.False(await here.WaitAsync(TimeSpan.FromMilliseconds(200), Now));
    }

    [Fact]
    public async Task What_is_refused_or_rolled_back_tells_nobody()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        using var listener = database.Changes.Listen([Change.Organization(organization.Id), Change.Work]);
        await HeardAsync(database, listener);
        await database.Database.WriteAsync<Done>(
            Jo,
            organization.Id,
            Operation("a"),
            session =>
            {
                Add(session, database, "x", organization.Id, WorkPriority.Waiting);
                return Task.FromResult<Outcome<Done>>(new Problem.Conflict("no", "No."));
            },
            Now
        );
        Assert.False(await listener.WaitAsync(TimeSpan.FromMilliseconds(200), Now));
    }

    [Fact]
    public async Task A_lease_is_renewed_while_writes_under_it_go_on_and_is_not_taken_over_amid_one()
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var lease = (await database.Leases.AcquireAsync("work:lane", Now))!;
        await using (var write = await database.Connections.BeginWriteAsync(lease, Now))
        {
            if (!database.Connections.IsSqlite)
            {
                Assert.True(await database.Leases.RenewAsync(lease, Now).WaitAsync(Soon, Now));
                await database.ExecuteAsync("UPDATE leases SET expires_at = 0");
                var taking = other.Leases.AcquireAsync("work:lane", Now);
                await Task.Delay(300, Now);
                Assert.False(taking.IsCompleted);
                await write.CommitAsync(Now);
                await write.DisposeAsync();
                Assert.NotNull(await taking.WaitAsync(Soon, Now));
            }
        }
    }

    /// <summary>Whoever has just begun to listen to PostgreSQL looks once by itself.</summary>
    private static async Task HeardAsync(TestDatabase database, IChangeListener listener)
    {
        if (!database.Connections.IsSqlite)
            Assert.True(await listener.WaitAsync(Soon, Now));
    }

    private static WorkId Add(
        IPortalSession session,
        TestDatabase database,
        string line,
        OrganizationId? owner,
        WorkPriority priority,
        WorkId? parent = null
    ) => session.Work.Add(database.Clock, new CutWorkWork(), new WorkPlace("lane", line, owner, line, priority) { Parent = parent }).Id;

    private static Task<List<WorkId>> AddAsync(TestDatabase database, params string[] lines) => AddAsync(database, null, lines);

    private static Task<List<WorkId>> AddAsync(TestDatabase database, WorkId? parent, params string[] lines) =>
        database.Database.UpdateAsync(
            null,
            session => Task.FromResult(lines.Select(line => Add(session, database, line, null, WorkPriority.Waiting, parent)).ToList()),
            Now
        );

    private static Task<bool> ChangeAsync(TestDatabase database, WorkId id, Action<WorkItem> change) =>
        database.Database.UpdateAsync(
            null,
            async session =>
            {
                change((await session.Work.FindAsync(id, Now))!);
                return true;
            },
            Now
        );

    private static async Task<List<int>> DueAsync(
        TestDatabase database,
        List<WorkId> work,
        string lane = "lane",
        string[]? except = null
    ) =>
        [
            .. (
                await database.Database.ReadAsync(
                    session => session.Work.HeadsAsync(lane, database.Clock.Now(), except ?? [], 100, 100, Now),
                    Now
                )
            ).Select(head => work.IndexOf(head.Id)),
        ];
}
