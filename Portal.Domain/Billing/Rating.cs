using System.Globalization;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>
/// What a month already holds of a meter. It carries on from line to line whatever price book is in force, so that tiers,
/// included quantity, fees, minimum and maximum count once a month. Amounts are exact, in major units of the book that rates next.
/// </summary>
/// <param name="Quantity">In the meter's unit.</param>
/// <param name="Fees">Flat fees of tiers that were reached.</param>
/// <param name="Uncapped">What it all comes to before any maximum or minimum, fees included.</param>
/// <param name="Charged">What the lines hold.</param>
public readonly record struct MonthSoFar(decimal Quantity, decimal Fees, decimal Uncapped, decimal Charged)
{
    /// <summary>
    /// The quantity as if this price had held from the month's first: where the currency changes, what was paid in the
    /// other one counts as paid.
    /// </summary>
    public static MonthSoFar Under(MeterPrice price, decimal quantity) => Rating.Rate(price, null, quantity, endsMonth: false).After;
}

/// <param name="Amount">Major units, exact to 18 decimals. Negative when a volume price fell for the whole month.</param>
/// <param name="After">What the next line of the month follows.</param>
public readonly record struct Rated(decimal Amount, MonthSoFar After);

/// <summary>
/// What a quantity costs. Pure and exact: tiers are compared and multiplied in the meter's own unit (bytes, byte-hours,
/// hours) and divided once by the size of the price's unit at the end. Nothing is rounded to money here.
/// </summary>
public static class Rating
{
    private const decimal Smallest = 0.000000001m;

    /// <summary>What a whole month of this quantity costs, in major units.</summary>
    /// <param name="quantity">In the meter's unit, 0 or more.</param>
    public static decimal Month(MeterPrice price, decimal quantity) => Rate(price, null, quantity, endsMonth: true).Amount;

