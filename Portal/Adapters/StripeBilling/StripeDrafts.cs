using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Stripe;
using StripeInvoice = Stripe.Invoice;

namespace Portal.Adapters.StripeBilling;

/// <summary>Standalone drafts of integer items: amounts are ours, Stripe collects them.</summary>
public sealed class StripeDrafts(StripeClient client, StripeCustomers customers)
{
    /// <summary>The length up to which Stripe takes a number from its caller. A longer one is shown as a field of the invoice.</summary>
    private const int LongestNumber = 26;

    /// <summary>Eight digits.</summary>
    private const long MostMinor = 99_999_999;

    public Task<Outcome<string>> EnsureDraftAsync(string customerId, InvoiceDraft invoice, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                if (TooLarge(invoice) is { } problem)
                    return problem;
                if (await FindAsync(customerId, invoice.Id, cancellationToken) is { } found)
                    return await TakeAsync(found, cancellationToken) ? (Outcome<string>)found.Id : StripeProblems.CustomerGone;
                var customer = await customers.GetAsync(customerId, cancellationToken);
                if (customer.Deleted == true)
                    return StripeProblems.CustomerGone;
                // Made and perhaps issued in the name of the customer before, by an attempt that could not note it.
                if (
                    customer.Metadata?.GetValueOrDefault(StripeMetadata.Replaces) is { } former
                    && await FindAsync(former, invoice.Id, cancellationToken) is { } earlier
                    && await TakeAsync(earlier, cancellationToken)
                )
                {
                    return earlier.Id;
                }

                return (await CreateAsync(customerId, invoice, cancellationToken)).Id;
            },
            cancellationToken
        );

    public Task<Outcome<string>> EnsureItemAsync(
        string customerId,
        string draft,
        InvoiceDraft invoice,
        GatewayLine line,
        CancellationToken cancellationToken
    ) =>
        StripeProblems.TryAsync(
            async () =>
            {
                try
                {
                    var item = await StripeOnce.EnsureAsync(
                        $"invoice:{invoice.Id}:line:{line.LineId}:on:{draft}",
                        () => FindItemAsync(draft, line.LineId, cancellationToken),
                        request =>
                            client.V1.InvoiceItems.CreateAsync(ItemOptions(customerId, draft, invoice, line), request, cancellationToken)
                    );
                    return (Outcome<string>)item.Id;
                }
                catch (StripeException refusal) when (StripeProblems.IsRefusal(refusal))
                {
                    if (await GetAsync(draft, cancellationToken) is null)
                        return StripeProblems.DraftGone;
                    throw;
                }
            },
            cancellationToken
        );

    /// <summary>The invoice; null when it was deleted, or is a draft whose customer was: nobody can do anything with it any more.</summary>
    public async Task<StripeInvoice?> GetAsync(string id, CancellationToken cancellationToken)
    {
        var options = new InvoiceGetOptions();
        options.AddExpand("customer");
        options.AddExpand("payments.data.payment.payment_intent");
        try
        {
            var invoice = await client.V1.Invoices.GetAsync(id, options, null, cancellationToken);
            return invoice.Deleted == true || invoice.Status == "draft" && invoice.Customer?.Deleted == true ? null : invoice;
        }
        catch (StripeException refusal) when (StripeProblems.IsMissing(refusal))
        {
            return null;
        }
    }

    /// <summary>
    /// The amounts of one payment. The lines of a currency with three decimals are in tens already
    /// (<see cref="Money.Round"/>).
    /// </summary>
    private static Problem.Conflict? TooLarge(InvoiceDraft invoice)
    {
        if (invoice.TotalMinor <= MostMinor)
            return null;
        var most = Currency.TryParse(invoice.CurrencyCode, out var currency)
            ? MoneyFormat.Text(new Money(MostMinor, currency))
            : $"{MostMinor} {invoice.CurrencyCode}";
        return new Problem.Conflict(
            "invoice-too-large",
            $"This invoice is larger than {most}, the most that Stripe accepts in one payment. Bill it outside Stripe."
        );
    }

    private async Task<StripeInvoice> CreateAsync(string customerId, InvoiceDraft invoice, CancellationToken cancellationToken)
    {
        Task<StripeInvoice> MakeAsync(string key, InvoiceCreateOptions options) =>
            StripeOnce.ActAsync(
                $"invoice:{invoice.Id}:for:{customerId}{key}",
                () => FindAsync(customerId, invoice.Id, cancellationToken),
                request => client.V1.Invoices.CreateAsync(options, request, cancellationToken)
            );

        try
        {
            return await MakeAsync("", DraftOptions(customerId, invoice, invoice.Number.Length <= LongestNumber));
        }
        catch (StripeException refusal) when (refusal.StripeError?.Param == "number")
        {
            // A draft that a deleted customer left behind has it. The number is ours: then it stands in a field.
            return await MakeAsync(":unnumbered", DraftOptions(customerId, invoice, numbered: false));
        }
    }

    /// <summary>
    /// The invoice by our id, one that was issued before any draft, the oldest before a later one. A second draft can only
    /// be of a request that Stripe answered with an error and completed afterwards: it is removed.
    /// </summary>
    private async Task<StripeInvoice?> FindAsync(string customerId, InvoiceId id, CancellationToken cancellationToken)
    {
        var options = new InvoiceListOptions
        {
            Customer = customerId,
            Created = StripeOnce.Since(id.Value),
            Limit = 100,
        };
        options.AddExpand("data.customer");
        var found = new List<StripeInvoice>();
        try
        {
            await foreach (var invoice in client.V1.Invoices.ListAutoPagingAsync(options, null, cancellationToken))
            {
                if (invoice.Metadata.Names(StripeMetadata.Invoice, id.Value))
                    found.Insert(0, invoice);
            }
        }
        catch (StripeException refusal) when (StripeProblems.IsMissing(refusal))
        {
            // A customer who was deleted may have no list any more; one who never was is found out by reading it.
        }

        var first = found.Find(invoice => invoice.Status != "draft") ?? found.FirstOrDefault();
        foreach (var second in found.Where(invoice => invoice != first && invoice.Status == "draft"))
            await DiscardAsync(second.Id, cancellationToken);
        return first;
    }

    /// <summary>False when it is a draft that a deleted customer left behind; it is removed.</summary>
    private async Task<bool> TakeAsync(StripeInvoice found, CancellationToken cancellationToken)
    {
        if (found.Status != "draft" || found.Customer?.Deleted != true)
            return true;
        await DiscardAsync(found.Id, cancellationToken);
        return false;
    }

    private async Task DiscardAsync(string draft, CancellationToken cancellationToken)
    {
        try
        {
            await client.V1.Invoices.DeleteAsync(draft, null, null, cancellationToken);
        }
        catch (StripeException refusal) when (StripeProblems.IsRefusal(refusal))
        {
            // Gone already, or Stripe will not: nobody is charged by a draft that does not advance.
        }
    }

    /// <summary>The oldest item of the line; as with drafts, a second one is removed, for it would be charged.</summary>
    private async Task<InvoiceItem?> FindItemAsync(string draft, Guid line, CancellationToken cancellationToken)
    {
        var options = new InvoiceItemListOptions { Invoice = draft, Limit = 100 };
        var found = new List<InvoiceItem>();
        await foreach (var item in client.V1.InvoiceItems.ListAutoPagingAsync(options, null, cancellationToken))
        {
            if (item.Metadata.Names(StripeMetadata.Line, line))
                found.Insert(0, item);
        }

        foreach (var second in found.Skip(1))
            await client.V1.InvoiceItems.DeleteAsync(second.Id, null, null, cancellationToken);
        return found.FirstOrDefault();
    }

    private static InvoiceCreateOptions DraftOptions(string customerId, InvoiceDraft invoice, bool numbered)
    {
        var byInvoice = invoice.PayBy == PayBy.Invoice;
        return new InvoiceCreateOptions
        {
            Customer = customerId,
            Number = numbered ? invoice.Number : null,
            CustomFields = numbered ? null : [new InvoiceCustomFieldOptions { Name = "Invoice", Value = invoice.Number }],
            Currency = invoice.CurrencyCode,
            AutoAdvance = false,
            AutomaticTax = invoice.StripeTax ? new InvoiceAutomaticTaxOptions { Enabled = true } : null,
            PendingInvoiceItemsBehavior = "exclude",
            CollectionMethod = byInvoice ? "send_invoice" : "charge_automatically",
            DaysUntilDue = byInvoice ? invoice.DaysUntilDue : null,
            Description = string.Create(
                CultureInfo.InvariantCulture,
                $"Usage from {invoice.From:yyyy-MM-dd HH:mm} to {invoice.To:yyyy-MM-dd HH:mm} UTC"
            ),
            Metadata = new Dictionary<string, string>
            {
                [StripeMetadata.Organization] = invoice.OrganizationId.ToString(),
                [StripeMetadata.Invoice] = invoice.Id.ToString(),
                [StripeMetadata.InvoiceNumber] = invoice.Number,
            },
        };
    }

    private static InvoiceItemCreateOptions ItemOptions(string customerId, string draft, InvoiceDraft invoice, GatewayLine line) =>
        new()
        {
            Customer = customerId,
            Invoice = draft,
            Amount = line.AmountMinor,
            Currency = invoice.CurrencyCode,
            Description = line.Description,
            Discountable = false,
            TaxRates = line.TaxRates is { Count: > 0 } rates ? [.. rates] : null,
            TaxBehavior = invoice.StripeTax ? "exclusive" : null,
            Period = new InvoiceItemPeriodOptions { Start = line.From.UtcDateTime, End = line.To.UtcDateTime },
            Metadata = new Dictionary<string, string>
            {
                [StripeMetadata.Invoice] = invoice.Id.ToString(),
                [StripeMetadata.Line] = line.LineId.ToString(),
            },
        };
}
