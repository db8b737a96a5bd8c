using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Provisioning;

/// <summary>The outbox for the operator: open intents first, then newest first.</summary>
public sealed class ListIntents(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<Intent>>> RunAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "outbox.list", ""), cancellationToken);
        return allowed.IsOk ? await database.ReadAsync(session => session.Outbox.ListAsync(page, cancellationToken), cancellationToken) : allowed.Problem;
    }
}
