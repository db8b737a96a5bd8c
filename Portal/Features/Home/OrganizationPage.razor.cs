using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Audit;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Migration;
using Portal.Domain.Organizations;
using Portal.Domain.Plans;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Features.Usage;
using Portal.Ui;

namespace Portal.Features.Home;

public partial class OrganizationPage
{
    private const int TopicsShown = 8;

    private static readonly UsageRange LastDay = UsageRange.Of("24h");
    private static readonly UsageRange ThisMonth = UsageRange.Of("month");

    private Loading<HomeView> _home = new Loading<HomeView>.Pending();

    [Parameter]
    public string Org { get; set; } = "";

    [Inject]
    public required GetOrganizationSummary GetOrganizationSummary { get; init; }

    [Inject]
    public required ListTopicsOfOrganization ListTopics { get; init; }

    [Inject]
    public required ListUnready ListUnready { get; init; }

    [Inject]
    public required ListEndingKeys ListEndingKeys { get; init; }

    [Inject]
    public required ListMigrations ListMigrations { get; init; }

    [Inject]
    public required ListTroubledConnectors ListTroubledConnectors { get; init; }

    [Inject]
    public required ListArrivedDeadLetters ListArrivedDeadLetters { get; init; }

    [Inject]
    public required GetCurrentBill GetCurrentBill { get; init; }

    [Inject]
    public required GetBudget GetBudget { get; init; }

    [Inject]
    public required ListInvoices ListInvoices { get; init; }

    [Inject]
    public required GetUsage GetUsage { get; init; }

    [Inject]
    public required GetStored GetStored { get; init; }

    [Inject]
    public required GetTopicFigures GetTopicFigures { get; init; }

    [Inject]
    public required ListAudit ListAudit { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync() => _home = await ReadAsync(Leaving);

    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var read = await ReadAsync(cancellationToken);
        _home = Loading.Refresh(_home, read);
        StateHasChanged();
        return read.IsOk;
    }

    /// <summary>What the role may not see is not asked for: a refusal would stand in the audit log of somebody who only looked.</summary>
    private async Task<Outcome<HomeView>> ReadAsync(CancellationToken cancellationToken)
    {
        var summary = await GetOrganizationSummary.RunAsync(Actor, Org, cancellationToken);
        if (!summary.TryGet(out var found, out var problem))
            return problem;
        var access = found.Access;
        var view = new HomeView(found, Month.Of(Clock.Now()));
        if (view.SeesResources)
        {
            view = view with
            {
                Topics = Known(await ListTopics.RunAsync(Actor, Org, null, new PageRequest(100), cancellationToken))?.Items ?? [],
                Unready = Known(await ListUnready.RunAsync(Actor, Org, cancellationToken)) ?? Unready.None,
                EndingKeys = Known(await ListEndingKeys.RunAsync(Actor, Org, cancellationToken)) ?? [],
                Migrations = Known(await ListMigrations.RunAsync(Actor, Org, null, new PageRequest(100), cancellationToken))?.Items ?? [],
                DeadLetters = Known(await ListArrivedDeadLetters.RunAsync(Actor, Org, cancellationToken)) ?? [],
                Connectors = Known(await ListTroubledConnectors.RunAsync(Actor, Org, cancellationToken)) ?? [],
            };
        }
        if (access.Allows(Permission.ViewUsage, Scope.Anywhere))
            view = await WithUsageAsync(view, cancellationToken);
        if (access.Allows(Permission.ViewBilling))
            view = await WithBillAsync(view, cancellationToken);
        if (
            access.Allows(Permission.ViewAudit)
            && Known(await ListAudit.RunAsync(Actor, Org, new AuditFilter(), new PageRequest(Act.Entries), cancellationToken)) is { } log
        )
            view = view with { Acts = Act.Of(log.Items) };
        return view;
    }

    private async Task<HomeView> WithUsageAsync(HomeView view, CancellationToken cancellationToken)
    {
        TopicId[] shown = [.. view.Topics.Take(TopicsShown).Select(topic => topic.Id)];
        return view with
        {
            LastDay = Known(await UsageAsync(LastDay, UsageInterval.Hour, cancellationToken)),
            Stored = (await GetStored.RunAsync(Actor, Org, cancellationToken)) is { IsOk: true } stored ? stored.Value : null,
            Figures =
                shown.Length == 0
                    ? null
                    : Known(await GetTopicFigures.RunAsync(Actor, Org, shown, _home.ValueOrDefault?.Figures, cancellationToken)),
        };
    }

    private async Task<HomeView> WithBillAsync(HomeView view, CancellationToken cancellationToken)
    {
        var bill = Known(await GetCurrentBill.RunAsync(Actor, Org, cancellationToken));
        return view with
        {
            Bill = bill,
            Budget =
                bill is null ? null
                : (await GetBudget.RunAsync(Actor, Org, bill, cancellationToken)) is { IsOk: true } budget ? budget.Value
                : null,
            Invoices = Known(await ListInvoices.RunAsync(Actor, Org, new PageRequest(12), cancellationToken))?.Items ?? [],
            ByDay = bill is { Total.Minor: > 0 } ? Known(await UsageAsync(ThisMonth, UsageInterval.Day, cancellationToken)) : null,
        };
    }

    private Task<Outcome<UsageReport>> UsageAsync(UsageRange range, UsageInterval interval, CancellationToken cancellationToken)
    {
        var (from, to) = range.Bounds(Clock.Now());
        var request = new UsageRequest(from, to, interval, ByTenant: false, ByNamespace: false, ByTopic: false);
        return GetUsage.RunAsync(Actor, Org, request, new PageRequest(PageRequest.MaxLimit), cancellationToken);
    }

    /// <summary>A part that cannot be had leaves the rest of the page as it is.</summary>
    private static T? Known<T>(Outcome<T> outcome)
        where T : class => outcome.IsOk ? outcome.Value : null;

    private static string Sentence(OrganizationSummary summary) =>
        summary switch
        {
            { Tenants: 0 } => "Create your first tenant to get started.",
            { Topics: 0 } => "No topics yet.",
            { Topics: var topics } => $"{Counted.Of(topics, "topic")}, {summary.Plan.Name}.",
        };

    private static string Range(Forecast forecast) =>
        forecast.Low == forecast.High
            ? MoneyFormat.Text(forecast.Low)
            : $"{MoneyFormat.Text(forecast.Low)}–{MoneyFormat.Text(forecast.High)}";
}
