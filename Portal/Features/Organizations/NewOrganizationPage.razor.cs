using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Plans;

namespace Portal.Features.Organizations;

public partial class NewOrganizationPage
{
    private string _name = "";
    private string _slug = "";
    private bool _slugIsTheirs;
    private PlanCode _plan = PlanCode.Free;
    private PriceBook? _book;
    private PlanCatalog? _plans;
    private bool _priced;
    private bool _busy;
    private Problem? _problem;

    [Inject]
    public required CreateOrganization CreateOrganization { get; init; }

    [Inject]
    public required CheckSlug CheckSlug { get; init; }

    [Inject]
    public required GetPrices GetPrices { get; init; }

    [Inject]
    public required GetPlans GetPlans { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    protected override async Task OnInitializedAsync()
    {
        _plans = await GetPlans.RunAsync(Leaving);
        _book = await GetPrices.RunAsync(Leaving);
        _priced = true;
    }

    private void Named(string name)
    {
        (_name, _problem) = (name, null);
        if (!_slugIsTheirs)
            _slug = Slug.Suggest(_name);
    }

    private void Slugged(string slug) => (_slug, _slugIsTheirs, _problem) = (slug, slug.Length > 0, null);

    private Task<Outcome<Done>> CheckAsync(string slug, CancellationToken cancellationToken) =>
        CheckSlug.RunAsync(Actor, slug, cancellationToken);

    private async Task CreateAsync()
    {
        if (_busy)
            return;
        _busy = true;
        var made = await CreateOrganization.RunAsync(Actor, _name, _slug.Trim(), Plan.Text(_plan), Leaving);
        (_busy, _problem) = (false, made.Problem);
        if (made.IsOk)
            Navigation.NavigateTo(_plan == PlanCode.Free ? Links.Organization(made.Value.Slug) : Links.Billing(made.Value.Slug));
    }

    private string? ErrorOf(string field) =>
        _problem is Problem.Invalid { Field: var invalid } && invalid == field
        || _problem is Problem.Conflict { Field: var taken } && taken == field
            ? _problem.Message
            : null;
}
