using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Usage;

/// <summary>Whether a cluster's brokers answer; written <c>reachable</c>, <c>partly</c>, <c>unreachable</c>, <c>unknown</c>.</summary>
public enum ClusterReach
{
    Reachable,

    /// <summary>Some brokers don't answer.</summary>
    Partly,

    Unreachable,

    /// <summary>It was not looked at yet.</summary>
    Unknown,
}

/// <param name="MeteredTo">Null before the first figures.</param>
/// <param name="Impact">The worst that operators say of it now; null for nothing.</param>
public sealed record ClusterStatus(string Name, string? Region, ClusterReach Reach, DateTimeOffset? MeteredTo, IncidentImpact? Impact)
{
    public static ClusterStatus Of(Cluster cluster, ClusterMeteringHealth? health, IncidentImpact? impact) =>
        new(
            cluster.Name,
            cluster.Region,
            health switch
            {
                null or { LastPassAt: null } => ClusterReach.Unknown,
                { Standing.PolledAt: null, IsStalled: false } => ClusterReach.Unknown,
                { IsStalled: true } or { Answering: 0 } => ClusterReach.Unreachable,
                _ when health.Answering < health.Listed => ClusterReach.Partly,
                _ => ClusterReach.Reachable,
            },
            health?.Standing.CompleteTo,
            impact
        );
}

/// <param name="Incidents">Those that last or are to come, and those that ended in the last two weeks, newest first.</param>
public sealed record PortalStatus(IReadOnlyList<ClusterStatus> Clusters, IReadOnlyList<Incident> Incidents, DateTimeOffset At)
{
    public IEnumerable<Incident> Open => Incidents.Where(incident => incident.IsOngoing(At));

    private const int MostIncidents = 50;
    private static readonly TimeSpan Shown = TimeSpan.FromDays(14);

    /// <param name="visible">The clusters that are shown; null for all.</param>
    internal static async Task<PortalStatus> ReadAsync(
        IPortalDatabase database,
        ICollectorLedger ledger,
        IClusterCatalog catalog,
        MeteringSettings metering,
        HashSet<string>? visible,
        bool publicOnly,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var health = MeteringHealth
            .Of(await ledger.StandingAsync(cancellationToken), metering.Interval, now)
            .Clusters.ToDictionary(one => one.Standing.Cluster, StringComparer.Ordinal);
        var incidents = await database.ReadAsync(
            session => session.Incidents.SinceAsync(now - Shown, MostIncidents, cancellationToken),
            cancellationToken
        );
        incidents =
        [
            .. incidents.Where(incident =>
                (incident.IsPublic || !publicOnly) && (incident.Cluster is null || visible?.Contains(incident.Cluster) != false)
            ),
        ];
        return new PortalStatus(
            [
                .. catalog
                    .All.Where(cluster => visible?.Contains(cluster.Name) != false)
                    .Select(cluster =>
                        ClusterStatus.Of(cluster, health.GetValueOrDefault(cluster.Name), Worst(incidents, cluster.Name, now))
                    ),
            ],
            incidents,
            now
        );
    }

    private static IncidentImpact? Worst(IReadOnlyList<Incident> incidents, string cluster, DateTimeOffset now) =>
        incidents
            .Where(incident => incident.IsOngoing(now) && (incident.Cluster ?? cluster) == cluster)
            .Select(incident => (IncidentImpact?)incident.Impact)
            .OrderBy(impact =>
                impact switch
                {
                    IncidentImpact.Outage => 0,
                    IncidentImpact.Degraded => 1,
                    _ => 2,
                }
            )
            .FirstOrDefault();

    public bool IsWell => !Open.Any() && Clusters.All(cluster => cluster.Reach is ClusterReach.Reachable or ClusterReach.Unknown);
}

/// <param name="IsPublic">Whether people who aren't signed in see the clusters, and the incidents that are marked as public.</param>
public sealed record StatusSettings(bool IsPublic);

/// <summary>
/// How the clusters do, from what metering knows of them: no broker is asked. Members see the clusters that their
/// organizations are on; operators see all; everybody does where the operator made the page public.
/// </summary>
public sealed class GetStatus(
    AccessGuard guard,
    IPortalDatabase database,
    ICollectorLedger ledger,
    IClusterCatalog catalog,
    MeteringSettings metering,
    StatusSettings settings,
    TimeProvider clock
)
{
    public async Task<Outcome<PortalStatus>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        HashSet<string>? visible = null;
        if (!settings.IsPublic)
        {
            if (
                (await guard.CheckAsync(actor, new Operation(Permission.HaveAccount, "status.view", ""), cancellationToken)).Problem is
                { } refused
            )
                return refused;
            if (!actor.IsOperator)
                visible = await OwnAsync(actor, now, cancellationToken);
        }
        return await PortalStatus.ReadAsync(
            database,
            ledger,
            catalog,
            metering,
            visible,
            publicOnly: actor.AccountId is null && actor.Grant is null,
            now,
            cancellationToken
        );
    }

    private async Task<HashSet<string>> OwnAsync(Actor actor, DateTimeOffset now, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            async session =>
            {
                var clusters = new HashSet<string>(StringComparer.Ordinal);
                if (actor.AccountId is not { } account || actor.ViewAs is not null)
                    return clusters;
                await foreach (
                    var (organization, _) in PageWalk.AllAsync(
                        page => session.Organizations.ListOfAccountAsync(account, page, cancellationToken),
                        cancellationToken
                    )
                )
                    if ((actor.Reach ?? organization.Id) == organization.Id && (actor.Only ?? organization.Id) == organization.Id)
                        clusters.UnionWith(await session.Tenants.ClustersAsync(organization.Id, now, cancellationToken));
                return clusters;
            },
            cancellationToken
        );
}

/// <summary>How the clusters do that an organization is on.</summary>
public sealed class GetOrganizationStatus(
    AccessGuard guard,
    IPortalDatabase database,
    ICollectorLedger ledger,
    IClusterCatalog catalog,
    MeteringSettings metering,
    TimeProvider clock
)
{
    public async Task<Outcome<PortalStatus>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewOrganization, "status.view", organization, Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var now = clock.Now();
        var visible = await database.ReadAsync(
            session => session.Tenants.ClustersAsync(access.Organization.Id, now, cancellationToken),
            cancellationToken
        );
        return await PortalStatus.ReadAsync(database, ledger, catalog, metering, [.. visible], publicOnly: false, now, cancellationToken);
    }
}
