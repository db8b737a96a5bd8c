using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Usage;
using Portal.Features.Api;
using Portal.Features.Usage;

namespace Portal.Features.Billing;

/// <summary>Invoices, and each line down to the counter readings behind it.</summary>
public static class InvoicesEndpoints
{
    public static IEndpointRouteBuilder MapInvoices(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}").WithTags("Billing");
        group.MapGet("/invoices", ListAsync).WithName("ListInvoices").WithSummary("List invoices, newest first");
        group.MapGet("/invoices/{number}", GetAsync).WithName("GetInvoice").WithSummary("Get an invoice");
        group
            .MapGet("/invoices/{number}/lines/{meter}", LineAsync)
            .WithName("GetInvoiceLine")
            .WithSummary("Break an invoice line down by tenant, topic and hour, with the counter readings behind it");
        return api;
    }

    public sealed record InvoiceLineBody(
        [OneOf<MeterWords>] string Meter,
        decimal Quantity,
        [OneOf<UnitWords>] string Unit,
        long Amount,
        DateTimeOffset From,
        DateTimeOffset To,
        string Explanation,
        string Id
    );

    /// <param name="Carried">A balance of earlier invoices that was too small to charge, in minor units.</param>
    /// <param name="Adjustments">What is taken off; the total is what the lines and the carried balance leave after it.</param>
    /// <param name="AmountCredited">What credit notes took back, in minor units.</param>
    /// <param name="AmountRefunded">What went back to the card, in minor units.</param>
    /// <param name="AmountRemaining">What is still to be paid, in minor units.</param>
    /// <param name="Taxes">Each a line of its own; empty where none is charged, and until they are known.</param>
    /// <param name="Tax">All taxes, in minor units; it is part of the total.</param>
    /// <param name="TaxState">How it is taxed. While the location is missing, or Stripe is to work it out, the total is before tax.</param>
    /// <param name="TaxNote">Why, for the customer.</param>
    public sealed record InvoiceBody(
        string Number,
        string Month,
        DateTimeOffset From,
        DateTimeOffset To,
        [OneOf<InvoiceStatusWords>] string Status,
        string Currency,
        IReadOnlyList<InvoiceLineBody> Lines,
        long Carried,
        long Total,
        long AmountPaid,
        string? StripeInvoiceId,
        string? HostedUrl,
        string? PdfUrl,
        string? Problem,
        DateTimeOffset CreatedAt,
        DateTimeOffset? FinalizedAt,
        DateTimeOffset? PaidAt,
        IReadOnlyList<BillingEndpoints.AdjustmentBody> Adjustments,
        DateTimeOffset? DueAt,
        long AmountCredited,
        long AmountRefunded,
        long AmountRemaining,
        IReadOnlyList<InvoiceTaxBody> Taxes,
        long Tax,
        [OneOf<InvoiceTaxStateWords>] string TaxState,
        string? TaxNote
    );

    /// <param name="Region">A state or province; null for all of the country.</param>
    /// <param name="Base">What it is a part of, without it, in minor units.</param>
    /// <param name="Inclusive">The amounts of the lines contain it; otherwise it comes on top.</param>
    /// <param name="Amount">In minor units.</param>
    public sealed record InvoiceTaxBody(
        string Name,
        string? Country,
        string? Region,
        decimal Percent,
        bool Inclusive,
        long Base,
        long Amount
    );

    public sealed record UsageShareBody(
        string? Tenant,
        string? Namespace,
        string? Topic,
        string? TopicId,
        DateTimeOffset From,
        DateTimeOffset To,
        decimal Quantity,
        string Amount,
        IReadOnlyList<UsageEndpoints.SampleBody> Samples,
        string? MoreSamples,
        string? Connector
    );

    public sealed record InvoiceLineDetailBody(
        string Number,
        [OneOf<MeterWords>] string Meter,
        [OneOf<UnitWords>] string Unit,
        IReadOnlyList<InvoiceLineBody> Lines,
        IReadOnlyList<UsageShareBody> Items,
        string? Next
    );

    private static Task<ListAnswer<PageOf<InvoiceBody>>> ListAsync(
        string org,
        ApiContext context,
        ListInvoices list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), Body);

    private static async Task<Answer<InvoiceBody>> GetAsync(
        string org,
        string number,
        ApiContext context,
        GetInvoice get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, number, cancellationToken)).ToOk(Body);

    private static async Task<ListAnswer<InvoiceLineDetailBody>> LineAsync(
        string org,
        string number,
        [OneOf<MeterWords>] string meter,
        ApiContext context,
        GetInvoiceLine get,
        CancellationToken cancellationToken
    )
    {
        if (!Meters.TryParse(meter, out var known))
            return new Problem.Invalid("meter-unknown", "meter is one of write, read, storage, partitions and connectors.", "meter");
        return await context.ReportAsync(
            page => get.RunAsync(context.Actor, org, number, known, page, cancellationToken),
            detail => new InvoiceLineDetailBody(
                detail.Invoice.Number,
                known.Text(),
                known.Unit(),
                [.. detail.Lines.Select(Body)],
                [.. detail.Shares.Items.Select(Body)],
                detail.Shares.Next
            )
        );
    }

    private static InvoiceBody Body(Invoice invoice) =>
        new(
            invoice.Number,
            invoice.MonthText,
            invoice.From,
            invoice.To,
            invoice.Status.Text(),
            invoice.CurrencyCode,
            [.. invoice.Lines.OrderBy(line => line.Meter).Select(Body)],
            invoice.CarriedInMinor,
            invoice.TotalMinor,
            invoice.AmountPaidMinor,
            invoice.StripeInvoiceId,
            invoice.HostedUrl,
            invoice.PdfUrl,
            invoice.ProblemMessage,
            invoice.CreatedAt,
            invoice.FinalizedAt,
            invoice.PaidAt,
            [.. invoice.Adjustments.Select(one => new BillingEndpoints.AdjustmentBody(one.Kind.Text(), one.Reason, one.AmountMinor))],
            invoice.DueAt,
            invoice.CreditedMinor,
            invoice.RefundedMinor,
            invoice.Status == InvoiceStatus.Open ? invoice.OwedMinor : 0,
            [
                .. invoice.Taxes.Select(tax => new InvoiceTaxBody(
                    tax.Name,
                    tax.Country,
                    tax.State,
                    Numbers.Trim(tax.Percent),
                    tax.IsInclusive,
                    tax.BaseMinor,
                    tax.AmountMinor
                )),
            ],
            invoice.TaxMinor,
            invoice.TaxState.Text(),
            invoice.TaxNote
        );

    private static InvoiceLineBody Body(InvoiceLine line) =>
        new(
            line.Meter.Text(),
            Numbers.Trim(line.Quantity),
            line.Meter.Unit(),
            line.AmountMinor,
            line.From,
            line.To,
            line.Explanation,
            line.Id.ToString()
        );

    private static UsageShareBody Body(UsageShare share) =>
        new(
            share.Slice.Tenant,
            share.Slice.Namespace,
            share.Slice.Topic,
            share.Slice.TopicId?.ToString(),
            share.Slice.From,
            share.Slice.To,
            Numbers.Trim(share.Quantity),
            Numbers.Text(share.Amount),
            [
                .. share.Samples.Items.Select(sample => new UsageEndpoints.SampleBody(
                    sample.Cluster,
                    sample.IsRecovered ? null : sample.Broker,
                    sample.Partition,
                    sample.OpenedAt,
                    sample.ClosedAt,
                    sample.OpenedValue,
                    sample.ClosedValue,
                    sample.Quantity,
                    sample.IsRecovered
                )),
            ],
            share.Samples.Next,
            share.Slice.Connector
        );
}
