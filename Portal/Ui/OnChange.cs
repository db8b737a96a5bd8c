using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Notices;
using Portal.Domain.Organizations;

namespace Portal.Ui;

/// <summary>
/// Calls <see cref="Tick"/> when something of the organization, or of the platform, was changed by anybody on any replica.
/// Changes that come in a burst are one; nothing is asked while nothing changes.
/// </summary>
public sealed class OnChange : ComponentBase, IDisposable
{
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private CancellationTokenSource _gone = new();

    [Inject]
    public required IHostApplicationLifetime Lifetime { get; init; }

    [Inject]
    public required WatchOrganization WatchOrganization { get; init; }

    [Inject]
    public required WatchPlatform WatchPlatform { get; init; }

    [Inject]
    public required WatchNotices WatchNotices { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [CascadingParameter]
    public required Actor Actor { get; set; }

    /// <summary>The organization's slug; null for the platform.</summary>
    [Parameter]
    public string? Org { get; set; }

    /// <summary>Polls of the clusters are changes too: for pages that show usage.</summary>
    [Parameter]
    public bool Metering { get; set; }

    /// <summary>The account's notifications, in place of an organization or the platform.</summary>
    [Parameter]
    public bool Notices { get; set; }

    /// <summary>False makes it listen less eagerly for a while: reading failed.</summary>
    [Parameter, EditorRequired]
    public required Func<CancellationToken, Task<bool>> Tick { get; set; }

    // A portal that stops reads and paints nothing more: what that takes is going away under the open pages.
    protected override void OnInitialized() => _gone = CancellationTokenSource.CreateLinkedTokenSource(Lifetime.ApplicationStopping);

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            _ = InvokeAsync(RunAsync);
    }

    public void Dispose()
    {
        if (_gone.IsCancellationRequested)
            return;
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task RunAsync()
    {
        if (_gone.IsCancellationRequested)
            return;
        var gone = _gone.Token;
        try
        {
            while (!gone.IsCancellationRequested)
            {
                var watched =
                    Notices ? await WatchNotices.RunAsync(Actor, gone)
                    : Org is { } org ? await WatchOrganization.RunAsync(Actor, org, Metering, gone)
                    : await WatchPlatform.RunAsync(Actor, gone);
                // What a reader may not see does not change for them either; the page itself says why.
                if (!watched.TryGet(out var listener, out _))
                    return;
                using (listener)
                    await FollowAsync(listener, gone);
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The page was left, or the portal stops.
        }
    }

    /// <summary>Until the page shows another organization, or what an account's notifications come from may be others.</summary>
    private async Task FollowAsync(IChangeListener listener, CancellationToken gone)
    {
        var org = Org;
        // What changed between the page's own reading and now is read once more.
        for (var (changed, ticks) = (true, 0); Org == org; changed = await listener.WaitAsync(Longest, gone))
        {
            if (!changed)
                continue;
            // The next listener begins with a tick of its own.
            if (Notices && ticks++ > 0)
                return;
            await Task.Delay(await Tick(gone) ? Burst : BetweenTries, Clock, gone);
        }
    }
}
