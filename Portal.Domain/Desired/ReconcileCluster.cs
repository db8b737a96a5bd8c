using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Notices;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Desired;

public sealed record ReconcileClusterWork(string Cluster) : IWorkPayload
{
    public static string Kind => "cluster.reconcile";

    public WorkPlace Place() => new(Lanes.Cluster(Cluster), $"reconcile:{Cluster}", null, $"cluster {Cluster}", WorkPriority.Background);
}

/// <summary>How often the reconciler begins a new pass over a cluster.</summary>
public sealed record ReconcileSettings(TimeSpan Every)
{
    public static ReconcileSettings Default { get; } = new(TimeSpan.FromSeconds(20));
}

/// <summary>
/// Compares a cluster with what should be on it, a namespace at a step, without end. What differs is repaired by rule or
/// listed: policies and grants are set again; a topic that is gone is believed only when two passes in a row miss it,
/// since a broker may answer from what it knew before; what is not the portal's is listed and left alone.
/// </summary>
public sealed class ReconcileCluster(IPortalDatabase database, INamespaceState state, ReconcileSettings settings, TimeProvider clock)
    : IWorkStep<ReconcileClusterWork>
{
    private const int TimesMissed = 2;
    private static readonly TimeSpan BetweenNamespaces = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    internal static readonly Problem.Conflict Gone = new(
        "topic-gone",
        "This topic was deleted on the cluster, outside Portal. Its messages are gone and it is no longer billed. "
            + "Try again to create it from scratch, or delete it here."
    );

    public async Task<StepResult> RunAsync(ReconcileClusterWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        NamespaceId? after = Guid.TryParse(turn.Checkpoint, out var last) ? new NamespaceId(last) : null;
        var view = await database.ReadAsync(session => ReadAsync(session, payload.Cluster, after, cancellationToken), cancellationToken);
        if (view is null)
        {
            if (
                await database.ReadAsync(session => session.Clusters.FindAsync(payload.Cluster, cancellationToken), cancellationToken) is
                { State: ClusterState.Removed }
            )
                return new StepResult.Done();
            await database.UpdateAsync(
                turn.Lease,
                session => session.Differences.CutAsync(clock.Now() - Kept, cancellationToken),
                cancellationToken
            );
            return Recurring.Again(settings.Every);
        }
        var read = await state.ReadAsync(view.Namespace.OnCluster, view.Wanted, cancellationToken);
        // One namespace that the cluster refuses to show holds up no other.
        if (!read.TryGet(out var there, out var problem))
            return problem is Problem.Unavailable or Problem.TooMany ? new StepResult.Later(problem) : Next(view, null);
        var found = there is null ? [new Found(DifferenceKind.NamespaceMissing, view.Namespace.Path, false)] : Compare(view, there);
        return Next(view, (session, token) => SettleAsync(session, view, there, found, token));
    }

    private static StepResult.GoOn Next(View view, Settle? settle) => new($"{view.Namespace.Id}", BetweenNamespaces, settle);

    private sealed record View(
        Namespace Namespace,
        NamespacePolicies Wanted,
        bool Suspended,
        bool Blocked,
        IReadOnlyList<PulsarKey> Keys,
        IReadOnlyList<KeyGrant> Grants,
        IReadOnlyDictionary<TopicId, Topic> Topics,
        DateTimeOffset At
    );

    private sealed record Found(DifferenceKind Kind, string Subject, bool Repairs);

    private async Task<View?> ReadAsync(IPortalSession session, string cluster, NamespaceId? after, CancellationToken cancellationToken)
    {
        if (await session.Tenants.NextReadyAsync(cluster, after, cancellationToken) is not { } @namespace)
            return null;
        var owner = (await session.Organizations.FindAsync(@namespace.OrganizationId, cancellationToken))!;
        var keys = await session.Keys.EverOfNamespaceAsync(@namespace.Id, cancellationToken);
        var grants = await session.Keys.GrantsOfNamespaceAsync(@namespace.Id, cancellationToken);
        var topics = new Dictionary<TopicId, Topic>();
        await foreach (var topic in session.AllTopicsAsync(@namespace.Id, cancellationToken))
            topics[topic.Id] = topic;
        return new(
            @namespace,
            DesiredNamespace.Of((await session.PlanOfAsync(owner, cancellationToken)).Limits, @namespace.Wishes, owner.Publishing),
            owner.State == OrganizationState.Suspended,
            owner.Publishing == Publishing.Blocked,
            keys,
            grants,
            topics,
            clock.Now()
        );
    }

    private static List<Found> Compare(View view, NamespaceOnCluster there)
    {
        var grants = DesiredGrants.Compare(view.Namespace, view.Keys, view.Grants, view.Topics, view.Suspended, view.Blocked, there);
        var found = new List<Found>();
        // Before the portal's own change has reached the cluster, policies differ by nobody's doing; they are set all the same.
        if (view.Namespace.PoliciesLastSet == view.Wanted.Fingerprint())
            found.AddRange(there.DifferingPolicies.Select(policy => new Found(DifferenceKind.Policy, policy, true)));
        if (grants.MessagesRoleMissing)
            found.Add(new(DifferenceKind.GrantMissing, view.Namespace.MessagesRole, true));
        found.AddRange(grants.Missing.Select(one => new Found(DifferenceKind.GrantMissing, $"{one.Key.Role} on {one.Address}", true)));
        found.AddRange(grants.MissingPatterns.Select(key => new Found(DifferenceKind.GrantMissing, key.Role, true)));
        found.AddRange(grants.Surplus.Select(one => new Found(DifferenceKind.GrantSurplus, Subject(one.Key.Role, one.Address), true)));
        found.AddRange(grants.Foreign.Select(one => new Found(DifferenceKind.ForeignGrant, Subject(one.Role, one.Address), false)));
        var known = view.Topics.Values.Select(topic => topic.Address).ToHashSet(StringComparer.Ordinal);
        found.AddRange(Missing(view, there).Select(topic => new Found(DifferenceKind.TopicMissing, topic.Address, true)));
        found.AddRange(
            there
                .PersistentTopics.Where(address => !known.Contains(address) && !SweepPreviewWork.IsOfPreview(address))
                .Select(address => new Found(DifferenceKind.UnknownTopic, address, false))
        );
        return found;
    }

    private static IEnumerable<Topic> Missing(View view, NamespaceOnCluster there) =>
        view.Topics.Values.Where(topic =>
            topic is { State: ResourceState.Ready, Persistent: true } && !there.PersistentTopics.Contains(topic.Address)
        );

    private static string Subject(string role, string? address) => address is null ? role : $"{role} on {address}";

    private async Task SettleAsync(
        IPortalSession session,
        View view,
        NamespaceOnCluster? there,
        List<Found> found,
        CancellationToken cancellationToken
    )
    {
        var now = clock.Now();
        if (await session.Tenants.FindNamespaceAsync(view.Namespace.Id, cancellationToken) is not { State: ResourceState.Ready } @namespace)
            return;
        var known = (await session.Differences.OfNamespaceAsync(@namespace.Id, cancellationToken)).ToDictionary(one =>
            (one.Kind, one.Subject)
        );
        var seen = new Dictionary<(DifferenceKind, string), int>();
        foreach (var one in found)
        {
            if (known.TryGetValue((one.Kind, one.Subject), out var before))
            {
                before.SeenAgain(now);
                seen[(one.Kind, one.Subject)] = before.TimesSeen;
            }
            else
            {
                session.Differences.Add(
                    new(
                        clock.NewUuid(),
                        @namespace.Cluster,
                        @namespace.OrganizationId,
                        @namespace.Id,
                        @namespace.Path,
                        one.Kind,
                        one.Subject,
                        one.Repairs,
                        now
                    )
                );
                seen[(one.Kind, one.Subject)] = 1;
            }
        }
        foreach (var (key, difference) in known)
            if (!seen.ContainsKey(key))
                difference.Ended(now);
        if (there is not null)
            await RepairAsync(session, @namespace, view, there, seen, cancellationToken);
    }

    private async Task RepairAsync(
        IPortalSession session,
        Namespace @namespace,
        View view,
        NamespaceOnCluster there,
        Dictionary<(DifferenceKind, string), int> seen,
        CancellationToken cancellationToken
    )
    {
        var grants = DesiredGrants.Compare(view.Namespace, view.Keys, view.Grants, view.Topics, view.Suspended, view.Blocked, there);
        if (there.DifferingPolicies.Count > 0 || grants.MessagesRoleMissing)
        {
            var place = ApplyPoliciesWork.Place(@namespace, WorkPriority.Background);
            if (await session.Work.FindOpenAsync(place.Line, ApplyPoliciesWork.Kind, cancellationToken) is null)
                session.Work.Add(clock, new ApplyPoliciesWork(@namespace.Id), place);
        }
        var regrant = false;
        foreach (var (key, grant, _) in grants.Missing)
        {
            if (await session.Keys.FindAsync(key.Id, cancellationToken) is not { IsWanted: true } now)
                continue;
            foreach (var row in await session.Keys.GrantsAsync(now.Id, cancellationToken))
                if (row.TopicId == grant.TopicId)
                    row.Taken();
            now.Granting();
            regrant = true;
        }
        foreach (var key in grants.MissingPatterns)
        {
            if (await session.Keys.FindAsync(key.Id, cancellationToken) is not { IsWanted: true } now)
                continue;
            now.PatternsTaken();
            now.Granting();
            regrant = true;
        }
        if (regrant)
            session.Work.Add(clock, new GrantKeysWork(@namespace.Id), GrantKeysWork.Place(@namespace));
        foreach (var (key, address) in grants.Surplus.DistinctBy(one => (one.Key.Id, one.Address)))
            session.Work.Add(clock, new TakeGrantWork(key.Id, address), RevokeKeyWork.Place(key));
        foreach (var topic in Missing(view, there))
        {
            if (seen[(DifferenceKind.TopicMissing, topic.Address)] < TimesMissed)
                continue;
            if (await session.Topics.FindAsync(topic.Id, cancellationToken) is not { State: ResourceState.Ready } now)
                continue;
            now.Lost(Gone, clock.Now());
            if (await session.Organizations.FindAsync(now.OrganizationId, cancellationToken) is not { } owner)
                continue;
            session.Tell(
                clock,
                NoticeKind.Failed,
                NoticeAudience.Of(owner.Id, Permission.ViewResources, new(now.TenantName, now.NamespaceName)),
                $"Topic {now.Name} is no longer on its cluster",
                Gone.Message,
                string.Join(
                    '/',
                    new[] { "o", owner.Slug, "tenants", now.TenantName, now.NamespaceName, now.Name }.Select(Uri.EscapeDataString)
                )
            );
        }
    }
}
