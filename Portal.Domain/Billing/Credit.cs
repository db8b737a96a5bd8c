using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>
/// How a credit came to be: written <c>promised</c>, <c>bought</c>. Of two that end at the same time the promised one is used first.
/// </summary>
public enum CreditKind
{
    Promised,
    Bought,
}

/// <summary>What happened to a credit: written <c>grant</c>, <c>use</c>, <c>expire</c>, <c>withdraw</c>.</summary>
public enum CreditMove
{
    Grant,
    Use,
    Expire,
    Withdraw,
}

/// <summary>
/// An amount that an organization's invoices are reduced by until it is used up. Every change of <see cref="LeftMinor"/> is
/// an entry of its ledger, so that the entries of a credit always add up to what is left, which is never below zero.
/// </summary>
public sealed class Credit
{
    private Credit() { }

    private Credit(
        CreditId id,
        OrganizationId organization,
        Money amount,
        CreditKind kind,
        string reason,
        DateTimeOffset? expiresAt,
        string by,
        DateTimeOffset at
    )
    {
        (Id, OrganizationId, CurrencyCode, GrantedMinor) = (id, organization, amount.Currency.Code, amount.Minor);
        (Kind, Reason, ExpiresAt, GrantedBy, GrantedAt) = (kind, reason, expiresAt, by, at);
    }

    public CreditId Id { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public string CurrencyCode { get; private set; } = "usd";
    public long GrantedMinor { get; private set; }
    public long LeftMinor { get; private set; }
    public CreditKind Kind { get; private set; }

    /// <summary>The customer reads it.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>It applies to billing periods that end by then; null for ever.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    public string GrantedBy { get; private set; } = "";
    public DateTimeOffset GrantedAt { get; private set; }

    public Money Granted => Minor(GrantedMinor);

    public Money Left => Minor(LeftMinor);

    /// <summary>No period that ends from now on can use it any more; what is left is booked out with the next close.</summary>
    public bool IsOver(DateTimeOffset now) => ExpiresAt < now;

    /// <summary>A new credit with its first entry.</summary>
    internal static (Credit Credit, CreditEntry Entry) Grant(
        OrganizationId organization,
        Money amount,
        CreditKind kind,
        string reason,
        DateTimeOffset? expiresAt,
        string by,
        TimeProvider clock
    )
    {
        if (amount.Minor <= 0)
            throw new ArgumentOutOfRangeException(nameof(amount), amount, "A credit is more than nothing.");
        var credit = new Credit(new CreditId(clock.NewUuid()), organization, amount, kind, reason, expiresAt, by, clock.Now());
        return (credit, credit.Book(CreditMove.Grant, amount.Minor, null, by, clock));
    }

    /// <summary>Takes some of it, or all.</summary>
    /// <param name="invoice">That it is used for; null for another move.</param>
    internal CreditEntry Take(CreditMove move, long minor, Invoice? invoice, string by, TimeProvider clock) =>
        minor <= 0 || minor > LeftMinor
            ? throw new InvalidOperationException($"{minor} of {LeftMinor} can't be taken from credit {Id}.")
            : Book(move, -minor, invoice, by, clock);

    private CreditEntry Book(CreditMove move, long minor, Invoice? invoice, string by, TimeProvider clock)
    {
        LeftMinor = checked(LeftMinor + minor);
        return new(clock.NewUuid(), this, move, minor, invoice, by, clock.Now());
    }

    private Money Minor(long minor) => new(minor, Currency.TryParse(CurrencyCode, out var currency) ? currency : Currency.Usd);
}

/// <summary>One change of a credit. It is never changed or removed.</summary>
public sealed class CreditEntry
{
    private CreditEntry() { }

    internal CreditEntry(Guid id, Credit credit, CreditMove move, long amountMinor, Invoice? invoice, string by, DateTimeOffset at)
    {
        (Id, CreditId, OrganizationId, CurrencyCode, Move, AmountMinor) = (
            id,
            credit.Id,
            credit.OrganizationId,
            credit.CurrencyCode,
            move,
            amountMinor
        );
        (InvoiceNumber, Reason, By, At) = (invoice?.Number, credit.Reason, by, at);
    }

    public Guid Id { get; private set; }
    public CreditId CreditId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public string CurrencyCode { get; private set; } = "usd";
    public CreditMove Move { get; private set; }

    /// <summary>More than nothing for a grant, less for everything else.</summary>
    public long AmountMinor { get; private set; }

    /// <summary>That it was used for.</summary>
    public string? InvoiceNumber { get; private set; }

    /// <summary>Of the credit.</summary>
    public string Reason { get; private set; } = "";

    public string By { get; private set; } = "";
    public DateTimeOffset At { get; private set; }

    public Money Amount => new(AmountMinor, Currency.TryParse(CurrencyCode, out var currency) ? currency : Currency.Usd);
}

public interface ICreditStore
{
    Task<Credit?> FindAsync(OrganizationId organization, CreditId id, CancellationToken cancellationToken);

    /// <summary>Those with something left, at most 1,000, the first to end first.</summary>
    Task<IReadOnlyList<Credit>> OpenAsync(OrganizationId organization, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<PageOf<Credit>> ListAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<PageOf<CreditEntry>> EntriesAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken);

    void Add(Credit credit);

    void Add(CreditEntry entry);
}
