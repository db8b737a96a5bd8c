using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Hosting.Workers;

/// <summary>Polls one cluster at its interval. A poll that takes longer than the interval is followed by the next at once, never doubled.</summary>
public sealed class MeteringWorker(string cluster, PollCluster poll, MeteringSettings settings, IChanges changes, ILeases leases, TimeProvider clock, ILogger<MeteringWorker> logger)
    : LeasedWorker($"metering:{cluster}", leases, clock, logger)
{
    private readonly TimeProvider _clock = clock;

    protected override async Task WorkAsync(Lease lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            var began = _clock.GetTimestamp();
            await poll.RunAsync(cluster, lease, settings.Interval, settings.BrokerTimeout, cancellationToken);
            await changes.TellAsync([Change.Metering], cancellationToken);
            var left = settings.Interval - _clock.GetElapsedTime(began);
            if (left > TimeSpan.Zero) await Task.Delay(left, _clock, cancellationToken);
        }
    }
}
