using Portal.Domain.Common;
using Portal.Domain.Organizations;

namespace Portal.Domain.Billing;

/// <summary>
/// Stripe as the portal needs it. Every call is idempotent for the ids it is given, for ever and not for 24 hours: what
/// was made is found again by the portal's own id in its metadata. Problems: <see cref="Problem.Unavailable"/> when
/// trying again may help, <see cref="Problem.PaymentRequired"/> <c>card-declined</c> with the bank's reason as a
/// sentence, <see cref="Problem.Conflict"/> when Stripe's state does not allow it.
/// </summary>
public interface IPaymentGateway
{
    /// <summary>True for LocalStripe: pages say so.</summary>
    bool IsStandIn { get; }

    /// <summary>The customer's id; made when there is none for the organisation.</summary>
    Task<Outcome<string>> EnsureCustomerAsync(OrganizationId organization, string slug, string name, string? email, CancellationToken cancellationToken);

    /// <summary>A Checkout page in setup mode: it takes a card and charges nothing.</summary>
    /// <param name="returnUrl">Where Stripe sends the browser back, both when done and when given up.</param>
    Task<Outcome<Uri>> StartCheckoutAsync(string customerId, OrganizationId organization, Uri returnUrl, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the newest card of finished Checkouts the default one. True when the customer has a default card afterwards.
    /// </summary>
    Task<Outcome<bool>> AdoptCardAsync(string customerId, CancellationToken cancellationToken);

    Task<Outcome<IReadOnlyList<PaymentMethod>>> ListCardsAsync(string customerId, CancellationToken cancellationToken);

    /// <summary>A draft with our number, automatic advancing off and no items of others on it; the same one when it is there.</summary>
    Task<Outcome<string>> EnsureDraftAsync(string customerId, Invoice invoice, int daysUntilDue, CancellationToken cancellationToken);

    /// <summary>The line as an integer invoice item; the same one when it is there. The item's id.</summary>
    Task<Outcome<string>> EnsureItemAsync(string customerId, Invoice invoice, GatewayLine line, CancellationToken cancellationToken);

    /// <summary>The invoice with all its lines as Stripe holds it.</summary>
    Task<Outcome<GatewayInvoice>> ReadInvoiceAsync(string stripeInvoiceId, CancellationToken cancellationToken);

    /// <summary>Finalises; one that is final stays as it is.</summary>
    Task<Outcome<GatewayInvoice>> FinalizeAsync(string stripeInvoiceId, CancellationToken cancellationToken);

    /// <summary>Charges the default card now. One that is paid stays paid.</summary>
    Task<Outcome<GatewayInvoice>> PayAsync(string stripeInvoiceId, CancellationToken cancellationToken);

    /// <summary>Verifies the signature over the raw body. The event's id, type and the id of the object it is about.</summary>
    Outcome<GatewayEvent> ReadEvent(string body, string signatureHeader);
}

/// <summary>A line to send: ours by its id, in minor units of the invoice's currency.</summary>
public sealed record GatewayLine(Guid LineId, string Description, long AmountMinor, DateTimeOffset From, DateTimeOffset To);

/// <param name="LineAmounts">By our line ids. Lines without our id are in <paramref name="ForeignLines"/>.</param>
/// <param name="DueMinor">What is still to be paid.</param>
public sealed record GatewayInvoice(
    string Id, string? Number, string CustomerId, InvoiceStatus Status, string Currency, long SubtotalMinor, long TotalMinor, long TaxMinor, long PaidMinor, long DueMinor,
    IReadOnlyDictionary<Guid, long> LineAmounts, int ForeignLines, string? HostedUrl, string? PdfUrl);

/// <summary>A card on file, masked.</summary>
public sealed record PaymentMethod(string Id, string Brand, string Last4, int ExpiresMonth, int ExpiresYear, bool IsDefault);

/// <summary>A verified webhook event.</summary>
/// <param name="ObjectId">What it is about, for example an invoice's id.</param>
/// <param name="CustomerId">Whose, where it says.</param>
public sealed record GatewayEvent(string Id, string Type, string? ObjectId, string? CustomerId, DateTimeOffset CreatedAt);
