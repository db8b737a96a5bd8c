using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>
/// Takes away what a preview or trial runs and its topics: written before they are made, so that no crash leaves them behind.
/// </summary>
/// <param name="Token">What they are called after.</param>
/// <param name="Tried">What runs.</param>
public sealed record SweepPreviewWork(NamespaceId Namespace, string Token, ConnectorKind Tried = ConnectorKind.Function) : IWorkPayload
{
    /// <summary>Nobody else makes topics that begin like this.</summary>
    private const string Prefix = "__portal-preview-";

    /// <summary>Longer than any preview.</summary>
    private static readonly TimeSpan AtLatest = TimeSpan.FromMinutes(2);

    public static string Kind => "function.sweep-preview";

    internal string Input => $"{Prefix}{Token}-in";

    internal string Output => $"{Prefix}{Token}-out";

    internal ConnectorAddress Connector(Namespace @namespace) =>
        new(@namespace.Cluster, @namespace.TenantName, @namespace.Name, $"portal-preview-{Token}", Tried);

    internal static SweepPreviewWork New(Namespace @namespace, ConnectorKind tried, TimeProvider clock) =>
        new(@namespace.Id, clock.NewUuid().ToString("N")[^12..], tried);

    /// <summary>
    /// One preview or trial at a time of an organization on a cluster: it runs on the workers beside everybody's connectors, and no plan
    /// counts it.
    /// </summary>
    internal static WorkPlace Place(Namespace @namespace) =>
        new(
            Lanes.Cluster(@namespace.Cluster),
            $"preview:{@namespace.Cluster}:{@namespace.OrganizationId}",
            @namespace.OrganizationId,
            $"preview in {@namespace.Path}",
            WorkPriority.Waiting
        );

    /// <summary>Written before anything is made; due when whoever made it says so, and at the latest when any preview is over.</summary>
    internal void Arm(IPortalSession session, Namespace @namespace, TimeProvider clock) =>
        session.Work.Add(clock, this, Place(@namespace)).GoOn(new StepResult.GoOn("waits", AtLatest), clock.Now());

    /// <summary>Whether a topic, by its full name, is a preview's.</summary>
    public static bool IsOfPreview(string address) => address.Split('/')[^1].StartsWith(Prefix, StringComparison.Ordinal);
}

/// <summary>Removes what a preview made on a cluster, once it is over or has taken far too long.</summary>
public sealed class SweepPreview(IPortalDatabase database, IConnectorAdmin connectors, ITopicAdmin topics) : IWorkStep<SweepPreviewWork>
{
    public async Task<StepResult> RunAsync(SweepPreviewWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            session => session.Tenants.FindNamespaceAsync(payload.Namespace, cancellationToken),
            cancellationToken
        );
        if (found is null)
            return StepResult.Finished;
        // Whatever the cluster has against it, it must go: it holds somebody's secrets, and nobody else knows of it.
        var deleted = await connectors.DeleteAsync(payload.Connector(found), cancellationToken);
        // Topics of a namespace went with it; what ran there did not, as long as the cluster knows of it.
        var isThere = found.State != ResourceState.Deleted;
        if (!deleted.IsOk && deleted.Problem.Code != "connectors-off" && (isThere || deleted.Problem is Problem.Unavailable))
            return new StepResult.Later(deleted.Problem);
        if (!isThere)
            return StepResult.Finished;
        foreach (var name in (string[])[payload.Input, payload.Output])
        {
            var gone = await topics.DeleteAsync(
                new(found.OnCluster, name, Persistent: true, Partitions: 0),
                force: true,
                cancellationToken
            );
            if (!gone.IsOk && gone.Problem is not Problem.NotFound)
                return new StepResult.Later(gone.Problem);
        }
        return StepResult.Finished;
    }
}
