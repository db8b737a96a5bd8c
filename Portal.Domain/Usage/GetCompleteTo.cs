using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Usage;

/// <summary>
/// Up to which instant every counter of the clusters that an organization uses is in, cluster by cluster: what pages call
/// "metered to".
/// </summary>
public sealed class GetCompleteTo(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    public async Task<Outcome<Freshness>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewUsage, "usage.complete-to", organization, Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var clusters = await database.ReadAsync(
            session => session.ClustersOfUsageAsync(access.Organization.Id, clock.Now(), cancellationToken),
            cancellationToken
        );
        return await Freshness.ReadAsync(ledger, clusters, cancellationToken);
    }
}
