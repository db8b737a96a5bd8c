namespace Portal.Adapters.StripeBilling;

/// <summary>What a bank's decline code means to the person with the card (docs.stripe.com/declines/codes).</summary>
internal static class DeclineWords
{
    /// <param name="code">Stripe's <c>decline_code</c>.</param>
    /// <param name="said">Stripe's own sentence, for codes that say no more, or that people are not to be told: a card that was reported
    /// lost or stolen.</param>
    public static string Of(string? code, string? said) =>
        code switch
        {
            "insufficient_funds" => "Your card has insufficient funds.",
            "expired_card" => "Your card has expired.",
            "incorrect_cvc" or "invalid_cvc" => "Your card's security code is incorrect.",
            "incorrect_number" or "invalid_number" or "invalid_account" => "Your card number is incorrect, or its account is closed.",
            "invalid_expiry_month" or "invalid_expiry_year" => "Your card's expiration date is incorrect.",
            "incorrect_zip" or "incorrect_address" => "The billing address doesn't match the one your bank has.",
            "card_velocity_exceeded" or "withdrawal_count_limit_exceeded" => "Your card has reached its spending limit.",
            "card_not_supported" or "transaction_not_allowed" or "service_not_allowed" or "not_permitted" =>
                "Your card doesn't support this kind of payment.",
            "currency_not_supported" => "Your card doesn't support this currency.",
            "authentication_required" => "Your card was declined because your bank wants you to confirm the payment.",
            "processing_error" or "issuer_not_available" or "reenter_transaction" or "try_again_later" or "approve_with_id" =>
                "Your bank couldn't process the payment.",
            _ => string.IsNullOrEmpty(said) ? "Your card was declined." : said,
        };
}
