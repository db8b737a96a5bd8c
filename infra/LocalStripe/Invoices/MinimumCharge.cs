namespace LocalStripe.Invoices;

/// <summary>Stripe's smallest charge per currency, in minor units (docs.stripe.com/currencies): below it no card is charged.</summary>
internal static class MinimumCharge
{
    public static long Of(string currency) =>
        currency switch
        {
            "gbp" => 30,
            "dkk" => 250,
            "nok" or "sek" => 300,
            "pln" => 200,
            "ron" => 200,
            "bgn" => 100,
            "hkd" => 400,
            "mxn" => 1000,
            "czk" => 1500,
            "huf" => 17500,
            "aed" or "myr" => 200,
            "thb" => 1000,
            _ => 50,
        };
}
