using System.Globalization;

namespace Portal.Domain.Common;

/// <summary>Money as people read it, on pages, in mails and on invoices: <c>$1,234.50</c>, <c>−$40.10</c>, <c>CHF 12.00</c>.</summary>
public static class MoneyFormat
{
    public static string Text(Money amount) =>
        Sign(
            amount.Minor < 0,
            amount.Currency,
            Math.Abs(amount.Major).ToString("N" + amount.Currency.Exponent, CultureInfo.InvariantCulture)
        );

    /// <summary>A unit price, exact: at least the currency's decimals, and as many as it has: <c>$0.0012</c>.</summary>
    public static string Price(decimal price, Currency currency)
    {
        var format = currency.Exponent == 0 ? "#,##0.############" : "#,##0." + new string('0', currency.Exponent) + "############";
        return Sign(price < 0, currency, Math.Abs(price).ToString(format, CultureInfo.InvariantCulture));
    }

    private static string Sign(bool negative, Currency currency, string figure)
    {
        var symbol = currency.Code switch
        {
            "usd" => "$",
            "eur" => "€",
            "gbp" => "£",
            "jpy" => "¥",
            "inr" => "₹",
            var code => code.ToUpperInvariant() + "\u00a0",
        };
        return (negative ? "−" : "") + symbol + figure;
    }
}
