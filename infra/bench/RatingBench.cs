using System.Diagnostics;
using System.Globalization;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Bench;

/// <summary>
/// Ratings per second on one thread, each a quantity to a line: six decimals, three graduated tiers, exact amount,
/// explanation, rounding. Baseline, in the same run: the bare tier arithmetic in decimal, which every implementation has.
/// </summary>
internal static class RatingBench
{
    private const int Rounds = 300_000;

    public static void Run()
    {
        var price = new MeterPrice(
            PriceUnit.GiB,
            PriceModel.Graduated,
            0m,
            [new(10m, 0m, 0m), new(1000m, 0.10m, 0m), new(null, 0.08m, 0m)],
            1m,
            0m,
            null,
            null
        );
        var book = new PublishedBook(new PriceBookId(Guid.Empty), PriceBook.Parse(PriceBook.ShippedDocument).Value);
        var from = book.Prices.StartsAt;
        var bare = PerSecond(i => Bare(price.Tiers, i * 0.01m));
        var exact = PerSecond(i => Rating.Month(price, (decimal)i * ByteSize.MiB));
        RatedLine Line(int i) => MonthRating.Line(Meter.Write, price, book, from, from.AddDays(31), (Int128)i * ByteSize.MiB, null, true);
        var line = PerSecond(i => Line(i).ExactAmount);
        var explained = PerSecond(i => Line(i).Explanation.Length);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"rating  baseline (bare tiers) {bare:N0}/s  exact cost in bytes {exact:N0}/s ({exact / bare:P0})  whole line "
                    + $"without explanation {line:N0}/s ({line / bare:P0})  with it {explained:N0}/s ({explained / bare:P0})"
            )
        );
    }

    private static double PerSecond(Func<int, decimal> rate)
    {
        var sum = 0m;
        for (var i = 0; i < Rounds / 10; i++)
            sum += rate(i);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Rounds; i++)
            sum += rate(i);
        var took = Stopwatch.GetElapsedTime(start);
        GC.KeepAlive(sum);
        return Rounds / took.TotalSeconds;
    }

    private static decimal Bare(IReadOnlyList<PriceTier> tiers, decimal quantity)
    {
        decimal amount = 0m,
            lower = 0m;
        foreach (var tier in tiers)
        {
            var upper = tier.UpTo ?? decimal.MaxValue;
            amount += Math.Max(0m, Math.Min(quantity, upper) - lower) * tier.UnitPrice;
            if (quantity <= upper)
                break;
            lower = upper;
        }
        return amount;
    }
}
