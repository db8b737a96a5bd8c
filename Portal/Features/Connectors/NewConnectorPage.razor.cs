using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Organizations;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Ui;

namespace Portal.Features.Connectors;

public partial class NewConnectorPage
{
    /// <summary>Topics to choose from; a tenant with more uses the API.</summary>
    private const int MostTopics = 500;

    /// <summary>Where the page says what is wrong there; the rest is said above the button.</summary>
    private static readonly string?[] Fields =
    [
        "name",
        "topics",
        "output",
        "instances",
        "subscription",
        "startAt",
        "maxRetries",
        "deadLetterTopic",
        "type",
    ];

    private Loading<ConnectorDefinition> _definition = new Loading<ConnectorDefinition>.Pending();
    private ConnectorDraft? _draft;
    private ConnectorManifest? _manifest;
    private IReadOnlyList<Problem.Invalid> _problems = [];
    private readonly PackageVersionChoice _versions = new();
    private ConnectorTopics _topics = new();
    private ConnectorBeginning _beginning = new();
    private string? _shown;
    private string _name = "";
    private string _instances = "1";
    private string _subscription = "";
    private Guarantee _guarantee = Guarantee.AtLeastOnce;
    private PriceBook? _book;
    private Problem? _problem;
    private bool _busy;

    [Parameter]
    public string Org { get; set; } = "";

    [Parameter]
    public string Tenant { get; set; } = "";

    /// <summary>The chosen one, such as <c>sink:http-post</c>; null shows the catalog.</summary>
    [SupplyParameterFromQuery]
    public string? Type { get; set; }

    [SupplyParameterFromQuery]
    public string? Search { get; set; }

    [CascadingParameter]
    public OrganizationSummary? Organization { get; set; }

    [Inject]
    public required GetOrganization GetOrganization { get; init; }

    [Inject]
    public required ListPackageVersions ListPackageVersions { get; init; }

    [Inject]
    public required GetConnectorType GetConnectorType { get; init; }

    [Inject]
    public required ListTopicsOfOrganization ListTopicsOfOrganization { get; init; }

    [Inject]
    public required CreateConnector CreateConnector { get; init; }

