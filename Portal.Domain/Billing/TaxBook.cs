using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>Who works out taxes: written <c>none</c>, <c>rates</c> (Portal, by the operator's rates), <c>stripe</c> (Stripe Tax).</summary>
public enum TaxMode
{
    None,
    Rates,
    Stripe,
}

/// <summary>What becomes of an invoice while nobody knows where the customer is: written <c>wait</c>, <c>untaxed</c>.</summary>
public enum UnknownLocation
{
    Wait,
    Untaxed,
}

/// <summary>A tax of a country, or of a state of it.</summary>
/// <param name="Country">ISO 3166-1, two letters in upper case.</param>
/// <param name="State">Without the country, for example <c>CA</c>; null for all of the country.</param>
/// <param name="Name">It stands on invoices: <c>VAT</c>.</param>
/// <param name="Percent">Up to four decimals.</param>
/// <param name="IsInclusive">Prices contain it.</param>
public sealed record TaxRate(string Country, string? State, string Name, decimal Percent, bool IsInclusive)
{
    [JsonIgnore]
    public string Place => State is null ? Country : $"{Country}-{State}";

    /// <summary>As people write it: <c>8.1%</c>.</summary>
    [JsonIgnore]
    public string PercentText => PercentOf(Percent);

    internal static string PercentOf(decimal percent) => percent.ToString("0.####", CultureInfo.InvariantCulture) + "%";
}

/// <summary>
/// The operator's tax settings from an instant on. Published ones never change; invoices keep what they were issued with.
/// </summary>
public sealed class TaxBook
{
    public const int MostRates = 500;
    private const int LongestName = 50;

    private TaxBook() { }

    private TaxBook(
        Guid id,
        TaxMode mode,
        string? sellerCountry,
        UnknownLocation whenUnknown,
        string ratesText,
        DateTimeOffset startsAt,
        string publishedBy,
        DateTimeOffset publishedAt
    ) =>
        (Id, Mode, SellerCountry, WhenUnknown, RatesText, StartsAt, PublishedBy, PublishedAt) = (
            id,
            mode,
            sellerCountry,
            whenUnknown,
            ratesText,
            startsAt,
            publishedBy,
            publishedAt
        );

    public Guid Id { get; private set; }
    public TaxMode Mode { get; private set; }

    /// <summary>Where the operator is; null only where no tax is charged.</summary>
    public string? SellerCountry { get; private set; }

    public UnknownLocation WhenUnknown { get; private set; }

    /// <summary>The rates as JSON.</summary>
    public string RatesText { get; private set; } = "[]";

    public DateTimeOffset StartsAt { get; private set; }
    public string PublishedBy { get; private set; } = "";
    public DateTimeOffset PublishedAt { get; private set; }

    /// <summary>By place, then by name.</summary>
    public IReadOnlyList<TaxRate> Rates => JsonSerializer.Deserialize<List<TaxRate>>(RatesText) ?? [];

    /// <summary>The rates of a place: those of the state where there are any, else those of the country.</summary>
    internal IReadOnlyList<TaxRate> RatesOf(string country, string? state)
    {
        List<TaxRate> there = [.. Rates.Where(rate => rate.Country == country)];
        List<TaxRate> ofState = [.. there.Where(rate => rate.State is not null && rate.State == state)];
        return ofState.Count > 0 ? ofState : [.. there.Where(rate => rate.State is null)];
    }

    /// <summary>The one in force at the end of a billing period, which is when what was used in it counts as supplied.</summary>
    /// <param name="books">By start, then by publication.</param>
    internal static TaxBook? At(IEnumerable<TaxBook> books, DateTimeOffset periodEnd) =>
        books.LastOrDefault(book => book.StartsAt < periodEnd);

    internal static Outcome<TaxBook> Create(Guid id, TaxWish wish, string by, DateTimeOffset now)
    {
        if (!TaxWish.TryMode(wish.Mode, out var mode))
            return new Problem.Invalid("tax-mode-unknown", "mode is none, rates or stripe.", "mode");
        if (!TaxWish.TryUnknown(wish.WhenUnknown, out var unknown))
            return new Problem.Invalid("tax-when-unknown", "whenLocationUnknown is wait or untaxed.", "whenLocationUnknown");
        string? seller = null;
        if (!string.IsNullOrWhiteSpace(wish.SellerCountry) && !Countries.TryCode(wish.SellerCountry, out seller))
            return new Problem.Invalid("country-unknown", "Enter the two-letter code of your own country, such as DE.", "sellerCountry");
        if (mode != TaxMode.None && seller is null)
            return new Problem.Invalid(
                "seller-country-missing",
                "Enter your own country: it decides who is charged and where reverse charge applies.",
                "sellerCountry"
            );
        if (mode != TaxMode.Rates)
            return new TaxBook(id, mode, seller, unknown, "[]", wish.StartsAt ?? now, by, now);
        var given = wish.Rates ?? [];
        if (given.Count == 0)
            return new Problem.Invalid("tax-rates-missing", "Add at least one rate.", "rates");
        if (given.Count > MostRates)
            return new Problem.Invalid("tax-rates-too-many", $"There can be {MostRates} rates. Remove some.", "rates");
        var rates = new List<TaxRate>();
        foreach (var (index, one) in given.Index())
        {
            if (!RateOf(one, index + 1).TryGet(out var rate, out var problem))
                return problem;
            if (
                rates.FirstOrDefault(other =>
                    other.Place == rate.Place && (other.Name == rate.Name || other.IsInclusive || rate.IsInclusive)
                ) is
                { } clash
            )
                return clash.Name == rate.Name
                    ? new Problem.Invalid(
                        "tax-rate-twice",
                        $"{rate.Name} of {rate.Place} appears twice. Name each tax of a place once.",
                        "rates"
                    )
                    : new Problem.Invalid(
                        "tax-rate-inclusive",
                        $"Prices can contain one tax of a place only. Make the taxes of {rate.Place} come on top, or leave one of them.",
                        "rates"
                    );
            rates.Add(rate);
        }
        rates.Sort((left, right) => string.CompareOrdinal($"{left.Place} {left.Name}", $"{right.Place} {right.Name}"));
        return new TaxBook(id, mode, seller, unknown, JsonSerializer.Serialize(rates), wish.StartsAt ?? now, by, now);
    }

    private static Outcome<TaxRate> RateOf(TaxRateWish one, int row)
    {
        if (!Countries.TryCode(one.Country, out var country))
            return new Problem.Invalid("country-unknown", $"Row {row}: enter the country as two letters, such as DE.", "rates");
        var state = one.State?.Trim().ToUpperInvariant();
        if (state is { Length: > 0 } && (state.Length > 3 || !state.All(char.IsAsciiLetterOrDigit)))
            return new Problem.Invalid(
                "state-malformed",
                $"Row {row}: enter the state as its code without the country, such as CA, or leave it empty.",
                "rates"
            );
        var name = one.Name?.Trim() ?? "";
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl))
            return new Problem.Invalid(
                "tax-name-length",
                $"Row {row}: enter the name of the tax as it stands on invoices, such as VAT, in up to {LongestName} characters.",
                "rates"
            );
        if (one.Percent is not { } percent || percent is < 0 or > 100 || decimal.Round(percent, 4) != percent)
            return new Problem.Invalid(
                "tax-percent-range",
                $"Row {row}: enter a percentage from 0 to 100 with up to four decimals.",
                "rates"
            );
        return new TaxRate(
            country,
            state is { Length: > 0 } ? state : null,
            name,
            decimal.Parse(percent.ToString("0.####", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            one.IsInclusive
        );
    }
}

/// <summary>Tax settings as somebody wants to publish them.</summary>
/// <param name="StartsAt">Null is now.</param>
public sealed record TaxWish(
    string? Mode,
    string? SellerCountry,
    string? WhenUnknown,
    DateTimeOffset? StartsAt,
    IReadOnlyList<TaxRateWish>? Rates
)
{
    internal static bool TryMode(string? text, out TaxMode mode)
    {
        mode = text switch
        {
            "rates" => TaxMode.Rates,
            "stripe" => TaxMode.Stripe,
            _ => TaxMode.None,
        };
        return text is "none" or "rates" or "stripe";
    }

    /// <param name="text">Null is to wait.</param>
    internal static bool TryUnknown(string? text, out UnknownLocation unknown)
    {
        unknown = text == "untaxed" ? UnknownLocation.Untaxed : UnknownLocation.Wait;
        return text is null or "" or "wait" or "untaxed";
    }
}

public sealed record TaxRateWish(string? Country, string? State, string? Name, decimal? Percent, bool IsInclusive);

/// <summary>Stripe's id of a rate, made there once. One whose percentage changes is another rate.</summary>
public sealed class TaxRateAtStripe
{
    private TaxRateAtStripe() { }

    public TaxRateAtStripe(string key, string stripeId) => (Key, StripeId) = (key, stripeId);

    /// <summary>See <see cref="KeyOf"/>.</summary>
    public string Key { get; private set; } = "";

    public string StripeId { get; private set; } = "";

    internal void Replace(string stripeId) => StripeId = stripeId;

    internal static string KeyOf(InvoiceTax tax) =>
        string.Join(
            '|',
            tax.Country,
            tax.State,
            tax.Name,
            tax.Percent.ToString("0.####", CultureInfo.InvariantCulture),
            tax.IsInclusive ? "inclusive" : "exclusive"
        );
}

public interface ITaxStore
{
    /// <summary>All tax settings, by start, then by publication.</summary>
    Task<IReadOnlyList<TaxBook>> BooksAsync(CancellationToken cancellationToken);

    Task<TaxProfile?> ProfileAsync(OrganizationId organization, CancellationToken cancellationToken);

    Task<TaxRateAtStripe?> RateAsync(string key, CancellationToken cancellationToken);

    void Add(TaxBook book);

    void Remove(TaxBook book);

    void Add(TaxProfile profile);

    void Add(TaxRateAtStripe rate);
}

/// <summary>In the words of the API.</summary>
public static class TaxTexts
{
    public static string Text(this TaxMode mode) => mode.ToString().ToLowerInvariant();

    public static string Text(this UnknownLocation unknown) => unknown.ToString().ToLowerInvariant();

    public static string Text(this TaxExemption exemption) => exemption.ToString().ToLowerInvariant();

    /// <summary>
    /// <c>off</c>, <c>taxed</c>, <c>reverseCharge</c>, <c>exempt</c>, <c>notCollected</c>, <c>locationMissing</c>, <c>atStripe</c>.
    /// </summary>
    public static string Text(this InvoiceTaxState state) => char.ToLowerInvariant(state.ToString()[0]) + state.ToString()[1..];
}
