using System.Globalization;

namespace LocalStripe.Pages;

/// <summary>Minor units as people read them: 1234 usd is USD 12.34, 1234 jpy is JPY 1,234.</summary>
internal static class Amounts
{
    private static readonly string[] WithoutMinorUnit =
    [
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "ugx",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    ];

    private static readonly string[] WithThousandths = ["bhd", "jod", "kwd", "omr", "tnd"];

    public static string Text(long minor, string currency)
    {
        var digits = Decimals(currency);
        var amount =
            minor
            / (
                digits switch
                {
                    0 => 1m,
                    3 => 1000m,
                    _ => 100m,
                }
            );
        return $"{currency.ToUpperInvariant()} {amount.ToString($"N{digits}", CultureInfo.InvariantCulture)}";
    }

    public static int Decimals(string currency) =>
        WithoutMinorUnit.Contains(currency) ? 0
        : WithThousandths.Contains(currency) ? 3
        : 2;

    public static string Day(long seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
