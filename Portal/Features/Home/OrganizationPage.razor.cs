using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Organizations;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Ui;

namespace Portal.Features.Home;

public partial class OrganizationPage
{
    private Loading<HomeView> _home = new Loading<HomeView>.Pending();

    [Parameter] public string Org { get; set; } = "";

    [Inject] public required GetOrganizationSummary GetOrganizationSummary { get; init; }

    [Inject] public required ListTopicsOfOrganization ListTopics { get; init; }

    [Inject] public required ListKeys ListKeys { get; init; }

    [Inject] public required GetCurrentBill GetCurrentBill { get; init; }

    [Inject] public required ListInvoices ListInvoices { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var summary = await GetOrganizationSummary.RunAsync(Actor, Org, Leaving);
        if (!summary.IsOk)
        {
            _home = Loading.Of<HomeView>(summary.Problem);
            return;
        }
        // What the role may not see is not asked for: a refusal would stand in the audit log of somebody who only looked.
        var access = summary.Value.Access;
        var seesResources = access.Allows(Permission.ViewResources, Scope.Anywhere);
        var topics = seesResources ? await ListTopics.RunAsync(Actor, Org, null, new PageRequest(100), Leaving) : null;
        var keys = seesResources ? await ListKeys.RunAsync(Actor, Org, null, new PageRequest(100), Leaving) : null;
        var bill = access.Allows(Permission.ViewBilling) ? await GetCurrentBill.RunAsync(Actor, Org, Leaving) : null;
        var invoices = access.Allows(Permission.ViewBilling) ? await ListInvoices.RunAsync(Actor, Org, new PageRequest(12), Leaving) : null;
        _home = new Loading<HomeView>.Ready(HomeView.Of(
            summary.Value, topics is { IsOk: true } ? topics.Value.Items : [], keys is { IsOk: true } ? keys.Value.Items : [], bill is { IsOk: true } ? bill.Value : null,
            invoices is { IsOk: true } ? invoices.Value.Items : [], Clock.Now()));
    }

    private static string Sentence(OrganizationSummary summary) => summary switch
    {
        { Tenants: 0 } => "Create your first tenant to get started.",
        { Topics: 0 } => "No topics yet.",
        { Topics: var topics } => $"{Counted.Of(topics, "topic")}, {summary.Plan.Name}.",
    };

    private static string Range(Forecast forecast) => forecast.Low == forecast.High
        ? MoneyFormat.Text(forecast.Low)
        : $"{MoneyFormat.Text(forecast.Low)}–{MoneyFormat.Text(forecast.High)}";

    internal sealed record HomeView(
        OrganizationSummary Summary, IReadOnlyList<Topic> Topics, CurrentBill? Bill, Month Month, IReadOnlyList<AttentionItem> Attention, IReadOnlyList<FirstStep> Steps)
    {
        public static HomeView Of(OrganizationSummary summary, IReadOnlyList<Topic> topics, IReadOnlyList<PulsarKey> keys, CurrentBill? bill, IReadOnlyList<Invoice> invoices, DateTimeOffset now)
        {
            var org = summary.Access.Organization.Slug;
            var tenant = topics.Count > 0 ? topics[0].TenantName : null;
            var written = bill?.Lines.Any(line => line.Meter == Meter.Write && line.Quantity > 0) == true;
            return new(summary, topics, bill, Month.Of(now), Home.Attention.Of(summary.Access.Organization, topics, keys, now, invoices),
            [
                new("Create a tenant", summary.Tenants > 0, Links.NewTenant(org), "Create"),
                new("Create a topic", summary.Topics > 0, summary.Tenants > 0 ? Links.Tenants(org) : null, "Choose a tenant"),
                new("Create a key for your client", summary.Keys > 0, tenant is null ? null : Links.Tenant(org, tenant, "connect"), "Create"),
                new("Send the first message", written, topics.Count > 0 ? Links.Topic(org, topics[0].TenantName, topics[0].NamespaceName, topics[0].Name, "messages") : null, "Send"),
            ]);
        }
    }
}
