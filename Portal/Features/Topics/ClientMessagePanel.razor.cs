using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

public partial class ClientMessagePanel
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private State _state = State.Idle;
    private CancellationTokenSource? _waiting;
    private DateTimeOffset _until;
    private Message? _message;
    private TopicStats? _live;
    private bool _watching;
    private int _passedOver;
    private Problem? _problem;
    private Problem? _trouble;

    private enum State
    {
        Idle,
        Waiting,
        Came,
        Over,
        Stopped,
    }

    [Parameter, EditorRequired]
    public required string Org { get; set; }

    [Parameter, EditorRequired]
    public required Topic Topic { get; set; }

    /// <inheritdoc cref="ClientTestCard.Keys"/>
    [Parameter]
    public IReadOnlyList<string>? Keys { get; set; }

    /// <inheritdoc cref="ClientTestCard.Server"/>
    [Parameter]
    public string? Server { get; set; }

    [Inject]
    public required AwaitClientMessage AwaitClientMessage { get; init; }

    [Inject]
    public required IHostApplicationLifetime Lifetime { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    private void Stop()
    {
        _state = State.Stopped;
        _waiting?.Cancel();
    }

    /// <summary>Which producers are connected tells most of why nothing comes. Without figures the other checks are there.</summary>
    private void Look(Outcome<TopicStats> look) => _live = look.IsOk ? look.Value : null;

    private async Task WaitAsync()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Leaving, Lifetime.ApplicationStopping);
        (_waiting, _state, _message, _problem, _trouble, _passedOver, _until, _watching) = (
            over,
            State.Waiting,
            null,
            null,
            null,
            0,
            Clock.GetUtcNow() + ClientMessageWait.Longest,
            true
        );
        try
        {
            if (
                !(
                    await AwaitClientMessage.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, null, over.Token)
                ).TryGet(out var wait, out var problem)
            )
            {
                End(over, State.Stopped, problem);
                return;
            }
            using (wait)
            {
                while (_waiting == over)
                {
                    if (!(await wait.NextAsync(_until - Clock.GetUtcNow(), over.Token)).TryGet(out var news, out problem))
                    {
                        End(over, State.Stopped, problem);
                        return;
                    }
                    (_passedOver, _trouble) = (news.PassedOver, news.Trouble);
                    if (news.Message is { } message)
                    {
                        _message = DecodedText.Shortened(message);
                        End(over, State.Came, null);
                        return;
                    }
                    if (Clock.GetUtcNow() >= _until)
                    {
                        End(over, State.Over, null);
                        return;
                    }
                    StateHasChanged();
                }
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Stopped, the page was left, or the portal stops.
        }
        finally
        {
            if (_waiting == over)
                (_waiting, _watching) = (null, false);
            if (!Leaving.IsCancellationRequested)
                StateHasChanged();
        }
    }

    private void End(CancellationTokenSource over, State state, Problem? problem)
    {
        if (_waiting == over)
            (_state, _problem) = (state, problem);
    }
}
