using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Topics;

/// <summary>Topics as the contents of namespaces.</summary>
public sealed class TopicsOfNamespaces(IPortalDatabase database, TopicsInUse inUse, ITopicKeys keys, TimeProvider clock)
    : INamespaceContents
{
    public Task<int> CountTopicsAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken) =>
        session.Topics.CountAsync(@namespace, cancellationToken);

    public Task<ClientsLook> LookForClientsAsync(Tenant tenant, PageRequest page, CancellationToken cancellationToken) =>
        LookAsync(
            session => session.Topics.ListOfOrganizationAsync(tenant.OrganizationId, Scope.Whole, tenant.Id, page, cancellationToken),
            cancellationToken
        );

    public Task<ClientsLook> LookForClientsAsync(Namespace @namespace, PageRequest page, CancellationToken cancellationToken) =>
        LookAsync(session => session.Topics.ListAsync(@namespace.Id, page, cancellationToken), cancellationToken);

    public async Task StartDeletingAsync(IPortalSession session, Namespace @namespace, bool force, CancellationToken cancellationToken)
    {
        await foreach (var topic in session.AllTopicsAsync(@namespace.Id, cancellationToken))
            topic.StartDeleting(session, force, clock);
    }

    public async Task<LeftOver?> FirstLeftAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken) =>
        (await session.Topics.ListAsync(@namespace, new PageRequest(1), cancellationToken)).Items is [var first, ..]
            ? new($"topic {first.Name}", first.ProblemMessage)
            : null;

    public Task EndAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken) =>
        keys.NamespaceDeletedAsync(session, @namespace, cancellationToken);

    private async Task<ClientsLook> LookAsync(Func<IPortalSession, Task<PageOf<Topic>>> read, CancellationToken cancellationToken)
    {
        var topics = await database.ReadAsync(read, cancellationToken);
        return new(await inUse.FindAsync(topics.Items, cancellationToken), topics.Next);
    }
}
