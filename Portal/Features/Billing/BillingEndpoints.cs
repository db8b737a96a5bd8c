using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Usage;
using Portal.Features.Api;
using Portal.Features.Organizations;
using Portal.Features.Usage;

namespace Portal.Features.Billing;

public static class BillingEndpoints
{
    public static IEndpointRouteBuilder MapBilling(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}").WithTags("Billing");
        group.MapGet("/billing/current", CurrentAsync).WithName("GetCurrentBill").WithSummary("Get this month's costs so far");
        group
            .MapPost("/billing/checkout", CheckoutAsync)
            .WithName("StartCheckout")
            .WithSummary("Create a Checkout page where a card can be added; nothing is charged");
        group
            .MapPost("/billing/checkout/complete", CompleteAsync)
            .WithName("CompleteCheckout")
            .WithSummary("Finish Checkout: if a card was added, the plan that was waiting for it starts");
        group.MapPut("/billing/plan", ChangePlanAsync).WithName("ChangePlan").WithSummary("Switch between Free and Pay as you go");
        group
            .MapGet("/billing/plan/preview", PreviewPlanAsync)
            .WithName("PreviewPlanChange")
            .WithSummary("Show what switching the plan would change: limits, prices, charges, and what has to be deleted first");
        group
            .MapDelete("/billing/plan/pending", KeepPlanAsync)
            .WithName("KeepPlan")
            .WithSummary("Withdraw an upgrade that is waiting for a card; the present plan stays");
        group.MapGet("/billing/payment-methods", CardsAsync).WithName("ListPaymentMethods").WithSummary("List payment methods");
        return api;
    }

    public sealed record StartCheckoutBody([Needed] string? ReturnUrl);

    public sealed record CheckoutBody(string Url);

    public sealed record CompletedCheckoutBody(OrganizationsEndpoints.OrganizationBody Organization, bool HasCard, bool PlanBegan);

    public sealed record ChangePlanBody([Needed, OneOf<PlanWords>] string? Plan);

    /// <param name="NeedsCard">The plan starts once a card is on file: start a checkout.</param>
    public sealed record ChangedPlanBody(OrganizationsEndpoints.OrganizationBody Organization, bool NeedsCard);

    /// <param name="Limit">By name; null is no limit.</param>
    public sealed record LimitMoveBody(string Limit, long? Before, long? After);

    /// <param name="Plan">The plan asked about.</param>
    /// <param name="LimitsFrom">When the new limits apply; null while a card is missing.</param>
    /// <param name="ChargesFrom">The hour from which charges change; null while a card is missing.</param>
    /// <param name="NeedsCard">The plan starts once a card is on file.</param>
    /// <param name="Obstacles">What has to be deleted before the plan can change; empty when nothing is in the way.</param>
    /// <param name="Unbilled">Charged usage that is on no invoice yet, in minor units; it is invoiced when its billing period
    /// closes.</param>
    /// <param name="PriceList">The version of the price list that applies; null where nothing is charged.</param>
    /// <param name="PresentTopics">What the topics that you have cost on the plan; null where nothing is charged.</param>
    public sealed record PlanChangePreviewBody(
        [OneOf<PlanWords>] string Plan,
        [OneOf<PlanWords>] string Present,
        DateTimeOffset? LimitsFrom,
        DateTimeOffset? ChargesFrom,
        bool NeedsCard,
        IReadOnlyList<LimitMoveBody> Limits,
        IReadOnlyList<string> Obstacles,
        string Month,
        string Currency,
        long Unbilled,
        string? PriceList,
        PresentTopicsBody? PresentTopics
    );

    /// <param name="Partitions">A topic without partitions counts as one.</param>
    /// <param name="Monthly">What they cost in a month of 730 hours, before traffic and storage, in minor units.</param>
    public sealed record PresentTopicsBody(int Topics, int Partitions, long Monthly);

    /// <param name="Amount">In minor units.</param>
    public sealed record BillLineBody(
        [OneOf<MeterWords>] string Meter,
        decimal Quantity,
        [OneOf<UnitWords>] string Unit,
        long Amount,
        string PriceBook,
        string Explanation
    );

    /// <param name="Total">In minor units.</param>
    /// <param name="Forecast">The total by the end of the month, as a range in minor units; null until there is enough usage to
    /// tell.</param>
    /// <param name="Adjustments">What is taken off: by invoices of this month, or as closing it now would.</param>
    /// <param name="ToPay">What is open of this month's invoices, with what closing it now would add, in minor units.</param>
    /// <param name="Tax">Taxes that come on top, in minor units; those that Stripe Tax works out are known once the invoice is
    /// issued.</param>
    /// <param name="Settled">What of this month's invoices is paid or written off, in minor units.</param>
    /// <param name="CreditNotes">What credit notes took back of them, in minor units.</param>
    /// <param name="CompleteTo">Every counter of all clusters is in up to here; null before the first of one of them.</param>
    /// <param name="Clusters">The same of each cluster by itself: one that is unreachable holds only its own back.</param>
    /// <param name="Overdue">Invoices that should have been paid by now, and what comes of them; null when there is none.</param>
    public sealed record CurrentBillBody(
        string Month,
        string Currency,
        [OneOf<PlanWords>] string Plan,
        IReadOnlyList<BillLineBody> Lines,
        long Total,
        long Invoiced,
        long Carried,
        DateTimeOffset? CompleteTo,
        ForecastBody? Forecast,
        OverdueBody? Overdue,
        IReadOnlyList<AdjustmentBody> Adjustments,
        long ToPay,
        long Tax,
        long Settled,
        long CreditNotes,
        IReadOnlyList<UsageEndpoints.ClusterFreshnessBody> Clusters
    );

    /// <param name="Reason">In words: the promotion code, or why a credit was granted.</param>
    /// <param name="Amount">In minor units, below zero.</param>
    public sealed record AdjustmentBody([OneOf<AdjustmentWords>] string Kind, string Reason, long Amount);

    /// <param name="Stage">What is in force: nothing, a notice, changes that can raise the bill are refused, publishing is blocked too, or
    /// everything is.</param>
    public sealed record OverdueStepBody([OneOf<ArrearsNames>] string Stage, DateTimeOffset At);

    /// <param name="Amount">In minor units.</param>
    public sealed record OwedBody(string Currency, long Amount);

    /// <param name="Stage">What is in force: nothing, a notice, changes that can raise the bill are refused, publishing is blocked too, or
    /// everything is.</param>
    /// <param name="Since">When the oldest of them should have been paid.</param>
    /// <param name="Invoices">Numbers, oldest first.</param>
    /// <param name="Problem">Why the last charge failed; null for invoices that are not charged to a card.</param>
    /// <param name="ExtendedUntil">The operator gave time until then; null without an extension.</param>
    /// <param name="Next">What comes when if they stay unpaid, the next first.</param>
    public sealed record OverdueBody(
        [OneOf<ArrearsNames>] string Stage,
        DateTimeOffset Since,
        IReadOnlyList<string> Invoices,
        IReadOnlyList<OwedBody> Owed,
        string? Problem,
        DateTimeOffset? ExtendedUntil,
        IReadOnlyList<OverdueStepBody> Next
    );

    public sealed record ForecastBody(long Low, long High);

    public sealed record PaymentMethodBody(string Id, string Brand, string Last4, int ExpiresMonth, int ExpiresYear, bool IsDefault);

    private static async Task<Answer<CurrentBillBody>> CurrentAsync(
        string org,
        string? month,
        ApiContext context,
        GetCurrentBill get,
        GetOverdue overdue,
        CancellationToken cancellationToken
    )
    {
        Month? asked = null;
        if (!string.IsNullOrEmpty(month))
        {
            if (!Month.TryParse(month, out var parsed))
                return new Problem.Invalid("month-malformed", "month is written yyyy-MM, for example 2026-11.", "month");
            asked = parsed;
        }
        var found = await get.OfMonthAsync(context.Actor, org, asked, cancellationToken);
        var behind = found.IsOk ? await overdue.RunAsync(context.Actor, org, cancellationToken) : null;
        return found.ToOk(bill => new CurrentBillBody(
            bill.Month.ToString(),
            bill.Currency.Code,
            Plan.Text(bill.Plan),
            [
                .. bill.Lines.Select(line => new BillLineBody(
                    line.Meter.Text(),
                    Numbers.Trim(line.Quantity),
                    line.Meter.Unit(),
                    line.Amount.Minor,
                    line.PriceBook,
                    line.Explanation
                )),
            ],
            bill.Total.Minor,
            bill.Invoiced.Minor,
            bill.Carried.Minor,
            bill.CompleteTo,
            bill.Forecast is { } forecast ? new(forecast.Low.Minor, forecast.High.Minor) : null,
            behind is { IsOk: true, Value: { } view } ? Body(view) : null,
            [.. bill.Adjustments.Select(one => new AdjustmentBody(one.Kind.Text(), one.Reason, one.Amount.Minor))],
            bill.ToPay.Minor,
            bill.Tax.Minor,
            bill.Settled.Minor,
            bill.CreditNotes.Minor,
            UsageEndpoints.Body(bill.Freshness)
        ));
    }

    /// <param name="view">With something overdue.</param>
    internal static OverdueBody Body(OverdueView view) =>
        new(
            view.InForce.Text(),
            view.Standing!.OverdueSince,
            [.. view.Invoices.Select(invoice => invoice.Number)],
            [.. view.Owed.Select(owed => new OwedBody(owed.Currency.Code, owed.Minor))],
            view.Invoices[0].ProblemMessage,
            view.Case?.ExtendedUntil,
            [.. view.Standing.Ahead.Select(step => new OverdueStepBody(step.Stage.Text(), step.At))]
        );

    private static async Task<Answer<CheckoutBody>> CheckoutAsync(
        string org,
        StartCheckoutBody body,
        ApiContext context,
        StartCheckout start,
        IPublicAddress portal,
        CancellationToken cancellationToken
    ) =>
        await context.OkAsync(
            () => start.RunAsync(context.Actor, org, body.ReturnUrl, portal.Url, cancellationToken),
            url => new CheckoutBody(url.AbsoluteUri)
        );

    private static async Task<Answer<CompletedCheckoutBody>> CompleteAsync(
        string org,
        ApiContext context,
        CompleteCheckout complete,
        CancellationToken cancellationToken
    ) =>
        await context.OkAsync(
            () => complete.RunAsync(context.Actor, org, cancellationToken),
            done => new CompletedCheckoutBody(OrganizationsEndpoints.Body(done.Organization, null), done.HasCard, done.PlanBegan)
        );

    private static async Task<Answer<ChangedPlanBody>> ChangePlanAsync(
        string org,
        ChangePlanBody body,
        ApiContext context,
        ChangePlan change,
        CancellationToken cancellationToken
    ) =>
        Plan.TryParse(body.Plan, out var plan)
            ? (await change.RunAsync(context.Actor, org, plan, cancellationToken)).ToOk(changed => new ChangedPlanBody(
                OrganizationsEndpoints.Body(changed.Organization, null),
                changed.NeedsCard
            ))
            : new Problem.Invalid("plan-unknown", "Choose one of the plans free, payg or dedicated.", "plan");

    private static async Task<Answer<PlanChangePreviewBody>> PreviewPlanAsync(
        string org,
        [OneOf<PlanWords>] string? plan,
        ApiContext context,
        PreviewPlanChange preview,
        CancellationToken cancellationToken
    ) =>
        (await preview.RunAsync(context.Actor, org, plan, cancellationToken)).ToOk(found => new PlanChangePreviewBody(
            Plan.Text(found.To.Code),
            Plan.Text(found.From.Code),
            found.LimitsFrom,
            found.ChargesChange,
            found.NeedsCard,
            [.. found.Limits.Select(move => new LimitMoveBody(move.Kind.Text(), move.Before, move.After))],
            [.. found.Obstacles.Select(obstacle => obstacle.Message)],
            found.Month.ToString(),
            found.Unbilled.Currency.Code,
            found.Unbilled.Minor,
            found.Prices?.Version,
            found.Present is { } present ? new(present.Topics, present.Partitions, present.Monthly.Minor) : null
        ));

    private static async Task<EmptyAnswer> KeepPlanAsync(
        string org,
        ApiContext context,
        KeepPlan keep,
        CancellationToken cancellationToken
    ) => (await keep.RunAsync(context.Actor, org, cancellationToken)).ToNoContent();

    private static Task<ListAnswer<PageOf<PaymentMethodBody>>> CardsAsync(
        string org,
        ApiContext context,
        ListPaymentMethods list,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            () => list.RunAsync(context.Actor, org, cancellationToken),
            card => card.Id,
            card => new PaymentMethodBody(card.Id, card.Brand, card.Last4, card.ExpiresMonth, card.ExpiresYear, card.IsDefault)
        );
}
