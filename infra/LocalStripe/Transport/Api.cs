namespace LocalStripe.Transport;

internal static class Api
{
    /// <summary>
    /// The API version that Stripe.net 53.1 pins; a test compares both. Events of another train are refused by the client.
    /// </summary>
    public const string Version = "2026-10-28.endive";
}
