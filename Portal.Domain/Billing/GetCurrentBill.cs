using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>A meter of the month under one price book. The explanation tells how each period's quantity became its amount.</summary>
public sealed record BillLine(Meter Meter, decimal Quantity, Money Amount, string PriceBook, string Explanation);

/// <summary>Something taken off: by an invoice of the month, or as a close at this moment would.</summary>
/// <param name="Amount">Less than nothing.</param>
public sealed record BillAdjustment(AdjustmentKind Kind, string Reason, Money Amount);

/// <summary>What the month will cost if usage goes on between its slowest and its fastest pace of late.</summary>
public sealed record Forecast(Money Low, Money High);

/// <summary>A month so far, what was invoiced early included.</summary>
/// <param name="Invoiced">The part of the total that closed periods of this month hold.</param>
/// <param name="Carried">A balance of earlier invoices too small to charge; it comes on top.</param>
/// <param name="CompleteTo">Up to here every counter is in; null before the first poll and without tenants.</param>
/// <param name="Forecast">Null in the first hour, for months that are over and where nothing is charged now.</param>
public sealed record CurrentBill(
    Month Month,
    Currency Currency,
    PlanCode Plan,
    IReadOnlyList<BillLine> Lines,
    Money Total,
    Money Invoiced,
    Money Carried,
    DateTimeOffset? CompleteTo,
    Forecast? Forecast
)
{
    /// <summary>What is taken off it. The total, and with it budgets and the forecast, is what usage costs before.</summary>
    public IReadOnlyList<BillAdjustment> Adjustments { get; init; } = [];

    /// <summary>How far each cluster is metered.</summary>
    public Freshness Freshness { get; init; } = Freshness.None;

    /// <summary>
    /// Taxes that come on top, of the month's invoices and of the one that a close at this moment would make; those that aren't known yet
    /// are not in it.
    /// </summary>
    public Money Tax { get; init; } = Money.Zero(Currency);

    /// <summary>How that invoice would be taxed.</summary>
    public TaxDecision Taxing { get; init; } = TaxDecision.Off;

    /// <summary>What credit notes took back of the month's invoices.</summary>
    public Money CreditNotes { get; init; } = Money.Zero(Currency);

    /// <summary>What of them is paid, or written off.</summary>
    public Money Settled { get; init; } = Money.Zero(Currency);

    /// <summary>What is open of the month's invoices, and what a close at this moment would add.</summary>
    public Money ToPay { get; init; } = Money.Zero(Currency);

    /// <summary>Of earlier months, in <see cref="ToPay"/>: what they left too small to charge.</summary>
    public Money CarriedIn => Adjustments.Aggregate(ToPay + Settled + CreditNotes - Total - Tax, (rest, one) => rest - one.Amount);
}

/// <summary>
/// The running month (or another) priced as a close at this moment would price it: what has not come yet costs nothing yet.
/// </summary>
public sealed class GetCurrentBill(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    /// <summary>The running month.</summary>
    public Task<Outcome<CurrentBill>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken) =>
        OfMonthAsync(actor, organization, null, cancellationToken);

    /// <param name="month">Null for the running one.</param>
    public async Task<Outcome<CurrentBill>> OfMonthAsync(
        Actor actor,
        string organization,
        Month? month,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "billing.current", organization),
            cancellationToken
        );
        return entered.TryGet(out var access, out var problem)
            ? await new MonthBill(database, ledger, clock).OfAsync(access.Organization, month, cancellationToken)
            : problem;
    }
}

