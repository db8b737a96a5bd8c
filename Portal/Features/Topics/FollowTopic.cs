using Microsoft.AspNetCore.Components;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

/// <summary>Hands on the live figures of a topic while its page is open. Shows nothing itself.</summary>
public sealed class FollowTopic : PortalComponent
{
    private TopicWatch? _watch;

    [Parameter, EditorRequired]
    public required string Org { get; set; }

    [Parameter, EditorRequired]
    public required string Tenant { get; set; }

    [Parameter, EditorRequired]
    public required string Namespace { get; set; }

    [Parameter, EditorRequired]
    public required string Name { get; set; }

    /// <summary>Each look in turn: the figures, or why there are none.</summary>
    [Parameter, EditorRequired]
    public required EventCallback<Outcome<TopicStats>> OnLook { get; set; }

    [Inject]
    public required IHostApplicationLifetime Lifetime { get; init; }

    [Inject]
    public required WatchTopicLive WatchTopicLive { get; init; }

    /// <summary>Does not wait for the next look in turn; begins again when watching was refused.</summary>
    public Task LookNowAsync()
    {
        if (_watch is not { } watch)
            return RunAsync();
        watch.LookNow();
        return Task.CompletedTask;
    }

    // Not while the server paints the page first: a cluster that hangs would keep the whole page from the reader.
    protected override Task OnAfterRenderAsync(bool firstRender) => firstRender ? RunAsync() : Task.CompletedTask;

    private async Task RunAsync()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Leaving, Lifetime.ApplicationStopping);
        try
        {
            var watched = await WatchTopicLive.RunAsync(Actor, Org, Tenant, Namespace, Name, over.Token);
            if (!watched.TryGet(out var watch, out var problem))
            {
                await OnLook.InvokeAsync(problem);
                return;
            }
            using (_watch = watch)
                while (true)
                    await OnLook.InvokeAsync(await watch.NextAsync(over.Token));
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The page was left, or the portal stops.
        }
        finally
        {
            _watch = null;
        }
    }
}
