using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase;

internal sealed class AuditTrail(EfPortalDatabase database, PortalConnections connections) : IAuditTrail
{
    public Task RecordRefusalAsync(Actor actor, OrganizationId? organization, Operation operation, Problem problem, CancellationToken cancellationToken) =>
        database.RefuseAsync(actor, organization, operation, problem, _ => Task.CompletedTask, cancellationToken);

    public async Task<PageOf<AuditRecord>> ListAsync(OrganizationId? organization, AuditFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var chain = AuditChain.KeyOf(organization);
        await using var context = connections.CreateDbContext();
        var rows = context.AuditRows.AsNoTracking().Where(row => row.Chain == chain);
        if (filter.From is { } from) rows = rows.Where(row => row.At >= from);
        if (filter.To is { } to) rows = rows.Where(row => row.At < to);
        if (filter.Actor is { } actor) rows = rows.Where(row => row.Actor == actor);
        // "topic" finds topic.create and topic.delete.
        if (filter.Operation is { } operation) rows = rows.Where(row => row.Operation == operation || row.Operation.StartsWith(operation + "."));
        if (filter.Outcome is { } outcome) rows = rows.Where(row => row.Outcome == outcome);
        var found = await rows.PageAsync(page, "audit", row => row.Sequence, row => row.Id, newestFirst: true, cancellationToken);
        return found.Map(Record);
    }

    public async Task<long?> FindBreakAsync(OrganizationId? organization, CancellationToken cancellationToken)
    {
        var chain = AuditChain.KeyOf(organization);
        await using var context = connections.CreateDbContext();
        // The head is read first: rows written meanwhile lie beyond it and are not looked at.
        var head = await context.AuditChains.AsNoTracking().SingleOrDefaultAsync(row => row.Chain == chain, cancellationToken);
        var (sequence, hash) = (0L, "");
        await foreach (var row in context.AuditRows.AsNoTracking().Where(row => row.Chain == chain).OrderBy(row => row.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (head is null) return row.Sequence;
            if (sequence == head.Sequence) break;
            if (row.Sequence != sequence + 1 || row.Hash != AuditChain.Hash(hash, row)) return sequence + 1;
            (sequence, hash) = (row.Sequence, row.Hash);
        }
        if (head is null || sequence == head.Sequence && hash == head.Hash) return null;
        return sequence < head.Sequence ? sequence + 1 : sequence;
    }

    private static AuditRecord Record(AuditRow row) => new(
        row.Id, row.Chain == Guid.Empty ? null : new OrganizationId(row.Chain), row.Sequence, row.At, row.Actor, row.AccountId is { } account ? new AccountId(account) : null,
        row.OnBehalfOf, row.Operation, row.Subject, row.Outcome, JsonSerializer.Deserialize<Dictionary<string, string>>(row.Details) ?? [], row.Address, row.TraceId, row.Hash);
}
