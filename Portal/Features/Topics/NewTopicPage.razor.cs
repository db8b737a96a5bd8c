using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Ui;

namespace Portal.Features.Topics;

public partial class NewTopicPage
{
    private const int HoursOfMonth = 730;
    private static readonly TimeSpan WaitsForReady = TimeSpan.FromSeconds(15);

    private Loading<PageOf<NamespaceSummary>> _namespaces = new Loading<PageOf<NamespaceSummary>>.Pending();
    private string? _namespace;
    private string _name = "";
    private bool _persistent = true;
    private string _partitions = "0";
    private string? _partitionsError;
    private string _subscriptions = "";
    private string? _subscriptionError;
    private string _doing = "Creating…";
    private PriceBook? _book;
    private bool _priced;
    private bool _busy;
    private Problem? _problem;

    [Parameter] public string Org { get; set; } = "";

    [Parameter] public string Tenant { get; set; } = "";

    [SupplyParameterFromQuery] public string? Namespace { get; set; }

    [CascadingParameter] public OrganizationSummary? Organization { get; set; }

    [Inject] public required GetOrganization GetOrganization { get; init; }

    [Inject] public required ListNamespaces ListNamespaces { get; init; }

    [Inject] public required CreateTopic CreateTopic { get; init; }

    [Inject] public required CheckTopicName CheckTopicName { get; init; }

    [Inject] public required GetTopic GetTopic { get; init; }

    [Inject] public required CreateSubscription CreateSubscription { get; init; }

    [Inject] public required GetPrices GetPrices { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    private string Address => $"{(_persistent ? "persistent" : "non-persistent")}://{Tenant}/{_namespace}/{(_name.Trim() is { Length: > 0 } name ? name : "…")}";

    private string? NameError => _problem is Problem.Invalid { Field: "name" } or Problem.Conflict { Field: "name" } ? _problem.Message : null;

    private bool IsAtField => NameError is not null || _problem is Problem.Invalid { Field: "partitions" } or Problem.OverLimit { Code: "partitions-limit" };

    private string PartitionsHint => Organization is { Plan.Limits.PartitionsPerTopic: { } most }
        ? $"0 for none. More partitions spread the load over brokers; rates hold per partition. {(Organization.Plan.Own.Holds(LimitKind.PartitionsPerTopic) ? "Your own limit is" : "Your plan allows")} {most}."
        : "0 for none. More partitions spread the load over brokers; rates hold per partition.";

    protected override async Task OnInitializedAsync()
    {
        await LoadAsync();
        _book = await GetPrices.RunAsync(Leaving);
        _priced = true;
    }

    private async Task LoadAsync()
    {
        var entered = await GetOrganization.RunAsync(Actor, Org, Leaving);
        _namespaces = entered.Then(access => access.Foresee(Permission.ManageResources, Scope.Anywhere)).Problem is { } refusal
            ? Outcome.Refused<PageOf<NamespaceSummary>>(refusal)
            : await ListNamespaces.RunAsync(Actor, Org, Tenant, new PageRequest(PageRequest.MaxLimit), Leaving);
        var names = _namespaces.ValueOrDefault?.Items.Select(item => item.Namespace.Name).ToList() ?? [];
        _namespace = Namespace is not null && names.Contains(Namespace) ? Namespace : names.FirstOrDefault();
    }

    private void Named(string name) => (_name, _problem) = (name, null);

    private Task<Outcome<Done>> CheckAsync(string name, CancellationToken cancellationToken) =>
        CheckTopicName.RunAsync(Actor, Org, Tenant, _namespace ?? "", name, cancellationToken);

    /// <summary>Null for what is no number of partitions.</summary>
    private int? Partitions => int.TryParse(_partitions.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

    private int Billed => Math.Max(1, Partitions ?? 0);

    /// <summary>The partitions meter: the only one that runs without traffic.</summary>
    private decimal? MonthlyPrice => _book?.Meters.GetValueOrDefault(Meter.Partitions) is { } price
        ? Rating.Month(price, Billed * HoursOfMonth)
        : null;

    private string Monthly(EffectivePlan plan) => !plan.IsCharged || _book is null || MonthlyPrice is not { } price
        ? MoneyFormat.Text(Money.Zero(_book?.Currency ?? Currency.Usd))
        : MoneyFormat.Text(Money.Round(price, _book.Currency));

    private string MonthlyWords(EffectivePlan plan)
    {
        var count = Billed;
        if (!plan.IsCharged) return $"The {plan.Name} plan costs nothing.";
        return _book?.Meters.GetValueOrDefault(Meter.Partitions) is { } price
            ? $"{count} {(count == 1 ? "partition" : "partitions")} × {HoursOfMonth} h at {PriceWords.Of(price, _book.Currency)}, without traffic."
            : "Partitions are not charged.";
    }

    private async Task CreateAsync()
    {
        if (_busy || _namespace is not { } inside) return;
        var names = !_persistent ? [] : _subscriptions.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToList();
        _subscriptionError = names.Select(name => SubscriptionName.Create(name).Problem?.Message is { } message ? $"“{name}”: {message}" : null).FirstOrDefault(message => message is not null);
        _partitionsError = Partitions is null ? "Enter a whole number, or 0 for a topic without partitions." : null;
        if (_subscriptionError is not null || Partitions is not { } partitions) return;
        (_busy, _doing) = (true, "Creating…");
        var made = await CreateTopic.RunAsync(Actor, Org, Tenant, inside, _name.Trim(), _persistent, partitions, Leaving);
        _problem = made.Problem;
        if (made.IsOk && (names.Count == 0 || await SubscribeAsync(inside, made.Value.Name, names)))
            Navigation.NavigateTo(Links.Topic(Org, Tenant, inside, made.Value.Name));
        _busy = false;
    }

    /// <summary>Subscriptions need the topic on the cluster; what could not be made is said on the topic's page.</summary>
    private async Task<bool> SubscribeAsync(string inside, string topic, List<string> names)
    {
        _doing = "Waiting for the cluster…";
        StateHasChanged();
        for (var until = Clock.Now() + WaitsForReady; Clock.Now() < until;)
        {
            if (await GetTopic.RunAsync(Actor, Org, Tenant, inside, topic, Leaving) is { IsOk: true, Value.State: not ResourceState.Creating }) break;
            await Task.Delay(TimeSpan.FromMilliseconds(200), Clock, Leaving);
        }
        foreach (var name in names)
        {
            var made = await CreateSubscription.RunAsync(Actor, Org, Tenant, inside, topic, name, SubscriptionStart.Earliest, Leaving);
            if (made.IsOk) continue;
            _problem = new Problem.Conflict("subscriptions-missing", $"The topic was created, but the subscription “{name}” wasn't: {made.Problem.Message} Open the topic and add it there.");
            return false;
        }
        return true;
    }
}
