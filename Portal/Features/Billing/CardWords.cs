namespace Portal.Features.Billing;

/// <summary>Card networks as they write themselves; Stripe sends them in small letters.</summary>
internal static class CardWords
{
    internal static string Brand(string brand) =>
        brand switch
        {
            "amex" => "American Express",
            "diners" => "Diners Club",
            "eftpos_au" => "Eftpos Australia",
            "jcb" => "JCB",
            "unionpay" => "UnionPay",
            { Length: > 0 } => char.ToUpperInvariant(brand[0]) + brand[1..],
            _ => "Card",
        };
}
