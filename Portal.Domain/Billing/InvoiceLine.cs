using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>One meter of the organization in the period, under one price book.</summary>
public sealed class InvoiceLine
{
    private InvoiceLine() { }

    public InvoiceLine(
        Guid id,
        Meter meter,
        PriceBookId priceBook,
        DateTimeOffset from,
        DateTimeOffset to,
        decimal quantity,
        decimal exactAmount,
        long amountMinor,
        string explanation
    ) =>
        (Id, Meter, PriceBookId, From, To, Quantity, ExactAmount, AmountMinor, Explanation) = (
            id,
            meter,
            priceBook,
            from,
            to,
            quantity,
            exactAmount,
            amountMinor,
            explanation
        );

    public Guid Id { get; private set; }
    public InvoiceId InvoiceId { get; private set; }
    public Meter Meter { get; private set; }
    public PriceBookId PriceBookId { get; private set; }
    public DateTimeOffset From { get; private set; }
    public DateTimeOffset To { get; private set; }

    /// <summary>In the meter's unit, at most six decimals; the amount was computed from it.</summary>
    public decimal Quantity { get; private set; }

    /// <summary>In major units before rounding, at most 18 decimals: what tenants, topics and hours share.</summary>
    public decimal ExactAmount { get; private set; }

    public long AmountMinor { get; private set; }

    /// <summary>How quantity became amount: <c>10 GiB at 0, 51.204 GiB at 0.10</c>.</summary>
    public string Explanation { get; private set; } = "";

    public string? StripeItemId { get; private set; }

    public void AddedAtStripe(string itemId) => StripeItemId = itemId;

    internal void GoneAtStripe() => StripeItemId = null;
}
