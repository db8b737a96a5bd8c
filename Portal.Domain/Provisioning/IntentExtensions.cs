using System.Runtime.CompilerServices;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Provisioning;

internal static class IntentExtensions
{
    /// <summary>An intent in its tenant's line: carried out after what was written for the tenant before it.</summary>
    internal static Intent Intent(this TimeProvider clock, IntentKind kind, Guid subject, TenantId tenant, bool force = false) =>
        new(new IntentId(clock.NewUuid()), kind, subject, $"tenant:{tenant}", clock.Now(), force);

    /// <summary>An intent in its namespace's line of grants, which are slow (one a second) and wait for nothing else.</summary>
    internal static Intent GrantIntent(this TimeProvider clock, IntentKind kind, Guid key, NamespaceId @namespace) =>
        new(new IntentId(clock.NewUuid()), kind, key, $"grants:{@namespace}", clock.Now());

    internal static IAsyncEnumerable<Namespace> AllNamespacesAsync(this IPortalSession session, TenantId tenant, CancellationToken cancellationToken) =>
        AllAsync(page => session.Tenants.ListNamespacesAsync(tenant, Scope.Whole, page, cancellationToken), cancellationToken);

    internal static IAsyncEnumerable<Topic> AllTopicsAsync(this IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken) =>
        AllAsync(page => session.Topics.ListAsync(@namespace, page, cancellationToken), cancellationToken);

    internal static IAsyncEnumerable<PulsarKey> AllKeysAsync(this IPortalSession session, OrganizationId organization, CancellationToken cancellationToken) =>
        AllAsync(page => session.Keys.ListAsync(organization, Scope.Whole, null, page, cancellationToken), cancellationToken);

    private static async IAsyncEnumerable<T> AllAsync<T>(Func<PageRequest, Task<PageOf<T>>> list, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? after = null; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = await list(new PageRequest(PageRequest.MaxLimit, after));
            foreach (var item in page.Items) yield return item;
            if (page.Next is null) yield break;
            after = page.Next;
        }
    }
}
