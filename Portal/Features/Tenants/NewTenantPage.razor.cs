using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Domain.Usage;
using Portal.Ui;

namespace Portal.Features.Tenants;

/// <summary>A tenant step by step; what is typed is in the browser until all of it is asked for at once.</summary>
public partial class NewTenantPage
{
    private const string NameStep = "name",
        ClusterStep = "cluster",
        ReviewStep = "review";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private static readonly (string Key, string Text, string Heading)[] All =
    [
        (NameStep, "Name", "Name the tenant"),
        (ClusterStep, "Cluster", "Where it runs"),
        (ReviewStep, "Review", "Review and create"),
    ];

    private readonly HashSet<string> _seen = [];
    private Loading<IReadOnlyList<ClusterChoice>> _clusters = new Loading<IReadOnlyList<ClusterChoice>>.Pending();
    private string _name = "";
    private string? _cluster;
    private PriceBook? _book;
    private bool _priced;
    private bool _busy;
    private bool? _goOn;
    private Problem? _problem;
    private string? _shown;
    private bool _focus;
    private ElementReference _heading;
    private KeptDraft? _browser;

    [Parameter]
    public string Org { get; set; } = "";

    [SupplyParameterFromQuery]
    public string? Step { get; set; }

    [CascadingParameter]
    public OrganizationSummary? Organization { get; set; }

    [Inject]
    public required CreateTenant CreateTenant { get; init; }

    [Inject]
    public required CheckTenantName CheckTenantName { get; init; }

    [Inject]
    public required GetOrganization GetOrganization { get; init; }

    [Inject]
    public required ListClusters ListClusters { get; init; }

    [Inject]
    public required GetPrices GetPrices { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    private string Current => All.Any(step => step.Key == Step) ? Step! : NameStep;

    private int Index => Array.FindIndex(All, step => step.Key == Current);

    private string DraftName => KeptDraft.NameOf(Actor, $"tenant/{Org}");

    private IReadOnlyList<WizardStep> Steps =>
        [
            .. All.Select(step => new WizardStep(
                step.Key,
                step.Text,
                step.Key == NameStep && NameError is not null ? StepMark.Wrong
                    : _seen.Contains(step.Key) && step.Key != Current && (step.Key != NameStep || TenantName.Create(_name.Trim()).IsOk)
                        ? StepMark.Done
                    : StepMark.Open
            )),
        ];

    private ClusterChoice? Choice =>
        _clusters.ValueOrDefault is { Count: > 0 } all ? all.FirstOrDefault(one => one.Cluster.Name == _cluster) ?? all[0] : null;

    /// <summary>The first that answers, unless another one was chosen.</summary>
    private Cluster? Chosen => Choice?.Cluster;

    private string? NameError =>
        _problem is Problem.Invalid { Field: "name" } or Problem.Conflict { Field: "name" } ? _problem.Message : null;

    private string PriceText =>
        Organization is { Plan: { IsCharged: false } plan }
            ? $"{MoneyFormat.Text(Money.Zero(_book?.Currency ?? Currency.Usd))}. The {plan.Name} plan costs nothing."
            : $"{MoneyFormat.Text(Money.Zero(_book?.Currency ?? Currency.Usd))} for the tenant itself. "
                + "Topics and traffic in it are billed at the prices shown here.";

    /// <summary>What a script sends for the same tenant.</summary>
    private string Body =>
        JsonSerializer.Serialize(
            Chosen is { } chosen && _clusters.ValueOrDefault is { Count: > 1 }
                ? new Dictionary<string, string> { ["name"] = _name.Trim(), ["cluster"] = chosen.Name }
                : new() { ["name"] = _name.Trim() },
            Json
        );

    protected override async Task OnInitializedAsync()
    {
        await LoadAsync();
        _book = await GetPrices.RunAsync(Leaving);
        _priced = true;
    }

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
        if (!_focus || _clusters.ValueOrDefault is not { Count: > 0 })
            return;
        _focus = false;
        await _heading.FocusAsync();
    }

    private async Task LoadAsync()
    {
        var entered = await GetOrganization.RunAsync(Actor, Org, Leaving);
        _clusters = entered.Then(access => access.Foresee(Permission.ManageResources)).Problem is { } refusal
            ? Outcome.Refused<IReadOnlyList<ClusterChoice>>(refusal)
            : await ListClusters.RunAsync(Actor, Leaving);
    }

    /// <summary>What the browser kept of an earlier look.</summary>
    private void Restore(IReadOnlyDictionary<string, string> kept)
    {
        (_name, _cluster) = (kept.GetValueOrDefault("name", _name), kept.GetValueOrDefault("cluster", _cluster ?? ""));
        StateHasChanged();
    }

    private string StepAddress(string key) => WizardSteps.Address(Navigation, key, NameStep);

    private static string HeadingOf(string key) => All.First(step => step.Key == key).Heading;

    private static string WhereOf(Cluster cluster) =>
        string.Join(
            " · ",
            new[]
            {
                cluster.Region,
                cluster switch
                {
                    { IsStandIn: true } => "A stand-in for trying it out: WebSocket only.",
                    { BrokerUrl: { } broker } => broker,
                    { WebSocketUrl: not null } => "WebSocket only",
                    _ => "No address for clients yet",
                },
            }.OfType<string>()
        );

    private void Named(string name) => (_name, _problem) = (name, null);

    private void Choose(string cluster) => (_cluster, _problem) = (cluster, null);

    private Task<Outcome<Done>> CheckAsync(string name, CancellationToken cancellationToken) =>
        CheckTenantName.RunAsync(Actor, Org, name, cancellationToken);

    private Task SubmitAsync()
    {
        var goOn = _goOn ?? Current == ClusterStep;
        _goOn = null;
        if (!goOn)
            return CreateAsync();
        _problem = Current == NameStep ? TenantName.Create(_name.Trim()).Problem : null;
        if (_problem is null)
            Navigation.NavigateTo(StepAddress(Steps[Index + 1].Key));
        return Task.CompletedTask;
    }

    private async Task CreateAsync()
    {
        if (_busy)
            return;
        _busy = true;
        var made = await CreateTenant.RunAsync(Actor, Org, _name.Trim(), Chosen?.Name, Leaving);
        (_busy, _problem) = (false, made.Problem);
        if (made.IsOk)
        {
            if (_browser is not null)
                await _browser.ForgetAsync();
            Navigation.NavigateTo(Links.Tenant(Org, made.Value.Name));
        }
        else if (NameError is not null && Current != NameStep)
        {
            Navigation.NavigateTo(StepAddress(NameStep));
        }
    }
}
