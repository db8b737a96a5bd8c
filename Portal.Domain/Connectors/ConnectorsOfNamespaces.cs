using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>
/// Connectors as the contents of namespaces, beside topics. They have lines of their own, so the namespace waits for them.
/// </summary>
public sealed class ConnectorsOfNamespaces(TopicsOfNamespaces topics, TimeProvider clock) : INamespaceContents
{
    public Task<int> CountTopicsAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken) =>
        topics.CountTopicsAsync(session, @namespace, cancellationToken);

    public Task<ClientsLook> LookForClientsAsync(Tenant tenant, PageRequest page, CancellationToken cancellationToken) =>
        topics.LookForClientsAsync(tenant, page, cancellationToken);

    public Task<ClientsLook> LookForClientsAsync(Namespace @namespace, PageRequest page, CancellationToken cancellationToken) =>
        topics.LookForClientsAsync(@namespace, page, cancellationToken);

    public async Task StartDeletingAsync(IPortalSession session, Namespace @namespace, bool force, CancellationToken cancellationToken)
    {
        await foreach (
            var connector in PageWalk.AllAsync(
                page => session.Connectors.ListOfNamespaceAsync(@namespace.Id, page, cancellationToken),
                cancellationToken
            )
        )
            await connector.StartDeletingAsync(session, withSubscription: false, clock, cancellationToken);
        await foreach (
            var package in PageWalk.AllAsync(
                page => session.Packages.ListOfNamespaceAsync(@namespace.Id, page, cancellationToken),
                cancellationToken
            )
        )
            await package.StartDeletingAsync(session, clock, cancellationToken);
        await topics.StartDeletingAsync(session, @namespace, force, cancellationToken);
    }

    public async Task<LeftOver?> FirstLeftAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken) =>
        (await session.Connectors.ListOfNamespaceAsync(@namespace, new PageRequest(1), cancellationToken)).Items is [var first, ..]
            ? new($"connector {first.Name}", first.ProblemMessage, IsGoing: first.State == ResourceState.Deleting)
            : await PreviewLeftAsync(session, @namespace, cancellationToken)
                ?? await PackageLeftAsync(session, @namespace, cancellationToken)
                ?? await topics.FirstLeftAsync(session, @namespace, cancellationToken);

    /// <summary>A preview or trial has topics there that no list shows. They go by themselves, and the namespace after them.</summary>
    private static async Task<LeftOver?> PreviewLeftAsync(IPortalSession session, NamespaceId id, CancellationToken cancellationToken) =>
        await session.Tenants.FindNamespaceAsync(id, cancellationToken) is { } home
        && await session.Work.FindOpenAsync(SweepPreviewWork.Place(home).Line, SweepPreviewWork.Kind, cancellationToken) is { } sweep
        && sweep.PayloadOf<SweepPreviewWork>().Namespace == id
            ? new("preview that runs in it", null, IsGoing: true)
            : null;

    private static async Task<LeftOver?> PackageLeftAsync(IPortalSession session, NamespaceId id, CancellationToken cancellationToken) =>
        (await session.Packages.ListOfNamespaceAsync(id, new PageRequest(1), cancellationToken)).Items is [var first, ..]
            ? new($"package {first.Name}@{first.Version}", first.ProblemMessage, IsGoing: first.State == ResourceState.Deleting)
            : null;

    public Task EndAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken) =>
        topics.EndAsync(session, @namespace, cancellationToken);
}
