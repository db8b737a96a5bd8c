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

    private Loading<Connector> _connector = new Loading<Connector>.Pending();
    private Loading<ConnectorStatus> _live = new Loading<ConnectorStatus>.Pending();
    private ConnectorDefinition? _editing;
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
        (_editing, _problem) = (asked.IsOk ? asked.Value : null, asked.Problem);
    }

    private Task EditedAsync()
    {
        _editing = null;
        return LoadAsync();
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

    private string SubscriptionOf(string topic, string subscription) =>
        Links.Subscription(Org, Tenant, topic.Split('/')[0], topic.Split('/')[^1], subscription);

    private string ManifestPath => $"/tenants/{Tenant}/{Family.Noun()}s/{Namespace}/{Name}/manifest";

    /// <summary>As a file, from the API: a session reads it as a key does.</summary>
    private string ManifestLink =>
        $"/api/v1/organizations/{Org}/tenants/{Uri.EscapeDataString(Tenant)}/{Family.Noun()}s/"
        + $"{Uri.EscapeDataString(Namespace)}/{Uri.EscapeDataString(Name)}/manifest";
}
