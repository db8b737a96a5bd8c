namespace Portal.Adapters.StripeBilling;

/// <summary><c>Portal:Stripe</c>. Unset, composition starts LocalStripe and fills these in.</summary>
public sealed class StripeOptions
{
    public const string Section = "Portal:Stripe";

    /// <summary>A secret or restricted key: <c>sk_…</c> or <c>rk_…</c>.</summary>
    public string? ApiKey { get; set; }

    /// <summary><c>whsec_…</c>; two, with a comma, while the secret is being rolled.</summary>
    public string? WebhookSecret { get; set; }

    /// <summary>Where the API is; Stripe's own address unless set.</summary>
    public string? ApiBase { get; set; }

    /// <summary>LocalStripe's keys begin so; Stripe never makes such a key.</summary>
    public bool IsStandIn => ApiKey?.StartsWith("sk_test_local", StringComparison.Ordinal) == true;

    public bool IsLive =>
        ApiKey is { } key && (key.StartsWith("sk_live_", StringComparison.Ordinal) || key.StartsWith("rk_live_", StringComparison.Ordinal));

    public IReadOnlyList<string> WebhookSecrets =>
        WebhookSecret?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}
