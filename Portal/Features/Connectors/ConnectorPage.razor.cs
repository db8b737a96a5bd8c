using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Ui;

namespace Portal.Features.Connectors;

public partial class ConnectorPage
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private Loading<Connector> _connector = new Loading<Connector>.Pending();
    private Loading<ConnectorStatus> _live = new Loading<ConnectorStatus>.Pending();
    private ConnectorDefinition? _definition;
    private Dictionary<string, string> _values = [];
    private IReadOnlyList<Problem.Invalid> _problems = [];
    private string _settings = "";
    private string _instances = "1";
    private Problem? _problem;

    [Parameter] public string Org { get; set; } = "";

    [Parameter] public string Tenant { get; set; } = "";

    [Parameter] public string Namespace { get; set; } = "";

    [Parameter] public string Name { get; set; } = "";

    [Inject] public required GetConnector GetConnector { get; init; }

    [Inject] public required GetConnectorStatus GetConnectorStatus { get; init; }

    [Inject] public required GetConnectorType GetConnectorType { get; init; }

    [Inject] public required RunConnector RunConnector { get; init; }

    [Inject] public required UpdateConnector UpdateConnector { get; init; }

    [Inject] public required DeleteConnector DeleteConnector { get; init; }

    [Inject] public required IDialogService Dialogs { get; init; }

    [Inject] public required IHostApplicationLifetime Lifetime { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    protected override Task OnParametersSetAsync() => LoadAsync();

    protected override Task OnAfterRenderAsync(bool firstRender) => firstRender ? FollowAsync() : Task.CompletedTask;

    private async Task LoadAsync() => _connector = await GetConnector.RunAsync(Actor, Org, Tenant, Namespace, Name, ConnectorFamily.Any, Leaving);

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

    private Task LookAsync() => LookAsync(Leaving);

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (_connector.ValueOrDefault is not { State: ResourceState.Ready }) return;
        _live = Loading.Refresh(_live, await GetConnectorStatus.RunAsync(Actor, Org, Tenant, Namespace, Name, Family, cancellationToken));
        StateHasChanged();
    }

    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var found = await GetConnector.RunAsync(Actor, Org, Tenant, Namespace, Name, ConnectorFamily.Any, cancellationToken);
        _connector = Loading.Refresh(_connector, found);
        StateHasChanged();
        if (found.IsOk) await LookAsync(cancellationToken);
        return found.IsOk;
    }

    private async Task ActAsync(ConnectorAct act)
    {
        _problem = (await RunConnector.RunAsync(Actor, Org, Tenant, Namespace, Name, Family, act, Leaving)).Problem;
        await LoadAsync();
    }

    private async Task EditAsync()
    {
        if (_connector.ValueOrDefault is not { } connector) return;
        var asked = await GetConnectorType.RunAsync(Actor, Org, Tenant, connector.Kind, connector.Type, Leaving);
        (_problem, _problems, _instances) = (asked.Problem, [], connector.Instances.ToString(Invariant));
        if (!asked.IsOk) return;
        _values = ForeignJson.ParseNode(connector.Configuration)!.AsObject().ToDictionary(pair => pair.Key, pair => ConnectorConfiguration.Shown(pair.Value));
        _settings = Json(connector);
        _definition = asked.Value;
    }

    private async Task SaveAsync()
    {
        if (_connector.ValueOrDefault is not { } connector || _definition is not { } definition) return;
        if (!ConnectorConfiguration.Typed(definition, _values, _settings).TryGet(out var configuration, out var malformed))
        {
            _problems = [(Problem.Invalid)malformed];
            return;
        }
        _problems = ConnectorConfiguration.Check(definition, configuration, connector.SecretFields.ToList());
        if (_problems.Count > 0) return;
        var instances = int.TryParse(_instances.Trim(), NumberStyles.None, Invariant, out var many) ? many : 0;
        _problem = (await UpdateConnector.RunAsync(Actor, Org, Tenant, Namespace, Name, Family, new(null, instances, configuration), Leaving)).Problem;
        if (_problem is null) _definition = null;
        await LoadAsync();
    }

    private async Task DeleteAsync()
    {
        var deleted = await Dialogs.ConfirmAsync(
            $"Delete {Family.Noun()}", $"Delete {Family.Noun()} {Name}? It stops at once, and its settings are deleted.", Name, $"Delete {Family.Noun()}",
            async (withSubscription, cancellationToken) => (await DeleteConnector.RunAsync(Actor, Org, Tenant, Namespace, Name, Family, withSubscription, cancellationToken)).Problem,
            _connector.ValueOrDefault is { Subscription: { } subscription } ? $"Also delete its subscription {subscription}" : null);
        if (deleted) await LoadAsync();
    }

    private ConnectorFamily Family => _connector.ValueOrDefault?.Kind.Family() ?? ConnectorFamily.Any;

    /// <summary>What saving would change, as far as what is typed can be read.</summary>
    private IReadOnlyList<SettingChange> Changes =>
        _connector.ValueOrDefault is { } connector && _definition is { } definition && ConnectorConfiguration.Typed(definition, _values, _settings).TryGet(out var configuration, out _)
            ? SettingChange.Between(connector, int.TryParse(_instances.Trim(), NumberStyles.None, Invariant, out var many) ? many : connector.Instances, configuration) : [];

    private string SubscriptionOf(string topic, string subscription) => Links.Subscription(Org, Tenant, topic.Split('/')[0], topic.Split('/')[^1], subscription);

    private static string Json(Connector connector) => ForeignJson.ParseNode(connector.Configuration)!.ToJsonString(Indented);
}
