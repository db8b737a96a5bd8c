using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>For the operator: which brokers answer, how far metering lags, and what was seen and is nobody's bill.</summary>
public sealed class GetMeteringHealth(AccessGuard guard, ICollectorLedger ledger, MeteringSettings settings, TimeProvider clock)
{
    public async Task<Outcome<MeteringHealth>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "metering.read", "metering");
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refusal)
            return refusal;
        return MeteringHealth.Of(await ledger.StandingAsync(cancellationToken), settings.Interval, clock.Now());
    }
}

/// <summary>A worker's step: shows the telemetry where every cluster stands, whichever replica polls it.</summary>
public sealed class WatchMetering(ICollectorLedger ledger, MeteringTelemetry telemetry, MeteringSettings settings, TimeProvider clock)
{
    public async Task<MeteringHealth> RunAsync(CancellationToken cancellationToken)
    {
        var health = MeteringHealth.Of(await ledger.StandingAsync(cancellationToken), settings.Interval, clock.Now());
        telemetry.Saw(health.Clusters);
        return health;
    }
}

public sealed record MeteringHealth(DateTimeOffset At, IReadOnlyList<ClusterMeteringHealth> Clusters)
{
    public static MeteringHealth Of(IReadOnlyList<ClusterMetering> clusters, TimeSpan interval, DateTimeOffset now) =>
        new(
            now,
            [
                .. clusters.Select(cluster => new ClusterMeteringHealth(
                    cluster,
                    cluster.CompleteTo is { } complete ? now - complete : null,
                    interval,
                    now
                )),
            ]
        );
}

/// <param name="Lag">From the point to which metering is complete until now; null before the first good poll.</param>
/// <param name="Interval">Between two polls.</param>
public sealed record ClusterMeteringHealth(ClusterMetering Standing, TimeSpan? Lag, TimeSpan Interval, DateTimeOffset At)
{
    /// <summary>After so many intervals without a committed pass somebody has to look: nothing is metered.</summary>
    public const int StalledIntervals = 5;

    public int Listed => Standing.Brokers.Count(broker => broker.ListedSince is not null);

    public int Answering => Standing.Brokers.Count(broker => broker is { ListedSince: not null, SilentSince: null, LastGoodAt: not null });

    /// <summary>The last committed pass, or when the collector took the cluster up.</summary>
    public DateTimeOffset? LastPassAt => Standing.PolledAt ?? Standing.BeganAt;

    /// <summary>No pass was committed for five intervals.</summary>
    public bool IsStalled => IsStalledAt(At);

    internal bool IsStalledAt(DateTimeOffset now) => LastPassAt is { } last && now - last > Interval * StalledIntervals;
}
