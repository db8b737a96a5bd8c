using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase;

internal sealed class AuditTrail(EfPortalDatabase database, PortalConnections connections, TimeProvider clock) : IAuditTrail
{
    /// <summary>Rows cut off in one transaction: the organization's writers wait for it.</summary>
    private const int AtATime = 1000;

    private readonly RefusalFlood _flood = new(clock);

    public Task RecordRefusalAsync(
        Actor actor,
        OrganizationId? organization,
        Operation operation,
        Problem problem,
        CancellationToken cancellationToken
    ) =>
        _flood.Admit(actor, operation, problem) is { } recorded
            ? database.RefuseAsync(actor, organization, recorded, problem, _ => Task.CompletedTask, cancellationToken)
            : Task.CompletedTask;

    public async Task<PageOf<AuditRecord>> ListAsync(
        OrganizationId? organization,
        AuditFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var chain = AuditChain.KeyOf(organization);
        await using var context = connections.CreateDbContext();
        var rows = context.AuditRows.AsNoTracking().Where(row => row.Chain == chain);
        if (filter.From is { } from)
            rows = rows.Where(row => row.At >= from);
        if (filter.To is { } to)
            rows = rows.Where(row => row.At < to);
        if (filter.Actor is { } actor)
            rows = rows.Where(row => row.Actor == actor);
        // "topic" finds topic.create and topic.delete.
        if (filter.Operation is { } operation)
            rows = rows.Where(row => row.Operation == operation || row.Operation.StartsWith(operation + "."));
        // By code point and with letter case in both databases, as LIKE is not.
        if (filter.Subject is { } subject)
            rows = rows.Where(row => string.Compare(row.Subject, subject) >= 0 && string.Compare(row.Subject, subject + "\U0010FFFF") < 0);
        if (filter.Outcome is { } outcome)
            rows = rows.Where(row => row.Outcome == outcome);
        var found = await rows.PageAsync(page, "audit", row => row.Sequence, row => row.Id, newestFirst: true, cancellationToken);
        return found.Map(Record);
    }

    public async Task<AuditHead> HeadAsync(OrganizationId? organization, CancellationToken cancellationToken)
    {
        var chain = AuditChain.KeyOf(organization);
        await using var context = connections.CreateDbContext();
        return await context
                .AuditChains.Where(row => row.Chain == chain)
                .Select(row => new AuditHead(row.Sequence, row.Hash))
                .SingleOrDefaultAsync(cancellationToken)
            ?? new(0, "");
    }

    public async Task<AuditCheck> CheckAsync(OrganizationId? organization, CancellationToken cancellationToken)
    {
        var chain = AuditChain.KeyOf(organization);
        await using var context = connections.CreateDbContext();
        // One snapshot: neither new rows nor a cut come in between.
        await using var snapshot = await connections.BeginReadAsync(context, cancellationToken);
        var head = await context.AuditChains.AsNoTracking().SingleOrDefaultAsync(row => row.Chain == chain, cancellationToken);
        var walk = new AuditWalk(head ?? new AuditChainRow { Chain = chain });
        var rows = context.AuditRows.AsNoTracking().Where(row => row.Chain == chain).OrderBy(row => row.Sequence).AsAsyncEnumerable();
        await foreach (var row in rows.WithCancellation(cancellationToken))
            if (!walk.Takes(row))
                break;
        return walk.End();
    }

    public async Task<int> CutAsync(Lease lease, DateTimeOffset before, CancellationToken cancellationToken)
    {
        foreach (var chain in await ChainsAsync(cancellationToken))
            if (await CutAsync(chain, lease, before, cancellationToken) is var cut and > 0)
                return cut;
        return 0;
    }

    private async Task<List<Guid>> ChainsAsync(CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        return await context.AuditChains.Select(row => row.Chain).ToListAsync(cancellationToken);
    }

    private async Task<int> CutAsync(Guid chain, Lease lease, DateTimeOffset before, CancellationToken cancellationToken)
    {
        if (await OldestAsync(chain, before, 1, cancellationToken) is [])
            return 0;
        return await database.TransactAsync(
            async context =>
            {
                await database.CheckAsync(context, lease, cancellationToken);
                var head = await AuditChain.LockAsync(context, chain, cancellationToken);
                var old = await OldestAsync(chain, before, AtATime, cancellationToken);
                // Two clocks may differ: rows are cut off in the order of the chain, up to the first that is to be kept.
                if (old is [] || old[^1].Sequence <= head.CutSequence)
                    return (0, false);
                (head.CutSequence, head.CutHash) = (old[^1].Sequence, old[^1].Hash);
                AuditChain.AppendCut(context, head, clock);
                await context
                    .AuditRows.Where(row => row.Chain == chain && row.Sequence <= head.CutSequence)
                    .ExecuteDeleteAsync(cancellationToken);
                return (old.Count, true);
            },
            null,
            cancellationToken
        );
    }

    private async Task<List<AuditHead>> OldestAsync(Guid chain, DateTimeOffset before, int most, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        var first = await context
            .AuditRows.Where(row => row.Chain == chain)
            .OrderBy(row => row.Sequence)
            .Take(most)
            .Select(row => new { row.At, Head = new AuditHead(row.Sequence, row.Hash) })
            .ToListAsync(cancellationToken);
        return [.. first.TakeWhile(row => row.At < before).Select(row => row.Head)];
    }

    private static AuditRecord Record(AuditRow row) =>
        new(
            row.Id,
            row.Chain == Guid.Empty ? null : new OrganizationId(row.Chain),
            row.Sequence,
            row.At,
            row.Actor,
            row.AccountId is { } account ? new AccountId(account) : null,
            row.OnBehalfOf,
            row.Operation,
            row.Subject,
            row.Outcome,
            JsonSerializer.Deserialize<Dictionary<string, string>>(row.Details) ?? [],
            row.Address,
            row.TraceId,
            row.Hash
        );
}
