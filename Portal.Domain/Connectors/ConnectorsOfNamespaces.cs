using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Connectors;

/// <summary>Connectors as the contents of namespaces, beside topics. They have lines of their own, so the namespace waits for them.</summary>
public sealed class ConnectorsOfNamespaces(TopicsOfNamespaces topics, TimeProvider clock) : INamespaceContents
{
    public Task<int> CountTopicsAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken) => topics.CountTopicsAsync(session, @namespace, cancellationToken);

    public Task<ClientsLook> LookForClientsAsync(Tenant tenant, PageRequest page, CancellationToken cancellationToken) => topics.LookForClientsAsync(tenant, page, cancellationToken);

    public Task<ClientsLook> LookForClientsAsync(Namespace @namespace, PageRequest page, CancellationToken cancellationToken) => topics.LookForClientsAsync(@namespace, page, cancellationToken);

    public async Task StartDeletingAsync(IPortalSession session, Namespace @namespace, bool force, CancellationToken cancellationToken)
    {
        await foreach (var connector in PageWalk.AllAsync(page => session.Connectors.ListOfNamespaceAsync(@namespace.Id, page, cancellationToken), cancellationToken))
            await connector.StartDeletingAsync(session, withSubscription: false, clock, cancellationToken);
        await topics.StartDeletingAsync(session, @namespace, force, cancellationToken);
    }

    public async Task<LeftOver?> FirstLeftAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken) =>
        (await session.Connectors.ListOfNamespaceAsync(@namespace, new PageRequest(1), cancellationToken)).Items is [var first, ..]
            ? new($"connector {first.Name}", first.ProblemMessage, IsGoing: first.State == ResourceState.Deleting) : await topics.FirstLeftAsync(session, @namespace, cancellationToken);

    public Task EndAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken) => topics.EndAsync(session, @namespace, cancellationToken);
}
