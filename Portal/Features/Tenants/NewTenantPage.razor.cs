using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Ui;

namespace Portal.Features.Tenants;

public partial class NewTenantPage
{
    private Loading<IReadOnlyList<Cluster>> _clusters = new Loading<IReadOnlyList<Cluster>>.Pending();
    private string _name = "";
    private string? _cluster;
    private PriceBook? _book;
    private bool _priced;
    private bool _busy;
    private Problem? _problem;

    [Parameter] public string Org { get; set; } = "";

    [CascadingParameter] public OrganizationSummary? Organization { get; set; }

    [Inject] public required CreateTenant CreateTenant { get; init; }

    [Inject] public required CheckTenantName CheckTenantName { get; init; }

    [Inject] public required GetOrganization GetOrganization { get; init; }

    [Inject] public required ListClusters ListClusters { get; init; }

    [Inject] public required GetPrices GetPrices { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    private string? NameError => _problem is Problem.Invalid { Field: "name" } or Problem.Conflict { Field: "name" } ? _problem.Message : null;

    protected override async Task OnInitializedAsync()
    {
        await LoadAsync();
        _book = await GetPrices.RunAsync(Leaving);
        _priced = true;
    }

    private async Task LoadAsync()
    {
        var entered = await GetOrganization.RunAsync(Actor, Org, Leaving);
        _clusters = entered.Then(access => access.Foresee(Permission.ManageResources)).Problem is { } refusal
            ? Outcome.Refused<IReadOnlyList<Cluster>>(refusal)
            : await ListClusters.RunAsync(Actor, Leaving);
    }

    private void Named(string name) => (_name, _problem) = (name, null);

    private Task<Outcome<Done>> CheckAsync(string name, CancellationToken cancellationToken) => CheckTenantName.RunAsync(Actor, Org, name, cancellationToken);

    private async Task CreateAsync()
    {
        if (_busy) return;
        _busy = true;
        var made = await CreateTenant.RunAsync(Actor, Org, _name.Trim(), _cluster, Leaving);
        (_busy, _problem) = (false, made.Problem);
        if (made.IsOk) Navigation.NavigateTo(Links.Tenant(Org, made.Value.Name));
    }
}
