using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Portal.Domain.Common;

/// <summary>An ISO 4217 currency in lower case, as Stripe writes it, with the number of decimals of its minor unit.</summary>
public readonly record struct Currency
{
    private static readonly Dictionary<string, int> Exponents = new(StringComparer.Ordinal)
    {
        ["usd"] = 2,
        ["eur"] = 2,
        ["gbp"] = 2,
        ["chf"] = 2,
        ["cad"] = 2,
        ["aud"] = 2,
        ["nzd"] = 2,
        ["sek"] = 2,
        ["nok"] = 2,
        ["dkk"] = 2,
        ["pln"] = 2,
        ["czk"] = 2,
        ["huf"] = 2,
        ["ron"] = 2,
        ["bgn"] = 2,
        ["isk"] = 2,
        ["try"] = 2,
        ["ils"] = 2,
        ["uah"] = 2,
        ["gel"] = 2,
        ["rsd"] = 2,
        ["sgd"] = 2,
        ["hkd"] = 2,
        ["twd"] = 2,
        ["cny"] = 2,
        ["inr"] = 2,
        ["idr"] = 2,
        ["myr"] = 2,
        ["php"] = 2,
        ["thb"] = 2,
        ["lkr"] = 2,
        ["pkr"] = 2,
        ["bdt"] = 2,
        ["kzt"] = 2,
        ["aed"] = 2,
        ["sar"] = 2,
        ["qar"] = 2,
        ["egp"] = 2,
        ["mad"] = 2,
        ["zar"] = 2,
        ["kes"] = 2,
        ["ngn"] = 2,
        ["ghs"] = 2,
        ["tzs"] = 2,
        ["brl"] = 2,
        ["mxn"] = 2,
        ["ars"] = 2,
        ["cop"] = 2,
        ["pen"] = 2,
        ["uyu"] = 2,
        ["crc"] = 2,
        ["dop"] = 2,
        ["gtq"] = 2,
        ["bob"] = 2,
        ["jmd"] = 2,
        ["ttd"] = 2,
        ["jpy"] = 0,
        ["krw"] = 0,
        ["vnd"] = 0,
        ["clp"] = 0,
        ["pyg"] = 0,
        ["xaf"] = 0,
        ["xof"] = 0,
        ["rwf"] = 0,
        ["kwd"] = 3,
        ["bhd"] = 3,
        ["jod"] = 3,
        ["omr"] = 3,
        ["tnd"] = 3,
    };

    private readonly string? _code;

    private Currency(string code) => _code = code;

    public string Code => _code ?? "usd";

    /// <summary>Decimals of the minor unit: 2 for usd, 0 for jpy, 3 for kwd.</summary>
    public int Exponent => Exponents[Code];

    /// <summary>
    /// Minor units that every charge is a multiple of: ten where there are three decimals, because card networks settle two;
    /// a hundred for isk, which has no coin below its unit though Stripe writes it with two decimals; else one.
    /// </summary>
    public int Step =>
        Exponent == 3 ? 10
        : Code == "isk" ? 100
        : 1;

    public static Currency Usd { get; } = new("usd");

    public static bool TryParse([NotNullWhen(true)] string? code, out Currency currency)
    {
        currency = default;
        if (code is null || !Exponents.ContainsKey(code.ToLowerInvariant()))
            return false;
        currency = new(code.ToLowerInvariant());
        return true;
    }

    public override string ToString() => Code;
}

/// <summary>An amount in the currency's minor units. Sums never mix currencies; arithmetic is checked.</summary>
public readonly record struct Money(long Minor, Currency Currency)
{
    public static Money Zero(Currency currency) => new(0, currency);

    /// <summary>
    /// Rounds an exact amount in major units once, half away from zero, to the smallest amount that can be charged: a
    /// multiple of <see cref="Currency.Step"/>.
    /// </summary>
    public static Money Round(decimal major, Currency currency)
    {
        var step = currency.Step;
        return new(checked((long)decimal.Round(major * Scale(currency) / step, 0, MidpointRounding.AwayFromZero) * step), currency);
    }

    /// <summary>In major units, exact.</summary>
    public decimal Major => Minor / Scale(Currency);

    public static Money operator +(Money left, Money right) => new(checked(left.Minor + right.Same(left).Minor), left.Currency);

    public static Money operator -(Money left, Money right) => new(checked(left.Minor - right.Same(left).Minor), left.Currency);

    /// <summary>With the currency's own decimals, for logs and mails: <c>1,234.50 USD</c>.</summary>
    public override string ToString() =>
        $"{Major.ToString("N" + Currency.Exponent, CultureInfo.InvariantCulture)} {Currency.Code.ToUpperInvariant()}";

    private static decimal Scale(Currency currency) =>
        currency.Exponent switch
        {
            0 => 1m,
            3 => 1000m,
            _ => 100m,
        };

    private Money Same(Money other) =>
        Currency == other.Currency ? this : throw new InvalidOperationException($"{this} and {other} are of two currencies.");
}
