using System.Globalization;

namespace Portal.Domain.Common;

/// <summary>Byte counts in binary units: 1 GiB = 2^30 bytes, everywhere.</summary>
public static class ByteSize
{
    public const long KiB = 1L << 10;
    public const long MiB = 1L << 20;
    public const long GiB = 1L << 30;
    public const long TiB = 1L << 40;

    /// <summary>For people: <c>18.2 GiB</c>, <c>512 B</c>. Figure and unit apart, so that a page can set the unit smaller.</summary>
    public static (string Figure, string Unit) Humanize(long bytes)
    {
        var (divisor, unit) = Math.Abs(bytes) switch
        {
            >= TiB => (TiB, "TiB"),
            >= GiB => (GiB, "GiB"),
            >= MiB => (MiB, "MiB"),
            >= KiB => (KiB, "KiB"),
            _ => (1L, "B"),
        };
        var value = (decimal)bytes / divisor;
        return (value.ToString(divisor == 1 || Math.Abs(value) >= 100 ? "N0" : "N1", CultureInfo.InvariantCulture), unit);
    }

    public static string Text(long bytes) => Humanize(bytes) is var (figure, unit) ? $"{figure} {unit}" : "";
}
