using System.Threading.Channels;
using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Hosting.Identity;

/// <summary>Takes down when keys are used, behind the requests' backs. What is lost in a crash is one minute of one column.</summary>
internal sealed partial class ApiKeyUses(NoteApiKeyUse note, TimeProvider clock, ILogger<ApiKeyUses> log) : BackgroundService
{
    private const int MostWaiting = 1_000;

    private readonly Channel<(ApiKeyId Key, DateTimeOffset At, string? Address)> _waiting = Channel.CreateBounded<(
        ApiKeyId,
        DateTimeOffset,
        string?
    )>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>At most once a minute and key; never waits.</summary>
    public void Note(ApiKey key, string? address)
    {
        var now = clock.Now();
        if (key.LastUsedAt is null || now - key.LastUsedAt >= NoteApiKeyUse.Every)
            _waiting.Writer.TryWrite((key.Id, now, address));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (key, at, address) in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await note.RunAsync(key, at, address, stoppingToken);
            }
#pragma warning disable CA1031 // One use that could not be written is no reason to write no more.
            catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
            {
                LogFailed(log, exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The last use of an API key could not be written")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
