using Portal.Domain.Billing;
using Portal.Domain.Common;
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
        group.MapGet("/billing/current", CurrentAsync).WithName("GetCurrentBill").WithSummary("The running month, priced as a close would price it");
        group.MapPost("/billing/checkout", CheckoutAsync).WithName("StartCheckout").WithSummary("Opens a Checkout page that takes a card and charges nothing");
        group.MapPost("/billing/checkout/complete", CompleteAsync).WithName("CompleteCheckout").WithSummary("Looks whether Checkout brought a card; a plan that waited for it begins");
        group.MapPut("/billing/plan", ChangePlanAsync).WithName("ChangePlan").WithSummary("Changes between Free and Pay as you go");
        group.MapGet("/billing/payment-methods", CardsAsync).WithName("ListPaymentMethods").WithSummary("The cards on file, masked");
        group.MapGet("/invoices", ListAsync).WithName("ListInvoices").WithSummary("Invoices, newest first");
        group.MapGet("/invoices/{number}", GetAsync).WithName("GetInvoice").WithSummary("One invoice");
        group.MapGet("/invoices/{number}/lines/{meter}", LineAsync).WithName("GetInvoiceLine").WithSummary("A line's shares by tenant, topic and hour with their samples");
        return api;
    }

    public sealed record CheckoutBody(string? ReturnUrl);

    public sealed record PlanBody(string? Plan);

    /// <param name="Amount">Minor units.</param>
    public sealed record LineBody(string Meter, decimal Quantity, string Unit, long Amount, string PriceBook, string Explanation);

    /// <param name="Total">Minor units; <paramref name="Invoiced"/> of it is on invoices already.</param>
    /// <param name="Forecast">By the month's end, from the slower to the faster of two paces; null when nothing can be said yet.</param>
    public sealed record CurrentBody(
        string Month, string Currency, string Plan, IReadOnlyList<LineBody> Lines, long Total, long Invoiced, long Carried, DateTimeOffset? CompleteTo, ForecastBody? Forecast);

    public sealed record ForecastBody(long Low, long High);

    public sealed record CardBody(string Id, string Brand, string Last4, int ExpiresMonth, int ExpiresYear, bool IsDefault);

    public sealed record InvoiceLineBody(string Meter, decimal Quantity, string Unit, long Amount, DateTimeOffset From, DateTimeOffset To, string Explanation);

    /// <param name="Status">As Stripe's: draft, open, paid, uncollectible, void.</param>
    /// <param name="Carried">A balance of earlier invoices too small to charge, in minor units.</param>
    public sealed record InvoiceBody(
        string Number, string Month, DateTimeOffset From, DateTimeOffset To, string Status, string Currency, IReadOnlyList<InvoiceLineBody> Lines, long Carried, long Total,
        long AmountPaid, string? StripeInvoiceId, string? HostedUrl, string? PdfUrl, string? Problem, DateTimeOffset CreatedAt, DateTimeOffset? FinalizedAt, DateTimeOffset? PaidAt);

    public sealed record ShareBody(
        string? Tenant, string? Namespace, string? Topic, string? TopicId, DateTimeOffset From, DateTimeOffset To, decimal Quantity, string Amount, IReadOnlyList<UsageEndpoints.SampleBody> Samples,
        string? MoreSamples);

    public sealed record InvoiceLineDetailBody(string Number, string Meter, string Unit, IReadOnlyList<InvoiceLineBody> Lines, IReadOnlyList<ShareBody> Items, string? Next);

    private static async Task<IResult> CurrentAsync(string org, string? month, ApiContext context, GetCurrentBill get, CancellationToken cancellationToken)
    {
        Month? asked = null;
        if (!string.IsNullOrEmpty(month))
        {
            if (!Month.TryParse(month, out var parsed)) return new Problem.Invalid("month-malformed", "month is written yyyy-MM, for example 2026-11.", "month").ToResult();
            asked = parsed;
        }
        return (await get.OfMonthAsync(context.Actor, org, asked, cancellationToken)).ToOk(bill => new CurrentBody(
            bill.Month.ToString(), bill.Currency.Code, Plan.Text(bill.Plan),
            [.. bill.Lines.Select(line => new LineBody(line.Meter.Text(), Numbers.Trim(line.Quantity), line.Meter.Unit(), line.Amount.Minor, line.PriceBook, line.Explanation))],
            bill.Total.Minor, bill.Invoiced.Minor, bill.Carried.Minor, bill.CompleteTo, bill.Forecast is { } forecast ? new(forecast.Low.Minor, forecast.High.Minor) : null));
    }

    private static async Task<IResult> CheckoutAsync(string org, CheckoutBody body, ApiContext context, StartCheckout start, IPublicAddress portal, CancellationToken cancellationToken) =>
        (await start.RunAsync(context.Actor, org, body.ReturnUrl, portal.Url, cancellationToken)).ToOk(url => new { url = url.AbsoluteUri });

    private static async Task<IResult> CompleteAsync(string org, ApiContext context, CompleteCheckout complete, CancellationToken cancellationToken) =>
        (await complete.RunAsync(context.Actor, org, cancellationToken))
            .ToOk(done => new { organization = OrganizationsEndpoints.Body(done.Organization, null), hasCard = done.HasCard, planBegan = done.PlanBegan });

    private static async Task<IResult> ChangePlanAsync(string org, PlanBody body, ApiContext context, ChangePlan change, CancellationToken cancellationToken) =>
        Plan.TryParse(body.Plan, out var plan)
            ? (await change.RunAsync(context.Actor, org, plan, cancellationToken))
                .ToOk(changed => new { organization = OrganizationsEndpoints.Body(changed.Organization, null), needsCard = changed.NeedsCard })
            : new Problem.Invalid("plan-unknown", "The plans are free, payg and dedicated.", "plan").ToResult();

    private static async Task<IResult> CardsAsync(string org, ApiContext context, ListPaymentMethods list, CancellationToken cancellationToken) =>
        (await list.RunAsync(context.Actor, org, cancellationToken)).ToOk(cards => new PageOf<CardBody>(
            [.. cards.Select(card => new CardBody(card.Id, card.Brand, card.Last4, card.ExpiresMonth, card.ExpiresYear, card.IsDefault))], null));

    private static Task<IResult> ListAsync(string org, ApiContext context, ListInvoices list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), Body);

    private static async Task<IResult> GetAsync(string org, string number, ApiContext context, GetInvoice get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, org, number, cancellationToken)).ToOk(Body);

    private static async Task<IResult> LineAsync(string org, string number, string meter, ApiContext context, GetInvoiceLine get, CancellationToken cancellationToken)
    {
        if (!context.Page.TryGet(out var page, out var problem)) return problem.ToResult();
        if (!Meters.TryParse(meter, out var known))
            return new Problem.Invalid("meter-unknown", "meter is one of write, read, storage, partitions and connectors.", "meter").ToResult();
        return (await get.RunAsync(context.Actor, org, number, known, page, cancellationToken)).ToOk(detail => new InvoiceLineDetailBody(
            detail.Invoice.Number, known.Text(), known.Unit(), [.. detail.Lines.Select(Body)], [.. detail.Shares.Items.Select(Body)], detail.Shares.Next));
    }

    private static InvoiceBody Body(Invoice invoice) => new(
        invoice.Number, invoice.MonthText, invoice.From, invoice.To, invoice.Status.Text(), invoice.CurrencyCode, [.. invoice.Lines.OrderBy(line => line.Meter).Select(Body)],
        invoice.CarriedInMinor, invoice.TotalMinor, invoice.AmountPaidMinor, invoice.StripeInvoiceId, invoice.HostedUrl, invoice.PdfUrl, invoice.ProblemMessage, invoice.CreatedAt,
        invoice.FinalizedAt, invoice.PaidAt);

    private static InvoiceLineBody Body(InvoiceLine line) =>
        new(line.Meter.Text(), Numbers.Trim(line.Quantity), line.Meter.Unit(), line.AmountMinor, line.From, line.To, line.Explanation);

    private static ShareBody Body(UsageShare share) => new(
        share.Slice.Tenant, share.Slice.Namespace, share.Slice.Topic, share.Slice.TopicId?.ToString(), share.Slice.From, share.Slice.To, Numbers.Trim(share.Quantity), Numbers.Text(share.Amount),
        [.. share.Samples.Items.Select(sample => new UsageEndpoints.SampleBody(
            sample.Cluster, sample.Broker, sample.Partition, sample.OpenedAt, sample.ClosedAt, sample.OpenedValue, sample.ClosedValue, sample.Quantity))],
        share.Samples.Next);
}
