using Portal.Domain.Provisioning;

namespace Portal.Adapters.PortalDatabase;

/// <summary>The bell of this process. Rings while nobody listens are kept as one. Other replicas look every 2 s anyway.</summary>
internal sealed class OutboxBell(TimeProvider clock) : IOutboxBell
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _rung = New();

    public void Ring()
    {
        lock (_gate) _rung.TrySetResult();
    }

    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        TaskCompletionSource rung;
        lock (_gate) rung = _rung;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(rung.Task, Task.Delay(atMost, clock, stop.Token));
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_rung.Task.IsCompleted) _rung = New();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
