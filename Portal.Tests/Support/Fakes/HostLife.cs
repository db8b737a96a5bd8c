using Microsoft.Extensions.Hosting;

namespace Portal.Tests.Support.Fakes;

/// <summary>A portal that runs until a test stops it.</summary>
public sealed class HostLife : IHostApplicationLifetime, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    public CancellationToken ApplicationStarted => new(canceled: true);

    public CancellationToken ApplicationStopping => _stopping.Token;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication() => _stopping.Cancel();

    public void Dispose() => _stopping.Dispose();
}
