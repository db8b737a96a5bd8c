using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

public partial class SendBackCard
{
    private DeadLetterStanding? _standing;
    private Problem? _problem;
    private bool _busy;

    [Parameter, EditorRequired]
    public required string Org { get; set; }

    [Parameter, EditorRequired]
    public required Topic Topic { get; set; }

    /// <summary>Ids of messages that are ticked in the list.</summary>
    [Parameter]
    public IReadOnlyCollection<string> Chosen { get; set; } = [];

    /// <summary>The ticked ones were taken.</summary>
    [Parameter]
    public EventCallback OnTaken { get; set; }

    /// <summary>Where messages of this topic can go back to; null when they can't. Called once it is known.</summary>
    [Parameter]
    public EventCallback<string?> OnKnown { get; set; }

    [Inject]
    public required GetSendBack GetSendBack { get; init; }

    [Inject]
    public required SendBack SendBack { get; init; }

    [Inject]
    public required SteerSendBack SteerSendBack { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    private bool IsOpen => _standing?.Last?.State is SendBackState.Running or SendBackState.Paused or SendBackState.Waiting;

    private static string Word(SendBackState state) =>
        state switch
        {
            SendBackState.Running => "sending…",
            SendBackState.Paused => "paused",
            SendBackState.Waiting => "retrying…",
            SendBackState.Done => "done",
            SendBackState.Stopped => "stopped",
            SendBackState.Failed => "failed",
        };

    private static string Mood(SendBackState state) =>
        state switch
        {
            SendBackState.Running => "info busy",
            SendBackState.Done => "good",
            SendBackState.Waiting => "warn",
            SendBackState.Failed => "bad",
            _ => "",
        };

    /// <summary>One message of the list, or those that are ticked.</summary>
    internal async Task SendAsync(IReadOnlyList<string>? chosen, CancellationToken cancellationToken)
    {
        if (_busy)
            return;
        (_busy, _problem) = (true, null);
        var begun = await SendBack.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, chosen, cancellationToken);
        (_busy, _problem) = (false, begun.Problem);
        if (begun.IsOk)
        {
            await LoadAsync();
            await OnTaken.InvokeAsync();
        }
        StateHasChanged();
    }

    protected override async Task OnInitializedAsync()
    {
        await LoadAsync();
        await OnKnown.InvokeAsync(_standing?.Source.Name);
    }

    private async Task LoadAsync()
    {
        var found = await GetSendBack.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, Leaving);
        if (found.IsOk)
            _standing = found.Value;
    }

    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var found = await GetSendBack.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, cancellationToken);
        if (found.IsOk)
            _standing = found.Value;
        StateHasChanged();
        return found.IsOk;
    }

    private Task<bool> AskAsync() =>
        Dialogs.ConfirmAsync(
            "Send all back",
            $"Send every message of {Topic.Name} that hasn't been skipped yet back to {_standing!.Source.Name}? "
                + $"All subscriptions of that topic receive them, not only {_standing.Subscription}. You can leave this page; "
                + "sending goes on.",
            null,
            "Send all back",
            async (_, cancellationToken) =>
            {
                await SendAsync(null, cancellationToken);
                return _problem;
            }
        );

    private async Task SteerAsync(SendBackWish wish)
    {
        if (_busy)
            return;
        _busy = true;
        var steered = await SteerSendBack.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, wish, Leaving);
        (_busy, _problem) = (false, steered.Problem);
        await LoadAsync();
    }
}
