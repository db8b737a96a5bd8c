using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Connectors;

internal static class ConnectorProblems
{
    internal static Problem.NotFound None(ConnectorFamily family) =>
        new("connector-not-found", $"We couldn't find this {family.Noun()} in the namespace. It may have been deleted.");

    internal static Problem.Conflict NotReady(ConnectorKind kind) =>
        new("connector-not-ready", $"This {kind.Noun()} isn't on the cluster yet. Try again in a moment.");

    internal static Problem.Conflict Deleting(ConnectorKind kind) =>
        new("connector-deleting", $"This {kind.Noun()} is being deleted, so it can't be changed.");

    internal static Problem.Invalid UnknownType(ConnectorKind kind, string? type) =>
        new Problem.Invalid(
            "connector-type-unknown",
            $"This cluster doesn't offer a {kind.Text()} named '{Operation.Brief(type)}'. Choose one from the catalog.",
            "type"
        );

    internal static Problem.Conflict SecretsUnreadable(ConnectorKind kind) =>
        new(
            "connector-secrets-unreadable",
            $"We can't decrypt the secrets of this {kind.Noun()}, because the key they were encrypted with is gone. Enter them again."
        );
}

/// <summary>What several use cases look up.</summary>
internal static class ConnectorLookup
{
    internal static async Task<Outcome<Connector>> FindConnectorAsync(
        this IPortalSession session,
        OrganizationId organization,
        string tenant,
        string @namespace,
        string name,
        ConnectorFamily family,
        CancellationToken cancellationToken
    )
    {
        if (await session.Tenants.FindAsync(organization, tenant, cancellationToken) is not { } owner)
            return TenantProblems.NoTenant;
        if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } inside)
            return TenantProblems.NoNamespace;
        return await session.Connectors.FindAsync(inside.Id, name, cancellationToken) is { } found && family.Holds(found.Kind)
            ? found
            : ConnectorProblems.None(family);
    }

    /// <summary>A topic of the tenant by <c>namespace/topic</c>, and nobody else's by any name.</summary>
    internal static async Task<Outcome<Topic>> FindTopicOfAsync(
        this IPortalSession session,
        Tenant owner,
        string? name,
        string field,
        CancellationToken cancellationToken
    )
    {
        if (name?.Split('/') is not [{ Length: > 0 } @namespace, { Length: > 0 } topic])
            return new Problem.Invalid("connector-topic-malformed", "Name a topic as namespace/topic.", field);
        if (
            await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } inside
            || await session.Topics.FindAsync(inside.Id, CanonicalText.Compose(topic), null, cancellationToken)
                is not { IsLost: false, State: not ResourceState.Deleting } found
        )
            return NoTopic(name, field);
        return found;
    }

    /// <param name="field">Where it was named: <c>topics</c> or <c>output</c>.</param>
    internal static Problem.Invalid NoTopic(string name, string field) =>
        new Problem.Invalid(
            "connector-topic-unknown",
            $"There is no topic '{Operation.Brief(name)}' in this tenant. Create it first, or choose another one.",
            field
        );

    /// <summary>A topic by its full name, in a tenant; null when it is gone.</summary>
    internal static async Task<Topic?> FindByAddressAsync(
        this IPortalSession session,
        TenantId tenant,
        string address,
        CancellationToken cancellationToken
    )
    {
        if (address.Split("://") is not [var domain, var rest] || rest.Split('/') is not [_, var @namespace, var name])
            return null;
        return await session.Tenants.FindNamespaceAsync(tenant, @namespace, cancellationToken) is { } inside
            ? await session.Topics.FindAsync(inside.Id, name, domain == "persistent", cancellationToken)
            : null;
    }
}
