using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>How an organization is taxed in a period, and why.</summary>
/// <param name="Note">A sentence for the invoice and the billing page; null where there is nothing to say.</param>
/// <param name="Rates">Of the customer's place; with anything in it only where Portal works out the tax.</param>
/// <param name="ByStripe">Stripe Tax works it out, once the draft is there.</param>
public sealed record TaxDecision(InvoiceTaxState State, string? Note, IReadOnlyList<TaxRate> Rates, bool ByStripe)
{
    public static TaxDecision Off { get; } = new(InvoiceTaxState.Off, null, [], false);
}

/// <summary>
/// Who is taxed how: what an operator decided comes first, then the reverse charge between businesses of two EU countries,
/// then the rates of the customer's place. Pure.
/// </summary>
public static class TaxRules
{
    public const string ReverseChargeNote = "Reverse charge: the customer accounts for VAT.";

    internal static TaxDecision Of(TaxBook? book, TaxProfile? profile, IReadOnlyList<TaxId> taxIds)
    {
        if (book is null or { Mode: TaxMode.None })
            return TaxDecision.Off;
        if (profile?.Exemption == TaxExemption.Exempt)
            return new(InvoiceTaxState.Exempt, $"Tax exempt: {profile.Reason}", [], false);
        if (profile?.Exemption == TaxExemption.Reverse)
            return new(InvoiceTaxState.ReverseCharge, ReverseChargeNote, [], false);
        var country = profile?.Country;
        // A number that the tax office vouches for says where the business is, too.
        if (VerifiedElsewhere(book, country, taxIds) is { } vat)
            return new(InvoiceTaxState.ReverseCharge, $"{ReverseChargeNote} VAT number {vat}.", [], false);
        if (book.Mode == TaxMode.Stripe)
            return new(InvoiceTaxState.AtStripe, Unverified(book, country, taxIds), [], ByStripe: true);
        if (country is null)
            return book.WhenUnknown == UnknownLocation.Untaxed
                ? new(InvoiceTaxState.NotCollected, "No tax was charged because there is no billing address.", [], false)
                : new(InvoiceTaxState.LocationMissing, MissingNote, [], false);
        var rates = book.RatesOf(country, profile!.State);
        return rates.Count == 0
            ? new(InvoiceTaxState.NotCollected, $"No tax is collected in {Countries.NameOf(country)}.", [], false)
            : new(InvoiceTaxState.Taxed, Unverified(book, country, taxIds), rates, false);
    }

    public const string MissingNote =
        "The billing address is missing, so the tax on this invoice isn't known yet. "
        + "Add the billing address on the billing page; the invoice is issued right after.";

    /// <summary>The number of a business that owes the VAT itself; null where it does not.</summary>
    private static string? VerifiedElsewhere(TaxBook book, string? country, IReadOnlyList<TaxId> taxIds)
    {
        if (!IsForeignInEu(book, country))
            return null;
        return taxIds
            .FirstOrDefault(one =>
                one is { Type: "eu_vat", State: TaxIdState.Ready, Verification: TaxIdVerification.Verified }
                && CountryOf(one) is { } of
                && IsForeignInEu(book, of)
                && (country is null || of == country)
            )
            ?.Value;
    }

    /// <summary>Said where a number is there that would change the tax if it were verified.</summary>
    private static string? Unverified(TaxBook book, string? country, IReadOnlyList<TaxId> taxIds) =>
        country is not null
        && IsForeignInEu(book, country)
        && taxIds.FirstOrDefault(one =>
            one is { Type: "eu_vat", State: TaxIdState.Pending or TaxIdState.Ready } && CountryOf(one) == country
        )
            is { } one
            ? $"VAT number {one.Value} isn't verified{(one.Verification == TaxIdVerification.Pending ? " yet" : "")}, so tax is "
                + "charged. Once the tax office confirms it, reverse charge applies to later invoices."
            : null;

    private static bool IsForeignInEu(TaxBook book, string? country) =>
        book.SellerCountry is { } seller && Countries.IsInEu(seller) && (country is null || Countries.IsInEu(country) && country != seller);

    /// <summary>Of an EU VAT number: Greece writes EL. Northern Ireland's XI is about goods, and Portal sells none.</summary>
    private static string? CountryOf(TaxId one) =>
        one.Value.Length < 2 ? null
        : one.Value[..2] == "EL" ? "GR"
        : one.Value[..2];
}
