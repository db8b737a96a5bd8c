using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>A topic's hour below an invoice line.</summary>
/// <param name="Quantity">In the meter's unit.</param>
/// <param name="Amount">Its exact share of the line, in major units, to 18 decimals.</param>
/// <param name="Samples">The first of the counters' readings that it is made of; empty for meters that are not sampled.</param>
public sealed record UsageShare(UsageSlice Slice, decimal Quantity, decimal Amount, PageOf<UsageSample> Samples);

/// <param name="Lines">One, or one per price book where two were in force.</param>
public sealed record InvoiceLineDetail(Invoice Invoice, IReadOnlyList<InvoiceLine> Lines, PageOf<UsageShare> Shares);

/// <summary>How a line is walked back: its tenants, topics and hours with the samples below them.</summary>
public sealed class GetInvoiceLine(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger)
{
    private const int SamplesShown = 100;

    public async Task<Outcome<InvoiceLineDetail>> RunAsync(
        Actor actor,
        string organization,
        string number,
        Meter meter,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "invoice.view", number),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var id = access.Organization.Id;
        var (invoice, tariff) = await database.ReadAsync(
            async session =>
                await session.Invoices.FindAsync(id, number, cancellationToken) is { } found
                    ? (found, await Tariff.LoadAsync(session, id, found.From, found.To, cancellationToken))
                    : ((Invoice?)null, (Tariff?)null),
            cancellationToken
        );
        if (invoice is null || tariff is null)
            return GetInvoice.Missing(number);
        var lines = invoice.Lines.Where(line => line.Meter == meter).OrderBy(line => line.From).ToList();
        if (lines.Count == 0)
            return new Problem.NotFound("line-not-found", $"Invoice {invoice.Number} has no line for {meter.Text()}.");
        if (!TryCursor(page.After, out var index, out var after))
            return new Problem.Invalid("cursor-unknown", "after is the next of an earlier page, as it was given.", "after");

        // Only the charged spans of the line: what was used while the plan was free is not in its quantity.
        var spans = tariff.Spans(invoice.From, invoice.To).Where(span => lines.Any(line => line.PriceBookId == span.Book?.Id)).ToList();
        var totals = await TotalsAsync(id, meter, spans, cancellationToken);
        var shares = new List<UsageShare>();
        for (; index < spans.Count && shares.Count < page.Limit; )
        {
            var span = spans[index];
            var line = lines.First(candidate => candidate.PriceBookId == span.Book!.Id);
            var query = new UsageQuery(id, span.From, span.To, UsageInterval.Hour, ByTenant: true, ByNamespace: true, ByTopic: true, meter);
            var slices = await ledger.SlicesAsync(query, new PageRequest(page.Limit - shares.Count, after), cancellationToken);
            foreach (var slice in slices.Items)
                shares.Add(
                    new(
                        slice,
                        meter.Quantity(slice.Quantity),
                        Rating.Share(line.ExactAmount, slice.Quantity, totals[line.PriceBookId]),
                        await SamplesAsync(id, span, slice, cancellationToken)
                    )
                );
            after = slices.Next;
            if (after is null)
                index++;
        }
        return new InvoiceLineDetail(
            invoice,
            lines,
            new(shares, index < spans.Count ? string.Create(CultureInfo.InvariantCulture, $"{index}~{after}") : null)
        );
    }

    private async Task<IReadOnlyDictionary<PriceBookId, Int128>> TotalsAsync(
        OrganizationId organization,
        Meter meter,
        IReadOnlyList<TariffSpan> spans,
        CancellationToken cancellationToken
    )
    {
        var totals = new Dictionary<PriceBookId, Int128>();
        foreach (var span in spans)
        {
            var used = await ledger.TotalsAsync(organization, span.From, span.To, cancellationToken);
            totals[span.Book!.Id] = totals.GetValueOrDefault(span.Book.Id) + used.GetValueOrDefault(meter);
        }
        return totals;
    }

    private async Task<PageOf<UsageSample>> SamplesAsync(
        OrganizationId organization,
        TariffSpan span,
        UsageSlice slice,
        CancellationToken cancellationToken
    ) =>
        slice.TopicId is { } topic
            ? await ledger.SamplesAsync(
                organization,
                slice.Meter,
                topic,
                slice.From > span.From ? slice.From : span.From,
                slice.To < span.To ? slice.To : span.To,
                new PageRequest(SamplesShown),
                cancellationToken
            )
            : new([], null);

    private static bool TryCursor(string? text, out int index, out string? after)
    {
        (index, after) = (0, null);
        if (text is null)
            return true;
        var cut = text.IndexOf('~', StringComparison.Ordinal);
        if (cut < 0 || !int.TryParse(text.AsSpan(0, cut), NumberStyles.None, CultureInfo.InvariantCulture, out index))
            return false;
        after = cut + 1 < text.Length ? text[(cut + 1)..] : null;
        return true;
    }
}

/// <summary>
/// The samples of a topic's hours, paged: below what <see cref="GetInvoiceLine"/> shows first, and for hours not invoiced yet.
/// </summary>
public sealed class ListUsageSamples(AccessGuard guard, IUsageLedger ledger)
{
    public async Task<Outcome<PageOf<UsageSample>>> RunAsync(
        Actor actor,
        string organization,
        Meter meter,
        TopicId? topic,
        DateTimeOffset from,
        DateTimeOffset to,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewUsage, "usage.samples", organization),
            cancellationToken
        );
        return entered.TryGet(out var access, out var problem)
            ? await ledger.SamplesAsync(access.Organization.Id, meter, topic, from, to, page, cancellationToken)
            : problem;
    }
}
