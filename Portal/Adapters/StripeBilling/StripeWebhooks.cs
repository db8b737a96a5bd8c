using System.Text.Json;
using Microsoft.Extensions.Options;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Stripe;

namespace Portal.Adapters.StripeBilling;

/// <summary>
/// Checks that an event comes from Stripe and reads what the inbox needs. An event is only a reason to look: whoever acts
/// on it fetches the object anew, so the event's own API version does not matter here.
/// </summary>
public sealed class StripeWebhooks(IOptions<StripeOptions> options, TimeProvider clock)
{
    /// <summary>Stripe's own default, in seconds: older events are replays.</summary>
    private const long Tolerance = 300;

    private static readonly Problem Unsigned = new Problem.Invalid(
        "webhook-signature-invalid",
        "The signature is not Stripe's. The operator has to compare Portal:Stripe:WebhookSecret with the endpoint's secret at Stripe."
    );

    public Outcome<GatewayEvent> Read(string body, string signatureHeader)
    {
        if (!options.Value.WebhookSecrets.Any(secret => IsSigned(body, signatureHeader, secret)))
            return Outcome.Refused<GatewayEvent>(Unsigned);
        try
        {
            using var document = ForeignJson.Parse(body);
            return Read(document.RootElement);
        }
        catch (Exception malformed)
            when (malformed
                    is JsonException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or FormatException
                        or ArgumentOutOfRangeException
            )
        {
            return new Problem.Invalid("webhook-malformed", "The body is not an event of Stripe's API v1.");
        }
    }

    private bool IsSigned(string body, string header, string secret)
    {
        try
        {
            EventUtility.ValidateSignature(body, header, secret, Tolerance, clock.GetUtcNow().ToUnixTimeSeconds());
            return true;
        }
        catch (StripeException)
        {
            return false;
        }
    }

    private Outcome<GatewayEvent> Read(JsonElement root)
    {
        if (root.GetProperty("livemode").GetBoolean() != options.Value.IsLive)
            return new Problem.Invalid(
                "webhook-wrong-mode",
                "The event is of Stripe's other mode: test events and live events have endpoints and keys of their own."
            );
        var about = root.GetProperty("data").GetProperty("object");
        var kind = Text(about, "object");
        var id = Text(about, "id");
        return new GatewayEvent(
            Text(root, "id") ?? throw new KeyNotFoundException("id"),
            Text(root, "type") ?? throw new KeyNotFoundException("type"),
            id,
            kind == "customer" ? id : Text(about, "customer"),
            DateTimeOffset.FromUnixTimeSeconds(root.GetProperty("created").GetInt64())
        );
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
