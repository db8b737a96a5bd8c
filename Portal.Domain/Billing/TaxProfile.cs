using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>
/// What an operator decided about an organization's taxes: written <c>none</c> (the rules hold), <c>exempt</c>, <c>reverse</c>.
/// </summary>
public enum TaxExemption
{
    None,
    Exempt,
    Reverse,
}

/// <summary>Where bills go. Stripe prints it on invoices, and taxes follow from it.</summary>
/// <param name="Country">ISO 3166-1, two letters.</param>
/// <param name="State">A code without the country, such as <c>CA</c>, or a name where there are no codes.</param>
public sealed record BillingAddress(string? Line1, string? Line2, string? City, string? PostalCode, string? State, string? Country)
{
    public const int LongestPart = 200;

    internal static Outcome<BillingAddress> Create(
        string? line1,
        string? line2,
        string? city,
        string? postalCode,
        string? state,
        string? country
    )
    {
        foreach (
            var (field, value) in new[]
            {
                ("line1", line1),
                ("line2", line2),
                ("city", city),
                ("postalCode", postalCode),
                ("region", state),
            }
        )
        {
            if (value is { } text && (text.Trim().Length > LongestPart || text.Any(char.IsControl)))
                return new Problem.Invalid("address-part-length", $"Enter up to {LongestPart} characters on one line.", field);
        }
        if (!Countries.TryCode(country, out var code))
            return new Problem.Invalid("country-unknown", "Choose the country that you are billed in.", "country");
        if (code == "US" && Plain(postalCode) is not { Length: >= 5 })
            return new Problem.Invalid("postal-code-missing", "Enter the ZIP code: taxes in the United States depend on it.", "postalCode");
        if (code is "US" or "CA" && Plain(state)?.Length != 2)
            return new Problem.Invalid(
                "state-missing",
                code == "US" ? "Enter the state as two letters, such as CA." : "Enter the province as two letters, such as ON.",
                "region"
            );
        var plainState = Plain(state);
        return new BillingAddress(
            Plain(line1),
            Plain(line2),
            Plain(city),
            Plain(postalCode),
            plainState?.Length <= 3 ? plainState.ToUpperInvariant() : plainState,
            code
        );
    }

    private static string? Plain(string? text) => text?.Trim() is { Length: > 0 } plain ? plain : null;
}

/// <summary>What taxes of an organization follow from, beside its tax IDs: its billing address, and what an operator decided.</summary>
public sealed class TaxProfile
{
    private TaxProfile() { }

    public TaxProfile(OrganizationId organizationId) => OrganizationId = organizationId;

    public OrganizationId OrganizationId { get; private set; }
    public string? Line1 { get; private set; }
    public string? Line2 { get; private set; }
    public string? City { get; private set; }
    public string? PostalCode { get; private set; }
    public string? State { get; private set; }

    /// <summary>Null while no address is given.</summary>
    public string? Country { get; private set; }

    public TaxExemption Exemption { get; private set; }

    /// <summary>Why an operator decided so; null where nobody has.</summary>
    public string? Reason { get; private set; }

    public string? DecidedBy { get; private set; }
    public DateTimeOffset? DecidedAt { get; private set; }

    /// <summary>Null while none is given.</summary>
    public BillingAddress? Address => Country is null ? null : new(Line1, Line2, City, PostalCode, State, Country);

    internal void Move(BillingAddress address) =>
        (Line1, Line2, City, PostalCode, State, Country) = (
            address.Line1,
            address.Line2,
            address.City,
            address.PostalCode,
            address.State,
            address.Country
        );

    internal void Decide(TaxExemption exemption, string? reason, string by, DateTimeOffset at) =>
        (Exemption, Reason, DecidedBy, DecidedAt) = (exemption, reason, by, at);
}
