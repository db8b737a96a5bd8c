using Portal.Domain.Common;

namespace Portal.Hosting.Workers;

/// <summary>
/// Work that one replica does at a time: takes the lease, renews it every 3 s, and lets go of the work when the lease
/// is lost. A failure is logged and the work tried again after a pause; it never ends the process.
/// </summary>
public abstract partial class LeasedWorker(string leaseName, ILeases leases, TimeProvider clock, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    /// <summary>Works until the token is cancelled: the lease was lost, or the portal stops.</summary>
    protected abstract Task WorkAsync(Lease lease, CancellationToken cancellationToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host starts workers one after another; none holds up the next.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await leases.AcquireAsync(leaseName, stoppingToken) is { } lease) await HoldAsync(lease, stoppingToken);
                else await Task.Delay(RenewEvery, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A worker outlives whatever went wrong in one round.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailed(logger, leaseName, exception);
                await Task.Delay(PauseAfterFailure, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task HoldAsync(Lease lease, CancellationToken stoppingToken)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var renewing = RenewAsync(lease, lost);
        try
        {
            await WorkAsync(lease, lost.Token);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            LogLost(logger, leaseName);
        }
        finally
        {
            await lost.CancelAsync();
            await renewing;
            await leases.ReleaseAsync(lease, CancellationToken.None);
        }
    }

    private async Task RenewAsync(Lease lease, CancellationTokenSource lost)
    {
        try
        {
            do await Task.Delay(RenewEvery, clock, lost.Token);
            while (await leases.RenewAsync(lease, lost.Token));
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            await lost.CancelAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The work under lease '{Lease}' failed and is tried again")]
    private static partial void LogFailed(ILogger logger, string lease, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease '{Lease}' was lost to another replica")]
    private static partial void LogLost(ILogger logger, string lease);
}
