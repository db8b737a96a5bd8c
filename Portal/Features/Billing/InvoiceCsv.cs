using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Features.Api;
using Portal.Features.Usage;

namespace Portal.Features.Billing;

/// <summary>
/// An invoice as CSV: its lines, what was carried over, what is taken off, and taxes, which add up to its total (those that prices contain
/// are in the lines); then the credit notes that took it back.
/// </summary>
public static class InvoiceCsv
{
    public static IEndpointRouteBuilder MapInvoiceCsv(this IEndpointRouteBuilder app)
    {
        app.MapGet("/o/{org}/billing/invoices/{number}/csv", DownloadAsync).ExcludeFromDescription().RequireAuthorization();
        return app;
    }

    private static async Task<IResult> DownloadAsync(
        string org,
        string number,
        ApiContext context,
        GetCorrectedInvoice get,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, number, cancellationToken)).TryGet(out var corrected, out var problem)
            ? TypedResults.Stream(
                stream => WriteAsync(stream, corrected, cancellationToken),
                "text/csv; charset=utf-8",
                $"{corrected.Invoice.Number}.csv"
            )
            : problem.ToResult();

    private static async Task WriteAsync(Stream stream, CorrectedInvoice corrected, CancellationToken cancellationToken)
    {
        var invoice = corrected.Invoice;
        await using var csv = new CsvFile(stream);
        foreach (var name in new[] { "invoice", "kind", "meter", "from", "to", "quantity", "unit", "explanation", "amount", "currency" })
            csv.Text(name);
        await csv.EndRecordAsync(cancellationToken);
        foreach (var line in invoice.Lines.OrderBy(line => line.Meter).ThenBy(line => line.From))
            await RecordAsync(
                "usage",
                line.Meter.Text(),
                line.From,
                line.To,
                line.Quantity,
                line.Meter.Unit(),
                line.Explanation,
                line.AmountMinor
            );
        if (invoice.CarriedInMinor != 0)
            await RecordAsync(
                "carried",
                "",
                invoice.From,
                invoice.To,
                null,
                "",
                "Balance of earlier periods, too small to charge then",
                invoice.CarriedInMinor
            );
        foreach (var discount in invoice.Adjustments.Where(one => one.Kind == AdjustmentKind.Discount))
            await AdjustAsync(discount);
        // One that prices contain is in the lines already: it says so, and adds nothing.
        foreach (var tax in invoice.Taxes)
            await RecordAsync(
                tax.IsInclusive ? "includedTax" : "tax",
                "",
                invoice.From,
                invoice.To,
                null,
                "",
                $"{tax.Title}, {TaxWords.Base(invoice, tax)}",
                tax.AmountMinor
            );
        if (invoice.TaxNote is { } note)
            await RecordAsync("taxNote", "", invoice.From, invoice.To, null, "", note, 0);
        foreach (var credit in invoice.Adjustments.Where(one => one.Kind == AdjustmentKind.Credit))
            await AdjustAsync(credit);
        foreach (var credited in corrected.Notes.Where(one => one.State == CreditNoteState.Issued))
        foreach (var line in credited.Lines)
            await RecordAsync(
                "creditNote",
                "",
                invoice.From,
                invoice.To,
                null,
                "",
                $"{credited.Number}: {line.Description} ({credited.Reason})",
                -line.AmountMinor
            );

        Task AdjustAsync(InvoiceAdjustment one) =>
            RecordAsync(one.Kind.Text(), "", invoice.From, invoice.To, null, "", one.Reason, one.AmountMinor);

        async Task RecordAsync(
            string kind,
            string meter,
            DateTimeOffset from,
            DateTimeOffset to,
            decimal? quantity,
            string unit,
            string explanation,
            long minor
        )
        {
            csv.Text(invoice.Number);
            csv.Text(kind);
            csv.Text(meter);
            csv.Time(from);
            csv.Time(to);
            if (quantity is { } counted)
                csv.Number(Numbers.Trim(counted));
            else
                csv.Text("");
            csv.Text(unit);
            csv.Text(explanation);
            csv.Number(InvoiceWords.Money(invoice, minor).Major);
            csv.Text(invoice.CurrencyCode);
            await csv.EndRecordAsync(cancellationToken);
        }
    }
}