/// <summary>What <see cref="GetCurrentBill"/> shows, for who is let in already and for the portal's own workers.</summary>
internal sealed class MonthBill(IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    private static readonly TimeSpan Recent = TimeSpan.FromHours(24);

    /// <param name="month">Null for the running one.</param>
    public async Task<CurrentBill> OfAsync(Organization organization, Month? month, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var asked = month ?? Month.Of(now);
        var (records, clusters, invoices, credits, taxing) = await database.ReadAsync(
            async session =>
                (
                    await MonthRecords.LoadAsync(session, organization, asked, MonthRecords.Until(now), cancellationToken),
                    await session.ClustersOfUsageAsync(organization.Id, asked.Start, cancellationToken),
                    await InvoicesAsync(session, organization.Id, asked, cancellationToken),
                    await session.Credits.OpenAsync(organization.Id, cancellationToken),
                    await session.TaxOfAsync(organization.Id, now < asked.End ? MonthRecords.Until(now) : asked.End, cancellationToken)
                ),
            cancellationToken
        );
        var rated = await records.RateAsync(new MonthRating(ledger), organization.Id, cancellationToken);
        var freshness = await Freshness.ReadAsync(ledger, clusters, cancellationToken);
        var completeTo = freshness.CompleteTo;

        var at = now < asked.End ? now : asked.End.AddHours(-1);
        var currency = records.Tariff.CurrencyAt(at);
        var lines = rated.SelectMany(period => period.Lines).Where(line => line.Amount.Currency == currency).ToList();
        var carried = organization.CarriedCurrencyCode == currency.Code ? organization.CarriedMinor : 0;
        List<RatedLine> open =
        [
            .. rated.Skip(records.ClosedCount).SelectMany(period => period.Lines).Where(line => line.Amount.Currency == currency),
        ];
        var sums = Adjust(invoices, credits, open, carried, currency, records, rated, taxing);
        return new CurrentBill(
            asked,
            currency,
            organization.Plan,
            [.. lines.GroupBy(line => (line.Meter, line.Book.Id)).Select(Sum).OrderBy(line => line.Meter)],
            Total(lines, currency),
            Total(
                rated.Take(records.ClosedCount).SelectMany(period => period.Lines).Where(line => line.Amount.Currency == currency),
                currency
            ),
            new Money(carried, currency),
            completeTo,
            asked == Month.Of(now)
                ? await ForecastAsync(organization, records, lines, currency, completeTo ?? now, cancellationToken)
                : null
        )
        {
            Adjustments = sums.Adjustments,
            ToPay = sums.ToPay,
            Tax = sums.Tax,
            Taxing = taxing,
            CreditNotes = sums.CreditNotes,
            Settled = sums.Settled,
            Freshness = freshness,
        };
    }

    /// <summary>Of the month's closed periods.</summary>
    private static async Task<IReadOnlyList<Invoice>> InvoicesAsync(
        IPortalSession session,
        OrganizationId organization,
        Month month,
        CancellationToken cancellationToken
    )
    {
        var invoices = new List<Invoice>();
        foreach (var period in await session.Invoices.ClosedAsync(organization, month, cancellationToken))
            if (period.InvoiceId is { } id && await session.Invoices.FindAsync(id, cancellationToken) is { } invoice)
                invoices.Add(invoice);
        return invoices;
    }

    /// <param name="lines">Of the period that is not closed.</param>
    /// <param name="carried">Of earlier ones, invoiced with it.</param>
    private static BillSums Adjust(
        IReadOnlyList<Invoice> invoices,
        IReadOnlyList<Credit> credits,
        IReadOnlyList<RatedLine> lines,
        long carried,
        Currency currency,
        MonthRecords records,
        IReadOnlyList<RatedPeriod> rated,
        TaxDecision taxing
    )
    {
        var open = Total(lines, currency) + new Money(carried, currency);
        List<Invoice> issued = [.. invoices.Where(invoice => invoice.CurrencyCode == currency.Code)];
        var made = issued
            .SelectMany(invoice => invoice.Adjustments)
            .Where(one => one.Kind == AdjustmentKind.Credit)
            .Select(one => new BillAdjustment(one.Kind, one.Reason, new Money(one.AmountMinor, currency)));
        var notes = new Money(issued.Sum(invoice => invoice.CreditedMinor), currency);
        var toPay = new Money(
            issued.Where(invoice => invoice.Status is InvoiceStatus.Open or InvoiceStatus.Draft).Sum(invoice => invoice.OwedMinor),
            currency
        );
        var settled = new Money(issued.Sum(invoice => invoice.TotalMinor), currency) - notes - toPay;
        var tax = new Money(issued.Sum(invoice => invoice.AddedTaxMinor), currency);
        IReadOnlyList<CreditPart> parts = [];
        if (records.Periods.Count > records.ClosedCount)
        {
            // Until the month's end, when it closes: a credit that ends before is not counted on.
            var less = records.DiscountOf(rated, rated.Count - 1, currency);
            var taxable = TaxMath.Less([.. lines.Select(line => line.Amount.Minor)], less, currency.Step);
            var taxes = TaxMath.Of(carried == 0 ? taxable : [.. taxable, carried], taxing.Rates, currency, () => Guid.Empty);
            var added = new Money(taxes.Where(one => !one.IsInclusive).Sum(one => one.AmountMinor), currency);
            tax += added;
            open += added - new Money(less, currency);
            parts = CreditUse.Plan(open, credits, records.Month.End);
            toPay += open - new Money(parts.Sum(), currency);
        }
        var coming = parts.Select(part => new BillAdjustment(AdjustmentKind.Credit, part.Credit.Reason, new Money(-part.Minor, currency)));
        // In all periods of the month, those included that were too small for an invoice.
        var off = records.Share is null
            ? 0
            : rated
                .Index()
                .Sum(one =>
                    one.Index >= records.ClosedCount ? records.DiscountOf(rated, one.Index, currency)
                    : records.Tariff.CurrencyAt(one.Item.From) == currency ? records.Discounts[one.Index]
                    : 0
                );
        var discount =
            off == 0
                ? []
                : new[] { new BillAdjustment(AdjustmentKind.Discount, MonthRecords.Words(records.Share!), new Money(-off, currency)) };
        return new(
            [
                .. discount,
                .. made.Concat(coming)
                    .GroupBy(one => (one.Kind, one.Reason))
                    .Select(group => group.Aggregate((sum, one) => sum with { Amount = sum.Amount + one.Amount })),
            ],
            toPay,
            tax,
            notes,
            settled
        );
    }

    private sealed record BillSums(IReadOnlyList<BillAdjustment> Adjustments, Money ToPay, Money Tax, Money CreditNotes, Money Settled);

    private static BillLine Sum(IEnumerable<RatedLine> lines)
    {
        var all = lines.ToList();
        return new(
            all[0].Meter,
            all.Sum(line => line.Quantity),
            Total(all, all[0].Amount.Currency),
            all[0].Book.Prices.Version,
            string.Join("; then ", all.Select(line => line.Explanation))
        );
    }

    private static Money Total(IEnumerable<RatedLine> lines, Currency currency) =>
        lines.Aggregate(Money.Zero(currency), (sum, line) => sum + line.Amount);

    /// <summary>Two paces, that of the month and that of the last day, carried to the month's end under the prices in force now.</summary>
    private async Task<Forecast?> ForecastAsync(
        Organization organization,
        MonthRecords records,
        IReadOnlyList<RatedLine> lines,
        Currency currency,
        DateTimeOffset until,
        CancellationToken cancellationToken
    )
    {
        var start = MonthRecords.Start(organization, records.Month);
        if (
            until - start < TimeSpan.FromHours(1)
            || until >= records.Month.End
            || !records.Tariff.IsChargedAt(until)
            || records.Tariff.BookAt(until) is not { } book
        )
            return null;
        var soFar = Total(lines, currency);
        var totals = new List<Money>();
        foreach (var since in new[] { start, until - Recent }.Where(since => since >= start).Distinct())
        {
            var pace = await ledger.TotalsAsync(organization.Id, since, until, cancellationToken);
            var factor = (decimal)(records.Month.End - until).Ticks / (until - since).Ticks;
            var total = soFar;
            foreach (var (meter, price) in book.Prices.Meters)
            {
                var coming = decimal.Round(meter.Quantity(pace.GetValueOrDefault(meter)) * factor, 6);
                var last = lines.LastOrDefault(line => line.Meter == meter);
                total += Money.Round(Rating.Rate(price, last?.After, coming, endsMonth: true).Amount, currency);
            }
            totals.Add(total);
        }
        var (low, high) = (totals.MinBy(total => total.Minor), totals.MaxBy(total => total.Minor));
        return new(low.Minor < soFar.Minor ? soFar : low, high.Minor < soFar.Minor ? soFar : high);
    }
}
