using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>A period of an organization that was closed, with the invoice that came of it; none for nothing.</summary>
public sealed class ClosedPeriod
{
    private ClosedPeriod() { }

    /// <param name="discountMinor">See <see cref="DiscountMinor"/>.</param>
    public ClosedPeriod(
        OrganizationId organizationId,
        Month month,
        DateTimeOffset from,
        DateTimeOffset to,
        InvoiceId? invoiceId,
        DateTimeOffset closedAt,
        long discountMinor = 0
    ) =>
        (OrganizationId, MonthText, From, To, InvoiceId, ClosedAt, DiscountMinor) = (
            organizationId,
            month.ToString(),
            from,
            to,
            invoiceId,
            closedAt,
            discountMinor
        );

    public OrganizationId OrganizationId { get; private set; }
    public string MonthText { get; private set; } = "";

    /// <summary>Unique with the organization: closing twice cannot make two invoices.</summary>
    public DateTimeOffset From { get; private set; }

    public DateTimeOffset To { get; private set; }
    public InvoiceId? InvoiceId { get; private set; }

    /// <summary>
    /// What a promotion code took off its usage, on its invoice or off what was carried over; in minor units of its currency, not below
    /// zero.
    /// </summary>
    public long DiscountMinor { get; private set; }

    public DateTimeOffset ClosedAt { get; private set; }
}
