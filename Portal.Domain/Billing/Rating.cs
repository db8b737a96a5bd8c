using System.Globalization;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>
/// What a quantity costs. Pure and exact: tiers are compared and multiplied in the meter's own unit (bytes, byte-hours,
/// hours) and divided once by the size of the price's unit at the end. Nothing is rounded to money here.
/// </summary>
public static class Rating
{
    /// <summary>The cost of a month's quantity, without minimum; in major units.</summary>
    /// <param name="quantity">In the meter's unit, 0 or more.</param>
    public static decimal Cost(MeterPrice price, decimal quantity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quantity);
        decimal size = price.Per.Size();
        var billable = Math.Max(0m, quantity - price.Included * size);
        var cost = price.Model switch
        {
            PriceModel.PerUnit => billable * price.UnitPrice / size,
            PriceModel.Graduated => Graduated(price.Tiers, billable, size),
            PriceModel.Volume => Reached(price.Tiers, billable, size) is var tier ? billable * tier.UnitPrice / size + tier.FlatFee : 0m,
            PriceModel.Package => Packages(price, billable) * price.UnitPrice,
        };
        return price.Maximum is { } maximum ? Math.Min(maximum, cost) : cost;
    }

    /// <summary>
    /// The cost of what comes on top of a quantity that was rated before in the same month, so that tiers carry on. The
    /// minimum is made up at the month's end only. Negative when a volume price fell for the whole month.
    /// </summary>
    /// <param name="before">What earlier invoices of the month hold; null when this is the first.</param>
    /// <param name="endsMonth">No further invoice of this month and price book can follow.</param>
    public static decimal Cost(MeterPrice price, decimal? before, decimal quantity, bool endsMonth)
    {
        var whole = Cost(price, (before ?? 0m) + quantity);
        if (endsMonth && price.Minimum is { } minimum) whole = Math.Max(minimum, whole);
        return decimal.Round(whole - (before is { } earlier ? Cost(price, earlier) : 0m), 18, MidpointRounding.AwayFromZero);
    }

    /// <summary>How <see cref="Cost(MeterPrice, decimal?, decimal, bool)"/> came about, for people: <c>10 GiB at 0, 51.204 GiB at 0.1</c>.</summary>
    public static string Explain(MeterPrice price, decimal? before, decimal quantity, bool endsMonth)
    {
        decimal size = price.Per.Size();
        var unit = price.Per.Plural();
        var (from, to) = (before ?? 0m, (before ?? 0m) + quantity);
        var parts = new List<string>();
        var free = Math.Max(0m, Math.Min(to, price.Included * size) - from);
        if (free > 0) parts.Add($"{Figure(free / size)} {unit} included");
        var (start, end) = (Math.Max(0m, from - price.Included * size), Math.Max(0m, to - price.Included * size));
        switch (price.Model)
        {
            case PriceModel.PerUnit:
                if (end > start || parts.Count == 0) parts.Add($"{Figure((end - start) / size)} {unit} at {Price(price.UnitPrice)}");
                break;
            case PriceModel.Graduated:
                parts.AddRange(ExplainTiers(price, start, end, before is null, unit, size));
                break;
            case PriceModel.Volume:
                var tier = Reached(price.Tiers, end, size);
                parts.Add($"{Figure(end / size)} {unit} at {Price(tier.UnitPrice)}{Fee(tier.FlatFee)}");
                if (before is not null) parts.Add($"less {Price(Cost(price, from))} invoiced earlier this month");
                break;
            case PriceModel.Package:
                var packages = Packages(price, end) - Packages(price, start);
                parts.Add($"{Figure(packages)} {(packages == 1 ? "package" : "packages")} of {Figure(price.PackageSize)} {unit} at {Price(price.UnitPrice)}");
                break;
        }
        var text = string.Join(", ", parts);
        if (from > 0) text += $"; follows {Figure(from / size)} {unit} invoiced earlier this month";
        if (price.Maximum is { } maximum && Cost(price, to) == maximum) text += $"; not more than {Price(maximum)} a month";
        if (endsMonth && price.Minimum is { } minimum && Cost(price, to) < minimum) text += $"; raised to the minimum of {Price(minimum)} a month";
        return text;
    }

    /// <summary>A part's share of an exact amount, by quantity, to 18 decimals.</summary>
    public static decimal Share(decimal exactAmount, Int128 part, Int128 whole) =>
        whole == 0 ? 0m : part == whole ? exactAmount : decimal.Round(exactAmount * ((decimal)part / (decimal)whole), 18, MidpointRounding.AwayFromZero);

    private static decimal Graduated(IReadOnlyList<PriceTier> tiers, decimal billable, decimal size)
    {
        decimal product = 0m, fees = 0m, lower = 0m;
        foreach (var tier in tiers)
        {
            var upper = tier.UpTo * size ?? decimal.MaxValue;
            product += Math.Max(0m, Math.Min(billable, upper) - lower) * tier.UnitPrice;
            fees += tier.FlatFee;
            if (billable <= upper) break;
            lower = upper;
        }
        return product / size + fees;
    }

    private static IEnumerable<string> ExplainTiers(MeterPrice price, decimal start, decimal end, bool isFirst, string unit, decimal size)
    {
        var lower = 0m;
        foreach (var tier in price.Tiers)
        {
            var upper = tier.UpTo * size ?? decimal.MaxValue;
            var part = Math.Max(0m, Math.Min(end, upper) - Math.Max(start, lower));
            // The fee of a tier that an earlier invoice reached was paid there.
            var isNew = lower == 0 ? isFirst : start <= lower && end > lower;
            if (part > 0 || isNew && tier.FlatFee > 0) yield return $"{Figure(part / size)} {unit} at {Price(tier.UnitPrice)}{(isNew ? Fee(tier.FlatFee) : "")}";
            if (end <= upper) yield break;
            lower = upper;
        }
    }

    private static PriceTier Reached(IReadOnlyList<PriceTier> tiers, decimal billable, decimal size) =>
        tiers.First(tier => tier.UpTo is not { } upTo || billable <= upTo * size);

    private static decimal Packages(MeterPrice price, decimal billable) => decimal.Ceiling(billable / (price.PackageSize * price.Per.Size()));

    private static string Fee(decimal fee) => fee == 0 ? "" : $" + {Price(fee)}";

    private static string Figure(decimal value) => decimal.Round(value, 9, MidpointRounding.AwayFromZero).ToString("#,0.#########", CultureInfo.InvariantCulture);

    private static string Price(decimal value) => value.ToString("#,0.############", CultureInfo.InvariantCulture);
}
