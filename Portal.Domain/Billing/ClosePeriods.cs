using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>What closing an organisation's periods came to.</summary>
/// <param name="Invoices">Made now.</param>
/// <param name="Waits">Why the rest waits, as a sentence; null when nothing does.</param>
public sealed record PeriodsClosed(IReadOnlyList<InvoiceId> Invoices, string? Waits);

/// <summary>
/// Closes an organisation's periods up to a month's end, or inside the month: each is rated and written with its invoice
/// in one transaction. A period begins where the last one ended, so doing it again, or twice at once, makes nothing more.
/// </summary>
public sealed class ClosePeriods(IPortalDatabase database, IUsageLedger ledger, IKillPoints killPoints, TimeProvider clock)
{
    private static readonly Actor Worker = Actor.Worker("month-close");
    private static readonly Problem.Conflict Moved = new("period-closed", "The period was closed meanwhile.");

    /// <param name="early">Ends at the last complete point inside the month.</param>
    /// <param name="askedAt">When the close was asked for: after a crash an early close does not bill the minutes since as well.</param>
    public async Task<PeriodsClosed> RunAsync(OrganizationId id, Month month, bool early, DateTimeOffset askedAt, CancellationToken cancellationToken)
    {
        var made = new List<InvoiceId>();
        while (true)
        {
            var (organization, last, clusters) = await database.ReadAsync(async session =>
            {
                var closed = await session.Invoices.LastClosedAsync(id, cancellationToken);
                var found = (await session.Organizations.FindAsync(id, cancellationToken))!;
                return (found, closed, await session.Tenants.ClustersAsync(id, closed?.To ?? found.CreatedAt, cancellationToken));
            }, cancellationToken);
            var from = last?.To ?? organization.CreatedAt;
            if (from >= month.End) return new(made, null);
            if (early && last is not null && last.MonthText == month.ToString() && last.ClosedAt >= askedAt) return new(made, null);

            var current = Month.Of(from);
            var isEarly = early && current == month;
            // Without a tenant there is nothing to wait for.
            var completeTo = clusters.Count == 0 ? clock.Now() : await ledger.CompleteToAsync(clusters, cancellationToken);
            var complete = completeTo < clock.Now() ? completeTo : completeTo is null ? null : clock.Now();
            if (complete is null || !isEarly && complete < current.End)
                return new(made, $"{organization.Slug}: the counters of {string.Join(", ", clusters)} are complete to {(complete is { } to ? Instants.Text(to) : "no point yet")}");
            var end = isEarly && complete < current.End ? complete.Value : current.End;
            if (end <= from) return new(made, null);
            var closing = await CloseAsync(organization, current, from, end, cancellationToken);
            if (closing.TryGet(out var invoice, out var problem))
            {
                if (invoice is { } number) made.Add(number);
            }
            else if (problem.Code != Moved.Code)
            {
                return new(made, $"{organization.Slug}: {problem.Message}");
            }
        }
    }

    private async Task<Outcome<InvoiceId?>> CloseAsync(Organization organization, Month month, DateTimeOffset from, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var records = await database.ReadAsync(session => MonthRecords.LoadAsync(session, organization, month, end, cancellationToken), cancellationToken);
        if (records.Tariff.CurrencyChange(from, end) is { } change)
            (end, records) = (change, await database.ReadAsync(session => MonthRecords.LoadAsync(session, organization, month, change, cancellationToken), cancellationToken));
        if (records.Periods.Count == 0 || records.Periods[^1] != (from, end)) return Moved;
        var lines = (await records.RateAsync(new MonthRating(ledger), organization.Id, cancellationToken))[^1].Lines;
        var currency = records.Tariff.CurrencyAt(from);

        var operation = new Operation(Permission.ManageBilling, "period.close", month.ToString(), new Dictionary<string, string>
        {
            ["from"] = Instants.Text(from), ["to"] = Instants.Text(end), ["lines"] = lines.Count.ToString(CultureInfo.InvariantCulture),
            ["amount"] = lines.Aggregate(Money.Zero(currency), (sum, line) => sum + line.Amount).ToString(),
        });
        var written = await database.WriteAsync<InvoiceId?>(Worker, organization.Id, operation, async session =>
        {
            var current = (await session.Organizations.FindAsync(organization.Id, cancellationToken))!;
            if (((await session.Invoices.LastClosedAsync(current.Id, cancellationToken))?.To ?? current.CreatedAt) != from) return Moved;
            var number = 1 + (await session.Invoices.ClosedAsync(current.Id, month, cancellationToken)).Count(period => period.InvoiceId is not null);
            var invoice = Invoice(current, month, number, from, end, currency, lines);
            if (invoice is not null) session.Invoices.Add(invoice);
            session.Invoices.Add(new ClosedPeriod(current.Id, month, from, end, invoice?.Id, clock.Now()));
            return new Outcome<InvoiceId?>(invoice?.Id);
        }, cancellationToken);
        if (written.IsOk) killPoints.Reached(KillPoint.CloseAfterRating);
        return written;
    }

    /// <summary>No invoice for nothing; below Stripe's smallest charge the balance is carried to the next.</summary>
    private Invoice? Invoice(Organization organization, Month month, int number, DateTimeOffset from, DateTimeOffset to, Currency currency, IReadOnlyList<RatedLine> lines)
    {
        // A balance of under one smallest charge in a currency that is not billed any more is let go.
        var carried = organization.CarriedCurrencyCode == currency.Code ? organization.CarriedMinor : 0;
        var total = lines.Aggregate(new Money(carried, currency), (sum, line) => sum + line.Amount);
        if (total.Minor < SmallestCharge.Of(currency).Minor)
        {
            if (lines.Count > 0 || carried != 0) organization.Carry(total);
            return null;
        }
        organization.Carry(Money.Zero(currency));
        return new(
            new InvoiceId(clock.NewUuid()), organization.Id, $"{organization.Slug}-{month}-{number.ToString(CultureInfo.InvariantCulture)}", month, from, to, currency, organization.PayBy,
            lines.Select(line => new InvoiceLine(
                clock.NewUuid(), line.Meter, line.Book.Id, line.From, line.To, line.Quantity, line.ExactAmount, line.Amount.Minor, line.Explanation)),
            carried, clock.Now());
    }
}
