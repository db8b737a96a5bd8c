using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>A page of a month's reconciliation.</summary>
/// <param name="NotClosed">Organizations with time of the month that is not closed: they have no part in it yet.</param>
public sealed record Books(Month Month, int Organizations, int NotClosed, PageOf<BooksRow> Rows);

/// <summary>
/// Reconciles a month by organization: usage, rating, invoices, Stripe's lines and payments. Usage is rated by the rater of
/// invoices; what Stripe has is what the comparison before issuing and the look at open invoices noted, so nobody waits for Stripe.
/// </summary>
public sealed class GetBooks(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    /// <summary>Rating takes time: no answer has more organizations.</summary>
    public const int MostRows = 100;

    /// <param name="month">Null for the last one of which something is closed.</param>
    public async Task<Outcome<Books>> RunAsync(Actor actor, Month? month, PageRequest page, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "books.read", month?.ToString() ?? ""),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        var running = Month.Of(clock.Now());
        var (asked, count, left, organizations) = await database.ReadAsync(
            async session =>
            {
                var wanted = month ?? await session.Invoices.LastClosedMonthAsync(running.Next, cancellationToken) ?? running.Previous;
                return (
                    wanted,
                    await session.Invoices.CountClosedAsync(wanted, cancellationToken),
                    await session.Invoices.CountNotClosedUpToAsync(wanted.End, cancellationToken),
                    await session.Invoices.ListClosedAsync(wanted, page with { Limit = Math.Min(page.Limit, MostRows) }, cancellationToken)
                );
            },
            cancellationToken
        );
        var rows = new List<BooksRow>();
        foreach (var organization in organizations.Items)
        {
            try
            {
                rows.AddRange(await RowsAsync(organization, asked, cancellationToken));
            }
            catch (Exception failure) when (OddRow.IsCauseOf(failure))
            {
                rows.Add(BooksRow.Unreadable(organization));
            }
        }
        return new Books(asked, count, left, new(rows, organizations.Next));
    }

    /// <summary>One for each currency that the month has; one with nothing in it where nothing was charged.</summary>
    private async Task<IEnumerable<BooksRow>> RowsAsync(Organization organization, Month month, CancellationToken cancellationToken)
    {
        var (records, invoices) = await database.ReadAsync(
            async session =>
            {
                var found = await MonthRecords.LoadAsync(session, organization, month, month.Start, cancellationToken);
                var of = new List<Invoice?>();
                foreach (
                    var period in (await session.Invoices.ClosedAsync(organization.Id, month, cancellationToken)).OrderBy(period =>
                        period.From
                    )
                )
                    of.Add(period.InvoiceId is { } id ? await session.Invoices.FindAsync(id, cancellationToken) : null);
                return (found, of);
            },
            cancellationToken
        );
        var rated = await records.RateAsync(new MonthRating(ledger), organization.Id, cancellationToken);
        List<(RatedPeriod, Invoice?, long)> periods = [.. rated.Take(records.ClosedCount).Zip(invoices, records.Discounts)];
        var currencies = rated
            .SelectMany(period => period.Lines)
            .Select(line => line.Amount.Currency)
            .Concat(
                invoices.OfType<Invoice>().Select(invoice => Currency.TryParse(invoice.CurrencyCode, out var known) ? known : Currency.Usd)
            )
            .Distinct()
            .ToList();
        if (currencies.Count == 0)
            currencies.Add(records.Tariff.CurrencyAt(month.Start));
        return currencies.Select(currency => BooksRow.Of(organization, currency, periods));
    }
}
