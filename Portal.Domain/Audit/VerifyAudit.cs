using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Audit;

/// <summary>The state of one audit chain.</summary>
/// <param name="Organization">Its URL name; null for the platform's own chain.</param>
public sealed record AuditChainState(string? Organization, AuditCheck Check);

/// <summary>
/// Walks audit chains and says for each where it is broken, if anywhere: one organization's, or page by page the
/// platform's own and every organization's. Reads only, so it may run beside a portal that works.
/// </summary>
public sealed class VerifyAudit(AccessGuard guard, IAuditTrail audit, IPortalDatabase database)
{
    /// <param name="organization">A URL name, or null for all.</param>
    public async Task<Outcome<PageOf<AuditChainState>>> RunAsync(
        Actor actor,
        string? organization,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.OperatePlatform, "operator.audit.verify", organization ?? "");
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        if (organization is not null)
        {
            var one = await database.ReadAsync(
                session => session.Organizations.FindAsync(organization, cancellationToken),
                cancellationToken
            );
            return one is null
                ? new Problem.NotFound("organization-not-found", "There is no organization of this URL name.")
                : new PageOf<AuditChainState>([await CheckAsync(one, cancellationToken)], null);
        }
        var found = await database.ReadAsync(session => session.Organizations.ListAsync(page, cancellationToken), cancellationToken);
        var states = new List<AuditChainState>();
        if (page.After is null)
            states.Add(new(null, await audit.CheckAsync(null, cancellationToken)));
        foreach (var next in found.Items)
            states.Add(await CheckAsync(next, cancellationToken));
        return new PageOf<AuditChainState>(states, found.Next);
    }

    private async Task<AuditChainState> CheckAsync(Organization organization, CancellationToken cancellationToken)
    {
        var check = await audit.CheckAsync(organization.Id, cancellationToken);
        // Founding an organization is its first row: one without any row has lost them all.
        return new(organization.Slug, check.Head.Sequence == 0 ? check with { Break = 1 } : check);
    }
}
