using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Tenants;
using Portal.Ui;

namespace Portal.Features.Migration;

public sealed partial class GroupMoveView
{
    private static readonly Dictionary<string, object?> Back = new() { ["group"] = null, ["after"] = null };

    private Loading<GroupPage> _view = new Loading<GroupPage>.Pending();
    private ValueTuple<string?>? _shown;
    private string? _topic;
    private bool _busy;
    private Problem? _problem;

    [Inject]
    public required GetGroupMove GetGroupMove { get; init; }

    [Inject]
    public required ListGroupPositions ListGroupPositions { get; init; }

    [Inject]
    public required GetConnection GetConnection { get; init; }

    [Inject]
    public required ConfirmMove ConfirmMove { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Parameter, EditorRequired]
    public required string Org { get; set; }

    [Parameter, EditorRequired]
    public required KafkaMigration Migration { get; set; }

    /// <summary>In Kafka.</summary>
    [Parameter, EditorRequired]
    public required string Group { get; set; }

    /// <summary>The cursor of its positions.</summary>
    [Parameter]
    public string? After { get; set; }

    // What changed by itself comes with the next tick.
    protected override async Task OnParametersSetAsync()
    {
        if (_shown is { } shown && shown.Item1 == After)
            return;
        _shown = new(After);
        await LoadAsync();
    }

    private async Task LoadAsync() => _view = await ReadAsync(Leaving);

    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var found = await ReadAsync(cancellationToken);
        _view = Loading.Refresh(_view, found);
        StateHasChanged();
        return found.IsOk;
    }

    private async Task<Outcome<GroupPage>> ReadAsync(CancellationToken cancellationToken)
    {
        if (!(await GetGroupMove.RunAsync(Actor, Org, Migration.Id, Group, cancellationToken)).TryGet(out var group, out var problem))
            return problem;
        var positions = new PageOf<GroupPosition>([], null);
        if (
            group.Standing.Moved is not null
            && !(
                await ListGroupPositions.RunAsync(Actor, Org, Migration.Id, Group, PageRequest.OfPage(25, After, null), cancellationToken)
            ).TryGet(out positions!, out problem)
        )
            return problem;
        var connection = await GetConnection.RunAsync(Actor, Org, Migration.TenantName, cancellationToken);
        return new GroupPage(group, positions, connection.IsOk ? connection.Value : null);
    }

    private async Task MoveAsync(GroupStanding standing)
    {
        var parameters = new DialogParameters<GroupDialog>
        {
            { dialog => dialog.Org, Org },
            { dialog => dialog.Migration, Migration.Id },
            { dialog => dialog.Standing, standing },
        };
        if (await (await Dialogs.ShowAsync<GroupDialog>(null, parameters)).Result is { Canceled: false })
            await LoadAsync();
    }

    private async Task ConfirmAsync()
    {
        var parameters = new DialogParameters<ConfirmMoveDialog>
        {
            { dialog => dialog.Org, Org },
            { dialog => dialog.Migration, Migration.Id },
            { dialog => dialog.Group, Group },
        };
        if (await (await Dialogs.ShowAsync<ConfirmMoveDialog>(null, parameters)).Result is { Canceled: false })
            await LoadAsync();
    }

    private async Task TakeBackAsync()
    {
        _busy = true;
        _problem = (await ConfirmMove.RunAsync(Actor, Org, Migration.Id, Group, null, moved: false, null, Leaving)).Problem;
        _busy = false;
        await LoadAsync();
    }

    private static string Type(GroupPage view)
    {
        var standing = view.Group.Standing;
        return SuggestedSubscription.TypeOf(
            standing.Moved is { LookedAt: not null } seen ? seen.Members : standing.Inventory?.Members ?? 0,
            view.Group.Targets.Sum(target => (long)Math.Max(1, target.Partitions))
        );
    }

    private static string Kafka(GroupStanding standing)
    {
        var (state, members) = standing.Moved is { LookedAt: not null } seen
            ? (seen.KafkaState, seen.Members)
            : (standing.Inventory?.State, standing.Inventory?.Members ?? 0);
        return $"{state ?? "not looked at yet"}, {(members == 0 ? "no members" : Counted.Of(members, "member"))}";
    }

    private static string Pulsar(MovedGroup? moved) =>
        moved switch
        {
            null or { PositionedAt: null } => "no subscription yet",
            { Consumers: > 0 } => $"{Counted.Of(moved.Consumers, "consumer")} connected",
            _ => "no consumer connected",
        };

    private sealed record GroupPage(GroupMoveDetail Group, PageOf<GroupPosition> Positions, Connection? Connection);
}
