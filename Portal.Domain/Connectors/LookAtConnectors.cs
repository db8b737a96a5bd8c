using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>The work that comes back for as long as a cluster is registered and sees how its connectors do.</summary>
public sealed record LookAtConnectorsWork(string Cluster) : IWorkPayload
{
    public static string Kind => "connectors.look";

    public WorkPlace Place() =>
        new(Lanes.Cluster(Cluster), $"connectors:{Cluster}", null, $"connectors on {Cluster}", WorkPriority.Background);
}

/// <summary>
/// Asks a cluster for the state of every connector that is meant to run, some at a step, and keeps what is wrong with it,
/// so that lists and the home page say so without asking a cluster. One that is gone from the cluster is made again.
/// </summary>
public sealed class LookAtConnectors(
    IPortalDatabase database,
    IConnectorAdmin connectors,
    ConnectorGuides guides,
    ISecretSeal seal,
    TimeProvider clock
) : IWorkStep<LookAtConnectorsWork>
{
    private const int AtOnce = 20;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromMilliseconds(50);

    /// <summary>A worker that is taking over needs a while before all instances run; nobody is told of that.</summary>
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(10);

    internal const string Missing = "It isn't running on the cluster.";

    /// <summary>What is said when the worker stumbles over its own answer.</summary>
    public const string Obscure =
        "The connector keeps failing, and the cluster can't say why. Check that the address and the credentials are right.";

    public async Task<StepResult> RunAsync(LookAtConnectorsWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        ConnectorId? after = Guid.TryParse(turn.Checkpoint, out var checkpoint) ? new ConnectorId(checkpoint) : null;
        var last = after;
        var some = await database.ReadAsync(
            session => session.Connectors.ListRunningAsync(payload.Cluster, after, AtOnce, cancellationToken),
            cancellationToken
        );
        var cluster = await database.ReadAsync(
            session => session.Clusters.FindAsync(payload.Cluster, cancellationToken),
            cancellationToken
        );
        if (some.Count == 0)
            return cluster is null or { State: ClusterState.Removed } ? new StepResult.Done() : Recurring.Again(Every);
        var unanswered = 0;
        var seen = new Dictionary<ConnectorId, (int Revision, Outcome<ConnectorStatus> Status, string? Trouble)>();
        foreach (var connector in some)
        {
            var status = await connectors.StatusAsync(connector.OnCluster, cancellationToken);
            // What was known of it stays. One whose worker is gone keeps nobody from being looked at; after two in a row it is the cluster,
            // and the walk goes on later, past them.
            unanswered = status.Problem is Problem.Unavailable or Problem.TooMany ? unanswered + 1 : 0;
            last = connector.Id;
            if (unanswered == 2)
                break;
            if (unanswered > 0)
                continue;
            seen[connector.Id] = (connector.Revision, status, status.IsOk ? TroubleOf(cluster, connector, status.Value) : null);
        }
        var pause = unanswered == 2 ? Every : BetweenSteps;
        if (
            some.All(connector =>
                !seen.TryGetValue(connector.Id, out var one)
                || one.Status.Problem is not Problem.NotFound
                    && one.Trouble == connector.Trouble
                    && connector.TermsRevision == TermsOf(cluster, connector)
            )
        )
            return new StepResult.GoOn($"{last}", pause);
        return new StepResult.GoOn($"{last}", pause, (session, token) => SettleAsync(session, cluster, seen, token));
    }

    private string? TroubleOf(RegisteredCluster? cluster, Connector connector, ConnectorStatus status)
    {
        if (status.IsObscure)
            return Obscure;
        if (
            status.Instances.FirstOrDefault(one => one.HasTrouble && (!one.IsTroubleOfMessage || one.FailsMessages(clock.Now()))) is
            { } failing
        )
            return guides.Explain(connector, failing.Exception, cluster.OpenSecrets(connector, seal))?.Says;
        if (status.Running >= connector.Instances || clock.Now() - connector.ChangedAt < Settles)
            return null;
        return status.Running == 0 ? Missing : $"Only {status.Running} of {connector.Instances} instances are running.";
    }

    private static int TermsOf(RegisteredCluster? cluster, Connector connector) => cluster.TermsOf(connector.Kind, connector.Type).Revision;

    private async Task SettleAsync(
        IPortalSession session,
        RegisteredCluster? cluster,
        Dictionary<ConnectorId, (int Revision, Outcome<ConnectorStatus> Status, string? Trouble)> seen,
        CancellationToken cancellationToken
    )
    {
        foreach (var (id, (revision, status, trouble)) in seen)
        {
            if (
                await session.Connectors.FindAsync(id, cancellationToken) is not { State: ResourceState.Ready, Wish: ConnectorWish.Run } now
                || now.Revision != revision
            )
                continue;
            if (status.IsOk && trouble != now.Trouble)
                now.Seen(trouble, clock.Now());
            if (status.Problem is not Problem.NotFound && now.TermsRevision == TermsOf(cluster, now))
                continue;
            if (status.Problem is Problem.NotFound)
            {
                // Deleted on the cluster by somebody else. It is not charged until it is back.
                await session.EndRunAsync(now, clock.Now(), cancellationToken);
                now.Seen(now.ProblemMessage ?? Missing, clock.Now());
            }
            // What the cluster refused it will refuse again, and what waits already need not wait twice.
            if (
                now.ProblemMessage is null
                && await session.Work.FindOpenAsync(now.Place().Line, ApplyConnectorWork.Kind, cancellationToken) is null
            )
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
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "connector.list", organization, Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return Outcome.Of(
            await database.ReadAsync(
                session => session.Connectors.ListTroubledAsync(access.Organization.Id, access.Scope, Most, cancellationToken),
                cancellationToken
            )
        );
    }
}
