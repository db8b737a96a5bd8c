using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

/// <summary>
/// A topic step by step. The step is in the address, what is typed is in the browser, and nothing is created before all of
/// it is asked for at once: whoever leaves the page in between loses nothing and leaves nothing behind.
/// </summary>
public partial class NewTopicPage
{
    private readonly HashSet<string> _seen = [];
    private Loading<PageOf<NamespaceSummary>> _namespaces = new Loading<PageOf<NamespaceSummary>>.Pending();
    private Loading<NamespacePoliciesView> _policies = new Loading<NamespacePoliciesView>.Pending();
    private TopicDraft _draft = new();
    private IReadOnlyDictionary<string, string> _wrong = new Dictionary<string, string>();
    private PriceBook? _book;
    private bool _priced;
    private bool _busy;
    private bool _kept;
    private bool? _goOn;
    private Problem? _problem;
    private Task _loading = Task.CompletedTask;
    private string? _shown;
    private bool _focus;
    private ElementReference _heading;
    private KeptDraft? _browser;

    [Parameter]
    public string Org { get; set; } = "";

    [Parameter]
    public string Tenant { get; set; } = "";

    [SupplyParameterFromQuery]
    public string? Namespace { get; set; }

    [SupplyParameterFromQuery]
    public string? Step { get; set; }

    [CascadingParameter]
    public OrganizationSummary? Organization { get; set; }

    [Inject]
    public required GetOrganization GetOrganization { get; init; }

    [Inject]
    public required ListNamespaces ListNamespaces { get; init; }

    [Inject]
    public required GetNamespacePolicies GetNamespacePolicies { get; init; }

    [Inject]
    public required CreateTopic CreateTopic { get; init; }

    [Inject]
    public required CheckTopicName CheckTopicName { get; init; }

    [Inject]
    public required GetPrices GetPrices { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    private string Current => TopicDraft.Steps.Any(step => step.Key == Step) ? Step! : TopicDraft.NameStep;

    private int Index => Array.FindIndex(TopicDraft.Steps, step => step.Key == Current);

    /// <summary>One for each tenant: what was begun in one is not offered in another.</summary>
    private string DraftName => KeptDraft.NameOf(Actor, $"topic/{Org}/{Tenant}");

    private IReadOnlyList<WizardStep> Steps => [.. TopicDraft.Steps.Select(step => new WizardStep(step.Key, step.Text, MarkOf(step.Key)))];

    private string Address =>
        $"{(_draft.Persistent ? "persistent" : "non-persistent")}://{Tenant}/{_draft.Namespace}/"
        + (_draft.Name.Trim() is { Length: > 0 } name ? name : "…");

    private string? NameError => _wrong.GetValueOrDefault("name") ?? (FieldOf(_problem) == "name" ? _problem!.Message : null);

    private bool IsAtField => TopicDraft.StepOf(FieldOf(_problem)) == Current;

    protected override async Task OnInitializedAsync()
    {
        await (_loading = LoadAsync());
        _book = await GetPrices.RunAsync(Leaving);
        _priced = true;
    }

    protected override void OnParametersSet()
    {
        if (_shown == Current)
            return;
        // The first step that is shown has the page's own heading before it.
        _focus = _shown is not null;
        if (_shown is not null)
            _seen.Add(_shown);
        _shown = Current;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focus || _namespaces.ValueOrDefault is not { Items.Count: > 0 })
            return;
        _focus = false;
        await _heading.FocusAsync();
        if (_browser is not null)
            await _browser.ReadAsync();
    }

    private async Task LoadAsync()
    {
        var entered = await GetOrganization.RunAsync(Actor, Org, Leaving);
        _namespaces = entered.Then(access => access.Foresee(Permission.ManageResources, Scope.Anywhere)).Problem is { } refusal
            ? Outcome.Refused<PageOf<NamespaceSummary>>(refusal)
            : await ListNamespaces.RunAsync(Actor, Org, Tenant, new PageRequest(PageRequest.MaxLimit), Leaving);
        var names = Names;
        _draft.Namespace ??= Namespace is not null && names.Contains(Namespace) ? Namespace : names.FirstOrDefault();
        await LoadPoliciesAsync();
    }

    private List<string> Names => [.. (_namespaces.ValueOrDefault?.Items ?? []).Select(item => item.Namespace.Name)];

