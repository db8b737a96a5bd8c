using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>
/// Bytes that the organization's topics keep now, as far as the actor's role reaches; null while no broker lists any of them.
/// </summary>
public sealed class GetStored(AccessGuard guard, IUsageFigures figures)
{
    public async Task<Outcome<long?>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ViewUsage, "usage.stored", organization, Within: Scope.Anywhere);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var stored = await figures.StoredByTenantAsync(access.Organization.Id, access.Scope, cancellationToken);
        return Outcome.Of(stored.Count == 0 ? (long?)null : stored.Values.Sum());
    }
}
