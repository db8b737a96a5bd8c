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
        ["pln"] = 200, ["czk"] = 1500, ["ron"] = 200, ["sgd"] = 50, ["hkd"] = 400, ["inr"] = 50, ["brl"] = 50, ["mxn"] = 1000, ["zar"] = 1000, ["ils"] = 200,
        ["jpy"] = 50, ["krw"] = 700, ["vnd"] = 13_000, ["clp"] = 500, ["pyg"] = 4_000,
        ["kwd"] = 150, ["bhd"] = 190, ["jod"] = 360, ["omr"] = 200, ["tnd"] = 1_600,
    };

    public static Money Of(Currency currency) => new(Minor.GetValueOrDefault(currency.Code, 50), currency);
}
