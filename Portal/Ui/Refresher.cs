using Microsoft.AspNetCore.Components;

namespace Portal.Ui;

/// <summary>
/// Calls <see cref="Tick"/> again and again while the page is open: never two at once, never while the server paints the
/// page first, slower after each failure, and not at all once the page is left.
/// </summary>
public sealed class Refresher : ComponentBase, IDisposable
{
    private static readonly TimeSpan Slowest = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _gone = new();
    private PeriodicTimer? _timer;
    private TimeSpan _every;
    private int _failures;

    [Inject] public required TimeProvider Clock { get; init; }

    [Parameter, EditorRequired] public TimeSpan Every { get; set; }

    /// <summary>True when it went well; false makes the next one wait twice as long, up to a minute.</summary>
    [Parameter, EditorRequired] public required Func<CancellationToken, Task<bool>> Tick { get; set; }

    protected override void OnAfterRender(bool firstRender)
    {
        if (!firstRender) return;
        _timer = new PeriodicTimer(_every = Every, Clock);
        _ = InvokeAsync(RunAsync);
    }

    // Setting the period restarts the timer, so only a changed one is set: a page that renders often must still refresh.
    protected override void OnParametersSet()
    {
        if (_timer is null || _every == Every || _gone.IsCancellationRequested) return;
        _every = Every;
        _timer.Period = Wait();
    }

    public void Dispose()
    {
        if (_gone.IsCancellationRequested) return;
        _gone.Cancel();
        _gone.Dispose();
        _timer?.Dispose();
    }

    private async Task RunAsync()
    {
        var gone = _gone.Token;
        try
        {
            while (await _timer!.WaitForNextTickAsync(gone))
            {
                _failures = await Tick(gone) ? 0 : Math.Min(_failures + 1, 6);
                if (gone.IsCancellationRequested) return;
                if (_timer.Period != Wait()) _timer.Period = Wait();
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The page was left.
        }
    }

    private TimeSpan Wait()
    {
        var wait = Every * Math.Pow(2, _failures);
        return wait > Slowest && Every < Slowest ? Slowest : wait;
    }
}