    /// <summary>
    /// The cost of what comes on top of a quantity that was rated before in the same month. With the same price each time,
    /// all parts of a month add up to what the whole costs, however it is cut. With another price the tiers go on where the
    /// quantity stands, fees that were charged count, and of what is charged already nothing is given back.
    /// </summary>
    /// <param name="before">Null when the month has had no charged time before.</param>
    /// <param name="endsMonth">Nothing of this month can follow: the minimum is made up.</param>
    public static Rated Rate(MeterPrice price, MonthSoFar? before, decimal quantity, bool endsMonth)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quantity);
        var so = before ?? default;
        var (from, to) = (so.Quantity, so.Quantity + quantity);
        var (usage, fees) = Uncapped(price, to);
        if (from > 0)
            usage -= Uncapped(price, from).Usage;
        // A dearer fee of a new price is charged by the difference; only a volume price has one that can fall.
        var fee = price.Model == PriceModel.Volume ? fees - so.Fees : Math.Max(0m, fees - so.Fees);
        var added = usage + fee;
        var uncapped = Math.Max(0m, so.Uncapped + added);
        var amount = (price.Maximum is { } maximum ? Math.Min(maximum, uncapped) : uncapped) - so.Charged;
        amount = Math.Max(amount, Math.Max(Math.Min(0m, added), -so.Charged));
        if (endsMonth && price.Minimum is { } minimum)
            amount = Math.Max(amount, minimum - so.Charged);
        amount = decimal.Round(amount, 18, MidpointRounding.AwayFromZero);
        return new(amount, new(to, so.Fees + fee, uncapped, so.Charged + amount));
    }

    /// <summary>How <see cref="Rate"/> came about, for people: <c>10 GiB free, 51.204 GiB at $0.10</c>.</summary>
    public static string Explain(MeterPrice price, Currency currency, MonthSoFar? before, decimal quantity, bool endsMonth)
    {
        decimal size = price.Per.Size();
        string Of(decimal value) => $"{Figure(value)} {(value == 1 ? price.Per.Singular() : price.Per.Plural())}";
        var so = before ?? default;
        var (from, to) = (so.Quantity, so.Quantity + quantity);
        var parts = new List<string>();
        var free = Math.Max(0m, Math.Min(to, price.Included * size) - from);
        if (free > 0)
            parts.Add($"{Of(free / size)} included");
        var (start, end) = (Billable(price, from), Billable(price, to));
        switch (price.Model)
        {
            case PriceModel.PerUnit:
                if (end > start || parts.Count == 0)
                    parts.Add($"{Of((end - start) / size)} {At(price.UnitPrice, 0m, currency)}");
                break;
            case PriceModel.Graduated:
                parts.AddRange(ExplainTiers(price, currency, start, end, so.Fees, Of, size));
                break;
            case PriceModel.Volume:
                var tier = Reached(price.Tiers, end, size);
                parts.Add($"{Of(end / size)} {At(tier.UnitPrice, tier.FlatFee, currency)}");
                if (before is not null)
                    parts.Add($"less {MoneyFormat.Price(Uncapped(price, from).Usage + so.Fees, currency)} for what came before this month");
                break;
            case PriceModel.Package:
                var packages = Packages(price, end) - Packages(price, start);
                parts.Add(
                    $"{Figure(packages)} {(packages == 1 ? "package" : "packages")} of {Of(price.PackageSize)} "
                        + $"{At(price.UnitPrice, 0m, currency)}"
                );
                break;
        }
        var text = string.Join(", ", parts);
        if (from > 0)
            text += $"; follows {Of(from / size)} earlier this month";
        var (amount, after) = Rate(price, before, quantity, endsMonth);
        if (price.Maximum is { } maximum && after.Uncapped >= maximum)
            text += $"; not more than {MoneyFormat.Price(maximum, currency)} a month";
        if (
            endsMonth
            && price.Minimum is { } minimum
            && after.Charged == minimum
            && amount > Rate(price, before, quantity, endsMonth: false).Amount
        )
            text += $"; raised to the minimum of {MoneyFormat.Price(minimum, currency)} a month";
        return text;
    }

    /// <summary>A part's share of an exact amount, by quantity, to 18 decimals.</summary>
    public static decimal Share(decimal exactAmount, Int128 part, Int128 whole) =>
        whole == 0 ? 0m
        : part == whole ? exactAmount
        : decimal.Round(exactAmount * ((decimal)part / (decimal)whole), 18, MidpointRounding.AwayFromZero);

    /// <summary>
    /// What a month's quantity comes to without minimum and maximum: its usage, and the flat fees of the tiers that it reaches.
    /// </summary>
    private static (decimal Usage, decimal Fees) Uncapped(MeterPrice price, decimal quantity)
    {
        decimal size = price.Per.Size();
        var billable = Billable(price, quantity);
        switch (price.Model)
        {
            case PriceModel.PerUnit:
                return (billable * price.UnitPrice / size, 0m);
            case PriceModel.Graduated:
                return Graduated(price.Tiers, billable, size);
            case PriceModel.Volume:
                var tier = Reached(price.Tiers, billable, size);
                return (billable * tier.UnitPrice / size, tier.FlatFee);
            case PriceModel.Package:
                return (Packages(price, billable) * price.UnitPrice, 0m);
            default:
                throw new ArgumentOutOfRangeException(nameof(price), price.Model, "There is no such price model.");
        }
    }

    private static decimal Billable(MeterPrice price, decimal quantity) => Math.Max(0m, quantity - price.Included * price.Per.Size());

    private static (decimal Usage, decimal Fees) Graduated(IReadOnlyList<PriceTier> tiers, decimal billable, decimal size)
    {
        decimal product = 0m,
            fees = 0m,
            lower = 0m;
        foreach (var tier in tiers)
        {
            var upper = tier.UpTo * size ?? decimal.MaxValue;
            product += Math.Max(0m, Math.Min(billable, upper) - lower) * tier.UnitPrice;
            fees += tier.FlatFee;
            if (billable <= upper)
                break;
            lower = upper;
        }
        return (product / size, fees);
    }

    /// <param name="paid">Fees of earlier lines: a tier names its fee where they do not cover it.</param>
    private static IEnumerable<string> ExplainTiers(
        MeterPrice price,
        Currency currency,
        decimal start,
        decimal end,
        decimal paid,
        Func<decimal, string> of,
        decimal size
    )
    {
        decimal lower = 0m,
            fees = 0m;
        foreach (var tier in price.Tiers)
        {
            var upper = tier.UpTo * size ?? decimal.MaxValue;
            var part = Math.Max(0m, Math.Min(end, upper) - Math.Max(start, lower));
            fees += tier.FlatFee;
            var fee = Math.Min(tier.FlatFee, Math.Max(0m, fees - paid));
            if (part > 0 || fee > 0)
                yield return $"{of(part / size)} {At(tier.UnitPrice, fee, currency)}";
            if (end <= upper)
                yield break;
            lower = upper;
        }
    }

    private static PriceTier Reached(IReadOnlyList<PriceTier> tiers, decimal billable, decimal size) =>
        tiers.First(tier => tier.UpTo is not { } upTo || billable <= upTo * size);

    private static decimal Packages(MeterPrice price, decimal billable) =>
        decimal.Ceiling(billable / (price.PackageSize * price.Per.Size()));

    private static string At(decimal price, decimal fee, Currency currency) =>
        (price, fee) switch
        {
            (0m, 0m) => "free",
            (0m, _) => $"for {MoneyFormat.Price(fee, currency)}",
            _ => $"at {MoneyFormat.Price(price, currency)}{(fee == 0 ? "" : $" + {MoneyFormat.Price(fee, currency)}")}",
        };

    /// <summary>What is used and too little to show is not nothing.</summary>
    private static string Figure(decimal value) =>
        value is > 0m and < Smallest ? $"less than {Smallest.ToString(CultureInfo.InvariantCulture)}" : Plain(value);

    private static string Plain(decimal value) =>
        decimal.Round(value, 9, MidpointRounding.AwayFromZero).ToString("#,0.#########", CultureInfo.InvariantCulture);
}
