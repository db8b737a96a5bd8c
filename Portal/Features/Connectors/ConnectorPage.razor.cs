using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Organizations;
using Portal.Ui;

namespace Portal.Features.Connectors;

public partial class ConnectorPage
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private Loading<Connector> _connector = new Loading<Connector>.Pending();
    private Loading<ConnectorStatus> _live = new Loading<ConnectorStatus>.Pending();
    private ConnectorDraft? _draft;
    private IReadOnlyList<Problem.Invalid> _problems = [];
    private string _instances = "1";
    private IReadOnlyList<FunctionPackage> _versions = [];
    private string? _version,
        _class;
    private PriceBook? _book;
    private Problem? _problem;

    [Parameter]
    public string Org { get; set; } = "";

    [Parameter]
    public string Tenant { get; set; } = "";

    [Parameter]
    public string Namespace { get; set; } = "";

    [Parameter]
    public string Name { get; set; } = "";

    private readonly ConnectorRates _rates = new();

    [Inject]
    public required ConnectorGuides Guides { get; init; }

    [Inject]
    public required ListPackageVersions ListPackageVersions { get; init; }

    [Inject]
    public required GetConnector GetConnector { get; init; }

    [Inject]
    public required GetConnectorStatus GetConnectorStatus { get; init; }

    [Inject]
    public required GetConnectorType GetConnectorType { get; init; }

    [Inject]
    public required GetPrices GetPrices { get; init; }

    [CascadingParameter]
    public OrganizationSummary? Organization { get; set; }

    [Inject]
    public required RunConnector RunConnector { get; init; }

    [Inject]
    public required UpdateConnector UpdateConnector { get; init; }

    [Inject]
    public required DeleteConnector DeleteConnector { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required IHostApplicationLifetime Lifetime { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    protected override Task OnParametersSetAsync() => LoadAsync();

    protected override Task OnAfterRenderAsync(bool firstRender) => firstRender ? FollowAsync() : Task.CompletedTask;

    private async Task LoadAsync()
    {
        _connector = await GetConnector.RunAsync(Actor, Org, Tenant, Namespace, Name, ConnectorFamily.Any, Leaving);
        _book ??= await GetPrices.RunAsync(Leaving);
    }

    /// <summary>What it costs while it runs; null before the prices are known.</summary>
    private string? CostWords(Connector connector) =>
        Organization is { Plan: var plan } ? ConnectorText.Cost(plan, _book, connector.Instances) : null;

    /// <summary>What a trial met with at a setting is said there.</summary>
    private void Mark(IReadOnlyList<Problem.Invalid> problems)
    {
        _problems = problems;
        StateHasChanged();
    }

    /// <summary>What instances do is announced by nobody: the cluster is asked while the page is open.</summary>
    private async Task FollowAsync()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Leaving, Lifetime.ApplicationStopping);
        try
        {
            while (true)
            {
                await LookAsync(over.Token);
                await Task.Delay(BetweenLooks, Clock, over.Token);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The page was left, or the portal stops.
        }
    }

    /// <summary>The cluster did not answer when it was last asked: what it said before may be so no more.</summary>
    private bool IsAway =>
        _live is Loading<ConnectorStatus>.Ready { Stale: not null } or Loading<ConnectorStatus>.Failed { Problem: Problem.Unavailable };

    private (string Words, string Mood) Chip(Connector connector) =>
        IsAway && connector is { State: ResourceState.Ready, IsChanging: false, Wish: ConnectorWish.Run }
            ? ("unknown", "")
            : ConnectorText.State(connector, _live.ValueOrDefault, Clock.GetUtcNow());

    private Task LookAsync() => LookAsync(Leaving);

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (_connector.ValueOrDefault is not { State: ResourceState.Ready })
            return;
        var asked = await GetConnectorStatus.RunAsync(Actor, Org, Tenant, Namespace, Name, Family, cancellationToken);
        if (asked.TryGet(out var status, out _))
            _rates.Saw(status, Clock.GetUtcNow());
        else
            _rates.Missed(Clock.GetUtcNow());
        _live = Loading.Refresh(_live, asked);
        StateHasChanged();
    }

    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var found = await GetConnector.RunAsync(Actor, Org, Tenant, Namespace, Name, ConnectorFamily.Any, cancellationToken);
        // What was deleted here is gone, as was asked; it is no address that was never right.
        if (found.Problem is Problem.NotFound && _connector.ValueOrDefault is { State: ResourceState.Deleting })
        {
            Navigation.NavigateTo(Links.Connectors(Org, Tenant));
            return false;
        }
        _connector = Loading.Refresh(_connector, found);
        StateHasChanged();
        if (found.IsOk)
            await LookAsync(cancellationToken);
        return found.IsOk;
    }

    private async Task ActAsync(ConnectorAct act)
    {
        _problem = (await RunConnector.RunAsync(Actor, Org, Tenant, Namespace, Name, Family, act, Leaving)).Problem;
        await LoadAsync();
    }

    private async Task EditAsync()
    {
        if (_connector.ValueOrDefault is not { } connector)
            return;
        var asked = await GetConnectorType.RunAsync(Actor, Org, Tenant, connector.Kind, connector.Type, Leaving);
        (_problem, _problems, _instances) = (asked.Problem, [.. Troubles()], connector.Instances.ToString(Invariant));
        if (!asked.IsOk)
            return;
        (_versions, _version, _class) = ([], connector.Package?.Version, connector.Package?.Class);
        if (PackageUse.NameIn(connector.Type) is { } package)
        {
            var versions = await ListPackageVersions.RunAsync(
                Actor,
                Org,
                Tenant,
                Namespace,
                package,
                new PageRequest(PageRequest.MaxLimit),
                Leaving
            );
            _versions = versions.IsOk
                ? [.. versions.Value.Items.Select(one => one.Package).Where(one => one.State == ResourceState.Ready)]
                : [];
        }
        _draft = new(asked.Value, (JsonObject)ForeignJson.ParseNode(connector.Configuration)!);
    }

    /// <summary>What an instance says about a setting is said at that setting while it is corrected.</summary>
    private IEnumerable<Problem.Invalid> Troubles()
    {
        foreach (var one in _live.ValueOrDefault?.Instances.DistinctBy(one => one.TroubleField) ?? [])
        {
            if (one is { Trouble: { } said, TroubleField: { } field })
                yield return new("connector-trouble", said, ConnectorConfiguration.FieldName(field));
        }
    }

    private async Task SaveAsync()
    {
        if (_connector.ValueOrDefault is not { } connector || _draft is not { } draft)
            return;
        if (!draft.Configuration().TryGet(out var configuration, out var malformed))
        {
            _problems = [(Problem.Invalid)malformed];
            return;
        }
        _problems = ConnectorConfiguration.Check(draft.Definition, configuration, connector.SecretFields.ToList());
        if (_problems.Count > 0)
            return;
        var instances = int.TryParse(_instances.Trim(), NumberStyles.None, Invariant, out var many) ? many : 0;
        var saved = await UpdateConnector.RunAsync(
            Actor,
            Org,
            Tenant,
            Namespace,
            Name,
            Family,
            new(null, instances, configuration)
            {
                Secrets = draft.HiddenNames,
                PackageVersion = _version,
                ClassName = _class,
            },
            Leaving
        );
        // What belongs to a setting is said there.
        var atField =
            saved.Problem is Problem.Invalid { Field: { } field } wrong
            && field.StartsWith(ConnectorConfiguration.FieldName(""), StringComparison.Ordinal)
                ? wrong
                : null;
        (_problem, _problems) = (atField is null ? saved.Problem : null, atField is null ? [] : [atField]);
        if (saved.IsOk)
            _draft = null;
        await LoadAsync();
    }

    private async Task DeleteAsync()
    {
        var deleted = await Dialogs.ConfirmAsync(
            $"Delete {Family.Noun()}",
            $"Delete {Family.Noun()} {Name}? It stops at once, and its settings are deleted.",
            Name,
            $"Delete {Family.Noun()}",
            async (withSubscription, cancellationToken) =>
                (await DeleteConnector.RunAsync(Actor, Org, Tenant, Namespace, Name, Family, withSubscription, cancellationToken)).Problem,
            _connector.ValueOrDefault is { Subscription: { } subscription }
                ? $"Also delete its subscription {subscription}. If you keep it, new messages wait in it, and storing them is charged."
                : null
        );
        if (deleted)
            await LoadAsync();
    }

    private ConnectorFamily Family => _connector.ValueOrDefault?.Kind.Family() ?? ConnectorFamily.Any;

    /// <summary>What saving would change, as far as what is typed can be read.</summary>
    private IReadOnlyList<SettingChange> Changes =>
        _connector.ValueOrDefault is { } connector && _draft is { } draft && draft.Configuration().TryGet(out var configuration, out _)
            ? SettingChange.Between(
                connector,
                int.TryParse(_instances.Trim(), NumberStyles.None, Invariant, out var many) ? many : connector.Instances,
                configuration,
                draft.HiddenNames,
                NewPackage
            )
            : [];

    private PackageUse? NewPackage =>
        _connector.ValueOrDefault?.Package is { } present && _version is { } version
            ? present with
            {
                Version = version,
                Class = _class,
            }
            : null;

    /// <summary>The class stays where the other version has it.</summary>
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

    private string SubscriptionOf(string topic, string subscription) =>
        Links.Subscription(Org, Tenant, topic.Split('/')[0], topic.Split('/')[^1], subscription);

    private string ManifestPath => $"/tenants/{Tenant}/{Family.Noun()}s/{Namespace}/{Name}/manifest";

    /// <summary>As a file, from the API: a session reads it as a key does.</summary>
    private string ManifestLink =>
        $"/api/v1/organizations/{Org}/tenants/{Uri.EscapeDataString(Tenant)}/{Family.Noun()}s/{Uri.EscapeDataString(Namespace)}/{Uri.EscapeDataString(Name)}/manifest";
}