    [Inject]
    public required GetPrices GetPrices { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    private bool IsAtField => Fields.Contains(_problem.Field());

    protected override async Task OnParametersSetAsync()
    {
        if (_shown == (Type ?? ""))
            return;
        _shown = Type ?? "";
        (_problems, _problem, _topics, _beginning) = ([], null, new(), new());
        _versions.Clear();
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        _book = await GetPrices.RunAsync(Leaving);
        if (Type is null)
            return;
        var entered = await GetOrganization.RunAsync(Actor, Org, Leaving);
        ConnectorWords.TryKind(Type.Split(':')[0], out var kind);
        _definition = entered.Then(access => access.Foresee(Permission.ManageResources, Scope.Anywhere)).Problem is { } refusal
            ? Outcome.Refused<ConnectorDefinition>(refusal)
            : await GetConnectorType.RunAsync(Actor, Org, Tenant, kind, TypeName, Leaving);
        if (Package is { } package)
        {
            await _versions.ReadAsync(ListPackageVersions, Actor, (Org, Tenant, package.Namespace, package.Name), present: null, Leaving);
            if (!_versions.IsAny && _definition.ValueOrDefault is not null)
                _definition = Outcome.Refused<ConnectorDefinition>(
                    new Problem.NotFound("package-not-found", "We couldn't find a version of this package that is ready. Upload one first.")
                );
        }
        _topics = new(kind, await TopicsAsync(kind));
        if (_definition.ValueOrDefault is { } definition)
            Begin(definition);
    }

    private async Task<IReadOnlyList<string>> TopicsAsync(ConnectorKind kind)
    {
        var topics = await ListTopicsOfOrganization.RunAsync(Actor, Org, Tenant, new PageRequest(MostTopics), Leaving);
        return topics.IsOk
            ?
            [
                .. topics
                    .Value.Items.Where(topic => topic.IsWanted && (kind == ConnectorKind.Source || topic.Persistent))
                    .Where(topic => Package is not { } package || topic.NamespaceName == package.Namespace)
                    .Select(topic => $"{topic.NamespaceName}/{topic.Name}"),
            ]
            : [];
    }

    /// <summary>Empty, or with what a manifest says of this type.</summary>
    private void Begin(ConnectorDefinition definition)
    {
        var manifest = _manifest?.Kind == definition.Type.Kind && _manifest.Type == definition.Type.Name ? _manifest : null;
        _manifest = null;
        _draft = new(definition, manifest?.Configuration ?? []);
        if (manifest is null)
            return;
        if (!_topics.Take(manifest))
            _problem = new Problem.Invalid(
                "connector-topic-unknown",
                "The manifest's topic isn't in this tenant. Create it first, or choose another one.",
                "topics"
            );
        _subscription = manifest.Subscription ?? "";
        _beginning = ConnectorBeginning.Of(manifest, Zone);
        (_guarantee, _instances) = (
            manifest.Guarantee ?? Guarantee.AtLeastOnce,
            (manifest.Instances ?? 1).ToString(CultureInfo.InvariantCulture)
        );
    }

    /// <summary>What the address says after the kind, as the rules have it: the namespace of a package stands apart.</summary>
    private string TypeName =>
        Package is { } package ? PackageUse.TypeOf(package.Name) : Type![(Type!.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private (string Namespace, string Name)? Package =>
        PackageUse.NameIn(Type?[(Type.IndexOf(':', StringComparison.Ordinal) + 1)..])?.Split('/') is [var @namespace, var name]
            ? (@namespace, name)
            : null;

    private void StartFrom(ConnectorManifest manifest)
    {
        _manifest = manifest;
        Navigation.NavigateTo(Links.NewConnector(Org, Tenant, ConnectorType.KeyOf(manifest.Kind, manifest.Type!)));
    }

    /// <summary>What running it costs; null before the prices are known.</summary>
    private string? CostWords =>
        Organization is { Plan: var plan } && Instances is { } count and > 0 ? ConnectorText.CostWithData(plan, _book, count) : null;

    /// <summary>As typed; null for what is no number.</summary>
    private int? Instances =>
        int.TryParse(_instances.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

    private bool IsFunction => _definition.ValueOrDefault is { Type.Kind: ConnectorKind.Function };

    /// <summary>What a trial met with at a setting is said there.</summary>
    private void Mark(IReadOnlyList<Problem.Invalid> problems)
    {
        _problems = problems;
        StateHasChanged();
    }

    private string InstancesHint =>
        Organization is { Plan: var plan } && plan.Limits.Connectors is { } most
            ? $"Your plan allows {Counted.Of(most, "connector instance")} in the whole organization."
            : "Each one is charged while it runs.";

    private async Task CreateAsync()
    {
        if (_busy || _definition.ValueOrDefault is not { } definition || _draft is not { } draft)
            return;
        if (!draft.Configuration().TryGet(out var configuration, out var malformed))
        {
            _problems = [(Problem.Invalid)malformed];
            return;
        }
        // All that is wrong at once; the use case would say the first thing only.
        _problems = ConnectorConfiguration.Check(definition, configuration, []);
        _problem = ConnectorName.Create(_name.Trim(), definition.Type.Kind).Problem ?? _beginning.StartAt(Zone).Problem;
        _busy = _problems.Count == 0 && _problem is null;
        if (!_busy)
            return;
        var wanted = Wanted(definition.Type, configuration, draft.HiddenNames);
        var made = await CreateConnector.RunAsync(Actor, Org, Tenant, wanted, Leaving);
        (_problem, _busy) = (made.Problem, false);
        if (made.IsOk)
            Navigation.NavigateTo(Links.Connector(Org, Tenant, made.Value.NamespaceName, made.Value.Name));
    }

    private NewConnector Wanted(ConnectorType type, JsonObject configuration, IReadOnlyList<string> secrets)
    {
        var (reads, isSink) = (type.Kind != ConnectorKind.Source, type.Kind == ConnectorKind.Sink);
        return new(
            _topics.Chosen.Count == 0 ? "default" : _topics.Chosen[0].Split('/')[0],
            _name.Trim(),
            type.Kind,
            type.Name,
            _topics.Chosen,
            _subscription.Trim() is { Length: > 0 } subscription ? subscription : null,
            _beginning.Position == ConnectorBeginning.Earliest,
            _guarantee,
            Instances ?? 0,
            configuration,
            Stopped: false
        )
        {
            Output = _topics.ChosenOutput,
            CreateOutput = _topics.CreatesOutput || _topics.Creates,
            Secrets = secrets,
            PackageVersion = _versions.Version,
            ClassName = _versions.Class,
            StartAt = reads ? _beginning.StartAt(Zone).Value : null,
            MaxRetries = isSink ? _beginning.MaxRetries : null,
            DeadLetterTopic = isSink ? _beginning.DeadLetterTopic : null,
            CreateDeadLetterTopic = isSink && _beginning.PutsAside,
        };
    }
}
