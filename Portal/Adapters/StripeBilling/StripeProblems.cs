using System.Net;
using Portal.Domain.Common;
using Stripe;

namespace Portal.Adapters.StripeBilling;

/// <summary>The one place where Stripe's errors become problems.</summary>
internal static class StripeProblems
{
    private static readonly Problem Away = new Problem.Unavailable("stripe-unavailable", "Stripe does not answer at the moment. Nothing is lost; it is tried again.");

    /// <summary>Runs a call; what Stripe refuses, and that Stripe is away, becomes a problem. Anything else is a bug and passes through.</summary>
    public static async Task<Outcome<T>> TryAsync<T>(Func<Task<Outcome<T>>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (StripeException refusal)
        {
            return Outcome.Refused<T>(From(refusal));
        }
        catch (HttpRequestException)
        {
            return Outcome.Refused<T>(Away);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The client's own time-out.
            return Outcome.Refused<T>(Away);
        }
    }

    /// <summary>Whether the request may have been carried out although it failed.</summary>
    public static bool MayHaveActed(StripeException refusal) =>
        refusal.HttpStatusCode == 0 || (int)refusal.HttpStatusCode >= 500 || refusal.StripeError?.Type == "idempotency_error";

    /// <summary>Whether the answer is the kept one of an earlier request: that request is over, and its key says the same for 24 hours.</summary>
    public static bool WasReplayed(StripeException refusal) =>
        refusal.StripeError?.Type == "idempotency_error" && refusal.HttpStatusCode != HttpStatusCode.Conflict
        || refusal.StripeResponse?.Headers is { } headers && headers.TryGetValues("Idempotent-Replayed", out _);

    private static Problem From(StripeException refusal)
    {
        var error = refusal.StripeError;
        return refusal.HttpStatusCode switch
        {
            HttpStatusCode.PaymentRequired when error?.Code is "invoice_payment_intent_requires_action" or "authentication_required" =>
                new Problem.PaymentRequired("payment-needs-confirmation", "The bank asks the card's owner to confirm this payment. Open the invoice at Stripe and confirm it there."),
            HttpStatusCode.PaymentRequired =>
                new Problem.PaymentRequired("card-declined", $"{error?.Message ?? "The card was declined."} Use another card, or ask the bank."),
            HttpStatusCode.TooManyRequests =>
                new Problem.Unavailable("stripe-busy", "Stripe takes no more requests at the moment. It is tried again."),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                new Problem.Unavailable("stripe-key-refused", "Stripe refuses the portal's key. The operator has to check Portal:Stripe:ApiKey."),
            _ when error?.Code == "resource_missing" =>
                new Problem.Conflict("stripe-object-missing", $"Stripe does not know what the portal means: {error.Message}"),
            HttpStatusCode.BadRequest or HttpStatusCode.NotFound =>
                new Problem.Conflict("stripe-refused", $"Stripe refused: {error?.Message ?? refusal.Message}"),
            _ => Away,
        };
    }
}
