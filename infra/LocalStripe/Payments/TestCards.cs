using LocalStripe.Transport;

namespace LocalStripe.Payments;

/// <summary>When the bank behind a test card wants its owner to confirm a payment.</summary>
internal enum Authentication
{
    Never,

    /// <summary>Once, when the card is saved; payments later need none.</summary>
    AtSetup,

    Always,
}

/// <summary>
/// One of Stripe's published test cards (docs.stripe.com/testing). <paramref name="SetupDecline"/> refuses saving it,
/// <paramref name="ChargeDecline"/> refuses payments; both are Stripe's decline codes.
/// </summary>
internal sealed record TestCard(
    string Key,
    string Number,
    string Brand,
    string Says,
    string? SetupDecline = null,
    string? ChargeDecline = null,
    Authentication Authentication = Authentication.Never
)
{
    public string Last4 => Number[^4..];

    public string Spaced => string.Join(' ', Number.Chunk(4).Select(part => new string(part)));
}

internal static class TestCards
{
    public static readonly IReadOnlyList<TestCard> All =
    [
        new("visa", "4242424242424242", "visa", "Payments succeed"),
        new("mastercard", "5555555555554444", "mastercard", "Payments succeed"),
        new(
            "authenticationRequiredOnSetup",
            "4000002500003155",
            "visa",
            "Asks for authentication when saved",
            Authentication: Authentication.AtSetup
        ),
        new(
            "authenticationRequired",
            "4000002760003184",
            "visa",
            "Asks for authentication at every payment",
            Authentication: Authentication.Always
        ),
        new("chargeCustomerFail", "4000000000000341", "visa", "Can be saved, payments are declined", ChargeDecline: "generic_decline"),
        new("chargeDeclined", "4000000000000002", "visa", "Declined", SetupDecline: "generic_decline"),
        new(
            "chargeDeclinedInsufficientFunds",
            "4000000000009995",
            "visa",
            "Declined: insufficient funds",
            SetupDecline: "insufficient_funds"
        ),
        new("chargeDeclinedExpiredCard", "4000000000000069", "visa", "Declined: expired", SetupDecline: "expired_card"),
    ];

    public static TestCard? ByNumber(string number)
    {
        var digits = new string([.. number.Where(char.IsAsciiDigit)]);
        return All.FirstOrDefault(card => card.Number == digits);
    }

    public static TestCard ByKey(string key) => All.First(card => card.Key == key);

    /// <summary><c>pm_card_visa</c> and its like, which the API takes in the place of a saved card.</summary>
    public static TestCard? ByToken(string token, string prefix) =>
        token.StartsWith(prefix, StringComparison.Ordinal) ? All.FirstOrDefault(card => card.Key == token[prefix.Length..]) : null;

    /// <summary>Stripe's sentence for a decline code.</summary>
    public static string Sentence(string declineCode) =>
        declineCode switch
        {
            "insufficient_funds" => "Your card has insufficient funds.",
            "expired_card" => "Your card has expired.",
            "incorrect_cvc" => "Your card's security code is incorrect.",
            "authentication_required" => "Your card was declined. This transaction requires authentication.",
            _ => "Your card was declined.",
        };

    public static System.Text.Json.Nodes.JsonObject Declined(string declineCode) =>
        StripeError.Card(Sentence(declineCode), ErrorCode(declineCode), declineCode);

    public static string ErrorCode(string declineCode) => declineCode is "expired_card" or "incorrect_cvc" ? declineCode : "card_declined";
}
