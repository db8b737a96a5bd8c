using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Desired;
using Portal.Domain.Work;
using Portal.Hosting.Settings;

namespace Portal.Hosting.Workers;

/// <summary>
/// Follows the registered clusters on every replica: reads them again at each change, meters those that are there and no
/// others, and sees that each has its reconciler and somebody who looks at its connectors. What belongs to one that was removed ends by
/// itself.
/// </summary>
internal sealed partial class ClusterHost(
    ClusterDirectory directory,
    MeteringWorker metering,
    IPortalDatabase database,
    IChanges changes,
    PortalSettings settings,
    TimeProvider clock,
    ILogger<ClusterHost> logger
) : BackgroundService
{
    // Only for a change that nobody told of.
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, (CancellationTokenSource Stop, Task Running)> _metered = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reconciled = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host starts services one after another; none holds up the next.
        await Task.Yield();
        using var news = changes.Listen([Change.Clusters]);
        try
        {
            while (true)
            {
                var pause = LooksEvery;
                try
                {
                    await directory.RefreshAsync(stoppingToken);
                    if (!settings.GatewayOnly)
                        await FollowAsync([.. directory.All.Select(cluster => cluster.Name)], stoppingToken);
                }
#pragma warning disable CA1031 // The database is away: what is known goes on, and is read again soon.
                catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    LogFailed(logger, exception);
                    pause = BetweenTries;
                }
                await news.WaitAsync(pause, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The portal stops.
        }
        finally
        {
            foreach (var cluster in _metered.Keys.ToList())
                await StopAsync(cluster);
        }
    }

    private async Task FollowAsync(HashSet<string> wanted, CancellationToken stoppingToken)
    {
        foreach (var gone in _metered.Keys.Except(wanted).ToList())
        {
            await StopAsync(gone);
            _reconciled.Remove(gone);
            LogGone(logger, gone);
        }
        foreach (var cluster in wanted.Where(cluster => !_metered.ContainsKey(cluster)))
        {
            var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            _metered[cluster] = (stop, metering.RunAsync(cluster, stop.Token));
        }
        foreach (var cluster in wanted.Where(cluster => !_reconciled.Contains(cluster)))
        {
            var reconcile = new ReconcileClusterWork(cluster);
            await Recurring.EnsureAsync(database, clock, reconcile, reconcile.Place(), stoppingToken);
            var look = new LookAtConnectorsWork(cluster);
            await Recurring.EnsureAsync(database, clock, look, look.Place(), stoppingToken);
            _reconciled.Add(cluster);
        }
    }

    private async Task StopAsync(string cluster)
    {
        var (stop, running) = _metered[cluster];
        await stop.CancelAsync();
        await running;
        stop.Dispose();
        _metered.Remove(cluster);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The registered clusters cannot be read and are read again")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster '{Cluster}' was removed: it is no longer metered")]
    private static partial void LogGone(ILogger logger, string cluster);
}
