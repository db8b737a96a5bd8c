using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>The work that comes back for as long as a cluster is registered and sees how its connectors do.</summary>
public sealed record LookAtConnectorsWork(string Cluster) : IWorkPayload
{
    public static string Kind => "connectors.look";

    public WorkPlace Place() => new(Lanes.Cluster(Cluster), $"connectors:{Cluster}", null, $"connectors on {Cluster}", WorkPriority.Background);
}

/// <summary>
/// Asks a cluster for the state of every connector that is meant to run, some at a step, and keeps what is wrong with it,
/// so that lists and the home page say so without asking a cluster. One that is gone from the cluster is made again.
/// </summary>
public sealed class LookAtConnectors(IPortalDatabase database, IConnectorAdmin connectors, ISecretSeal seal, TimeProvider clock) : IWorkStep<LookAtConnectorsWork>
{
    private const int AtOnce = 20;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromMilliseconds(50);

    /// <summary>A worker that is taking over needs a while before all instances run; nobody is told of that.</summary>
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(10);

    /// <summary>What is said when the worker stumbles over its own answer.</summary>
    public const string Obscure = "The connector keeps failing, and the cluster can't say why. Check that the address and the credentials are right.";

    public async Task<StepResult> RunAsync(LookAtConnectorsWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        ConnectorId? after = Guid.TryParse(turn.Checkpoint, out var last) ? new ConnectorId(last) : null;
        var some = await database.ReadAsync(session => session.Connectors.ListRunningAsync(payload.Cluster, after, AtOnce, cancellationToken), cancellationToken);
        if (some.Count == 0)
        {
            return await database.ReadAsync(session => session.Clusters.FindAsync(payload.Cluster, cancellationToken), cancellationToken) is null or { State: ClusterState.Removed }
                ? new StepResult.Done() : Recurring.Again(Every);
        }
        var seen = new Dictionary<ConnectorId, (int Revision, Outcome<ConnectorStatus> Status, string? Trouble)>();
        foreach (var connector in some)
        {
            var status = await connectors.StatusAsync(connector.OnCluster, cancellationToken);
            // The next ones would wait for the same cluster in vain; what was known of them stays.
            if (status.Problem is Problem.Unavailable or Problem.TooMany) return new StepResult.Later(status.Problem);
            seen[connector.Id] = (connector.Revision, status, status.IsOk ? TroubleOf(connector, status.Value) : null);
        }
        var next = $"{some[^1].Id}";
        if (some.All(connector => seen[connector.Id] is var one && one.Status.Problem is not Problem.NotFound && one.Trouble == connector.Trouble)) return new StepResult.GoOn(next, BetweenSteps);
        return new StepResult.GoOn(next, BetweenSteps, (session, token) => SettleAsync(session, seen, token));
    }

    private string? TroubleOf(Connector connector, ConnectorStatus status)
    {
        if (status.IsObscure) return Obscure;
        if (status.Instances.FirstOrDefault(one => one.Trouble is not null) is { Trouble: { } said })
            return ExceptionWords.Without(said, connector.OpenSecrets(seal)?.Select(pair => ConnectorConfiguration.Shown(pair.Value)) ?? []);
        if (status.Running >= connector.Instances || clock.Now() - connector.ChangedAt < Settles) return null;
        return status.Running == 0 ? "It isn't running on the cluster." : $"Only {status.Running} of {connector.Instances} instances are running.";
    }

    private async Task SettleAsync(IPortalSession session, Dictionary<ConnectorId, (int Revision, Outcome<ConnectorStatus> Status, string? Trouble)> seen, CancellationToken cancellationToken)
    {
        foreach (var (id, (revision, status, trouble)) in seen)
        {
            if (await session.Connectors.FindAsync(id, cancellationToken) is not { State: ResourceState.Ready, Wish: ConnectorWish.Run } now || now.Revision != revision) continue;
            if (status.IsOk && trouble != now.Trouble) now.Seen(trouble, clock.Now());
            if (status.Problem is not Problem.NotFound) continue;
            // Deleted on the cluster by somebody else. It is not charged until it is back.
            await session.EndRunAsync(now, clock.Now(), cancellationToken);
            session.Work.Add(clock, new ApplyConnectorWork(id, false), now.Place());
        }
    }
}

/// <summary>Connectors that need somebody: failed to be created, or in trouble. At most 20.</summary>
public sealed class ListTroubledConnectors(AccessGuard guard, IPortalDatabase database)
{
    private const int Most = 20;

    public async Task<Outcome<IReadOnlyList<Connector>>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(actor, organization, new Operation(Permission.ViewResources, "connector.list", organization, Within: Scope.Anywhere), cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        return Outcome.Of(await database.ReadAsync(session => session.Connectors.ListTroubledAsync(access.Organization.Id, access.Scope, Most, cancellationToken), cancellationToken));
    }
}
