using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>For the operator: which brokers answer, how far metering lags, and what was seen and is nobody's bill.</summary>
public sealed class GetMeteringHealth(AccessGuard guard, ICollectorLedger ledger, TimeProvider clock)
{
    public async Task<Outcome<MeteringHealth>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "metering.read", "metering");
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refusal) return refusal;
        var now = clock.Now();
        var clusters = await ledger.StandingAsync(cancellationToken);
        return new MeteringHealth(now, [.. clusters.Select(cluster => new ClusterMeteringHealth(cluster, cluster.CompleteTo is { } complete ? now - complete : null))]);
    }
}

public sealed record MeteringHealth(DateTimeOffset At, IReadOnlyList<ClusterMeteringHealth> Clusters);

/// <param name="Lag">From the point to which metering is complete until now; null before the first good poll.</param>
public sealed record ClusterMeteringHealth(ClusterMetering Standing, TimeSpan? Lag)
{
    public int Listed => Standing.Brokers.Count(broker => broker.ListedSince is not null);

    public int Answering => Standing.Brokers.Count(broker => broker is { ListedSince: not null, SilentSince: null, LastGoodAt: not null });
}
