using Microsoft.AspNetCore.Components;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

public partial class LiveMessages
{
    /// <summary>Rows on the page: a browser that is left open must not grow.</summary>
    internal const int MostShown = 200;

    /// <summary>Without a click for so long, nobody looks any more; and what is read is charged.</summary>
    internal static readonly TimeSpan IdleFor = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Between two paintings: more often nobody can read.
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(300);

    private readonly LinkedList<(long Number, Message Message)> _shown = [];
    private CancellationTokenSource? _following;
    private State _state = State.Following;
    private bool _isIdle;
    private long _touched;
    private long _came;
    private long _looked;
    private long _dropped;
    private bool _skipped;
    private Problem? _problem;
    private Problem? _trouble;

    private enum State
    {
        Following,
        Paused,
        Stopped,
    }

    [Parameter, EditorRequired]
    public required string Org { get; set; }

    [Parameter, EditorRequired]
    public required Topic Topic { get; set; }

    [Parameter]
    public MessageFilter? Filter { get; set; }

    [Parameter, EditorRequired]
    public required EventCallback<Message> OnOpen { get; set; }

    [Inject]
    public required FollowMessages FollowMessages { get; init; }

    [Inject]
    public required IHostApplicationLifetime Lifetime { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    private string Words =>
        _state switch
        {
            State.Following => "Pauses after 5 minutes without a click.",
            State.Paused when _isIdle => "Paused after 5 minutes without a click. Messages sent meanwhile aren't shown here.",
            State.Paused => "Messages sent while paused aren't shown here.",
            _ => "",
        };

    private string Count
    {
        get
        {
            var words =
                _looked > _came ? $"{Counted.Of(_came, "message")} of {_looked:N0} matched. "
                : _came > 0 ? $"{Counted.Of(_came, "message")} received. "
                : "";
            if (_dropped > 0)
                words += $"The newest {MostShown} are kept; {Counted.Of(_dropped, "earlier message")} dropped from this list. ";
            if (_skipped)
                words +=
                    "Some messages were skipped: more arrive than can be shown, or the connection was lost. "
                    + "Read from a time to see them all. ";
            return words;
        }
    }

    // Not while the server paints the page first.
    protected override Task OnAfterRenderAsync(bool firstRender) => firstRender ? FollowAsync() : Task.CompletedTask;

    private void Pause()
    {
        (_state, _isIdle) = (State.Paused, false);
        _following?.Cancel();
    }

    private Task ResumeAsync() => FollowAsync();

    private void Clear()
    {
        Touch();
        _shown.Clear();
        (_came, _looked, _dropped, _skipped) = (0, 0, 0, false);
    }

    private Task OpenAsync(Message message)
    {
        Touch();
        return OnOpen.InvokeAsync(message);
    }

    private void Touch() => _touched = Clock.GetTimestamp();

    private async Task FollowAsync()
    {
        Touch();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Leaving, Lifetime.ApplicationStopping);
        (_following, _state, _problem, _trouble) = (over, State.Following, null, null);
        try
        {
            var followed = await FollowMessages.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, Filter, over.Token);
            if (!followed.TryGet(out var watch, out var problem))
            {
                Stop(over, problem);
                return;
            }
            using (watch)
            {
                while (true)
                {
                    if (!(await watch.NextAsync(Patience, over.Token)).TryGet(out var news, out problem))
                    {
                        Stop(over, problem);
                        return;
                    }
                    Take(news);
                    if (Clock.GetElapsedTime(_touched) >= IdleFor)
                    {
                        (_state, _isIdle) = (State.Paused, true);
                        return;
                    }
                    StateHasChanged();
                    await Task.Delay(Between, Clock, over.Token);
                }
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Paused, the page was left, or the portal stops.
        }
        finally
        {
            if (_following == over)
                _following = null;
            if (!Leaving.IsCancellationRequested)
                StateHasChanged();
        }
    }

    private void Stop(CancellationTokenSource over, Problem problem)
    {
        if (_following == over)
            (_state, _problem) = (State.Stopped, problem);
    }

    private void Take(FollowedMessages news)
    {
        foreach (var message in news.Items)
            _shown.AddFirst((++_came, DecodedText.Shortened(message)));
        while (_shown.Count > MostShown)
        {
            _shown.RemoveLast();
            _dropped++;
        }
        _looked += news.Looked;
        _dropped += news.Missed;
        _skipped |= news.Skipped;
        _trouble = news.Trouble;
    }
}
