using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>What a hard cap does. It never deletes anything and never touches a consumer.</summary>
internal static class HardCap
{
    /// <summary>Written with the decision: the cluster follows. What the cap had come to before; null when nothing changed.</summary>
    internal static async Task<Publishing?> SettlePublishingAsync(
        this IPortalSession session,
        OrganizationId id,
        Publishing publishing,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (
            await session.Organizations.FindAsync(id, cancellationToken) is not { State: not OrganizationState.Closed } organization
            || organization.Capped == publishing
        )
            return null;
        var (capped, before) = (organization.Capped, organization.Publishing);
        organization.Cap(publishing);
        await session.FollowPublishingAsync(organization, before, clock, cancellationToken);
        return capped;
    }

    /// <summary>Clusters follow from what held before to what holds now, for whatever reason it changed.</summary>
    internal static async Task FollowPublishingAsync(
        this IPortalSession session,
        Organization organization,
        Publishing before,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var (id, now) = (organization.Id, organization.Publishing);
        if (before == now)
            return;
        // Rates: blocked stays slowed, so that the broker holds back what a client may send before it is cut off, and after it comes back.
        if (before == Publishing.Open || now == Publishing.Open)
        {
            await foreach (var tenant in session.AllTenantsAsync(id, cancellationToken))
            await foreach (var @namespace in session.AllNamespacesAsync(tenant.Id, cancellationToken))
                if (@namespace.State == ResourceState.Ready)
                    session.Work.Add(
                        clock,
                        new ApplyPoliciesWork(@namespace.Id),
                        ApplyPoliciesWork.Place(@namespace, WorkPriority.Waiting)
                    );
        }
        if (before == Publishing.Blocked || now == Publishing.Blocked)
        {
            await session.SettleProducersAsync(organization, clock, cancellationToken);
            await session.SettlePublishersAsync(id, clock, cancellationToken);
        }
    }
}
