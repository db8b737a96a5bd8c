using System.Runtime.CompilerServices;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Audit;

/// <summary>An audit log to take away: newest first, read page by page while it is written out.</summary>
/// <param name="Head">The chain's end when the export began. Kept elsewhere, it shows later whether the chain was rewritten.</param>
public sealed record AuditExport(AuditHead Head, IAsyncEnumerable<AuditRecord> Rows);

/// <summary>An organization's audit log as a file; who took it is in the log.</summary>
public sealed class ExportAudit(AccessGuard guard, IAuditTrail audit, IPortalDatabase database)
{
    public async Task<Outcome<AuditExport>> RunAsync(
        Actor actor,
        string organization,
        AuditFilter filter,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ViewAudit, "audit.export", organization);
        if (!(await guard.EnterAsync(actor, organization, operation, cancellationToken)).TryGet(out var access, out var problem))
            return problem;
        var id = access.Organization.Id;
        // The guard recorded an operator's look already.
        if (access.ViewAs is null)
            await database.WriteAsync(actor, id, operation, _ => Task.FromResult(Outcome.Done), cancellationToken);
        return await AuditExports.OfAsync(audit, id, filter, cancellationToken);
    }
}

/// <summary>The platform's own audit log as a file, for the operator.</summary>
public sealed class ExportPlatformAudit(AccessGuard guard, IAuditTrail audit, IPortalDatabase database)
{
    public async Task<Outcome<AuditExport>> RunAsync(Actor actor, AuditFilter filter, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "operator.audit.export", "");
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        await database.WriteAsync(actor, null, operation, _ => Task.FromResult(Outcome.Done), cancellationToken);
        return await AuditExports.OfAsync(audit, null, filter, cancellationToken);
    }
}

internal static class AuditExports
{
    public static async Task<AuditExport> OfAsync(
        IAuditTrail audit,
        OrganizationId? organization,
        AuditFilter filter,
        CancellationToken cancellationToken
    ) => new(await audit.HeadAsync(organization, cancellationToken), RowsAsync(audit, organization, filter, cancellationToken));

    private static async IAsyncEnumerable<AuditRecord> RowsAsync(
        IAuditTrail audit,
        OrganizationId? organization,
        AuditFilter filter,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string? after = null;
        do
        {
            var page = await audit.ListAsync(organization, filter, new PageRequest(PageRequest.MaxLimit, after), cancellationToken);
            foreach (var record in page.Items)
                yield return record;
            after = page.Next;
        } while (after is not null);
    }
}
