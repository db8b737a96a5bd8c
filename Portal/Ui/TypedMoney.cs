using System.Globalization;
using Portal.Domain.Common;

namespace Portal.Ui;

/// <summary>Money as people type it: <c>50</c>, <c>1,200.50</c>.</summary>
internal static class TypedMoney
{
    private const decimal Most = 1_000_000_000_000m;

    /// <summary>In minor units; null for what is no number, and for more decimals than the currency has.</summary>
    internal static long? Minor(string text, Currency currency)
    {
        const NumberStyles Styles =
            NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;
        if (!decimal.TryParse(text, Styles, CultureInfo.InvariantCulture, out var major) || major > Most)
            return null;
        var scaled =
            major
            * currency.Exponent switch
            {
                0 => 1m,
                3 => 1000m,
                _ => 100m,
            };
        return scaled == decimal.Truncate(scaled) ? (long)scaled : null;
    }
}
