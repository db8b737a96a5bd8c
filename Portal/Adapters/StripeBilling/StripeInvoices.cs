using System.Globalization;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Stripe;
using PortalInvoice = Portal.Domain.Billing.Invoice;
using StripeInvoice = Stripe.Invoice;

namespace Portal.Adapters.StripeBilling;

/// <summary>Standalone invoices of integer items: amounts are ours, Stripe collects them.</summary>
public sealed class StripeInvoices(StripeClient client)
{
    /// <summary>The length up to which Stripe takes a number from its caller. A longer one is shown as a field of the invoice.</summary>
    private const int LongestNumber = 26;

    private const string SendInvoice = "send_invoice";

    public Task<Outcome<string>> EnsureDraftAsync(string customerId, PortalInvoice invoice, int daysUntilDue, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(async () =>
        {
            var draft = await StripeOnce.EnsureAsync(
                $"invoice:{invoice.Id}",
                () => FindAsync(customerId, invoice.Id, cancellationToken),
                request => client.V1.Invoices.CreateAsync(DraftOptions(customerId, invoice, daysUntilDue), request, cancellationToken));
            return (Outcome<string>)draft.Id;
        }, cancellationToken);

    public Task<Outcome<string>> EnsureItemAsync(string customerId, PortalInvoice invoice, GatewayLine line, CancellationToken cancellationToken)
    {
        var draft = invoice.StripeInvoiceId ?? throw new InvalidOperationException($"Invoice {invoice.Number} has no draft at Stripe yet.");
        return StripeProblems.TryAsync(async () =>
        {
            var item = await StripeOnce.EnsureAsync(
                $"invoice:{invoice.Id}:line:{line.LineId}",
                () => FindItemAsync(draft, line.LineId, cancellationToken),
                request => client.V1.InvoiceItems.CreateAsync(ItemOptions(customerId, draft, invoice, line), request, cancellationToken));
            return (Outcome<string>)item.Id;
        }, cancellationToken);
    }

    public Task<Outcome<GatewayInvoice>> ReadAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(async () => await WithLinesAsync(await GetAsync(stripeInvoiceId, cancellationToken), cancellationToken), cancellationToken);

    public Task<Outcome<GatewayInvoice>> FinalizeAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(async () =>
        {
            var invoice = await GetAsync(stripeInvoiceId, cancellationToken);
            if (invoice.Status == "draft")
            {
                // An invoice to be sent advances at once: Stripe mails it. A card is charged by PayAsync, not behind our back.
                var options = new InvoiceFinalizeOptions { AutoAdvance = invoice.CollectionMethod == SendInvoice };
                invoice = await client.V1.Invoices.FinalizeInvoiceAsync(stripeInvoiceId, options, Key($"finalize:{stripeInvoiceId}"), cancellationToken);
            }

            return await WithLinesAsync(invoice, cancellationToken);
        }, cancellationToken);

    public Task<Outcome<GatewayInvoice>> PayAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(async () =>
        {
            var invoice = await GetAsync(stripeInvoiceId, cancellationToken);
            if (invoice.Status == "paid")
                return await WithLinesAsync(invoice, cancellationToken);
            if (invoice.Status is not ("open" or "uncollectible"))
                return new Problem.Conflict("invoice-not-payable", $"Invoice {invoice.Number} is {invoice.Status} at Stripe and cannot be paid.");
            var customer = await client.V1.Customers.GetAsync(invoice.CustomerId, null, null, cancellationToken);
            if ((invoice.DefaultPaymentMethodId ?? customer.InvoiceSettings?.DefaultPaymentMethodId) is not { } card)
                return new Problem.PaymentRequired("card-missing", "There is no card on file. Add one on the billing page; the invoice is then charged again.");
            return await ChargeAsync(invoice, card, cancellationToken);
        }, cancellationToken);

    /// <summary>
    /// The key names this attempt: the same after a crash, another once Stripe has counted the attempt or the card has
    /// changed, for a key would otherwise repeat yesterday's refusal.
    /// </summary>
    private async Task<Outcome<GatewayInvoice>> ChargeAsync(StripeInvoice invoice, string card, CancellationToken cancellationToken)
    {
        var attempt = string.Create(CultureInfo.InvariantCulture, $"pay:{invoice.Id}:{invoice.AttemptCount}:{card}");
        try
        {
            var paid = await client.V1.Invoices.PayAsync(invoice.Id, new InvoicePayOptions { OffSession = true }, Key(attempt), cancellationToken);
            return await WithLinesAsync(paid, cancellationToken);
        }
        catch (StripeException refusal) when (StripeProblems.MayHaveActed(refusal))
        {
            var now = await GetAsync(invoice.Id, cancellationToken);
            if (now.Status != "paid")
                throw;
            return await WithLinesAsync(now, cancellationToken);
        }
        catch (StripeException refusal) when (refusal.HttpStatusCode == System.Net.HttpStatusCode.PaymentRequired && !invoice.AutoAdvance)
        {
            // From here on Stripe reminds the customer and tries again by its own schedule.
            await client.V1.Invoices.UpdateAsync(
                invoice.Id, new InvoiceUpdateOptions { AutoAdvance = true }, Key($"advance:{invoice.Id}"), cancellationToken);
            throw;
        }
    }

    private Task<StripeInvoice> GetAsync(string id, CancellationToken cancellationToken) =>
        client.V1.Invoices.GetAsync(id, null, null, cancellationToken);

    private async Task<StripeInvoice?> FindAsync(string customerId, InvoiceId id, CancellationToken cancellationToken)
    {
        var options = new InvoiceListOptions { Customer = customerId, Created = StripeOnce.Since(id.Value), Limit = 100 };
        await foreach (var invoice in client.V1.Invoices.ListAutoPagingAsync(options, null, cancellationToken))
        {
            if (invoice.Metadata.Names(StripeMetadata.Invoice, id.Value))
                return invoice;
        }

        return null;
    }

    private async Task<InvoiceItem?> FindItemAsync(string draft, Guid line, CancellationToken cancellationToken)
    {
        var options = new InvoiceItemListOptions { Invoice = draft, Limit = 100 };
        await foreach (var item in client.V1.InvoiceItems.ListAutoPagingAsync(options, null, cancellationToken))
        {
            if (item.Metadata.Names(StripeMetadata.Line, line))
                return item;
        }

        return null;
    }

    private async Task<Outcome<GatewayInvoice>> WithLinesAsync(StripeInvoice invoice, CancellationToken cancellationToken)
    {
        var lines = invoice.Lines?.Data ?? [];
        if (invoice.Lines?.HasMore == true)
            lines = await client.V1.Invoices.LineItems.ListAutoPagingAsync(invoice.Id, new InvoiceLineItemListOptions { Limit = 100 }, null, cancellationToken).ToListAsync(cancellationToken);
        return StripeInvoiceReading.ToGateway(invoice, lines);
    }

    private static InvoiceCreateOptions DraftOptions(string customerId, PortalInvoice invoice, int daysUntilDue)
    {
        var fits = invoice.Number.Length <= LongestNumber;
        var byInvoice = invoice.PayBy == PayBy.Invoice;
        return new InvoiceCreateOptions
        {
            Customer = customerId,
            Number = fits ? invoice.Number : null,
            CustomFields = fits ? null : [new InvoiceCustomFieldOptions { Name = "Invoice", Value = invoice.Number }],
            Currency = invoice.CurrencyCode,
            AutoAdvance = false,
            PendingInvoiceItemsBehavior = "exclude",
            CollectionMethod = byInvoice ? SendInvoice : "charge_automatically",
            DaysUntilDue = byInvoice ? daysUntilDue : null,
            Description = string.Create(CultureInfo.InvariantCulture, $"Usage from {invoice.From:yyyy-MM-dd HH:mm} to {invoice.To:yyyy-MM-dd HH:mm} UTC"),
            Metadata = new Dictionary<string, string>
            {
                [StripeMetadata.Organization] = invoice.OrganizationId.ToString(),
                [StripeMetadata.Invoice] = invoice.Id.ToString(),
                [StripeMetadata.InvoiceNumber] = invoice.Number,
            },
        };
    }

    private static InvoiceItemCreateOptions ItemOptions(string customerId, string draft, PortalInvoice invoice, GatewayLine line) => new()
    {
        Customer = customerId,
        Invoice = draft,
        Amount = line.AmountMinor,
        Currency = invoice.CurrencyCode,
        Description = line.Description,
        Discountable = false,
        Period = new InvoiceItemPeriodOptions { Start = line.From.UtcDateTime, End = line.To.UtcDateTime },
        Metadata = new Dictionary<string, string>
        {
            [StripeMetadata.Invoice] = invoice.Id.ToString(),
            [StripeMetadata.Line] = line.LineId.ToString(),
        },
    };

    private static RequestOptions Key(string key) => new() { IdempotencyKey = key };
}
