using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Features.Api;
using Portal.Features.Billing;
using Portal.Features.Organizations;

namespace Portal.Features.Operator;

/// <summary>Organizations as the operator sees them, and what operators note about them.</summary>
public static class CustomersEndpoints
{
    internal static void MapCustomers(this RouteGroupBuilder group)
    {
        group
            .MapGet("/organizations/{org}", GetAsync)
            .WithName("GetCustomer")
            .WithSummary("Get an organization with its plan, costs, what it owes, its tenants, and what is stuck");
        group
            .MapGet("/organizations/{org}/notes", ListNotesAsync)
            .WithName("ListOperatorNotes")
            .WithSummary("List operators' notes about an organization, newest first");
        group
            .MapPost("/organizations/{org}/notes", AddNoteAsync)
            .WithName("AddOperatorNote")
            .WithSummary("Add a note about an organization; the organization never sees it");
        group
            .MapDelete("/organizations/{org}/notes/{id:guid}", RemoveNoteAsync)
            .WithName("RemoveOperatorNote")
            .WithSummary("Delete a note about an organization");
    }

    /// <param name="Problem">Why it isn't ready; null when it is.</param>
    public sealed record CustomerTenantBody(
        string Name,
        string Cluster,
        [OneOf<StateWords>] string State,
        int Topics,
        string? Problem,
        DateTimeOffset CreatedAt
    );

    /// <param name="Problem">Why its last step failed.</param>
    public sealed record StuckWorkBody(
        string Id,
        string Subject,
        string Lane,
        int Failures,
        bool NeedsPerson,
        DateTimeOffset? FailingSince,
        string? Problem
    );

    /// <param name="MonthToDate">What this month's usage costs so far, in minor units.</param>
    /// <param name="Forecast">The same by the end of the month, as a range in minor units; null until there is enough usage to
    /// tell.</param>
    /// <param name="Owed">On open invoices, by currency.</param>
    /// <param name="Overdue">Invoices that should have been paid by now, and what comes of them; null when there is none.</param>
    /// <param name="Credits">What is left of them, by currency.</param>
    /// <param name="Owners">Email addresses, at most ten.</param>
    /// <param name="ConnectorInstances">Of connectors and functions.</param>
    /// <param name="Tenants">The first hundred, by name.</param>
    /// <param name="Stuck">Work that keeps failing, at most twenty.</param>
    public sealed record CustomerBody(
        OrganizationsEndpoints.OrganizationBody Organization,
        string? StripeCustomer,
        string Month,
        string Currency,
        long MonthToDate,
        BillingEndpoints.ForecastBody? Forecast,
        IReadOnlyList<BillingEndpoints.OwedBody> Owed,
        BillingEndpoints.OverdueBody? Overdue,
        IReadOnlyList<BillingEndpoints.OwedBody> Credits,
        IReadOnlyList<string> Owners,
        int Topics,
        int Keys,
        int ConnectorInstances,
        IReadOnlyList<CustomerTenantBody> Tenants,
        IReadOnlyList<StuckWorkBody> Stuck
    );

    /// <param name="By">Email address of the operator.</param>
    public sealed record OperatorNoteBody(Guid Id, string Text, string By, DateTimeOffset At);

    public sealed record AddOperatorNoteBody([Needed] string? Text);

    private static async Task<Answer<CustomerBody>> GetAsync(
        string org,
        ApiContext context,
        GetCustomer get,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, new PageRequest(100), cancellationToken)).ToOk(view => new CustomerBody(
            OrganizationsEndpoints.Body(view.Organization, null),
            view.Organization.StripeCustomerId,
            view.Bill.Month.ToString(),
            view.Bill.Currency.Code,
            view.Bill.Total.Minor,
            view.Bill.Forecast is { } forecast ? new(forecast.Low.Minor, forecast.High.Minor) : null,
            Amounts(view.Owed),
            view.Overdue is { } overdue ? BillingEndpoints.Body(overdue) : null,
            Amounts(view.Credits),
            view.Owners,
            view.TopicsInAll,
            view.Keys,
            view.Instances,
            [
                .. view.Tenants.Items.Select(tenant => new CustomerTenantBody(
                    tenant.Name,
                    tenant.Cluster,
                    tenant.State.Text(),
                    view.Topics.GetValueOrDefault(tenant.Id),
                    tenant.ProblemMessage,
                    tenant.CreatedAt
                )),
            ],
            [
                .. view.Stuck.Items.Select(item => new StuckWorkBody(
                    $"{item.Id}",
                    item.Subject,
                    item.Lane,
                    item.Failures,
                    item.NeedsPerson,
                    item.FailingSince,
                    item.ProblemMessage
                )),
            ]
        ));

    private static Task<ListAnswer<PageOf<OperatorNoteBody>>> ListNotesAsync(
        string org,
        ApiContext context,
        ListOperatorNotes list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), Body);

    private static Task<CreatedAnswer<OperatorNoteBody>> AddNoteAsync(
        string org,
        AddOperatorNoteBody body,
        ApiContext context,
        AddOperatorNote add,
        CancellationToken cancellationToken
    ) =>
        context.CreatedAsync(
            () => add.RunAsync(context.Actor, org, body.Text, cancellationToken),
            note => $"/api/v1/operator/organizations/{org}/notes/{note.Id}",
            Body
        );

    private static Task<EmptyAnswer> RemoveNoteAsync(
        string org,
        Guid id,
        ApiContext context,
        RemoveOperatorNote remove,
        CancellationToken cancellationToken
    ) => context.DoneAsync(() => remove.RunAsync(context.Actor, org, new OperatorNoteId(id), cancellationToken));

    private static OperatorNoteBody Body(OperatorNote note) => new(note.Id.Value, note.Text, note.By, note.At);

    private static IReadOnlyList<BillingEndpoints.OwedBody> Amounts(IReadOnlyList<Money> amounts) =>
        [.. amounts.Select(amount => new BillingEndpoints.OwedBody(amount.Currency.Code, amount.Minor))];
}
