using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Usage;

/// <summary>
/// Up to which instant every counter of the clusters that an organization uses is in: what pages call "metered to".
/// Null before the first poll, and without tenants.
/// </summary>
public sealed class GetCompleteTo(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    public async Task<Outcome<DateTimeOffset?>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(actor, organization, new Operation(Permission.ViewUsage, "usage.complete-to", organization, Within: Scope.Anywhere), cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        var clusters = await database.ReadAsync(session => session.Tenants.ClustersAsync(access.Organization.Id, clock.Now(), cancellationToken), cancellationToken);
        return Outcome.Of(await ledger.CompleteToAsync(clusters, cancellationToken));
    }
}
