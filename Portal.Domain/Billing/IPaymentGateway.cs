using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>
/// Stripe as the portal needs it. Every call may be repeated, at once, after a crash or a year later: what an earlier one
/// made is found by the portal's own id in its metadata, and a failure that Stripe keeps is not asked for again. Problems:
/// <see cref="Problem.Unavailable"/> when trying again may help, <see cref="Problem.PaymentRequired"/> <c>card-declined</c>
/// with the bank's reason as a sentence, <see cref="Problem.Conflict"/> when Stripe's state does not allow it, among them
/// <see cref="GatewayProblems.CustomerGone"/> and <see cref="GatewayProblems.DraftGone"/>, which have a way out.
/// </summary>
public interface IPaymentGateway
{
    /// <summary>The customer's id; made when the organization has none, or when the one it had was deleted at Stripe.</summary>
    Task<Outcome<string>> EnsureCustomerAsync(GatewayCustomer customer, CancellationToken cancellationToken);

    /// <summary>A Checkout page in setup mode: it takes a card and costs nothing. Or <see cref="GatewayProblems.CustomerGone"/>.</summary>
    /// <param name="returnUrl">Where Stripe sends the browser back, both when done and when given up.</param>
    Task<Outcome<Uri>> StartCheckoutAsync(
        string customerId,
        OrganizationId organization,
        Uri returnUrl,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Makes the newest card of finished Checkouts the default one. The id of the default card afterwards, or null; a
    /// customer who was deleted has none.
    /// </summary>
    Task<Outcome<string?>> AdoptCardAsync(string customerId, CancellationToken cancellationToken);

    /// <summary>The cards on file; none of a customer who was deleted.</summary>
    Task<Outcome<IReadOnlyList<PaymentMethod>>> ListCardsAsync(string customerId, CancellationToken cancellationToken);

    /// <summary>
    /// A draft with our number, automatic advancing off and no items of others on it; the same one when it is there. One that
    /// was issued already, also to a customer who has been deleted since, is returned as it is and never made again.
    /// <see cref="GatewayProblems.CustomerGone"/> when the customer was deleted and the invoice was not issued before.
    /// </summary>
    Task<Outcome<string>> EnsureDraftAsync(string customerId, InvoiceDraft invoice, CancellationToken cancellationToken);

    /// <summary>
    /// The line as an integer invoice item; the same one when it is there. The item's id, or
    /// <see cref="GatewayProblems.DraftGone"/>.
    /// </summary>
    Task<Outcome<string>> EnsureItemAsync(
        string customerId,
        string stripeInvoiceId,
        InvoiceDraft invoice,
        GatewayLine line,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Notes on the customer where bills go and how taxes apply; doing it again changes nothing. Or
    /// <see cref="GatewayProblems.CustomerGone"/>.
    /// </summary>
    Task<Outcome<Done>> SetTaxDetailsAsync(string customerId, GatewayTaxDetails details, CancellationToken cancellationToken);

    /// <summary>The id of a tax rate; the same one when it is there and may still be used.</summary>
    /// <param name="knownId">As it was found before; null when it is asked for the first time.</param>
    Task<Outcome<string>> EnsureTaxRateAsync(GatewayTaxRate rate, string? knownId, CancellationToken cancellationToken);

    /// <summary>
    /// Has Stripe Tax work the draft's taxes out anew, by where the customer is now; or leave them out. Or
    /// <see cref="GatewayProblems.DraftGone"/>.
    /// </summary>
    Task<Outcome<Done>> SetStripeTaxAsync(string stripeInvoiceId, bool isOn, CancellationToken cancellationToken);

    /// <summary>
    /// Puts what credits pay of an invoice into the customer's balance, once: Stripe takes it off when the draft is finalized, after taxes.
    /// </summary>
    Task<Outcome<Done>> EnsureBalanceAsync(string customerId, InvoiceDraft invoice, long amountMinor, CancellationToken cancellationToken);

    /// <summary>The invoice with all its lines as Stripe holds it, or <see cref="GatewayProblems.DraftGone"/>.</summary>
    Task<Outcome<GatewayInvoice>> ReadInvoiceAsync(string stripeInvoiceId, CancellationToken cancellationToken);

    /// <summary>Finalizes; one that is final stays as it is. Or <see cref="GatewayProblems.DraftGone"/>.</summary>
    Task<Outcome<GatewayInvoice>> FinalizeAsync(string stripeInvoiceId, CancellationToken cancellationToken);

    /// <summary>Charges the default card now. One that is paid stays paid.</summary>
    Task<Outcome<GatewayInvoice>> PayAsync(string stripeInvoiceId, CancellationToken cancellationToken);

    /// <summary>
    /// The credit note over an issued invoice; the same one when it is there. Stripe is asked for no email.
    /// <see cref="Problem.Unavailable"/> also when the invoice changed meanwhile.
    /// </summary>
    Task<Outcome<GatewayCreditNote>> EnsureCreditNoteAsync(CreditNoteRequest note, CancellationToken cancellationToken);

    /// <summary>Credit notes and refunds since then, of whatever invoice.</summary>
    Task<Outcome<IReadOnlyList<SeenCorrection>>> ListCorrectionsAsync(DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>
    /// The customer's tax ID with what the tax office says of it now; the same one when it is there. Or
    /// <see cref="GatewayProblems.CustomerGone"/>.
    /// </summary>
    Task<Outcome<GatewayTaxId>> EnsureTaxIdAsync(string customerId, string type, string value, CancellationToken cancellationToken);

    /// <summary>Takes the tax ID off the customer. One that is not there, or whose customer is not, is gone.</summary>
    Task<Outcome<Done>> RemoveTaxIdAsync(string customerId, string type, string value, CancellationToken cancellationToken);

    /// <summary>
    /// The id of the invoice at Stripe that an event is about, directly or through its payment; null when it is about none.
    /// </summary>
    /// <param name="type">Of the event, for example <c>charge.dispute.created</c>.</param>
    /// <param name="objectId">What the event is about.</param>
    Task<Outcome<string?>> FindInvoiceAsync(string type, string objectId, CancellationToken cancellationToken);

    /// <summary>The invoices whose payment was disputed since then, whatever became of the dispute.</summary>
    Task<Outcome<IReadOnlyList<DisputedInvoice>>> ListDisputedAsync(DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Verifies the signature over the raw body. The event's id, type and the id of the object it is about.</summary>
    Outcome<GatewayEvent> ReadEvent(string body, string signatureHeader);
}

/// <summary>Codes that a caller acts on.</summary>
public static class GatewayProblems
{
    /// <summary>
    /// The customer was deleted at Stripe: <see cref="CreateStripeCustomer"/> makes another, and the call is repeated with it.
    /// </summary>
    public const string CustomerGone = "stripe-customer-gone";

    /// <summary>The draft was deleted at Stripe, or its customer was: nothing was issued, so the invoice is drafted anew.</summary>
    public const string DraftGone = "stripe-draft-gone";
}

/// <summary>An organization as Stripe's customer.</summary>
/// <param name="KnownId">The customer it has; null before the first.</param>
public sealed record GatewayCustomer(OrganizationId Organization, string Slug, string Name, string? Email, string? KnownId);

/// <summary>What heads an invoice at Stripe.</summary>
/// <param name="CurrencyCode">ISO 4217 in lower case.</param>
/// <param name="TotalMinor">All lines together, in minor units.</param>
/// <param name="DaysUntilDue">For an invoice that is sent; a card is charged at once.</param>
/// <param name="StripeTax">Stripe Tax works its taxes out.</param>
public sealed record InvoiceDraft(
    InvoiceId Id,
    OrganizationId OrganizationId,
    string Number,
    string CurrencyCode,
    PayBy PayBy,
    DateTimeOffset From,
    DateTimeOffset To,
    long TotalMinor,
    int DaysUntilDue,
    bool StripeTax = false
)
{
    public static InvoiceDraft Of(Invoice invoice, int daysUntilDue) =>
        new(
            invoice.Id,
            invoice.OrganizationId,
            invoice.Number,
            invoice.CurrencyCode,
            invoice.PayBy,
            invoice.From,
            invoice.To,
            invoice.TotalMinor,
            daysUntilDue,
            invoice.TaxByStripe
        );
}

/// <summary>A line to send: ours by its id, in minor units of the invoice's currency.</summary>
/// <param name="TaxRates">Stripe's ids of the rates that apply to it; none by itself.</param>
public sealed record GatewayLine(
    Guid LineId,
    string Description,
    long AmountMinor,
    DateTimeOffset From,
    DateTimeOffset To,
    IReadOnlyList<string>? TaxRates = null
);

/// <summary>What Stripe knows of a customer's taxes.</summary>
/// <param name="Exemption">Stripe prints that reverse charge applies, and Stripe Tax charges nothing.</param>
/// <param name="Address">Null to leave what is there.</param>
public sealed record GatewayTaxDetails(TaxExemption Exemption, BillingAddress? Address);

/// <summary>A rate to be charged by.</summary>
/// <param name="Key">Ours, in its metadata; a rate of another percentage has another.</param>
public sealed record GatewayTaxRate(string Key, string Name, string? Country, string? State, decimal Percent, bool IsInclusive);

/// <summary>A tax on an invoice at Stripe, all lines together.</summary>
/// <param name="Reason">Why it is as it is, in Stripe's word: <c>standard_rated</c>, <c>reverse_charge</c>. Null where it does not
/// say.</param>
public sealed record GatewayTax(
    string? RateId,
    long AmountMinor,
    long TaxableMinor,
    bool IsInclusive,
    string? Reason,
    string Name = "Tax",
    string? Country = null,
    string? State = null,
    decimal Percent = 0
);

/// <param name="LineAmounts">By our line ids. Lines without our id are in <paramref name="ForeignLines"/>.</param>
/// <param name="DueMinor">What is still to be paid.</param>
/// <param name="PaymentError">Why the last attempt at the card failed, in the bank's words; null when none did or it is paid since.</param>
/// <param name="Dispute">Of the payment; null when there is none.</param>
/// <param name="Corrections">Null where they were not asked for.</param>
public sealed record GatewayInvoice(
    string Id,
    string? Number,
    string CustomerId,
    InvoiceStatus Status,
    string Currency,
    long SubtotalMinor,
    long TotalMinor,
    long TaxMinor,
    long PaidMinor,
    long DueMinor,
    IReadOnlyDictionary<Guid, long> LineAmounts,
    int ForeignLines,
    string? HostedUrl,
    string? PdfUrl,
    string? PaymentError = null,
    GatewayDispute? Dispute = null,
    GatewayCorrections? Corrections = null
)
{
    public IReadOnlyList<GatewayTax> Taxes { get; init; } = [];

    /// <summary>Stripe Tax cannot tell where the customer is.</summary>
    public bool LacksTaxLocation { get; init; }
}

public enum DisputeState
{
    Open,
    Won,
    Lost,
}

/// <summary>The cardholder asks the bank for the money back.</summary>
/// <param name="AmountMinor">In minor units of the invoice's currency; taken from the operator's balance until the bank decides.</param>
public sealed record GatewayDispute(DisputeState State, long AmountMinor);

/// <param name="StripeInvoiceId">The invoice at Stripe.</param>
public sealed record DisputedInvoice(string StripeInvoiceId, GatewayDispute Dispute);

/// <summary>What an issued invoice was corrected by.</summary>
/// <param name="Refunds">Also those that no credit note stands for; null to a restricted key that may not read them.</param>
public sealed record GatewayCorrections(IReadOnlyList<GatewayCreditNote> Notes, IReadOnlyList<GatewayRefund>? Refunds);

/// <summary>A credit note to issue.</summary>
/// <param name="AmountMinor">Of all lines.</param>
/// <param name="Lines">By our line ids; empty for an amount of the invoice as a whole.</param>
/// <param name="Reason">It stands on the document.</param>
public sealed record CreditNoteRequest(
    CreditNoteId Id,
    string StripeInvoiceId,
    long AmountMinor,
    IReadOnlyList<CreditNotePart> Lines,
    CreditNoteWay Way,
    string Reason
)
{
    /// <summary>
    /// One with tax is an amount of the whole: Stripe takes the tax out of it in proportion, to the cent as <see cref="TaxMath.OfPart"/>.
    /// </summary>
    public static CreditNoteRequest Of(CreditNote note, string stripeInvoiceId) =>
        new(
            note.Id,
            stripeInvoiceId,
            note.AmountMinor,
            [
                .. note
                    .Lines.Where(line => line.InvoiceLine is not null && note.TaxMinor == 0)
                    .Select(line => new CreditNotePart(line.InvoiceLine!.Value, line.AmountMinor)),
            ],
            note.Way,
            note.Reason
        );
}

/// <param name="OurId">Null for one that somebody issued in Stripe.</param>
/// <param name="OpenMinor">What made less what was open.</param>
/// <param name="RefundMinor">What goes to the card.</param>
/// <param name="OutsideMinor">What is given back outside Stripe.</param>
/// <param name="BalanceMinor">What went into the customer's balance at Stripe.</param>
/// <param name="RefundIds">Of the refunds that it stands for.</param>
/// <param name="TaxMinor">Of the total; null where Stripe does not say.</param>
public sealed record GatewayCreditNote(
    string Id,
    Guid? OurId,
    string Number,
    bool IsVoid,
    long TotalMinor,
    long OpenMinor,
    long RefundMinor,
    long OutsideMinor,
    long BalanceMinor,
    RefundState RefundState,
    IReadOnlyList<string> RefundIds,
    string? Memo,
    IReadOnlyList<GatewayCreditNoteLine> Lines,
    string? PdfUrl,
    DateTimeOffset CreatedAt,
    long? TaxMinor = null
);

/// <param name="InvoiceLine">By our line id; null for an amount.</param>
public sealed record GatewayCreditNoteLine(Guid? InvoiceLine, string Description, long AmountMinor);

public sealed record GatewayRefund(string Id, long AmountMinor, RefundState State, DateTimeOffset CreatedAt);

/// <param name="StripeInvoiceId">Null for a refund, which names a payment: <see cref="IPaymentGateway.FindInvoiceAsync"/> knows it.</param>
/// <param name="Refund">Null for a credit note.</param>
public sealed record SeenCorrection(string Id, string? StripeInvoiceId, bool IsVoid, GatewayRefund? Refund, DateTimeOffset CreatedAt);

/// <summary>A tax ID as Stripe has it.</summary>
public sealed record GatewayTaxId(string Id, TaxIdVerification Verification, string? VerifiedName);

/// <summary>A card on file, masked.</summary>
public sealed record PaymentMethod(string Id, string Brand, string Last4, int ExpiresMonth, int ExpiresYear, bool IsDefault);

/// <summary>A verified webhook event.</summary>
/// <param name="ObjectId">What it is about, for example an invoice's id.</param>
/// <param name="CustomerId">Whose, where it says.</param>
public sealed record GatewayEvent(string Id, string Type, string? ObjectId, string? CustomerId, DateTimeOffset CreatedAt);
