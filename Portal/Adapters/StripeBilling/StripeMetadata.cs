namespace Portal.Adapters.StripeBilling;

/// <summary>Our ids on Stripe's objects. Never renamed: objects made years ago are found by them.</summary>
internal static class StripeMetadata
{
    public const string Organization = "organization_id";
    public const string Slug = "organization_slug";
    public const string Invoice = "invoice_id";

    /// <summary>On a customer: the deleted one whose place it takes.</summary>
    public const string Replaces = "replaces_customer";

    public const string InvoiceNumber = "invoice_number";
    public const string Line = "line_id";
    public const string TaxRate = "tax_rate_key";
    public const string CreditNote = "credit_note_id";

    public static bool Names(this IReadOnlyDictionary<string, string>? metadata, string key, Guid id) =>
        metadata is not null && metadata.TryGetValue(key, out var text) && Guid.TryParse(text, out var found) && found == id;
}
