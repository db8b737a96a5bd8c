using System.Text.RegularExpressions;

namespace Portal.Domain.Billing;

/// <summary>A kind of tax ID that Stripe takes, and how one looks.</summary>
/// <param name="Type">As Stripe calls it.</param>
/// <param name="Name">As people call it.</param>
/// <param name="Example">As Stripe's documentation gives it.</param>
public sealed record TaxIdFormat(string Type, string Name, string Example, string Pattern);

/// <summary>
/// Which tax IDs can be given, by Stripe's list (docs.stripe.com/billing/customer/tax-ids). Only the format is looked at here;
/// whether a number exists is for the tax offices that Stripe asks.
/// </summary>
public static class TaxIdFormats
{
    private const string EuVat = "eu_vat";

    public static IReadOnlyList<TaxIdFormat> All { get; } =
    [
        new(EuVat, "EU VAT number", "DE123456789", ""),
        new("gb_vat", "UK VAT number", "GB123456789", @"GB(\d{9}|\d{12}|(GD|HA)\d{3})|XI\d{9}"),
        new("ch_vat", "Swiss VAT number", "CHE-123.456.789 MWST", @"CHE\d{9}(MWST|TVA|IVA)"),
        new("ch_uid", "Swiss UID number", "CHE-123.456.789 HR", @"CHE\d{9}(HR)?"),
        new("li_uid", "Liechtenstein UID number", "CHE123456789", @"CHE\d{9}"),
        new("no_vat", "Norwegian VAT number", "123456789MVA", @"\d{9}MVA"),
        new("is_vat", "Icelandic VAT number", "123456", @"\d{5,6}"),
        new("us_ein", "US EIN", "12-3456789", @"\d{9}"),
        new("ca_bn", "Canadian BN", "123456789", @"\d{9}"),
        new("ca_gst_hst", "Canadian GST/HST number", "123456789RT0002", @"\d{9}RT\d{4}"),
        new("ca_qst", "Canadian QST number (Québec)", "1234567890TQ1234", @"\d{10}TQ\d{4}"),
        new("au_abn", "Australian Business Number (AU ABN)", "12345678912", @"\d{11}"),
        new("nz_gst", "New Zealand GST number", "123456789", @"\d{8,9}"),
        new("sg_gst", "Singaporean GST number", "M12345678X", @"[A-Z]\d{8}[A-Z]|\d{9}[A-Z]"),
        new("jp_trn", "Japanese Tax Registration Number", "T1234567891234", @"T\d{13}"),
        new("jp_cn", "Japanese Corporate Number", "1234567891234", @"\d{13}"),
        new("kr_brn", "Korean BRN", "123-45-67890", @"\d{10}"),
        new("in_gst", "Indian GST number", "12ABCDE3456FGZH", @"\d{2}[A-Z0-9]{13}"),
        new("ae_trn", "United Arab Emirates TRN", "123456789012345", @"\d{15}"),
        new("sa_vat", "Saudi Arabia VAT number", "123456789012345", @"\d{15}"),
        new("il_vat", "Israel VAT number", "000012345", @"\d{9}"),
        new("tr_tin", "Turkish Tax Identification Number", "0123456789", @"\d{10}"),
        new("za_vat", "South African VAT number", "4123456789", @"\d{10}"),
        new("br_cnpj", "Brazilian CNPJ number", "01.234.456/5432-10", @"\d{14}"),
        new("mx_rfc", "Mexican RFC number", "ABC010203AB9", @"[A-Z&Ñ]{3,4}\d{6}[A-Z0-9]{3}"),
    ];

    /// <summary>After the country, of each member state (ec.europa.eu, VIES).</summary>
    private static readonly Dictionary<string, string> Eu = new(StringComparer.Ordinal)
    {
        ["AT"] = @"U\d{8}",
        ["BE"] = @"[01]\d{9}",
        ["BG"] = @"\d{9,10}",
        ["CY"] = @"\d{8}[A-Z]",
        ["CZ"] = @"\d{8,10}",
        ["DE"] = @"\d{9}",
        ["DK"] = @"\d{8}",
        ["EE"] = @"\d{9}",
        ["EL"] = @"\d{9}",
        ["ES"] = @"[A-Z0-9]\d{7}[A-Z0-9]",
        ["FI"] = @"\d{8}",
        ["FR"] = @"[A-HJ-NP-Z0-9]{2}\d{9}",
        ["HR"] = @"\d{11}",
        ["HU"] = @"\d{8}",
        ["IE"] = @"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
        ["IT"] = @"\d{11}",
        ["LT"] = @"(\d{9}|\d{12})",
        ["LU"] = @"\d{8}",
        ["LV"] = @"\d{11}",
        ["MT"] = @"\d{8}",
        ["NL"] = @"\d{9}B\d{2}",
        ["PL"] = @"\d{10}",
        ["PT"] = @"\d{9}",
        ["RO"] = @"\d{2,10}",
        ["SE"] = @"\d{12}",
        ["SI"] = @"\d{8}",
        ["SK"] = @"\d{10}",
        // Northern Ireland's goods.
        ["XI"] = @"(\d{9}|\d{12})",
    };

    public static TaxIdFormat? Find(string? type) => All.FirstOrDefault(format => format.Type == type);

    /// <summary>Without what people write between: spaces, dots, dashes and slashes.</summary>
    public static string Plain(string value) =>
        new([.. value.Where(letter => !char.IsWhiteSpace(letter) && letter is not ('.' or '-' or '/')).Select(char.ToUpperInvariant)]);

    /// <param name="plain">As <see cref="Plain"/> makes it.</param>
    public static bool Fits(TaxIdFormat format, string plain) =>
        format.Type == EuVat
            ? plain.Length > 2 && Eu.TryGetValue(plain[..2], out var ofCountry) && IsAll(plain[2..], ofCountry)
            : IsAll(plain, format.Pattern);

    /// <summary>Digits are those of ASCII: <c>\d</c> takes others, too.</summary>
    private static bool IsAll(string text, string pattern) =>
        !text.Any(letter => char.IsDigit(letter) && !char.IsAsciiDigit(letter))
        && Regex.IsMatch(text, $@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}
