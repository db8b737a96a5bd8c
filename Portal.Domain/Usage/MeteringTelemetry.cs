using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>
/// What operators watch of metering, in the meter <c>Portal</c>: how far behind each cluster is, how long passes take,
/// and what they found. Lag and age are of the ledger, so every replica shows them, whichever holds the lease.
/// </summary>
public sealed class MeteringTelemetry : IDisposable
{
    private readonly System.Diagnostics.Metrics.Meter _meter = new("Portal");
    private readonly ConcurrentDictionary<string, ClusterMeteringHealth> _health = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _passes;
    private readonly Counter<long> _partitions;
    private readonly Counter<long> _samples;
    private readonly Counter<long> _gaps;
    private readonly Counter<long> _unexplained;

    public MeteringTelemetry(TimeProvider clock)
    {
        _clock = clock;
        _duration = _meter.CreateHistogram<double>(
            "metering.pass_duration_seconds",
            "s",
            "From the first question to the brokers until the pass is committed."
        );
        _passes = _meter.CreateCounter<long>("metering.passes", null, "Passes by outcome: committed or failed.");
        _partitions = _meter.CreateCounter<long>("metering.readings", null, "Readings written: partitions that were not idle.");
        _samples = _meter.CreateCounter<long>("metering.samples", null, "Samples written.");
        _gaps = _meter.CreateCounter<long>("metering.gaps", null, "Gaps opened, by cause.");
        _unexplained = _meter.CreateCounter<long>(
            "metering.unexplained_rows",
            null,
            "Rows of the brokers' statistics that cannot be right."
        );
        _meter.ObserveGauge(
            "metering.lag_seconds",
            this,
            static telemetry => telemetry.Of(health => health.Standing.CompleteTo),
            "s",
            "From the point to which metering is complete until now."
        );
        _meter.ObserveGauge(
            "metering.pass_age_seconds",
            this,
            static telemetry => telemetry.Of(health => health.LastPassAt),
            "s",
            "Since the last committed pass."
        );
        _meter.ObserveGauge(
            "metering.stalled",
            this,
            static telemetry =>
                telemetry._health.Select(entry => new Measurement<int>(
                    entry.Value.IsStalledAt(telemetry._clock.Now()) ? 1 : 0,
                    Tag(entry.Key)
                )),
            null,
            "1 when no pass was committed for five intervals."
        );
    }

    /// <summary>Where the clusters stand, as the ledger has it.</summary>
    public void Saw(IEnumerable<ClusterMeteringHealth> clusters)
    {
        foreach (var cluster in clusters)
            _health[cluster.Standing.Cluster] = cluster;
    }

    public void Dispose() => _meter.Dispose();

    internal Pass BeginPass(string cluster) => new(this, cluster);

    private static KeyValuePair<string, object?> Tag(string cluster) => new("cluster", cluster);

    private IEnumerable<Measurement<double>> Of(Func<ClusterMeteringHealth, DateTimeOffset?> instant)
    {
        var now = _clock.Now();
        foreach (var (cluster, health) in _health)
            if (instant(health) is { } since)
                yield return new((now - since).TotalSeconds, Tag(cluster));
    }

    /// <summary>One pass being measured; failed unless it says that it was committed.</summary>
    internal sealed class Pass(MeteringTelemetry telemetry, string cluster) : IDisposable
    {
        private readonly long _began = telemetry._clock.GetTimestamp();
        private bool _committed;

        public void Wrote(PollResult step)
        {
            if (step.Readings.Count > 0)
                telemetry._partitions.Add(step.Readings.Count, Tag(cluster));
            if (step.Deltas.Count > 0)
                telemetry._samples.Add(step.Deltas.Count, Tag(cluster));
            if (step.Apart.Rows > 0)
                telemetry._unexplained.Add(step.Apart.Rows, Tag(cluster));
            foreach (var gap in step.Gaps)
                telemetry._gaps.Add(1, new TagList { { "cluster", cluster }, { "cause", gap.Cause.ToString() } });
        }

        public void Committed() => _committed = true;

        public void Dispose()
        {
            telemetry._passes.Add(1, new TagList { { "cluster", cluster }, { "outcome", _committed ? "committed" : "failed" } });
            if (_committed)
                telemetry._duration.Record(telemetry._clock.GetElapsedTime(_began).TotalSeconds, Tag(cluster));
        }
    }
}
