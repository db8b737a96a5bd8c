using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Audit;

/// <summary>An organization's audit log, newest first.</summary>
public sealed class ListAudit(AccessGuard guard, IAuditTrail audit)
{
    public async Task<Outcome<PageOf<AuditRecord>>> RunAsync(
        Actor actor,
        string organization,
        AuditFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewAudit, "audit.list", organization),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await audit.ListAsync(access.Organization.Id, filter, page, cancellationToken);
    }
}

/// <summary>The platform's own audit log, for the operator.</summary>
public sealed class ListPlatformAudit(AccessGuard guard, IAuditTrail audit)
{
    public async Task<Outcome<PageOf<AuditRecord>>> RunAsync(
        Actor actor,
        AuditFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "operator.audit.list", ""),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        return await audit.ListAsync(null, filter, page, cancellationToken);
    }
}
