using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Ui;

namespace Portal.Features.Migration;

public sealed partial class CopyTopicView
{
    private static readonly Dictionary<string, object?> Back = new()
    {
        ["topic"] = null,
        ["after"] = null,
        ["differences"] = null,
    };

    private Loading<CopyTopicPage> _view = new Loading<CopyTopicPage>.Pending();
    private (string?, string?)? _shown;
    private int _remarks = 25;
    private bool _busy;
    private Problem? _problem;

    [Inject]
    public required GetCopiedTopic GetCopiedTopic { get; init; }

    [Inject]
    public required ListCopies ListCopies { get; init; }

    [Inject]
    public required ListCopyDifferences ListCopyDifferences { get; init; }

    [Inject]
    public required SteerCopying SteerCopying { get; init; }

    [Inject]
    public required ProveMigration ProveMigration { get; init; }

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
    public required string Topic { get; set; }

    /// <summary>The cursor of its partitions.</summary>
    [Parameter]
    public string? After { get; set; }

    [Parameter]
    public string? Differences { get; set; }

    // What changed by itself comes with the next tick.
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == (After, Differences))
            return;
        _shown = (After, Differences);
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

    private async Task<Outcome<CopyTopicPage>> ReadAsync(CancellationToken cancellationToken)
    {
        if (!(await GetCopiedTopic.RunAsync(Actor, Org, Migration.Id, Topic, cancellationToken)).TryGet(out var topic, out var problem))
            return problem;
        if (
            !(await ListCopies.RunAsync(Actor, Org, Migration.Id, Topic, PageRequest.OfPage(25, After), cancellationToken)).TryGet(
                out var partitions,
                out problem
            )
        )
            return problem;
        if (
            !(
                await ListCopyDifferences.RunAsync(Actor, Org, Migration.Id, Topic, PageRequest.OfPage(25, Differences), cancellationToken)
            ).TryGet(out var differences, out problem)
        )
            return problem;
        return new CopyTopicPage(topic, partitions, differences);
    }

    private Task SteerAsync(CopyWish wish) =>
        RunAsync(async () => (await SteerCopying.RunAsync(Actor, Org, Migration.Id, Topic, wish, Leaving)).Problem);

    private Task ProveAsync() => RunAsync(async () => (await ProveMigration.RunAsync(Actor, Org, Migration.Id, Topic, Leaving)).Problem);

    private async Task RunAsync(Func<Task<Problem?>> run)
    {
        (_busy, _problem) = (true, null);
        _problem = await run();
        _busy = false;
        await LoadAsync();
    }

    private async Task StopAsync()
    {
        var stopped = await Dialogs.ConfirmAsync(
            "Stop copying",
            $"Stop copying topic {Topic}? Messages written to it in Kafka from now on aren't copied, and a stopped copy can't be "
                + "resumed. What was copied stays in Pulsar.",
            null,
            "Stop copying",
            async (_, cancellationToken) =>
                (await SteerCopying.RunAsync(Actor, Org, Migration.Id, Topic, CopyWish.Stop, cancellationToken)).Problem
        );
        if (stopped)
            await LoadAsync();
    }

    private sealed record CopyTopicPage(CopiedTopic Topic, PageOf<CopyStanding> Partitions, PageOf<PartitionDifference> Differences);
}
