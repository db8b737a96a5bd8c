using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Features.Api;
using Portal.Features.Organizations;

namespace Portal.Features.Operator;

public static class OperatorEndpoints
{
    public static IEndpointRouteBuilder MapOperator(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/operator").WithTags("Operator");
        group
            .MapPut("/organizations/{org}/plan", SetPlanAsync)
            .WithName("SetPlan")
            .WithSummary("Set an organization's plan and payment method");
        group.MapPriceBooks();
        group.MapTaxSettings();
        group
            .MapPost("/months/{month}/close", CloseAsync)
            .WithName("CloseMonth")
            .WithSummary("Close a billing month for every organization; runs as a job");
        group
            .MapGet("/months/{month}/close", PreviewCloseAsync)
            .WithName("PreviewMonthClose")
            .WithSummary("Show what closing a billing month would come to, and what is not complete yet");
        group.MapBooks();
        group.MapDunning();
        group.MapIncidents();
        group.MapEmails();
        group.MapPromotionCodes();
        group.MapCustomers();
        group.MapCustomerCredits();
        group.MapCustomerCreditNotes();
        group.MapPlans();
        group.MapWork();
        group.MapSample();
        group
            .MapGet("/invoices/unsettled", UnsettledAsync)
            .WithName("ListUnsettledInvoices")
            .WithSummary("List invoices that are not settled yet, including mismatches with Stripe");
        return api;
    }

    public sealed record SetPlanBody([Needed, OneOf<PlanWords>] string? Plan, [OneOf<PayByWords>] string? PayBy);

    /// <param name="Early">Closes a month that is still running, up to the instant for which metering is complete.</param>
    public sealed record CloseMonthBody(bool? Early);

    /// <param name="Amount">In minor units.</param>
    public sealed record AmountBody(string Currency, long Amount);

    /// <param name="Waiting">It waits for metering and closes by itself; otherwise it needs attention.</param>
    public sealed record CloseConcernBody(string Organization, string Why, bool Waiting);

    /// <param name="Early">The month still runs: usage up to the last complete point is invoiced, later usage on a second invoice.</param>
    /// <param name="UpTo">For an early close, the instant for which metering is complete.</param>
    /// <param name="Organizations">With time that is not closed yet.</param>
    /// <param name="Looked">Of them, those that were rated for this answer.</param>
    /// <param name="CarriedOver">Organizations whose usage is too small to charge.</param>
    /// <param name="WithGaps">Organizations with unmetered time, which is not charged.</param>
    /// <param name="Concerns">The first ten.</param>
    /// <param name="Mismatches">Invoices that differ from Stripe's and are blocked.</param>
    public sealed record MonthClosePreviewBody(
        string Month,
        bool Early,
        DateTimeOffset? UpTo,
        int Organizations,
        int Looked,
        int Invoices,
        int CarriedOver,
        IReadOnlyList<AmountBody> Totals,
        int WithGaps,
        int Waiting,
        int Troubled,
        IReadOnlyList<CloseConcernBody> Concerns,
        int Mismatches
    );

    public sealed record StartedJobBody(string Job);

    /// <param name="Problem">What keeps it from being settled, if known.</param>
    public sealed record UnsettledInvoiceBody(
        string Number,
        string MonthText,
        string Month,
        [OneOf<InvoiceStageWords>] string Stage,
        string? Problem
    );

    private static async Task<Answer<OrganizationsEndpoints.OrganizationBody>> SetPlanAsync(
        string org,
        SetPlanBody body,
        ApiContext context,
        SetPlan set,
        CancellationToken cancellationToken
    ) =>
        (await set.RunAsync(context.Actor, org, body.Plan, body.PayBy, cancellationToken)).ToOk(changed =>
            OrganizationsEndpoints.Body(changed.Organization, null)
        );

    private static async Task<Answer<MonthClosePreviewBody>> PreviewCloseAsync(
        string month,
        ApiContext context,
        PreviewMonthClose preview,
        CancellationToken cancellationToken
    ) =>
        Month.TryParse(month, out var parsed)
            ? (await preview.RunAsync(context.Actor, parsed, cancellationToken)).ToOk(found => new MonthClosePreviewBody(
                found.Month.ToString(),
                found.IsEarly,
                found.UpTo,
                found.Organizations,
                found.Looked,
                found.Invoices,
                found.CarriedOver,
                [.. found.Totals.Select(total => new AmountBody(total.Currency.Code, total.Minor))],
                found.WithGaps,
                found.Waiting,
                found.Troubled,
                [.. found.Concerns.Select(concern => new CloseConcernBody(concern.Organization.Slug, concern.Why, concern.IsWaiting))],
                found.Mismatches
            ))
            : new Problem.Invalid("month-malformed", "Write the month as yyyy-MM, for example 2026-11.", "month");

    private static async Task<AcceptedAnswer<StartedJobBody>> CloseAsync(
        string month,
        CloseMonthBody? body,
        ApiContext context,
        CloseMonth close,
        CancellationToken cancellationToken
    ) =>
        Month.TryParse(month, out var parsed)
            ? await context.AcceptedAsync(
                () => close.RunAsync(context.Actor, parsed, body?.Early ?? false, cancellationToken),
                job => $"/api/v1/operator/jobs/{job.Id}",
                job => new StartedJobBody(job.Id.ToString())
            )
            : new Problem.Invalid("month-malformed", "Write the month as yyyy-MM, for example 2026-11.", "month");

    private static Task<ListAnswer<PageOf<UnsettledInvoiceBody>>> UnsettledAsync(
        ApiContext context,
        ListUnsettledInvoices list,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, page, cancellationToken),
            invoice => new UnsettledInvoiceBody(
                invoice.Number,
                invoice.Month,
                invoice.Month,
                invoice.Stage.ToString().ToLowerInvariant(),
                invoice.Problem
            )
        );
}
