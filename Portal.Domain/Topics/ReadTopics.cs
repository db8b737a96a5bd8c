using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Topics;

public sealed class ListTopics(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<Topic>>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "topic.list", $"{tenant}/{@namespace}", Within: new(tenant, @namespace)),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PageOf<Topic>>>(
            async session =>
            {
                if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
                    return TenantProblems.NoTenant;
                if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } inside)
                    return TenantProblems.NoNamespace;
                return await session.Topics.ListAsync(inside.Id, page, cancellationToken);
            },
            cancellationToken
        );
    }
}

/// <summary>All topics of the organization, or of one of its tenants, by address.</summary>
public sealed class ListTopicsOfOrganization(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<Topic>>> RunAsync(
        Actor actor,
        string organization,
        string? tenant,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "topic.list", tenant ?? "", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PageOf<Topic>>>(
            async session =>
            {
                var owner = tenant is null ? null : await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken);
                if (tenant is not null && owner is null)
                    return TenantProblems.NoTenant;
                return await session.Topics.ListOfOrganizationAsync(
                    access.Organization.Id,
                    access.Scope,
                    owner?.Id,
                    page,
                    cancellationToken
                );
            },
            cancellationToken
        );
    }
}

public sealed class GetTopic(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Topic>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "topic.view", $"{tenant}/{@namespace}/{topic}", Within: new(tenant, @namespace)),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync(
            session => session.FindTopicAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
    }
}

/// <summary>Live figures of a topic from its broker.</summary>
public sealed class GetTopicLive(AccessGuard guard, IPortalDatabase database, ITopicAdmin topics)
{
    public async Task<Outcome<TopicStats>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "topic.view-live", $"{tenant}/{@namespace}/{topic}", Within: new(tenant, @namespace)),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var found = await database.ReadAsync(
            session => session.FindTopicAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
        if (!found.TryGet(out var one, out problem))
            return problem;
        if (one.State != ResourceState.Ready)
            return TopicLookup.NotReady;
        var live = await topics.StatsAsync(one.OnCluster, cancellationToken);
        return access.SeesAddresses(tenant, @namespace) ? live : live.Map(stats => stats.WithoutAddresses());
    }
}

/// <summary>The schema of a topic, if it has one, from its broker.</summary>
public sealed class GetTopicSchema(AccessGuard guard, IPortalDatabase database, ITopicAdmin topics)
{
    /// <summary>
    /// NotFound <c>schema-not-found</c> for a topic without a schema; Conflict <c>topic-not-ready</c> while it is not on its cluster.
    /// </summary>
    public async Task<Outcome<TopicSchema>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ViewResources,
            "topic.view-schema",
            $"{tenant}/{@namespace}/{topic}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var found = await database.ReadAsync(
            session => session.FindTopicAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
        if (!found.TryGet(out var one, out problem))
            return problem;
        if (one.State != ResourceState.Ready)
            return TopicLookup.NotReady;
        return (await topics.SchemaAsync(one.OnCluster, cancellationToken)).Then<TopicSchema>(schema =>
            schema is null ? SchemaActs.NoSchema : schema
        );
    }
}

internal static class TopicLookup
{
    /// <summary>Where clients connect from is for those who run them: not for viewers, nor for an operator who looks on.</summary>
    internal static bool SeesAddresses(this OrganizationAccess access, string tenant, string @namespace) =>
        access.Allows(Permission.ManageResources, new(tenant, @namespace));

    internal static readonly Problem.Conflict NotReady = new(
        "topic-not-ready",
        "This topic isn't ready on the cluster yet. Try again in a moment."
    );

    internal static async Task<Outcome<Topic>> FindTopicAsync(
        this IPortalSession session,
        OrganizationId organization,
        string tenant,
        string @namespace,
        string topic,
        CancellationToken cancellationToken
    )
    {
        if (await session.Tenants.FindAsync(organization, tenant, cancellationToken) is not { } owner)
            return TenantProblems.NoTenant;
        if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } inside)
            return TenantProblems.NoNamespace;
        return await session.Topics.FindAsync(inside.Id, CanonicalText.Compose(topic), null, cancellationToken) is { } found
            ? found
            : TenantProblems.NoTopic;
    }
}
