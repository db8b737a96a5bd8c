using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>
/// Why an invoice is less than its lines: written <c>discount</c>, <c>credit</c>. A discount comes first: credits pay for what it leaves.
/// </summary>
public enum AdjustmentKind
{
    Discount,
    Credit,
}

/// <summary>Something taken off an invoice; at Stripe an item below zero.</summary>
public sealed class InvoiceAdjustment
{
    private InvoiceAdjustment() { }

    public InvoiceAdjustment(Guid id, AdjustmentKind kind, long amountMinor, string reason, CreditId? credit = null) =>
        (Id, Kind, AmountMinor, Reason, CreditId) = (id, kind, amountMinor, reason, credit);

    public Guid Id { get; private set; }
    public InvoiceId InvoiceId { get; private set; }
    public AdjustmentKind Kind { get; private set; }

    /// <summary>Less than nothing, in minor units of the invoice's currency.</summary>
    public long AmountMinor { get; private set; }

    /// <summary>In words that the customer reads: the code and its share, or why the credit was granted.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>That it is a part of; null for a discount.</summary>
    public CreditId? CreditId { get; private set; }

    public string? StripeItemId { get; private set; }

    public string Description => Kind == AdjustmentKind.Credit ? $"Credit: {Reason}" : Reason;

    public void AddedAtStripe(string itemId) => StripeItemId = itemId;

    internal void GoneAtStripe() => StripeItemId = null;
}

public static class AdjustmentKinds
{
    public static string Text(this AdjustmentKind kind) =>
        kind switch
        {
            AdjustmentKind.Discount => "discount",
            AdjustmentKind.Credit => "credit",
        };
}