    private async Task LoadPoliciesAsync()
    {
        if (_draft.Namespace is not { } inside)
            return;
        _policies = await GetNamespacePolicies.RunAsync(Actor, Org, Tenant, inside, Leaving);
    }

    /// <summary>What the browser kept of an earlier look, over a reload or from another page.</summary>
    private async Task RestoreAsync(IReadOnlyDictionary<string, string> kept)
    {
        // What was chosen is among what there is, once that is known.
        await _loading;
        var before = _draft.Namespace;
        // A link that names a namespace means it, whatever was chosen before.
        _draft.Take(Namespace is null ? kept : kept.Where(pair => pair.Key != "namespace").ToDictionary(), Names);
        _kept = true;
        if (_draft.Namespace != before)
            await LoadPoliciesAsync();
        StateHasChanged();
    }

    private async Task StartOverAsync()
    {
        if (_browser is not null)
            await _browser.ForgetAsync();
        (_draft, _kept, _problem, _wrong) = (new() { Namespace = _draft.Namespace }, false, null, new Dictionary<string, string>());
        _seen.Clear();
        Navigation.NavigateTo(StepAddress(TopicDraft.NameStep));
    }

    private int? MostPartitions => _policies.ValueOrDefault?.Plan.Limits.PartitionsPerTopic;

    private string StepAddress(string key) => WizardSteps.Address(Navigation, key, TopicDraft.NameStep);

    private StepMark MarkOf(string key) =>
        _wrong.Keys.Any(field => TopicDraft.StepOf(field) == key) || TopicDraft.StepOf(FieldOf(_problem)) == key ? StepMark.Wrong
        : _seen.Contains(key) && key != Current && _draft.Wrong(key, MostPartitions).Count == 0 ? StepMark.Done
        : StepMark.Open;

    private void Named(string name)
    {
        _draft.Name = name;
        Changed();
    }

    /// <summary>What was wrong was wrong with what stood there.</summary>
    private void Changed() => (_problem, _wrong) = (null, _wrong.Where(pair => TopicDraft.StepOf(pair.Key) != Current).ToDictionary());

    private Task<Outcome<Done>> CheckAsync(string name, CancellationToken cancellationToken) =>
        CheckTopicName.RunAsync(Actor, Org, Tenant, _draft.Namespace ?? "", name, cancellationToken);

    private async Task UsePartitionsAsync(int partitions)
    {
        _draft.Partitions = partitions.ToString(CultureInfo.InvariantCulture);
        Changed();
        await WrittenAsync("partitions", _draft.Partitions);
    }

    private Task WrittenAsync(string field, string text) => _browser?.SetAsync(field, text) ?? Task.CompletedTask;

    private Task SubmitAsync()
    {
        var goOn = _goOn ?? Current is not (TopicDraft.NameStep or TopicDraft.ReviewStep);
        _goOn = null;
        if (!goOn)
            return CreateAsync();
        _wrong = _draft.Wrong(Current, MostPartitions);
        if (_wrong.Count == 0)
            Navigation.NavigateTo(StepAddress(Steps[Index + 1].Key));
        return Task.CompletedTask;
    }

    private async Task CreateAsync()
    {
        if (_busy || _draft.Namespace is not { } inside)
            return;
        (_problem, _wrong) = (null, _draft.Wrong(mostPartitions: MostPartitions));
        if (_wrong.Count > 0)
        {
            ShowFirst(TopicDraft.Steps.First(step => _wrong.Keys.Any(field => TopicDraft.StepOf(field) == step.Key)).Key);
            return;
        }
        _busy = true;
        var made = await CreateTopic.RunAsync(Actor, Org, Tenant, inside, _draft.Wanted(), Leaving);
        (_busy, _problem) = (false, made.Problem);
        if (made.IsOk)
        {
            if (_browser is not null)
                await _browser.ForgetAsync();
            Navigation.NavigateTo(Links.Topic(Org, Tenant, inside, made.Value.Name));
        }
        else if (TopicDraft.StepOf(FieldOf(_problem)) is { } step)
        {
            ShowFirst(step);
        }
    }

    /// <summary>Where something has to change first.</summary>
    private void ShowFirst(string step)
    {
        if (step != Current)
            Navigation.NavigateTo(StepAddress(step));
    }

    private static string? FieldOf(Problem? problem) =>
        problem switch
        {
            Problem.OverLimit { Code: "partitions-limit" } => "partitions",
            Problem.OverLimit { Code: "subscriptions-limit" } => "subscriptions",
            _ => problem.Field(),
        };
}
