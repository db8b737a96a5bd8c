using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>One meter in one period under one price book, rated.</summary>
/// <param name="BaseUnits">Exact, as the ledger holds it.</param>
/// <param name="Quantity">In the meter's unit, at most six decimals; the amount was computed from it.</param>
/// <param name="ExactAmount">In major units before rounding.</param>
public sealed record RatedLine(
    Meter Meter, PublishedBook Book, DateTimeOffset From, DateTimeOffset To, Int128 BaseUnits, decimal Quantity, decimal ExactAmount, Money Amount, string Explanation);

/// <summary>A period inside one month with the spans of its tariff and the lines that came of them.</summary>
public sealed record RatedPeriod(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<TariffSpan> Spans, IReadOnlyList<RatedLine> Lines)
{
    /// <summary>The line that usage of the span belongs to; null when it is not charged.</summary>
    public RatedLine? LineOf(TariffSpan span, Meter meter) => span.Book is not { } book ? null : Lines.FirstOrDefault(line => line.Meter == meter && line.Book.Id == book.Id);
}

/// <summary>Rates the periods of a month in order: tiers, included quantity and maximum carry on from one to the next.</summary>
public sealed class MonthRating(IUsageLedger ledger)
{
    /// <param name="periods">Contiguous, in order, all of this month, from the first of the organization's in it.</param>
    public async Task<IReadOnlyList<RatedPeriod>> RateAsync(
        OrganizationId organization, Month month, IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> periods, Tariff tariff, CancellationToken cancellationToken)
    {
        var rated = new List<RatedPeriod>();
        var before = new Dictionary<(PriceBookId, Meter), decimal>();
        var last = tariff.BookAt(month.End.AddHours(-1))?.Id;
        foreach (var (from, to) in periods)
        {
            var spans = tariff.Spans(from, to);
            var lines = new List<RatedLine>();
            foreach (var charged in spans.Where(span => span.Book is not null).GroupBy(span => span.Book!.Id))
            {
                var used = await SumAsync(organization, [.. charged], cancellationToken);
                var book = charged.First().Book!;
                foreach (var (meter, price) in book.Prices.Meters.OrderBy(pair => pair.Key))
                {
                    var units = used.GetValueOrDefault(meter);
                    var endsMonth = to == month.End && book.Id == last;
                    var line = Line(meter, price, book, charged.First().From, charged.Last().To, units, before.TryGetValue((book.Id, meter), out var earlier) ? earlier : null, endsMonth);
                    before[(book.Id, meter)] = earlier + line.Quantity;
                    if (line.Quantity != 0 || line.Amount.Minor != 0) lines.Add(line);
                }
            }
            rated.Add(new(from, to, spans, [.. lines.OrderBy(line => line.Meter).ThenBy(line => line.From)]));
        }
        return rated;
    }

    /// <summary>One line. The quantity is rounded to six decimals first, the amount computed from it and rounded once.</summary>
    public static RatedLine Line(Meter meter, MeterPrice price, PublishedBook book, DateTimeOffset from, DateTimeOffset to, Int128 baseUnits, decimal? before, bool endsMonth)
    {
        var quantity = meter.Quantity(baseUnits);
        var exact = Rating.Cost(price, before, quantity, endsMonth);
        return new(meter, book, from, to, baseUnits, quantity, exact, Money.Round(exact, book.Prices.Currency), Rating.Explain(price, before, quantity, endsMonth));
    }

    private async Task<Dictionary<Meter, Int128>> SumAsync(OrganizationId organization, IReadOnlyList<TariffSpan> spans, CancellationToken cancellationToken)
    {
        var sums = new Dictionary<Meter, Int128>();
        foreach (var span in spans)
            foreach (var (meter, units) in await ledger.TotalsAsync(organization, span.From, span.To, cancellationToken))
                sums[meter] = sums.GetValueOrDefault(meter) + units;
        return sums;
    }
}
