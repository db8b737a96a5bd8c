using System.Net;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Stripe;

namespace Portal.Adapters.StripeBilling;

/// <summary>The one place where Stripe's errors become problems.</summary>
internal static class StripeProblems
{
    public static readonly Problem CustomerGone = new Problem.Conflict(
        GatewayProblems.CustomerGone,
        "The customer was deleted at Stripe. Try again; a new one is created."
    );

    public static readonly Problem DraftGone = new Problem.Conflict(
        GatewayProblems.DraftGone,
        "The draft of this invoice was deleted at Stripe before it was issued. It is drafted again."
    );

    private static readonly Problem Away = new Problem.Unavailable(
        "stripe-unavailable",
        "Stripe isn't responding. Nothing is lost; we'll try again."
    );

    /// <summary>
    /// Runs a call; what Stripe refuses, and that Stripe is away, becomes a problem. Anything else is a bug and passes through.
    /// </summary>
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
    public static bool MayHaveActed(StripeException refusal) => refusal.HttpStatusCode == 0 || (int)refusal.HttpStatusCode >= 500;

    /// <summary>
    /// Whether the answer is that of an earlier request under the same key, which Stripe repeats for a day whatever has
    /// changed since; or says that the earlier one had other parameters, such as a name before a renaming.
    /// </summary>
    public static bool IsKept(StripeException refusal) =>
        IsReplay(refusal.StripeResponse) || refusal is { HttpStatusCode: HttpStatusCode.BadRequest, StripeError.Type: "idempotency_error" };

    public static bool IsReplay(StripeResponse? response) =>
        response?.Headers is { } headers && headers.TryGetValues("Idempotent-Replayed", out _);

    /// <summary>Whether Stripe knows no such thing: the object asked for, or the one that a parameter names.</summary>
    public static bool IsMissing(StripeException refusal) => refusal.StripeError is { Code: "resource_missing" };

    /// <summary>
    /// Whether the request as it was cannot succeed. How Stripe words that a customer was deleted differs by call: look instead.
    /// </summary>
    public static bool IsRefusal(StripeException refusal) => refusal.HttpStatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound;

    private static Problem From(StripeException refusal)
    {
        var error = refusal.StripeError;
        return refusal.HttpStatusCode switch
        {
            HttpStatusCode.PaymentRequired when error?.Code is "invoice_payment_intent_requires_action" or "authentication_required" =>
                new Problem.PaymentRequired(
                    "payment-needs-confirmation",
                    "Your bank asks you to confirm this payment. Open the invoice page at Stripe and confirm it there."
                ),
            HttpStatusCode.PaymentRequired => new Problem.PaymentRequired(
                "card-declined",
                $"{DeclineWords.Of(error?.DeclineCode, error?.Message)} Try another card, or contact your bank."
            ),
            HttpStatusCode.TooManyRequests => new Problem.Unavailable(
                "stripe-busy",
                "Stripe is handling too many requests. We'll try again."
            ),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new Problem.Unavailable(
                "stripe-key-refused",
                "Stripe rejected the API key. An operator needs to check Portal:Stripe:ApiKey."
            ),
            _ when error?.Code == "customer_tax_location_invalid" => new Problem.Conflict(
                "tax-location-invalid",
                "Stripe Tax can't tell where the customer is. The customer needs to check the billing address on the billing page."
            ),
            _ when IsMissing(refusal) => new Problem.Conflict(
                "stripe-object-missing",
                $"Stripe reports: {error!.Message}. If nobody removed it there, Portal:Stripe:ApiKey may belong to another Stripe account."
            ),
            HttpStatusCode.BadRequest or HttpStatusCode.NotFound => new Problem.Conflict(
                "stripe-refused",
                $"Stripe reports: {error?.Message ?? refusal.Message}"
            ),
            _ => Away,
        };
    }
}
