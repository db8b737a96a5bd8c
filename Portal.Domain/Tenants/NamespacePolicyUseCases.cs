using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Tenants;

/// <summary>What a namespace does with its messages, and why.</summary>
/// <param name="InForce">What the wishes come to within the plan.</param>
/// <param name="Applied">The cluster has it; false while a change is on its way.</param>
public sealed record NamespacePoliciesView(Namespace Namespace, EffectivePlan Plan, NamespacePolicies InForce, bool Applied)
{
    /// <summary>Pulsar wants more to be kept than may wait in a backlog; less was wished.</summary>
    public bool RetentionRaised => Namespace.Wishes.RetentionBytes < InForce.RetentionSize;

    internal static async Task<NamespacePoliciesView> OfAsync(
        IPortalSession session,
        Namespace @namespace,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.PlanOfAsync(@namespace.OrganizationId, cancellationToken);
        var owner = (await session.Organizations.FindAsync(@namespace.OrganizationId, cancellationToken))!;
        var wanted = DesiredNamespace.Of(plan.Limits, @namespace.Wishes, owner.Publishing);
        return new(@namespace, plan, wanted, @namespace.PoliciesLastSet == wanted.Fingerprint());
    }
}

public sealed class GetNamespacePolicies(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<NamespacePoliciesView>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ViewResources,
            "namespace.view-policies",
            $"{tenant}/{@namespace}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<NamespacePoliciesView>>(
            async session =>
                await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner
                    ? TenantProblems.NoTenant
                : await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is { } found
                    ? await NamespacePoliciesView.OfAsync(session, found, cancellationToken)
                : TenantProblems.NoNamespace,
            cancellationToken
        );
    }
}

/// <summary>Replaces what a customer wishes of a namespace.</summary>
public sealed class SetNamespacePolicies(AccessGuard guard, IPortalDatabase database, NamespaceWishing wishing)
{
    /// <param name="asked">What is wished, or why it cannot be read: who may not ask is not told.</param>
    /// <param name="began">What stood when somebody began to change it: only the difference is written. Null replaces everything.</param>
    public async Task<Outcome<NamespacePoliciesView>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        Outcome<NamespaceWishes> asked,
        NamespaceWishes? began,
        CancellationToken cancellationToken
    )
    {
        var words = asked.IsOk ? asked.Value.Words() : null;
        var operation = new Operation(
            Permission.ManageResources,
            "namespace.set-policies",
            $"{tenant}/{@namespace}",
            words,
            new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem) || !asked.TryGet(out var wishes, out problem))
            return problem;
        var changed = await wishing.ChangeAsync(
            actor,
            access,
            operation,
            tenant,
            @namespace,
            had => began is null ? wishes : wishes.Over(began, had),
            cancellationToken
        );
        if (!changed.TryGet(out var now, out problem))
            return problem;
        return await database.ReadAsync(session => NamespacePoliciesView.OfAsync(session, now, cancellationToken), cancellationToken);
    }
}
