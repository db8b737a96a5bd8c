using System.Globalization;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Ui;

/// <summary>Prices in words, for panels: <c>$0.10 per GiB, first 10 GiB free</c>.</summary>
public static class PriceWords
{
    public static string Title(Meter meter) => meter.Title();

    /// <summary>What the meter counts, in one line.</summary>
    public static string Counts(Meter meter) =>
        meter switch
        {
            Meter.Write => "as counted on arrival, before replication",
            Meter.Read => "all subscriptions, re-reads included",
            Meter.Storage => "average over the month",
            Meter.Partitions => "an unpartitioned topic counts as one",
            Meter.Connectors => "each running instance",
        };

    public static string Of(MeterPrice price, Currency currency)
    {
        var unit = Unit(price.Per);
        var words = price.Model switch
        {
            PriceModel.PerUnit => $"{MoneyFormat.Price(price.UnitPrice, currency)} {Per(unit)}",
            PriceModel.Package => $"{MoneyFormat.Price(price.UnitPrice, currency)} per {Number(price.PackageSize)} {unit}",
            PriceModel.Graduated or PriceModel.Volume => Tiers(price, currency, unit),
        };
        if (price.Included > 0)
            words += $", {Number(price.Included)} {unit} included";
        if (price.Minimum is { } minimum)
            words += $", at least {MoneyFormat.Price(minimum, currency)} a month";
        if (price.Maximum is { } maximum)
            words += $", at most {MoneyFormat.Price(maximum, currency)} a month";
        return words;
    }

    private static string Tiers(MeterPrice price, Currency currency, string unit)
    {
        if (
            price.Tiers is [{ UnitPrice: 0, FlatFee: 0, UpTo: { } free }, { FlatFee: 0, UpTo: null } rest]
            && price.Model == PriceModel.Graduated
        )
            return $"{MoneyFormat.Price(rest.UnitPrice, currency)} {Per(unit)}, first {Number(free)} {unit} free";
        var steps = price.Tiers.Select(tier =>
            $"{MoneyFormat.Price(tier.UnitPrice, currency)} {(tier.UpTo is { } upTo ? $"up to {Number(upTo)}" : "above")}"
            + (tier.FlatFee > 0 ? $" + {MoneyFormat.Price(tier.FlatFee, currency)}" : "")
        );
        return string.Join(", ", steps) + $" per {unit}" + (price.Model == PriceModel.Volume ? ", by volume" : "");
    }

    private static string Per(string unit) => unit == "h" ? "per hour" : $"per {unit}";

    private static string Number(decimal value) => value.ToString("#,##0.######", CultureInfo.InvariantCulture);

    private static string Unit(PriceUnit unit) =>
        unit switch
        {
            PriceUnit.Byte => "byte",
            PriceUnit.KiB => "KiB",
            PriceUnit.MiB => "MiB",
            PriceUnit.GiB => "GiB",
            PriceUnit.TiB => "TiB",
            PriceUnit.GiBMonth => "GiB-month",
            PriceUnit.ByteHour => "byte-hour",
            PriceUnit.Hour => "h",
        };
}
