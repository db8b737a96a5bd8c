using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>One meter in one period under one price book, rated.</summary>
/// <param name="BaseUnits">Exact, as the ledger holds it.</param>
/// <param name="Quantity">In the meter's unit, at most six decimals; the amount was computed from it.</param>
/// <param name="ExactAmount">In major units before rounding.</param>
/// <param name="Before">What the month held when the line began; null on its first.</param>
/// <param name="EndsMonth">The minimum was made up here.</param>
public sealed record RatedLine(
    Meter Meter,
    PublishedBook Book,
    DateTimeOffset From,
    DateTimeOffset To,
    Int128 BaseUnits,
    decimal Quantity,
    decimal ExactAmount,
    Money Amount,
    MonthSoFar? Before,
    bool EndsMonth
)
{
    /// <summary>How the quantity became the amount, for people.</summary>
    public string Explanation => Rating.Explain(Book.Prices.Meters[Meter], Book.Prices.Currency, Before, Quantity, EndsMonth);

    /// <summary>What the month holds when the line ends.</summary>
    public MonthSoFar After => Rating.Rate(Book.Prices.Meters[Meter], Before, Quantity, EndsMonth).After;
}

/// <summary>A period inside one month with the spans of its tariff and the lines that came of them.</summary>
public sealed record RatedPeriod(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<TariffSpan> Spans, IReadOnlyList<RatedLine> Lines)
{
    /// <summary>The line that usage of the span belongs to; null when it is not charged.</summary>
    public RatedLine? LineOf(TariffSpan span, Meter meter) =>
        span.Book is not { } book ? null : Lines.FirstOrDefault(line => line.Meter == meter && line.Book.Id == book.Id);
}

/// <summary>
/// Rates the periods of a month in order. What a meter has used and paid carries on from one line to the next, through
/// early closes, plan changes, suspensions, and new price books alike.
/// </summary>
public sealed class MonthRating(IUsageLedger ledger)
{
    /// <param name="periods">Contiguous, in order, all of this month, from the first of the organization's in it.</param>
    public async Task<IReadOnlyList<RatedPeriod>> RateAsync(
        OrganizationId organization,
        Month month,
        IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> periods,
        Tariff tariff,
        CancellationToken cancellationToken
    )
    {
        var rated = new List<RatedPeriod>();
        var carried = new Dictionary<Meter, Carried>();
        foreach (var (from, to) in periods)
        {
            var spans = tariff.Spans(from, to);
            var endsMonth = to == month.End;
            var lines = new List<RatedLine>();
            var books = spans
                .Where(span => span.Book is not null)
                .GroupBy(span => span.Book!.Id)
                .Select(charged => charged.ToList())
                .ToList();
            foreach (var (index, charged) in books.Index())
            {
                var book = charged[0].Book!;
                var used = await SumAsync(organization, charged, cancellationToken);
                foreach (var (meter, price) in book.Prices.Meters.OrderBy(pair => pair.Key))
                {
                    // Another book that prices the meter may follow in the period: the minimum is the last one's.
                    var isLast = endsMonth && !books.Skip(index + 1).Any(later => later[0].Book!.Prices.Meters.ContainsKey(meter));
                    Rate(carried, meter, price, book, charged[0].From, charged[^1].To, used.GetValueOrDefault(meter), isLast, lines);
                }
            }
            // Charged earlier in the month and not any more (the plan is free now, or suspended): the month's minimum still holds.
            if (endsMonth)
                foreach (var (meter, so) in carried.ToList())
                    if (!books.Any(charged => charged[0].Book!.Prices.Meters.ContainsKey(meter)))
                        Rate(carried, meter, so.Book.Prices.Meters[meter], so.Book, from, to, 0, endsMonth: true, lines);
            rated.Add(new(from, to, spans, [.. lines.OrderBy(line => line.Meter).ThenBy(line => line.From)]));
        }
        return rated;
    }

    /// <summary>One line. The quantity is rounded to six decimals first, the amount computed from it and rounded once.</summary>
    public static RatedLine Line(
        Meter meter,
        MeterPrice price,
        PublishedBook book,
        DateTimeOffset from,
        DateTimeOffset to,
        Int128 baseUnits,
        MonthSoFar? before,
        bool endsMonth
    )
    {
        var quantity = meter.Quantity(baseUnits);
        var amount = Rating.Rate(price, before, quantity, endsMonth).Amount;
        return new(meter, book, from, to, baseUnits, quantity, amount, Money.Round(amount, book.Prices.Currency), before, endsMonth);
    }

    private static void Rate(
        Dictionary<Meter, Carried> carried,
        Meter meter,
        MeterPrice price,
        PublishedBook book,
        DateTimeOffset from,
        DateTimeOffset to,
        Int128 baseUnits,
        bool endsMonth,
        List<RatedLine> lines
    )
    {
        MonthSoFar? before = carried.TryGetValue(meter, out var known)
            ? known.Book.Prices.Currency == book.Prices.Currency
                ? known.SoFar
                : MonthSoFar.Under(price, known.SoFar.Quantity)
            : null;
        var line = Line(meter, price, book, from, to, baseUnits, before, endsMonth);
        carried[meter] = new(book, line.After);
        if (line.Quantity != 0 || line.Amount.Minor != 0)
            lines.Add(line);
    }

    /// <param name="Book">That rated the meter last.</param>
    private readonly record struct Carried(PublishedBook Book, MonthSoFar SoFar);

    private async Task<Dictionary<Meter, Int128>> SumAsync(
        OrganizationId organization,
        IReadOnlyList<TariffSpan> spans,
        CancellationToken cancellationToken
    )
    {
        var sums = new Dictionary<Meter, Int128>();
        foreach (var span in spans)
        foreach (var (meter, units) in await ledger.TotalsAsync(organization, span.From, span.To, cancellationToken))
            sums[meter] = sums.GetValueOrDefault(meter) + units;
        return sums;
    }
}
