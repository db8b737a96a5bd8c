using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Adapters.StripeBilling;

/// <summary>Stripe, or LocalStripe in its place, behind the domain's port.</summary>
public sealed class StripeGateway(
    StripeCustomers customers,
    StripeCards cards,
    StripeDrafts drafts,
    StripeInvoices invoices,
    StripeDisputes disputes,
    StripeCreditNotes creditNotes,
    StripeRefunds refunds,
    StripeTaxIds taxIds,
    StripeTaxes taxes,
    StripeWebhooks webhooks
) : IPaymentGateway
{
    public Task<Outcome<string>> EnsureCustomerAsync(GatewayCustomer customer, CancellationToken cancellationToken) =>
        customers.EnsureAsync(customer, cancellationToken);

    public Task<Outcome<Uri>> StartCheckoutAsync(
        string customerId,
        OrganizationId organization,
        Uri returnUrl,
        CancellationToken cancellationToken
    ) => cards.StartCheckoutAsync(customerId, organization, returnUrl, cancellationToken);

    public Task<Outcome<string?>> AdoptCardAsync(string customerId, CancellationToken cancellationToken) =>
        cards.AdoptAsync(customerId, cancellationToken);

    public Task<Outcome<IReadOnlyList<PaymentMethod>>> ListCardsAsync(string customerId, CancellationToken cancellationToken) =>
        cards.ListAsync(customerId, cancellationToken);

    public Task<Outcome<string>> EnsureDraftAsync(string customerId, InvoiceDraft invoice, CancellationToken cancellationToken) =>
        drafts.EnsureDraftAsync(customerId, invoice, cancellationToken);

    public Task<Outcome<string>> EnsureItemAsync(
        string customerId,
        string stripeInvoiceId,
        InvoiceDraft invoice,
        GatewayLine line,
        CancellationToken cancellationToken
    ) => drafts.EnsureItemAsync(customerId, stripeInvoiceId, invoice, line, cancellationToken);

    public Task<Outcome<Done>> SetTaxDetailsAsync(string customerId, GatewayTaxDetails details, CancellationToken cancellationToken) =>
        taxes.SetDetailsAsync(customerId, details, cancellationToken);

    public Task<Outcome<string>> EnsureTaxRateAsync(GatewayTaxRate rate, string? knownId, CancellationToken cancellationToken) =>
        taxes.EnsureRateAsync(rate, knownId, cancellationToken);

    public Task<Outcome<Done>> SetStripeTaxAsync(string stripeInvoiceId, bool isOn, CancellationToken cancellationToken) =>
        taxes.SetStripeTaxAsync(stripeInvoiceId, isOn, cancellationToken);

    public Task<Outcome<Done>> EnsureBalanceAsync(
        string customerId,
        InvoiceDraft invoice,
        long amountMinor,
        CancellationToken cancellationToken
    ) => taxes.EnsureBalanceAsync(customerId, invoice, amountMinor, cancellationToken);

    public Task<Outcome<GatewayInvoice>> ReadInvoiceAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        invoices.ReadAsync(stripeInvoiceId, cancellationToken);

    public Task<Outcome<GatewayInvoice>> FinalizeAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        invoices.FinalizeAsync(stripeInvoiceId, cancellationToken);

    public Task<Outcome<GatewayInvoice>> PayAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        invoices.PayAsync(stripeInvoiceId, cancellationToken);

    public Task<Outcome<string?>> FindInvoiceAsync(string type, string objectId, CancellationToken cancellationToken) =>
        disputes.FindInvoiceAsync(type, objectId, cancellationToken);

    public Task<Outcome<IReadOnlyList<DisputedInvoice>>> ListDisputedAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        disputes.ListAsync(since, cancellationToken);

    public Task<Outcome<GatewayCreditNote>> EnsureCreditNoteAsync(CreditNoteRequest note, CancellationToken cancellationToken) =>
        creditNotes.EnsureAsync(note, cancellationToken);

    public Task<Outcome<IReadOnlyList<SeenCorrection>>> ListCorrectionsAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
                Outcome.Of<IReadOnlyList<SeenCorrection>>([
                    .. await creditNotes.SinceAsync(since, cancellationToken),
                    .. await refunds.SinceAsync(since, cancellationToken),
                ]),
            cancellationToken
        );

    public Task<Outcome<GatewayTaxId>> EnsureTaxIdAsync(
        string customerId,
        string type,
        string value,
        CancellationToken cancellationToken
    ) => taxIds.EnsureAsync(customerId, type, value, cancellationToken);

    public Task<Outcome<Done>> RemoveTaxIdAsync(string customerId, string type, string value, CancellationToken cancellationToken) =>
        taxIds.RemoveAsync(customerId, type, value, cancellationToken);

    public Outcome<GatewayEvent> ReadEvent(string body, string signatureHeader) => webhooks.Read(body, signatureHeader);
}
