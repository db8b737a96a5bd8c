using Portal.Domain.Usage;

namespace Portal.Hosting.Workers;

/// <summary>
/// Looks on every replica where metering stands, so that each shows it in its metrics, and says in the log when a cluster stalls or goes
/// on.
/// </summary>
public sealed partial class MeteringWatch(WatchMetering watch, MeteringSettings settings, TimeProvider clock, ILogger<MeteringWatch> logger)
    : BackgroundService
{
    private readonly HashSet<string> _stalled = new(StringComparer.Ordinal);
    private bool _fails;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var every = settings.Interval < TimeSpan.FromSeconds(30) ? settings.Interval : TimeSpan.FromSeconds(30);
        // The host starts workers one after another; none holds up the next.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            await LookAsync(stoppingToken);
            await Task.Delay(every, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var cluster in (await watch.RunAsync(stoppingToken)).Clusters)
            {
                var name = cluster.Standing.Cluster;
                if (cluster.IsStalled && _stalled.Add(name))
                    LogStalled(logger, name, cluster.LastPassAt, ClusterMeteringHealth.StalledIntervals);
                else if (!cluster.IsStalled && _stalled.Remove(name))
                    LogGoesOn(logger, name);
            }
            _fails = false;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
#pragma warning disable CA1031 // Watching outlives whatever the database answers; said once until it answers again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_fails)
                LogFailed(logger, exception);
            _fails = true;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "No metering pass of cluster '{Cluster}' was committed since {LastPass}, for more than {Intervals} intervals: "
            + "nothing is metered there"
    )]
    private static partial void LogStalled(ILogger logger, string cluster, DateTimeOffset? lastPass, int intervals);

    [LoggerMessage(Level = LogLevel.Information, Message = "Metering of cluster '{Cluster}' goes on")]
    private static partial void LogGoesOn(ILogger logger, string cluster);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Where metering stands cannot be read")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
