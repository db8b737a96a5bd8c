using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>
/// The least that Stripe charges, by currency, in minor units (docs.stripe.com/currencies, "Minimum and maximum charge
/// amounts"). Where Stripe names none, about half a dollar.
/// </summary>
public static class SmallestCharge
{
    private static readonly Dictionary<string, long> Minor = new(StringComparer.Ordinal)
    {
        ["usd"] = 50, ["eur"] = 50, ["gbp"] = 30, ["chf"] = 50, ["cad"] = 50, ["aud"] = 50, ["nzd"] = 50, ["sek"] = 300, ["nok"] = 300, ["dkk"] = 250,
        ["pln"] = 200, ["czk"] = 1500, ["huf"] = 17_500, ["ron"] = 200, ["bgn"] = 100, ["isk"] = 7000, ["try"] = 2000, ["ils"] = 200, ["uah"] = 2100,
        ["gel"] = 140, ["rsd"] = 5400, ["sgd"] = 50, ["hkd"] = 400, ["twd"] = 1600, ["cny"] = 360, ["inr"] = 50, ["idr"] = 820_000, ["myr"] = 200,
        ["php"] = 2900, ["thb"] = 1000, ["lkr"] = 15_000, ["pkr"] = 14_000, ["bdt"] = 6100, ["kzt"] = 26_000, ["aed"] = 200, ["sar"] = 190,
        ["qar"] = 190, ["egp"] = 2500, ["mad"] = 500, ["zar"] = 1000, ["kes"] = 6500, ["ngn"] = 76_000, ["ghs"] = 600, ["tzs"] = 130_000,
        ["brl"] = 50, ["mxn"] = 1000, ["ars"] = 73_000, ["cop"] = 200_000, ["pen"] = 180, ["uyu"] = 2000, ["crc"] = 25_000, ["dop"] = 3200,
        ["gtq"] = 390, ["bob"] = 350, ["jmd"] = 8000, ["ttd"] = 340, ["jpy"] = 50, ["krw"] = 700, ["vnd"] = 13_000, ["clp"] = 500, ["pyg"] = 4000,
        ["xaf"] = 300, ["xof"] = 300, ["rwf"] = 720, ["kwd"] = 150, ["bhd"] = 190, ["jod"] = 360, ["omr"] = 200, ["tnd"] = 1600,
    };

    public static Money Of(Currency currency) => new(Minor.GetValueOrDefault(currency.Code, 50), currency);
}
