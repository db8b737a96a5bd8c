using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>How quantity becomes money: written <c>perUnit</c>, <c>graduated</c>, <c>volume</c>, <c>package</c>.</summary>
public enum PriceModel
{
    /// <summary>Quantity × unit price.</summary>
    PerUnit,

    /// <summary>Each tier prices the part of the quantity that lies in it.</summary>
    Graduated,

    /// <summary>The tier that the quantity ends in prices all of it.</summary>
    Volume,

    /// <summary>Whole packages of a size; one that is begun counts.</summary>
    Package,
}

/// <summary>A tier of a graduated or volume price.</summary>
/// <param name="UpTo">Inclusive, in the price's unit; null in the last tier.</param>
/// <param name="FlatFee">Once a month, when the tier is reached; the first tier is reached with nothing used.</param>
public sealed record PriceTier(decimal? UpTo, decimal UnitPrice, decimal FlatFee);

/// <summary>The price of one meter, in the book's currency.</summary>
/// <param name="UnitPrice">Of one unit, or of one package; 0 where tiers hold the prices.</param>
/// <param name="Tiers">Graduated and volume only, ascending.</param>
/// <param name="PackageSize">Units in a package; 1 for the other models.</param>
/// <param name="Included">Units a month that cost nothing; the tiers begin after them.</param>
/// <param name="Minimum">A month with any charged time costs at least this much.</param>
/// <param name="Maximum">A month costs at most this much.</param>
public sealed record MeterPrice(
    PriceUnit Per,
    PriceModel Model,
    decimal UnitPrice,
    IReadOnlyList<PriceTier> Tiers,
    decimal PackageSize,
    decimal Included,
    decimal? Minimum,
    decimal? Maximum
);

/// <summary>Prices of all meters from an instant on. A meter without a price is not charged.</summary>
public sealed record PriceBook(string Version, Currency Currency, DateTimeOffset StartsAt, IReadOnlyDictionary<Meter, MeterPrice> Meters)
{
    /// <summary>The book that comes with the portal: the embedded <c>price-book.json</c>, which operators copy and edit.</summary>
    public static string ShippedDocument
    {
        get
        {
            using var stream =
                typeof(PriceBook).Assembly.GetManifestResourceStream("Portal.Domain.Billing.price-book.json")
                ?? throw new InvalidOperationException("The shipped price book is not in the assembly.");
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }

    /// <summary>Reads a document; a wrong one is refused with the JSON path and what to write there.</summary>
    public static Outcome<PriceBook> Parse(string json) => PriceBookReader.Read(json);

    /// <summary>
    /// Why these prices cannot be published: the largest month that an organization can use would come to more than an
    /// amount can hold, and its bills would fail. Null when they can.
    /// </summary>
    public Problem.Invalid? TooDear()
    {
        foreach (var (meter, price) in Meters)
        {
            try
            {
                // The lines of all meters add up.
                if (Money.Round(Rating.Month(price, meter.LargestMonth()), Currency).Minor <= long.MaxValue / Usage.Meters.All.Count)
                    continue;
            }
            catch (OverflowException)
            {
                // An amount that large is what is asked about.
            }
            return new(
                "price-book-invalid",
                $"meters.{meter.Text()}: a month of heavy use would cost more than an invoice can hold. "
                    + "Lower its prices, fees, and minimum, or set a maximum.",
                $"meters.{meter.Text()}"
            );
        }
        return null;
    }

    /// <summary>The canonical document: meters in their order, prices as strings without superfluous zeros.</summary>
    public string ToJson() => PriceBookWriter.Write(this);
}

/// <summary>
/// What a price is per: written <c>byte</c>, <c>KiB</c>, <c>MiB</c>, <c>GiB</c>, <c>TiB</c>, <c>GiBMonth</c>, <c>byteHour</c>, <c>hour</c>.
/// </summary>
public enum PriceUnit
{
    Byte,
    KiB,
    MiB,
    GiB,
    TiB,
    GiBMonth,
    ByteHour,
    Hour,
}

public static class PriceUnits
{
    /// <summary>A month of storage has 730 hours, in every month.</summary>
    public const int HoursPerMonth = 730;

    public static string Text(this PriceUnit unit) =>
        unit switch
        {
            PriceUnit.Byte => "byte",
            PriceUnit.KiB => "KiB",
            PriceUnit.MiB => "MiB",
            PriceUnit.GiB => "GiB",
            PriceUnit.TiB => "TiB",
            PriceUnit.GiBMonth => "GiBMonth",
            PriceUnit.ByteHour => "byteHour",
            PriceUnit.Hour => "hour",
        };

    /// <summary>For people, after a figure: <c>GiB-months</c>, <c>hours</c>.</summary>
    public static string Plural(this PriceUnit unit) =>
        unit switch
        {
            PriceUnit.Byte => "bytes",
            PriceUnit.GiBMonth => "GiB-months",
            PriceUnit.ByteHour => "byte-hours",
            PriceUnit.Hour => "hours",
            _ => unit.Text(),
        };

    /// <summary>For people, after exactly one.</summary>
    public static string Singular(this PriceUnit unit) =>
        unit switch
        {
            PriceUnit.GiBMonth => "GiB-month",
            PriceUnit.ByteHour => "byte-hour",
            _ => unit.Text(),
        };

    /// <summary>Size in the unit of the meters it goes with: bytes, byte-hours or hours.</summary>
    public static long Size(this PriceUnit unit) =>
        unit switch
        {
            PriceUnit.Byte or PriceUnit.ByteHour or PriceUnit.Hour => 1,
            PriceUnit.KiB => ByteSize.KiB,
            PriceUnit.MiB => ByteSize.MiB,
            PriceUnit.GiB => ByteSize.GiB,
            PriceUnit.TiB => ByteSize.TiB,
            PriceUnit.GiBMonth => ByteSize.GiB * HoursPerMonth,
        };

    /// <summary>The units in which a meter can be priced.</summary>
    public static IReadOnlyList<PriceUnit> Of(Meter meter) =>
        meter switch
        {
            Meter.Write or Meter.Read => [PriceUnit.GiB, PriceUnit.TiB, PriceUnit.MiB, PriceUnit.KiB, PriceUnit.Byte],
            Meter.Storage => [PriceUnit.GiBMonth, PriceUnit.ByteHour],
            Meter.Partitions or Meter.Connectors => [PriceUnit.Hour],
        };
}
