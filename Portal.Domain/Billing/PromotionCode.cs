using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>
/// A word that gives whoever redeems it something: a share off the usage of some months, or a credit. Operators make it;
/// what it gives never changes afterwards.
/// </summary>
public sealed class PromotionCode
{
    private PromotionCode() { }

    public PromotionCode(
        PromotionCodeId id,
        string code,
        PromotionOffer offer,
        int? mostRedemptions,
        DateTimeOffset? endsAt,
        string by,
        DateTimeOffset at
    )
    {
        (Id, Code, PercentOff, AmountMinor, CurrencyCode, Months) = (
            id,
            code,
            offer.PercentOff,
            offer.Amount?.Minor,
            offer.Amount?.Currency.Code,
            offer.Months
        );
        (MostRedemptions, EndsAt, CreatedBy, CreatedAt) = (mostRedemptions, endsAt, by, at);
    }

    public PromotionCodeId Id { get; private set; }

    /// <summary>In capitals; unique for good.</summary>
    public string Code { get; private set; } = "";

    /// <summary>Null for a code that gives a credit.</summary>
    public int? PercentOff { get; private set; }

    /// <summary>Null for a code that gives a share.</summary>
    public long? AmountMinor { get; private set; }

    public string? CurrencyCode { get; private set; }

    /// <summary>Calendar months, that of the redemption included; null for a credit that doesn't end.</summary>
    public int? Months { get; private set; }

    /// <summary>Null for as many as want it.</summary>
    public int? MostRedemptions { get; private set; }

    public int Redemptions { get; private set; }

    /// <summary>It can be redeemed before this instant; null for ever.</summary>
    public DateTimeOffset? EndsAt { get; private set; }

    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? WithdrawnAt { get; private set; }

    public Money? Amount =>
        AmountMinor is { } minor && Currency.TryParse(CurrencyCode, out var currency) ? new Money(minor, currency) : null;

    public bool IsUsedUp => Redemptions >= MostRedemptions;

    public bool IsOver(DateTimeOffset now) => WithdrawnAt is not null || EndsAt <= now;

    /// <summary>What was redeemed stays.</summary>
    public void Withdraw(DateTimeOffset at) => WithdrawnAt ??= at;

    /// <summary>In capitals, as it is kept; null for what no code can be.</summary>
    public static string? Normal(string? text) =>
        text?.Trim().ToUpperInvariant() is { Length: >= 3 and <= 40 } code
        && code.All(letter => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter) || letter == '-')
            ? code
            : null;
}

/// <summary>What a code gives: a share or an amount, never both.</summary>
public sealed record PromotionOffer(int? PercentOff, Money? Amount, int? Months);

/// <summary>A code that an organization has redeemed, once.</summary>
public sealed class PromotionRedemption
{
    private PromotionRedemption() { }

    public PromotionRedemption(PromotionCode promotion, OrganizationId organization, CreditId? credit, string by, DateTimeOffset at)
    {
        (PromotionCodeId, OrganizationId, Code, PercentOff, CreditId) = (
            promotion.Id,
            organization,
            promotion.Code,
            promotion.PercentOff,
            credit
        );
        (RedeemedBy, RedeemedAt) = (by, at);
        if (promotion is not { PercentOff: not null, Months: { } months })
            return;
        var month = Month.Of(at);
        FromMonth = month.ToString();
        for (var counted = 0; counted < months; counted++)
            month = month.Next;
        ToMonth = month.ToString();
    }

    public PromotionCodeId PromotionCodeId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public string Code { get; private set; } = "";
    public int? PercentOff { get; private set; }

    /// <summary>The first month of a share, <c>yyyy-MM</c>; null for a credit.</summary>
    public string? FromMonth { get; private set; }

    /// <summary>The first month after it.</summary>
    public string? ToMonth { get; private set; }

    /// <summary>That it gave.</summary>
    public CreditId? CreditId { get; private set; }

    public string RedeemedBy { get; private set; } = "";
    public DateTimeOffset RedeemedAt { get; private set; }

    /// <summary>The last month of a share; null for a credit.</summary>
    public Month? LastMonth => Month.TryParse(ToMonth, out var after) ? after.Previous : null;
}

public interface IPromotionStore
{
    Task<PromotionCode?> FindAsync(string code, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<PageOf<PromotionCode>> ListAsync(PageRequest page, CancellationToken cancellationToken);

    Task<PromotionRedemption?> FindRedemptionAsync(
        PromotionCodeId promotion,
        OrganizationId organization,
        CancellationToken cancellationToken
    );

    /// <summary>What the organization has redeemed, newest first.</summary>
    Task<PageOf<PromotionRedemption>> RedemptionsAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken);

    /// <summary>The share that holds in the month, or the next one that will; null for none. There is one at a time.</summary>
    Task<PromotionRedemption?> ShareAsync(OrganizationId organization, Month month, CancellationToken cancellationToken);

    /// <summary>Counts one redemption more, unless as many as may be have been: of two at once, the last one is told.</summary>
    Task<bool> TakeAsync(PromotionCodeId promotion, CancellationToken cancellationToken);

    void Add(PromotionCode promotion);

    void Add(PromotionRedemption redemption);
}
