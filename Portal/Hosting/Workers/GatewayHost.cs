using Portal.Domain.Common;
using Portal.Domain.Gateway;

namespace Portal.Hosting.Workers;

/// <summary>
/// Looks at the gateway's open sessions of this replica: at every change of an organization that has some, and every few
/// seconds whatever happens; keeps which keys they use. Ends them all when the portal stops, since the server waits for its connections.
/// </summary>
internal sealed partial class GatewayHost(
    GatewaySessions sessions,
    RecheckSessions recheck,
    NoteKeyUse noteUse,
    TimeProvider clock,
    IChanges changes,
    IHostApplicationLifetime lifetime,
    ILogger<GatewayHost> logger
) : BackgroundService
{
    // Keys end within ten seconds, also where a change was not heard of.
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan NotesEvery = TimeSpan.FromSeconds(10);

    // Side by side: what is written may wait for a busy database, and a key that has ended waits for nothing.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(LookAsync(stoppingToken), NoteAsync(stoppingToken));

    private async Task NoteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(NotesEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await noteUse.RunAsync(stoppingToken);
                }
#pragma warning disable CA1031 // The database is away: the keys are kept in mind and noted at the next time.
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    LogNotNoted(logger, exception);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The portal stops.
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        // The host starts services one after another; none holds up the next.
        await Task.Yield();
        using var stopping = lifetime.ApplicationStopping.Register(() => sessions.EndAll(GatewayProblems.Restarting));
        HashSet<OrganizationId> heard = [];
        var news = changes.Listen([]);
        try
        {
            while (true)
            {
                var there = sessions.Open.Select(session => session.Admission.Organization).ToHashSet();
                if (!there.SetEquals(heard))
                {
                    // The new one listens before the old one stops, and the look comes after both: nothing falls between.
                    var before = news;
                    news = changes.Listen([.. there.Select(Change.Organization)]);
                    before.Dispose();
                    heard = there;
                }
                try
                {
                    await recheck.RunAsync(stoppingToken);
                }
#pragma warning disable CA1031 // The database is away: nobody can end a key meanwhile, and those that expire are ended all the same.
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    LogFailed(logger, exception);
                }
                await news.WaitAsync(LooksEvery, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The portal stops.
        }
        finally
        {
            news.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Which keys WebSocket clients use cannot be noted and is noted again")]
    private static partial void LogNotNoted(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The gateway's open sessions cannot be checked and are checked again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
