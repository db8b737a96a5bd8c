using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>A meter's price in one list and in the next.</summary>
/// <param name="Before">Null when the meter was not priced.</param>
/// <param name="After">Null when it is not priced any more: it is free then.</param>
/// <param name="Least">The smallest change among the unit prices, in per cent, at most one decimal; null where prices cannot be compared
/// one by one.</param>
/// <param name="Most">The largest one.</param>
public sealed record PriceMove(Meter Meter, MeterPrice? Before, MeterPrice? After, decimal? Least, decimal? Most)
{
    /// <summary>What differs between two lists, by meter. Prices in different currencies differ, and have no per cent.</summary>
    public static IReadOnlyList<PriceMove> Between(PriceBook? present, PriceBook next) =>
        [
            .. from meter in Meters.All
            let before = present?.Meters.GetValueOrDefault(meter)
            let after = next.Meters.GetValueOrDefault(meter)
            where (before ?? after) is not null && (present?.Currency != next.Currency || !Same(before, after))
            select Of(meter, before, after, present?.Currency == next.Currency),
        ];

    private static PriceMove Of(Meter meter, MeterPrice? before, MeterPrice? after, bool comparable)
    {
        var changes = comparable && before is not null && after is not null ? Changes(before, after) : [];
        return changes.Count > 0 ? new(meter, before, after, changes.Min(), changes.Max()) : new(meter, before, after, null, null);
    }

    /// <summary>Of each unit price that changed, where both lists cut the quantity alike.</summary>
    private static List<decimal> Changes(MeterPrice before, MeterPrice after)
    {
        var (olds, news) = (UnitPrices(before), UnitPrices(after));
        if (before.Model != after.Model || !olds.Select(one => one.UpTo).SequenceEqual(news.Select(one => one.UpTo)))
            return [];
        var changes = new List<decimal>();
        foreach (var (old, now) in olds.Zip(news))
        {
            if (old.Price == now.Price)
                continue;
            // From nothing there is no per cent.
            if (old.Price == 0)
                return [];
            changes.Add(decimal.Round((now.Price - old.Price) / old.Price * 100m, 1, MidpointRounding.AwayFromZero));
        }
        return changes;
    }

    /// <summary>Per byte, byte-hour or hour, so that a price per MiB compares with one per GiB.</summary>
    private static List<(decimal? UpTo, decimal Price)> UnitPrices(MeterPrice price)
    {
        decimal size = price.Per.Size();
        return price.Model switch
        {
            PriceModel.PerUnit => [(null, price.UnitPrice / size)],
            PriceModel.Package => [(price.PackageSize * size, price.UnitPrice / (price.PackageSize * size))],
            PriceModel.Graduated or PriceModel.Volume => [.. price.Tiers.Select(tier => (tier.UpTo * size, tier.UnitPrice / size))],
        };
    }

    private static bool Same(MeterPrice? before, MeterPrice? after) =>
        before is not null
        && after is not null
        && before with { Tiers = [] } == after with { Tiers = [] }
        && before.Tiers.SequenceEqual(after.Tiers);
}
