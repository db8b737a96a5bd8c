using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Credentials;

/// <summary>A key step by step, and then its token, once; leaving the page is the end of the token here.</summary>
public partial class NewKeyPage
{
    private static readonly (string Key, string Text, string Heading)[] All =
    [
        (KeyDraft.NameStep, "Name", "Name the key"),
        (KeyDraft.AccessStep, "Access", "What it may do"),
        (KeyDraft.ExpiryStep, "Expiry", "How long it works"),
        (KeyDraft.ReviewStep, "Review", "Review and create"),
    ];

    private readonly HashSet<string> _seen = [];
    private readonly KeyDraft _draft = new();
    private Loading<PageOf<NamespaceSummary>> _namespaces = new Loading<PageOf<NamespaceSummary>>.Pending();
    private PageOf<Topic> _topics = new([], null);
    private bool _busy;
    private bool? _goOn;
    private NewKey? _made;
    private Problem? _problem;
    private string? _wrong;
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
    public string? Step { get; set; }

    /// <summary>A topic of the namespace that is chosen to begin with.</summary>
    [SupplyParameterFromQuery]
    public string? Namespace { get; set; }

    [SupplyParameterFromQuery]
    public string? Topic { get; set; }

    [Inject]
    public required GetOrganization GetOrganization { get; init; }

    [Inject]
    public required CreateKey CreateKey { get; init; }

    [Inject]
    public required ListNamespaces ListNamespaces { get; init; }

    [Inject]
    public required ListTopics ListTopics { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    private string Current => All.Any(step => step.Key == Step) ? Step! : KeyDraft.NameStep;

    private int Index => Array.FindIndex(All, step => step.Key == Current);

    /// <summary>What was begun for one topic is not offered for another.</summary>
    private string DraftName => KeptDraft.NameOf(Actor, $"key/{Org}/{Tenant}/{Namespace}/{Topic}");

    private string Back =>
        Namespace is not null && Topic is not null ? Links.KeysOf(Org, Tenant, Namespace, Topic) : Links.Tenant(Org, Tenant, "connect");

    private IReadOnlyList<WizardStep> Steps =>
        [
            .. All.Select(step => new WizardStep(
                step.Key,
                step.Text,
                step.Key == KeyDraft.NameStep && (_wrong ?? ErrorOf("name")) is not null ? StepMark.Wrong
                    : _seen.Contains(step.Key) && step.Key != Current ? StepMark.Done
                    : StepMark.Open
            )),
        ];

    protected override Task OnInitializedAsync() => _loading = LoadAsync();

    protected override void OnParametersSet()
    {
        if (_shown == Current)
            return;
        _focus = _shown is not null;
        if (_shown is not null)
            _seen.Add(_shown);
        _shown = Current;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focus || _made is not null || _namespaces.ValueOrDefault is not { Items.Count: > 0 })
            return;
        _focus = false;
        await _heading.FocusAsync();
    }

    /// <summary>With the new key: the one that it was made for, or the first that it covers. Null where there is none yet.</summary>
    private Topic? TestedTopic =>
        _topics
            .Items.Where(topic =>
                topic.State == ResourceState.Ready
                && topic.Beside is null
                && (_draft.Topics.Count == 0 || _draft.Topics.Contains(topic.Name))
            )
            .OrderByDescending(topic => topic.Name == Topic)
            .FirstOrDefault();

    private List<string> Names => [.. (_namespaces.ValueOrDefault?.Items ?? []).Select(item => item.Namespace.Name)];

    private async Task LoadAsync()
    {
        var entered = await GetOrganization.RunAsync(Actor, Org, Leaving);
        _namespaces = entered.Then(access => access.Foresee(Permission.ManageKeys, Scope.Anywhere)).Problem is { } refusal
            ? Outcome.Refused<PageOf<NamespaceSummary>>(refusal)
            : await ListNamespaces.RunAsync(Actor, Org, Tenant, new PageRequest(PageRequest.MaxLimit), Leaving);
        _draft.Namespace ??= Names.Contains(Namespace ?? "") ? Namespace : Names.FirstOrDefault();
        await LoadTopicsAsync();
        if (Topic is null || _draft.Namespace != Namespace || _topics.Items.All(topic => topic.Name != Topic))
            return;
        _draft.Named = true;
        _draft.Chosen.Add(Topic);
    }

    private async Task LoadTopicsAsync()
    {
        if (_draft.Namespace is null)
            return;
        var found = await ListTopics.RunAsync(Actor, Org, Tenant, _draft.Namespace, new PageRequest(PageRequest.MaxLimit), Leaving);
        _topics = found.IsOk ? found.Value : new([], null);
    }

    private Task ChooseAsync()
    {
        _draft.Chosen.Clear();
        return LoadTopicsAsync();
    }

    /// <summary>What the browser kept of an earlier look.</summary>
    private async Task RestoreAsync(IReadOnlyDictionary<string, string> kept)
    {
        // What was chosen is among what there is, once that is known.
        await _loading;
        var before = _draft.Namespace;
        _draft.Take(kept, Names);
        if (_draft.Namespace != before)
            await LoadTopicsAsync();
        // Of another namespace, or gone since.
        _draft.Chosen.IntersectWith(_topics.Items.Select(topic => topic.Name));
        StateHasChanged();
    }

    private string StepAddress(string key) => WizardSteps.Address(Navigation, key, KeyDraft.NameStep);

    private static string HeadingOf(string key) => All.First(step => step.Key == key).Heading;

    /// <summary>What was wrong was wrong with what stood there.</summary>
    private void Changed() => (_problem, _wrong) = (null, null);

    private Task SubmitAsync()
    {
        var goOn = _goOn ?? Current is KeyDraft.AccessStep or KeyDraft.ExpiryStep;
        _goOn = null;
        if (!goOn)
            return CreateAsync();
        _wrong = Current == KeyDraft.NameStep ? Label.Create(_draft.Name, "name").Problem?.Message : null;
        if (_wrong is null)
            Navigation.NavigateTo(StepAddress(Steps[Index + 1].Key));
        return Task.CompletedTask;
    }

    private async Task CreateAsync()
    {
        if (_busy)
            return;
        _busy = true;
        var made = await CreateKey.RunAsync(Actor, Org, _draft.Request(Tenant, Clock.Now()), Leaving);
        (_busy, _problem) = (false, made.Problem);
        if (made.IsOk)
        {
            if (_browser is not null)
                await _browser.ForgetAsync();
            _made = made.Value;
        }
        else if (ErrorOf("name") is not null && Current != KeyDraft.NameStep)
        {
            Navigation.NavigateTo(StepAddress(KeyDraft.NameStep));
        }
    }

    private string? ErrorOf(string field) =>
        _problem is Problem.Invalid { Field: var invalid } && invalid == field ? _problem.Message : null;
}
