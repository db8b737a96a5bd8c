using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>
/// Written <c>pending</c> until Stripe has it, <c>ready</c>, <c>removing</c>, <c>refused</c> when Stripe would not take it.
/// </summary>
public enum TaxIdState
{
    Pending,
    Ready,
    Removing,
    Refused,
}

/// <summary>
/// What the tax office says of it, by Stripe's word: written <c>pending</c>, <c>verified</c>, <c>unverified</c>, and <c>unavailable</c>
/// where nobody can be asked.
/// </summary>
public enum TaxIdVerification
{
    Pending,
    Verified,
    Unverified,
    Unavailable,
}

/// <summary>A number under which a tax office knows the organization; Stripe prints it on its invoices.</summary>
public sealed class TaxId
{
    private TaxId() { }

    public TaxId(Guid id, OrganizationId organization, string type, string value, string by, DateTimeOffset createdAt) =>
        (Id, OrganizationId, Type, Value, By, CreatedAt) = (id, organization, type, value, by, createdAt);

    public Guid Id { get; private set; }
    public OrganizationId OrganizationId { get; private set; }

    /// <summary>As Stripe calls it: <c>eu_vat</c>.</summary>
    public string Type { get; private set; } = "";

    /// <summary>Without spaces, dots, dashes and slashes. Unique in the organization, with the type.</summary>
    public string Value { get; private set; } = "";

    public TaxIdState State { get; private set; }
    public TaxIdVerification Verification { get; private set; }

    /// <summary>Who it belongs to, as the tax office has it; null where it does not say.</summary>
    public string? VerifiedName { get; private set; }

    /// <summary>Why Stripe refused it.</summary>
    public string? ProblemMessage { get; private set; }

    public string By { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Stripe has it, and says so much of it now.</summary>
    internal void Sent(GatewayTaxId there)
    {
        if (State == TaxIdState.Removing)
            return;
        (State, Verification, VerifiedName, ProblemMessage) = (TaxIdState.Ready, there.Verification, there.VerifiedName, null);
    }

    internal void Refused(string why)
    {
        if (State == TaxIdState.Pending)
            (State, ProblemMessage) = (TaxIdState.Refused, why);
    }

    internal void Removing() => State = TaxIdState.Removing;

    /// <summary>The customer at Stripe is another one.</summary>
    internal void SendAgain()
    {
        if (State == TaxIdState.Ready)
            (State, Verification) = (TaxIdState.Pending, TaxIdVerification.Pending);
    }
}

public interface ITaxIdStore
{
    /// <summary>Oldest first; an organization has at most <see cref="AddTaxId.Most"/>.</summary>
    Task<IReadOnlyList<TaxId>> OfAsync(OrganizationId organization, CancellationToken cancellationToken);

    Task<TaxId?> FindAsync(Guid id, CancellationToken cancellationToken);

    void Add(TaxId taxId);

    void Remove(TaxId taxId);
}

/// <summary>In the words of the API.</summary>
public static class TaxIdTexts
{
    public static string Text(this TaxIdState state) => state.ToString().ToLowerInvariant();

    public static string Text(this TaxIdVerification verification) => verification.ToString().ToLowerInvariant();
}
