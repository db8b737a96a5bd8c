namespace Portal.Domain.Common;

/// <summary>Work under a lease: renewed every 3 s while the work runs, and the work let go when the lease is lost.</summary>
public static class HeldLease
{
    public static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(3);

    // The lease lasts 10 s by the database's clock. A database that is away for a moment takes nothing from anybody, so
    // renewing is tried again until the lease may have run out.
    private static readonly TimeSpan GivesUpAfter = TimeSpan.FromSeconds(9);

    /// <summary>Runs the work until it ends, the lease is lost or the token is cancelled; then releases the lease.</summary>
    /// <returns>False when the lease was lost.</returns>
    public static async Task<bool> RunAsync(
        ILeases leases,
        Lease lease,
        TimeProvider clock,
        Func<CancellationToken, Task> work,
        CancellationToken cancellationToken
    )
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var renewing = RenewAsync(leases, lease, clock, over);
        var lost = false;
        try
        {
            await work(over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            lost = true;
        }
        catch (LeaseLostException)
        {
            lost = true;
        }
        finally
        {
            await over.CancelAsync();
            await renewing;
            if (!lost)
                await ReleaseAsync(leases, lease);
        }
        return !lost;
    }

    private static async Task RenewAsync(ILeases leases, Lease lease, TimeProvider clock, CancellationTokenSource over)
    {
        var renewed = clock.GetTimestamp();
        while (!over.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(RenewEvery, clock, over.Token);
                // A renewal that hangs is as good as one that failed: nobody may work on past the end of the lease.
                using var limit = new CancellationTokenSource(
                    TimeSpan.FromTicks(Math.Max(1, (GivesUpAfter - clock.GetElapsedTime(renewed)).Ticks)),
                    clock
                );
                using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, limit.Token);
                if (!await leases.RenewAsync(lease, either.Token))
                    break;
                renewed = clock.GetTimestamp();
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever kept the database from answering, it may answer the next time.
            catch (Exception) when (clock.GetElapsedTime(renewed) < GivesUpAfter)
#pragma warning restore CA1031
            {
                // Tried again in three seconds.
            }
#pragma warning disable CA1031
            catch (Exception)
#pragma warning restore CA1031
            {
                break;
            }
        }
        await over.CancelAsync();
    }

    private static async Task ReleaseAsync(ILeases leases, Lease lease)
    {
        try
        {
            await leases.ReleaseAsync(lease, CancellationToken.None);
        }
#pragma warning disable CA1031 // It runs out by itself.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The database is away.
        }
    }
}
