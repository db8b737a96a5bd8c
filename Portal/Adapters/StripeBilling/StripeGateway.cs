using Microsoft.Extensions.Options;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using PortalInvoice = Portal.Domain.Billing.Invoice;

namespace Portal.Adapters.StripeBilling;

/// <summary>Stripe, or LocalStripe in its place, behind the domain's port.</summary>
public sealed class StripeGateway(StripeCustomers customers, StripeCards cards, StripeInvoices invoices, StripeWebhooks webhooks, IOptions<StripeOptions> options)
    : IPaymentGateway
{
    public bool IsStandIn => options.Value.IsStandIn;

    public Task<Outcome<string>> EnsureCustomerAsync(OrganizationId organization, string slug, string name, string? email, CancellationToken cancellationToken) =>
        customers.EnsureAsync(organization, slug, name, email, cancellationToken);

    public Task<Outcome<Uri>> StartCheckoutAsync(string customerId, OrganizationId organization, Uri returnUrl, CancellationToken cancellationToken) =>
        cards.StartCheckoutAsync(customerId, organization, returnUrl, cancellationToken);

    public Task<Outcome<bool>> AdoptCardAsync(string customerId, CancellationToken cancellationToken) => cards.AdoptAsync(customerId, cancellationToken);

    public Task<Outcome<IReadOnlyList<PaymentMethod>>> ListCardsAsync(string customerId, CancellationToken cancellationToken) =>
        cards.ListAsync(customerId, cancellationToken);

    public Task<Outcome<string>> EnsureDraftAsync(string customerId, PortalInvoice invoice, int daysUntilDue, CancellationToken cancellationToken) =>
        invoices.EnsureDraftAsync(customerId, invoice, daysUntilDue, cancellationToken);

    public Task<Outcome<string>> EnsureItemAsync(string customerId, PortalInvoice invoice, GatewayLine line, CancellationToken cancellationToken) =>
        invoices.EnsureItemAsync(customerId, invoice, line, cancellationToken);

    public Task<Outcome<GatewayInvoice>> ReadInvoiceAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        invoices.ReadAsync(stripeInvoiceId, cancellationToken);

    public Task<Outcome<GatewayInvoice>> FinalizeAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        invoices.FinalizeAsync(stripeInvoiceId, cancellationToken);

    public Task<Outcome<GatewayInvoice>> PayAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        invoices.PayAsync(stripeInvoiceId, cancellationToken);

    public Outcome<GatewayEvent> ReadEvent(string body, string signatureHeader) => webhooks.Read(body, signatureHeader);
}
