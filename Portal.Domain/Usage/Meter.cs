using System.Diagnostics.CodeAnalysis;

namespace Portal.Domain.Usage;

/// <summary>What is metered. The ledger holds integers in the base unit that each case names.</summary>
public enum Meter
{
    /// <summary>Bytes in, as the broker counts them on arrival. Base unit: bytes.</summary>
    Write,

    /// <summary>Bytes out to all subscriptions, re-reads included. Base unit: bytes.</summary>
    Read,

    /// <summary>Logical storage over time. Base unit: byte-seconds; shown and priced in byte-hours.</summary>
    Storage,

    /// <summary>Topic-partitions over time; a topic without partitions counts one. Base unit: partition-seconds; priced in hours.</summary>
    Partitions,

    /// <summary>Connector instances over time. Base unit: instance-seconds; priced in hours.</summary>
    Connectors,
}

public static class Meters
{
    public static IReadOnlyList<Meter> All { get; } = Enum.GetValues<Meter>();

    /// <summary>As scripts write it: <c>write</c>.</summary>
    public static string Text(this Meter meter) =>
        meter switch
        {
            Meter.Write => "write",
            Meter.Read => "read",
            Meter.Storage => "storage",
            Meter.Partitions => "partitions",
            Meter.Connectors => "connectors",
        };

    /// <summary>The unit of quantities in the API: <c>bytes</c>, <c>byteHours</c>, <c>partitionHours</c>, <c>instanceHours</c>.</summary>
    public static string Unit(this Meter meter) =>
        meter switch
        {
            Meter.Write or Meter.Read => "bytes",
            Meter.Storage => "byteHours",
            Meter.Partitions => "partitionHours",
            Meter.Connectors => "instanceHours",
        };

    /// <summary>Base units in one unit: 1 for bytes, 3,600 for hours.</summary>
    public static int BaseUnitsPerUnit(this Meter meter) => meter is Meter.Write or Meter.Read ? 1 : 3600;

    /// <summary>
    /// Base units as a quantity in <see cref="Unit"/>: whole bytes, or hours rounded to six decimals, half away from zero.
    /// </summary>
    public static decimal Quantity(this Meter meter, Int128 baseUnits) =>
        decimal.Round((decimal)baseUnits / meter.BaseUnitsPerUnit(), 6, MidpointRounding.AwayFromZero);

    /// <summary>
    /// More than any organization can use in a month, in <see cref="Unit"/>: an exbibyte written or read, a pebibyte kept all
    /// month, ten million partitions or connector instances all month. What a price makes of it must be an amount that can be billed.
    /// </summary>
    public static decimal LargestMonth(this Meter meter) =>
        meter switch
        {
            Meter.Write or Meter.Read => Exbibyte,
            Meter.Storage => Exbibyte / 1024 * HoursInLongestMonth,
            Meter.Partitions or Meter.Connectors => 10_000_000m * HoursInLongestMonth,
        };

    private const decimal Exbibyte = 1L << 60;
    private const int HoursInLongestMonth = 31 * 24;

    public static bool TryParse([NotNullWhen(true)] string? text, out Meter meter)
    {
        foreach (var candidate in All)
        {
            if (candidate.Text() != text)
                continue;
            meter = candidate;
            return true;
        }
        meter = default;
        return false;
    }
}
