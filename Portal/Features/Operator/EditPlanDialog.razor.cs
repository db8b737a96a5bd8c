using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Features.Operator;

/// <summary>Edits a plan in two steps: its limits, then what publishing them would mean.</summary>
public partial class EditPlanDialog
{
    private const int PageSize = 20;

    private string _name = "";
    private string _note = "";
    private IReadOnlyList<LimitInput> _inputs = [];
    private IReadOnlyDictionary<string, long?> _limits = new Dictionary<string, long?>();
    private PlanPreview? _preview;
    private string? _after;
    private bool _busy;
    private Problem? _problem;

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    [Inject]
    public required PreviewPlan PreviewPlan { get; init; }

    [Inject]
    public required PublishPlan PublishPlan { get; init; }

    /// <summary>The version to begin from.</summary>
    [Parameter, EditorRequired]
    public required PlanVersion Version { get; set; }

    // The note stands last; the other fields may be out of sight, so what is wrong with them is said beside the button, too.
    private bool IsAtField => _preview is null && _problem is Problem.Invalid { Field: "note" };

    private IEnumerable<(string What, string Before, string After)> Changes
    {
        get
        {
            if (_name.Trim() != Version.Name)
                yield return ("Name", Version.Name, _name.Trim());
            var before = Version.Limits;
            foreach (var kind in LimitKinds.All)
                if (before[kind] != _limits[kind.Text()])
                    yield return (kind.Title(), Words(kind, before[kind]), Words(kind, _limits[kind.Text()]));
        }
    }

    protected override void OnInitialized() => (_name, _inputs) = (Version.Name, LimitInput.Of(Version.Limits));

    private static string Words(LimitKind kind, long? limit) => limit is { } most ? kind.Words(most) : "no limit";

    private static string Sentence(PlanPreview preview) =>
        preview switch
        {
            { Organizations: 0 } => "No organization is on this plan.",
            { Over: 0, Organizations: 1 } => "The one organization on this plan fits the new limits.",
            { Over: 0 } => $"All {preview.Organizations} organizations on this plan fit the new limits.",
            _ => $"{preview.Over} of {preview.Organizations} {(preview.Organizations == 1 ? "organization" : "organizations")} on "
                + $"this plan {(preview.Over == 1 ? "is" : "are")} over the new limits. "
                + "Nothing is deleted, but nothing more can be created there until it fits.",
        };

    private string? ErrorOf(string field) => _problem is Problem.Invalid { Field: var at } && at == field ? _problem.Message : null;

    private async Task PreviewAsync(string? after)
    {
        if (!LimitInput.Read(_inputs).TryGet(out var limits, out _problem))
            return;
        if (after is null && _preview is null && PublishPlan.Check(_name, limits, _note) is { } refusal)
        {
            _problem = refusal;
            return;
        }
        _busy = true;
        var preview = await PreviewPlan.RunAsync(Actor, Plan.Text(Version.Plan), limits, PageRequest.OfPage(PageSize, after), Leaving);
        (_busy, _problem) = (false, preview.Problem);
        if (!preview.IsOk)
            return;
        _limits = limits;
        (_preview, _after) = (preview.Value, after);
    }

    private async Task PublishAsync()
    {
        _busy = true;
        var published = await PublishPlan.RunAsync(Actor, Plan.Text(Version.Plan), _name, _limits, _note, Version.Version, Leaving);
        (_busy, _problem) = (false, published.Problem);
        if (published.IsOk)
            Dialog.Close(true);
    }
}
