using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>One subscription with its backlog, its oldest unacknowledged message and who is connected, from its brokers.</summary>
public sealed class GetSubscription(AccessGuard guard, IPortalDatabase database, ISubscriptionAdmin subscriptions)
{
    public async Task<Outcome<SubscriptionDetail>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string? name,
        CancellationToken cancellationToken
    )
    {
        var operation = SubscriptionActs.Of(Permission.ViewResources, "subscription.view", tenant, @namespace, topic, name);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return (await subscriptions.FindAsync(database, access.Organization.Id, tenant, @namespace, topic, name, cancellationToken)).Map(
            found => access.SeesAddresses(tenant, @namespace) ? found.Before : found.Before.WithoutAddresses()
        );
    }
}
