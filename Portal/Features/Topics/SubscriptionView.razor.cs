using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

/// <summary>
/// Its figures follow the topic's live ones, which all who watch share. What costs brokers a closer look (the oldest message,
/// who is connected) is asked for when it is opened, after each action, and every <see cref="CloserEvery"/> looks.
/// </summary>
public partial class SubscriptionView
{
    private const int CloserEvery = 6;

    private Loading<SubscriptionDetail> _detail = new Loading<SubscriptionDetail>.Pending();
    private TopicStats? _seen;
    private string? _shown;
    private int _looks;
    private string? _done;

    [Parameter, EditorRequired]
    public required string Org { get; set; }

    [Parameter, EditorRequired]
    public required Topic Topic { get; set; }

    [Parameter, EditorRequired]
    public required string Name { get; set; }

    [Parameter, EditorRequired]
    public required Loading<TopicStats> Live { get; set; }

    [Inject]
    public required GetSubscription GetSubscription { get; init; }

    [Inject]
    public required ClearBacklog ClearBacklog { get; init; }

    [Inject]
    public required DeleteSubscription DeleteSubscription { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required ISnackbar Snackbar { get; init; }

    private string Back => Links.Topic(Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, "subscriptions");

    /// <summary>The newest figures there are.</summary>
    private SubscriptionStats Now =>
        Live.ValueOrDefault?.Subscriptions.FirstOrDefault(one => one.Name == Name) ?? _detail.ValueOrDefault!.Figures;

    private bool CountsUnacknowledged => Now.Type is "Shared" or "Key_Shared";

    protected override async Task OnParametersSetAsync()
    {
        if (_shown != Name)
        {
            (_shown, _done, _detail) = (Name, null, new Loading<SubscriptionDetail>.Pending());
            await LoadAsync();
        }
        else if (Live.ValueOrDefault is { } live && !ReferenceEquals(live, _seen))
        {
            _seen = live;
            if (++_looks % CloserEvery == 0)
                await RefreshAsync();
        }
    }

    private async Task LoadAsync() => _detail = await LookAsync();

    private async Task RefreshAsync() => _detail = Loading.Refresh(_detail, await LookAsync());

    private Task<Outcome<SubscriptionDetail>> LookAsync() =>
        GetSubscription.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, Name, Leaving);

    private Task SkipAsync(SubscriptionDetail detail) =>
        ActAsync<SkipMessagesDialog>(
            "Skip messages",
            "Messages skipped.",
            new DialogParameters<SkipMessagesDialog>
            {
                { opened => opened.Org, Org },
                { opened => opened.Topic, Topic },
                { opened => opened.Subscription, detail },
            }
        );

    private Task ExpireAsync(SubscriptionDetail detail) =>
        ActAsync<ExpireMessagesDialog>(
            "Expire old messages",
            "Old messages expired.",
            new DialogParameters<ExpireMessagesDialog>
            {
                { opened => opened.Org, Org },
                { opened => opened.Topic, Topic },
                { opened => opened.Subscription, detail },
            }
        );

    private Task RewindAsync(SubscriptionDetail detail, bool byMessage) =>
        ActAsync<RewindDialog>(
            "Rewind",
            "Subscription rewound.",
            new DialogParameters<RewindDialog>
            {
                { opened => opened.Org, Org },
                { opened => opened.Topic, Topic },
                { opened => opened.Subscription, detail },
                { opened => opened.ByMessage, byMessage },
            }
        );

    private async Task ActAsync<TDialog>(string title, string done, DialogParameters parameters)
        where TDialog : IComponent
    {
        var dialog = await Dialogs.ShowAsync<TDialog>(title, parameters);
        if (await dialog.GetReturnValueAsync<SubscriptionChange>() is { } change)
            Show(done, change);
    }

    private async Task ClearAsync(SubscriptionDetail detail)
    {
        SubscriptionChange? change = null;
        await Dialogs.ConfirmAsync(
            "Clear backlog",
            $"Clear the backlog of {Name}? {BacklogText.Cleared(Now)}",
            SubscriptionsTab.Typable(Name),
            "Clear backlog",
            async (_, cancellationToken) =>
            {
                var cleared = await ClearBacklog.RunAsync(
                    Actor,
                    Org,
                    Topic.TenantName,
                    Topic.NamespaceName,
                    Topic.Name,
                    Name,
                    detail.Figures.Backlog,
                    cancellationToken
                );
                change = cleared.IsOk ? cleared.Value : null;
                return cleared.Problem;
            }
        );
        if (change is not null)
            Show("Backlog cleared.", change);
    }

    private void Show(string done, SubscriptionChange change)
    {
        _done = BacklogText.Done(done, change);
        if (change.After is { } after)
            _detail = new Loading<SubscriptionDetail>.Ready(after);
    }

    private async Task DeleteAsync(SubscriptionDetail detail)
    {
        var deleted = await Dialogs.ConfirmAsync(
            "Delete subscription",
            $"Delete subscription {Name}? {BacklogText.Lost(Now)}",
            SubscriptionsTab.Typable(Name),
            "Delete subscription",
            async (force, cancellationToken) =>
                (
                    await DeleteSubscription.RunAsync(
                        Actor,
                        Org,
                        Topic.TenantName,
                        Topic.NamespaceName,
                        Topic.Name,
                        Name,
                        force,
                        cancellationToken
                    )
                ).Problem,
            detail.Figures.Consumers > 0 ? "Disconnect its consumers" : null
        );
        if (!deleted)
            return;
        Snackbar.Add($"Subscription {Name} deleted.");
        Navigation.NavigateTo(Back);
    }

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
