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

    /// <summary>No topic is called so.</summary>
    private const string NewTopic = "";

    private Loading<IReadOnlyList<ConnectorType>> _types = new Loading<IReadOnlyList<ConnectorType>>.Pending();
    private Loading<ConnectorDefinition> _definition = new Loading<ConnectorDefinition>.Pending();
    private ConnectorDraft? _draft;
    private ConnectorManifest? _manifest;
    private IReadOnlyList<Problem.Invalid> _problems = [];
    private List<string> _topics = [];
    private string? _shown;
    private string _name = "";
    private string? _topic;
    private string _instances = "1";
    private string _subscription = "";
    private string _output = NewTopic;
    private string _topicName = "";
    private string _outputName = "";
    private ConnectorBeginning _beginning = new();
    private IReadOnlyList<FunctionPackage> _packages = [],
        _versions = [];
    private string? _version,
        _class;
    private Guarantee _guarantee = Guarantee.AtLeastOnce;
    private HashSet<string> _more = [];
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
    public required ListConnectorTypes ListConnectorTypes { get; init; }

    [Inject]
    public required ListPackages ListPackages { get; init; }

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

    private bool IsAtField =>
        FieldOf(_problem)
            is "name"
                or "topics"
                or "output"
                or "instances"
                or "subscription"
                or "startAt"
                or "maxRetries"
                or "deadLetterTopic"
                or "type";

    protected override async Task OnParametersSetAsync()
    {
        if (_shown == (Type ?? ""))
            return;
        _shown = Type ?? "";
        (_problems, _problem, _more, _output, _outputName, _topicName, _beginning, _versions) = (
            [],
            null,
            [],
            NewTopic,
            "",
            "default/",
            new(),
            []
        );
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var entered = await GetOrganization.RunAsync(Actor, Org, Leaving);
        _book = await GetPrices.RunAsync(Leaving);
        var refusal = entered.Then(access => access.Foresee(Permission.ManageResources, Scope.Anywhere)).Problem;
        if (Type is null)
        {
            _types = refusal is not null
                ? Outcome.Refused<IReadOnlyList<ConnectorType>>(refusal)
                : await ListConnectorTypes.RunAsync(Actor, Org, Tenant, ConnectorFamily.Any, Leaving);
            var packages = refusal is null ? await ListPackages.RunAsync(Actor, Org, Tenant, new PageRequest(MostTopics), Leaving) : null;
            _packages = packages is { IsOk: true }
                ? [.. packages.Value.Items.Where(one => one.State == ResourceState.Ready).DistinctBy(one => one.Path)]
                : [];
            return;
        }
        ConnectorWords.TryKind(Type.Split(':')[0], out var kind);
        _definition = refusal is not null
            ? Outcome.Refused<ConnectorDefinition>(refusal)
            : await GetConnectorType.RunAsync(Actor, Org, Tenant, kind, TypeName, Leaving);
        var topics = await ListTopicsOfOrganization.RunAsync(Actor, Org, Tenant, new PageRequest(MostTopics), Leaving);
        _topics = topics.IsOk
            ?
            [
                .. topics
                    .Value.Items.Where(topic => topic.IsWanted && (kind == ConnectorKind.Source || topic.Persistent))
                    .Select(topic => $"{topic.NamespaceName}/{topic.Name}"),
            ]
            : [];
        if (Package is { } package)
        {
            var versions = await ListPackageVersions.RunAsync(
                Actor,
                Org,
                Tenant,
                package.Namespace,
                package.Name,
                new PageRequest(PageRequest.MaxLimit),
                Leaving
            );
            _versions = versions.IsOk
                ? [.. versions.Value.Items.Select(one => one.Package).Where(one => one.State == ResourceState.Ready)]
                : [];
            if (_versions.Count > 0)
                ChooseVersion(_versions[0].Version);
            else if (_definition.ValueOrDefault is not null)
                _definition = Outcome.Refused<ConnectorDefinition>(
                    new Problem.NotFound("package-not-found", "We couldn't find a version of this package that is ready. Upload one first.")
                );
            _topics = [.. _topics.Where(topic => topic.StartsWith($"{package.Namespace}/", StringComparison.Ordinal))];
        }
        // Of several none is more likely than another: a sink on the wrong one would send what it holds elsewhere.
        _topic = _topics.Count == 1 ? _topics[0] : null;
        if (_definition.ValueOrDefault is { } definition)
            Begin(definition);
    }

    /// <summary>Empty, or with what a manifest says of this type.</summary>
    private void Begin(ConnectorDefinition definition)
    {
        var manifest = _manifest?.Kind == definition.Type.Kind && _manifest.Type == definition.Type.Name ? _manifest : null;
        _manifest = null;
        _draft = new(definition, manifest?.Configuration ?? []);
        if (manifest is null)
            return;
        // A topic that isn't there is said where it is chosen, and the first one stands there.
        var missing = manifest.Topics.FirstOrDefault(topic => !_topics.Contains(topic));
        if (missing is not null && manifest.Kind == ConnectorKind.Source)
            (_topic, _topicName) = (null, missing);
        else if (missing is not null)
            _problem = new Problem.Invalid(
                "connector-topic-unknown",
                "The manifest's topic isn't in this tenant. Create it first, or choose another one.",
                "topics"
            );
        var there = manifest.Topics.Where(_topics.Contains).ToList();
        if (there.Count > 0)
            _topic = there[0];
        _more = [.. there.Skip(1)];
        _subscription = manifest.Subscription ?? "";
        _beginning = new()
        {
            Position =
                manifest.StartAt is not null ? ConnectorBeginning.Time
                : manifest.FromEarliest == true ? ConnectorBeginning.Earliest
                : ConnectorBeginning.Latest,
            At = manifest.StartAt is { } start ? Zone.In(start).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) : "",
            PutsAside = manifest.DeadLetterTopic is not null,
            DeadLetters = manifest.DeadLetterTopic ?? "",
            Retries = (manifest.MaxRetries ?? 5).ToString(CultureInfo.InvariantCulture),
        };
        (_guarantee, _instances) = (
            manifest.Guarantee ?? Guarantee.AtLeastOnce,
            (manifest.Instances ?? 1).ToString(CultureInfo.InvariantCulture)
        );
        if (manifest.Output is not { } output)
            return;
        (_output, _outputName) = _topics.Contains(output) ? (output, "") : (NewTopic, output.Split('/')[^1]);
    }

    /// <summary>What the address says after the kind, as the rules have it: the namespace of a package stands apart.</summary>
    private string TypeName =>
        Package is { } package ? PackageUse.TypeOf(package.Name) : Type![(Type!.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private (string Namespace, string Name)? Package =>
        PackageUse.NameIn(Type?[(Type.IndexOf(':', StringComparison.Ordinal) + 1)..])?.Split('/') is [var @namespace, var name]
            ? (@namespace, name)
            : null;

    private IEnumerable<FunctionPackage> FoundPackages =>
        _packages.Where(one =>
            string.IsNullOrWhiteSpace(Search) || $"{one.Name} {one.Note}".Contains(Search.Trim(), StringComparison.OrdinalIgnoreCase)
        );

    private void ChooseVersion(string version)
    {
        var classes = _versions.FirstOrDefault(one => one.Version == version)?.Classes ?? [];
        (_version, _class) = (
            version,
            _class is not null && classes.Contains(_class) ? _class
            : classes is [var first, ..] ? first
            : null
        );
    }

    private void StartFrom(ConnectorManifest manifest)
    {
        _manifest = manifest;
        Navigation.NavigateTo(Links.NewConnector(Org, Tenant, ConnectorType.KeyOf(manifest.Kind, manifest.Type!)));
    }

    private IEnumerable<ConnectorType> Found(IReadOnlyList<ConnectorType> types) =>
        types.Where(type =>
            string.IsNullOrWhiteSpace(Search)
            || $"{type.Title} {type.Name} {type.Summary} {type.Guide?.Category}".Contains(Search.Trim(), StringComparison.OrdinalIgnoreCase)
        );

    /// <summary>What running it costs; null before the prices are known.</summary>
    private string? CostWords
    {
        get
        {
            if (
                Organization is not { Plan: var plan }
                || !int.TryParse(_instances.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                || count < 1
            )
                return null;
            return !plan.IsCharged ? ConnectorText.Cost(plan, _book, count)
                : ConnectorText.Cost(plan, _book, count) is { } words ? $"{words} Data in and out is charged as usual."
                : "Connectors aren't charged. Data in and out is charged as usual.";
        }
    }

    private string GuaranteeHint =>
        _guarantee switch
        {
            Guarantee.AtLeastOnce when IsFunction =>
                "Nothing is lost. A message that the function can't process comes back to it after a minute, until it can.",
            Guarantee.AtLeastOnce => "Nothing is lost. After a failure, some messages may arrive twice.",
            Guarantee.AtMostOnce when IsFunction => "No message is processed twice. One that the function can't process is lost.",
            Guarantee.AtMostOnce => "No message arrives twice. After a failure, some may be lost.",
            Guarantee.EffectivelyOnce when IsFunction => "Nothing is lost or repeated. A message that the function can't process stops it.",
            Guarantee.EffectivelyOnce => "Nothing is lost or repeated, if the connector and the other system support it.",
        };

    private bool IsFunction => _definition.ValueOrDefault is { Type.Kind: ConnectorKind.Function };

    private void Toggle(string topic)
    {
        if (!_more.Remove(topic))
            _more.Add(topic);
    }

    /// <summary>What a trial met with at a setting is said there.</summary>
    private void Mark(IReadOnlyList<Problem.Invalid> problems)
    {
        _problems = problems;
        StateHasChanged();
    }

    private static string? FieldOf(Problem? problem) =>
        problem switch
        {
            Problem.Invalid invalid => invalid.Field,
            Problem.Conflict conflict => conflict.Field,
            _ => null,
        };

    private string? At(string field) => FieldOf(_problem) == field ? _problem!.Message : null;

    private bool CreatesTopic => _definition.ValueOrDefault is { Type.Kind: ConnectorKind.Source } && string.IsNullOrEmpty(_topic);

    private string InstancesHint =>
        Organization is { Plan: var plan } && plan.Limits.Connectors is { } most
            ? $"Your plan allows {Counted.Of(most, "connector instance")} in the whole organization."
            : "Each one is charged while it runs.";

    private IReadOnlyList<string> Topics =>
        CreatesTopic
            ? _topicName.Trim() is { Length: > 0 } name
                ? [name]
                : []
            : string.IsNullOrEmpty(_topic)
                ? []
                : [_topic, .. _topics.Where(topic => topic != _topic && _more.Contains(topic))];

    private string? Output =>
        _output != NewTopic ? _output
        : _outputName.Trim() is { Length: > 0 } name ? $"{_topic?.Split('/')[0]}/{name}"
        : null;

    private async Task CreateAsync()
    {
        if (_busy || _definition.ValueOrDefault is not { } definition || _draft is not { } draft)
            return;
        if (!int.TryParse(_instances.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var instances))
            instances = 0;
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
        var wanted = new NewConnector(
            Topics.Count == 0 ? "default" : Topics[0].Split('/')[0],
            _name.Trim(),
            definition.Type.Kind,
            definition.Type.Name,
            Topics,
            _subscription.Trim() is { Length: > 0 } subscription ? subscription : null,
            _beginning.Position == ConnectorBeginning.Earliest,
            _guarantee,
            instances,
            configuration,
            Stopped: false
        )
        {
            Output = IsFunction ? Output : null,
            CreateOutput = IsFunction && _output == NewTopic || CreatesTopic,
            Secrets = draft.HiddenNames,
        };
        wanted = wanted with { PackageVersion = _versions.Count > 0 ? _version : null, ClassName = _versions.Count > 0 ? _class : null };
        if (definition.Type.Kind != ConnectorKind.Source)
            wanted = wanted with { StartAt = _beginning.StartAt(Zone).Value };
        if (definition.Type.Kind == ConnectorKind.Sink)
            wanted = wanted with
            {
                MaxRetries = _beginning.MaxRetries,
                DeadLetterTopic = _beginning.DeadLetterTopic,
                CreateDeadLetterTopic = _beginning.PutsAside,
            };
        var made = await CreateConnector.RunAsync(Actor, Org, Tenant, wanted, Leaving);
        (_problem, _busy) = (made.Problem, false);
        if (made.IsOk)
            Navigation.NavigateTo(Links.Connector(Org, Tenant, made.Value.NamespaceName, made.Value.Name));
    }
}
