using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class WorkStore(PortalDbContext context, bool isSqlite) : IWorkStore
{
    private IQueryable<WorkItem> Open => context.Work.Where(item => item.State == WorkState.Open);

    public void Add(WorkItem item) => context.Add(item);

    public Task<WorkItem?> FindAsync(WorkId id, CancellationToken cancellationToken) =>
        context.Work.SingleOrDefaultAsync(item => item.Id == id, cancellationToken);

    public Task<WorkItem?> FindOpenAsync(string line, string kind, CancellationToken cancellationToken) =>
        Open.Where(item => item.Line == line && item.Kind == kind).OrderBy(item => item.Sequence).FirstOrDefaultAsync(cancellationToken);

    public Task<WorkItem?> FindHeadAsync(string line, CancellationToken cancellationToken) =>
        Open.Where(item => item.Line == line).OrderBy(item => item.Sequence).FirstOrDefaultAsync(cancellationToken);

    public Task<WorkItem?> FindLastAsync(string line, string kind, CancellationToken cancellationToken) =>
        context
            .Work.Where(item => item.Line == line && item.Kind == kind)
            .OrderByDescending(item => item.Sequence)
            .FirstOrDefaultAsync(cancellationToken);

    public async Task<IReadOnlyList<string>> OpenLanesAsync(CancellationToken cancellationToken) =>
        await Open.Select(item => item.Lane).Distinct().OrderBy(lane => lane).ToListAsync(cancellationToken);

    // In SQL of its own: EF Core has no window functions, and this is the engine's hottest question.
    public async Task<IReadOnlyList<WorkHead>> HeadsAsync(
        string lane,
        DateTimeOffset now,
        IReadOnlyCollection<string> except,
        int perOwner,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var running = isSqlite ? "SELECT value FROM json_each(@except)" : "SELECT unnest(@except)";
        object lines = isSqlite ? System.Text.Json.JsonSerializer.Serialize(except) : except.ToArray();
        await context.Database.OpenConnectionAsync(cancellationToken);
        await using var command = Sql.Command(
            context.Database.GetDbConnection(),
            context.Database.CurrentTransaction?.GetDbTransaction(),
            $"""
            SELECT id, sequence, kind, line, owner, priority, wish, not_before, trace_parent FROM (
              SELECT w.id, w.sequence, w.kind, w.line, w.owner, w.priority, w.wish, w.not_before, w.trace_parent, w.rank,
                ROW_NUMBER() OVER (PARTITION BY w.rank, w.owner ORDER BY w.sequence) AS turn
              FROM (
                SELECT work_items.*, CASE priority WHEN 'takeAway' THEN 0 WHEN 'waiting' THEN 1 ELSE 2 END AS rank FROM work_items
                WHERE state = 'open' AND lane = @lane AND not_before <= @now AND wish <> 'pause' AND line NOT IN ({running})
              ) w
              WHERE NOT EXISTS (SELECT 1 FROM work_items e WHERE e.state = 'open' AND e.line = w.line AND e.sequence < w.sequence)
            ) ranked
            WHERE turn <= @perOwner ORDER BY rank, turn, sequence LIMIT @limit
            """,
            [("lane", lane), ("now", now.ToUnixMicroseconds()), ("except", lines), ("perOwner", (long)perOwner), ("limit", (long)limit)]
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var heads = new List<WorkHead>();
        while (await reader.ReadAsync(cancellationToken))
            heads.Add(Head(reader));
        return heads;
    }

    public async Task<DateTimeOffset?> NextDueAsync(string lane, DateTimeOffset now, CancellationToken cancellationToken) =>
        await Open.Where(item => item.Lane == lane && item.NotBefore > now)
            .MinAsync(item => (DateTimeOffset?)item.NotBefore, cancellationToken);

    public Task<PageOf<WorkItem>> ListAsync(WorkFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var rows = context.Work.AsNoTracking();
        if (filter.JobsOnly == true)
            rows = rows.Where(item => item.IsJob);
        if (filter.NeedsPerson is { } needs)
            rows = rows.Where(item => item.NeedsPerson == needs);
        if (filter.Open is { } open)
            rows = rows.Where(item => item.State == WorkState.Open == open);
        if (filter.Lane is { } lane)
            rows = rows.Where(item => item.Lane == lane);
        if (filter.Owner is { } owner)
            rows = rows.Where(item => item.Owner == owner);
        if (filter.Owned is { } owned)
            rows = rows.Where(item => item.Owner != null == owned);
        if (filter.Troubled is { } troubled)
            rows = rows.Where(item => (item.State == WorkState.Open && (item.Failures > 0 || item.NeedsPerson)) == troubled);
        // Newest first of each third: 2 for those that need a person, 1 for the open ones.
        return rows.PageAsync(
            page,
            "work",
            item =>
                item.NeedsPerson ? 2L
                : item.State == WorkState.Open ? 1L
                : 0L,
            item => item.Sequence,
            newestFirst: true,
            cancellationToken
        );
    }

    public async Task<WorkParts> PartsAsync(WorkId job, CancellationToken cancellationToken)
    {
        var parts = context.Work.AsNoTracking().Where(item => item.ParentId == job);
        var open = parts.Where(item => item.State == WorkState.Open);
        var refused = parts.Where(item =>
            item.State == WorkState.Refused || item.State == WorkState.Skipped || item.State == WorkState.Stopped
        );
        var waiting = open.Where(item => item.Failures == 0 && item.Note != null);
        var troubled = await open.Where(item => item.Failures > 0)
            .OrderBy(item => item.FailingSince)
            .ThenBy(item => item.Sequence)
            .Take(20)
            .ToListAsync(cancellationToken);
        troubled.AddRange(await refused.OrderBy(item => item.Sequence).Take(20).ToListAsync(cancellationToken));
        var total = await parts.CountAsync(cancellationToken);
        return new(
            total,
            total - await open.CountAsync(cancellationToken),
            await refused.CountAsync(cancellationToken),
            await open.CountAsync(item => item.NeedsPerson, cancellationToken),
            await waiting.CountAsync(cancellationToken),
            troubled,
            await waiting.OrderBy(item => item.Sequence).Select(item => item.Note).FirstOrDefaultAsync(cancellationToken)
        );
    }

    public async Task<IReadOnlyList<LaneDepth>> DepthsAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var lanes = await Open.GroupBy(item => item.Lane)
            .Select(lane => new
            {
                Lane = lane.Key,
                Open = lane.LongCount(),
                Failing = lane.LongCount(item => item.Failures > 0),
                NeedPerson = lane.LongCount(item => item.NeedsPerson),
            })
            .OrderBy(lane => lane.Lane)
            .ToListAsync(cancellationToken);
        var oldest = await Open.Where(item => item.NotBefore <= now && item.Wish == WorkWish.Run)
            .GroupBy(item => item.Lane)
            .Select(lane => new { Lane = lane.Key, At = lane.Min(item => item.NotBefore) })
            .ToDictionaryAsync(lane => lane.Lane, lane => lane.At, cancellationToken);
        return
        [
            .. lanes.Select(lane => new LaneDepth(
                lane.Lane,
                lane.Open,
                lane.Failing,
                lane.NeedPerson,
                oldest.TryGetValue(lane.Lane, out var at) ? now - at : TimeSpan.Zero
            )),
        ];
    }

    public Task<long> CountOpenAsync(string kind, CancellationToken cancellationToken) =>
        Open.LongCountAsync(item => item.Kind == kind, cancellationToken);

    public Task<int> CountOwnedAsync(string lane, CancellationToken cancellationToken) =>
        Open.CountAsync(item => item.Lane == lane && item.Owner != null, cancellationToken);

    public async Task<int> CutAsync(DateTimeOffset endedBefore, int atMost, CancellationToken cancellationToken)
    {
        var ended = await context
            .Work.Where(item => item.State != WorkState.Open && item.EndedAt < endedBefore)
            .OrderBy(item => item.EndedAt)
            .Take(atMost)
            .Select(item => item.Sequence)
            .ToListAsync(cancellationToken);
        return ended.Count == 0 ? 0 : await context.Work.Where(item => ended.Contains(item.Sequence)).ExecuteDeleteAsync(cancellationToken);
    }

    private static WorkHead Head(DbDataReader reader) =>
        new(
            new(reader.GetGuid(0)),
            reader.GetInt64(1),
            reader.GetString(2),
            reader.GetString(3),
            reader.IsDBNull(4) ? null : new OrganizationId(reader.GetGuid(4)),
            Enum.Parse<WorkPriority>(reader.GetString(5), ignoreCase: true),
            Enum.Parse<WorkWish>(reader.GetString(6), ignoreCase: true),
            Clock.FromUnixMicroseconds(reader.GetInt64(7)),
            reader.IsDBNull(8) ? null : reader.GetString(8)
        );
}
