using Portal.Domain.Common;
using Portal.Domain.Sample;

namespace Portal.Hosting.Workers;

/// <summary>
/// Keeps the sample company's traffic going on one replica, beside everything that is for customers. While there is none it looks now and
/// then.
/// </summary>
internal sealed partial class SampleTrafficHost(
    SendSampleTraffic send,
    ILeases leases,
    TimeProvider clock,
    ILogger<SampleTrafficHost> logger
) : BackgroundService
{
    private const string LeaseName = "sample-traffic";
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host starts services one after another; none holds up the next.
        await Task.Yield();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    if (await leases.AcquireAsync(LeaseName, stoppingToken) is { } lease)
                        await HeldLease.RunAsync(leases, lease, clock, BeatAsync, stoppingToken);
                }
#pragma warning disable CA1031 // The database is away: whoever serves customers says so. Nobody waits for this.
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    LogResting(logger, exception);
                }
                await Task.Delay(AfterTrouble, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The portal stops.
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        for (var beat = 0L; ; beat++)
            await Task.Delay(await send.RunAsync(beat, cancellationToken), clock, cancellationToken);
    }

    [LoggerMessage(LogLevel.Debug, "The sample company's traffic rests")]
    private static partial void LogResting(ILogger logger, Exception exception);
}
