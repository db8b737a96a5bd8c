using LocalStripe.Pages;
using LocalStripe.Transport;

namespace LocalStripe.Invoices;

/// <summary>
/// What Stripe wants of amounts (docs.stripe.com/currencies): at most eight digits, and in currencies of three decimals the
/// last digit is 0. Stripe may look at an item's amount later than this; here it is refused at once.
/// </summary>
internal static class ChargeableAmount
{
    private const long Most = 99_999_999;

    public static void Check(long amount, string currency, string? parameter)
    {
        if (Math.Abs(amount) > Most)
            throw StripeError.Invalid($"Amount must be no more than {Amounts.Text(Most, currency)}", parameter, "amount_too_large");
        if (Amounts.Decimals(currency) == 3 && amount % 10 != 0)
        {
            throw StripeError.Invalid(
                $"Invalid amount: {amount}. Amounts in {currency} must be evenly divisible by 10, because card networks take two "
                    + "decimals of it only.",
                parameter,
                "parameter_invalid_integer"
            );
        }
    }
}
