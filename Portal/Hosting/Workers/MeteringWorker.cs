using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Hosting.Workers;

/// <summary>
/// Polls one cluster at its interval, under a lease of the cluster's own. A poll that takes longer than the interval is
/// followed by the next at once, never doubled. A failure is logged and the work tried again after a pause.
/// </summary>
public sealed partial class MeteringWorker(
    PollCluster poll,
    RecoverWritten recover,
    MeteringSettings settings,
    IChanges changes,
    ILeases leases,
    TimeProvider clock,
    ILogger<MeteringWorker> logger
)
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    /// <summary>Ends when the token is cancelled: the cluster was removed, or the portal stops.</summary>
    public async Task RunAsync(string cluster, CancellationToken cancellationToken)
    {
        // Whoever starts the collectors of several clusters goes on to the next.
        await Task.Yield();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await leases.AcquireAsync($"metering:{cluster}", cancellationToken) is not { } lease)
                    await Task.Delay(HeldLease.RenewEvery, clock, cancellationToken);
                else if (!await HeldLease.RunAsync(leases, lease, clock, over => PollAsync(cluster, lease, over), cancellationToken))
                    LogLost(logger, cluster);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The collector outlives whatever went wrong in one poll.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailed(logger, cluster, exception);
                await Task.Delay(PauseAfterFailure, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task PollAsync(string cluster, Lease lease, CancellationToken cancellationToken)
    {
        // Beside the polls: however long the ledgers of some topics take to answer, the next poll is on time.
        var recovering = Task.CompletedTask;
        using var polling = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (true)
            {
                var began = clock.GetTimestamp();
                await poll.RunAsync(cluster, lease, settings.Interval, settings.BrokerTimeout, cancellationToken);
                await changes.TellAsync([Change.Metering], cancellationToken);
                if (recovering.IsCompleted)
                    recovering = RecoverAsync(cluster, lease, polling.Token);
                var left = settings.Interval - clock.GetElapsedTime(began);
                if (left > TimeSpan.Zero)
                    await Task.Delay(left, clock, cancellationToken);
            }
        }
        finally
        {
            // It ends with the lease under which it writes.
            await polling.CancelAsync();
            await recovering;
        }
    }

    private async Task RecoverAsync(string cluster, Lease lease, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            if (await recover.RecoverAsync(cluster, lease, cancellationToken) is > 0 and var bytes)
                LogRecovered(logger, cluster, bytes);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested) { }
#pragma warning disable CA1031 // What could not be recovered now is tried again after the next poll.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotRecovered(logger, cluster, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Metering of cluster '{Cluster}' failed and is tried again")]
    private static partial void LogFailed(ILogger logger, string cluster, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Metering of cluster '{Cluster}' recovered {Bytes} bytes from ledgers")]
    private static partial void LogRecovered(ILogger logger, string cluster, long bytes);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Metering of cluster '{Cluster}' could not read ledgers; they are asked again after the next poll"
    )]
    private static partial void LogNotRecovered(ILogger logger, string cluster, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Metering of cluster '{Cluster}' was lost to another replica")]
    private static partial void LogLost(ILogger logger, string cluster);
}
