using System.Globalization;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Stripe;
using StripeInvoice = Stripe.Invoice;
using StripeTaxRate = Stripe.TaxRate;

namespace Portal.Adapters.StripeBilling;

/// <summary>
/// Taxes at Stripe: what it knows of a customer, rates that are made once, and Stripe Tax on a draft. A rate's percentage
/// cannot be changed there, so one that changes is another rate.
/// </summary>
public sealed class StripeTaxes(StripeClient client, StripeCustomers customers)
{
    public Task<Outcome<Done>> SetDetailsAsync(string customerId, GatewayTaxDetails details, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                try
                {
                    var options = new CustomerUpdateOptions
                    {
                        TaxExempt = details.Exemption switch
                        {
                            TaxExemption.Exempt => "exempt",
                            TaxExemption.Reverse => "reverse",
                            _ => "none",
                        },
                    };
                    if (details.Address is { } address)
                    {
                        // Stripe keeps the parts that it is not given; one that is empty here is empty there.
                        options.Address = new AddressOptions
                        {
                            Line1 = address.Line1 ?? "",
                            Line2 = address.Line2 ?? "",
                            City = address.City ?? "",
                            PostalCode = address.PostalCode ?? "",
                            State = address.State ?? "",
                            Country = address.Country,
                        };
                    }

                    await client.V1.Customers.UpdateAsync(customerId, options, null, cancellationToken);
                    return Outcome.Done;
                }
                catch (StripeException refusal) when (StripeProblems.IsRefusal(refusal))
                {
                    if ((await customers.GetAsync(customerId, cancellationToken)).Deleted == true)
                        return Outcome.Refused<Done>(StripeProblems.CustomerGone);
                    throw;
                }
            },
            cancellationToken
        );

    public Task<Outcome<string>> EnsureRateAsync(GatewayTaxRate rate, string? knownId, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                if (knownId is not null && await FindAsync(knownId, cancellationToken) is { Active: true })
                    return Outcome.Of(knownId);
                // One that was archived there, or that another account has, is made anew under a key of its own.
                var made = await StripeOnce.EnsureAsync(
                    knownId is null ? $"tax-rate:{rate.Key}" : $"tax-rate:{rate.Key}:after:{knownId}",
                    () => FindByKeyAsync(rate.Key, cancellationToken),
                    request => client.V1.TaxRates.CreateAsync(Options(rate), request, cancellationToken)
                );
                return Outcome.Of(made.Id);
            },
            cancellationToken
        );

    /// <summary>An update is what makes Stripe Tax work a draft out anew.</summary>
    public Task<Outcome<Done>> SetStripeTaxAsync(string stripeInvoiceId, bool isOn, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                try
                {
                    await client.V1.Invoices.UpdateAsync(
                        stripeInvoiceId,
                        new InvoiceUpdateOptions { AutomaticTax = new InvoiceAutomaticTaxOptions { Enabled = isOn } },
                        null,
                        cancellationToken
                    );
                    return Outcome.Done;
                }
                catch (StripeException refusal) when (StripeProblems.IsMissing(refusal))
                {
                    return Outcome.Refused<Done>(StripeProblems.DraftGone);
                }
            },
            cancellationToken
        );

    /// <summary>
    /// The balance is below zero where the customer has something: what credits pay is taken from it when the draft is finalized.
    /// </summary>
    public Task<Outcome<Done>> EnsureBalanceAsync(
        string customerId,
        InvoiceDraft invoice,
        long amountMinor,
        CancellationToken cancellationToken
    ) =>
        StripeProblems.TryAsync(
            async () =>
            {
                await StripeOnce.EnsureAsync(
                    $"balance:{invoice.Id}",
                    () => FindBalanceAsync(customerId, invoice, cancellationToken),
                    request =>
                        client.V1.Customers.BalanceTransactions.CreateAsync(
                            customerId,
                            new CustomerBalanceTransactionCreateOptions
                            {
                                Amount = -amountMinor,
                                Currency = invoice.CurrencyCode,
                                Description = $"Credit used for invoice {invoice.Number}",
                                Metadata = new Dictionary<string, string> { [StripeMetadata.Invoice] = invoice.Id.ToString() },
                            },
                            request,
                            cancellationToken
                        )
                );
                return Outcome.Done;
            },
            cancellationToken
        );

    /// <summary>The invoice's taxes; their names and percentages are asked for where Stripe made the rates itself.</summary>
    public async Task<IReadOnlyList<GatewayTax>> OfAsync(StripeInvoice invoice, CancellationToken cancellationToken)
    {
        var taxes = new List<GatewayTax>();
        foreach (var tax in invoice.TotalTaxes ?? [])
        {
            var id = tax.TaxRateDetails?.TaxRateId;
            var read = new GatewayTax(id, tax.Amount, tax.TaxableAmount ?? 0, tax.TaxBehavior == "inclusive", tax.TaxabilityReason);
            if (invoice.AutomaticTax?.Enabled == true && id is not null && await FindAsync(id, cancellationToken) is { } rate)
            {
                read = read with
                {
                    Name = rate.DisplayName,
                    Country = rate.Country,
                    State = rate.State is { Length: > 0 } state ? state : null,
                    Percent = rate.EffectivePercentage ?? rate.Percentage,
                };
            }

            taxes.Add(read);
        }

        return taxes;
    }

    private async Task<StripeTaxRate?> FindAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return await client.V1.TaxRates.GetAsync(id, null, null, cancellationToken);
        }
        catch (StripeException refusal) when (StripeProblems.IsMissing(refusal))
        {
            return null;
        }
    }

    private async Task<StripeTaxRate?> FindByKeyAsync(string key, CancellationToken cancellationToken)
    {
        await foreach (
            var rate in client.V1.TaxRates.ListAutoPagingAsync(
                new TaxRateListOptions { Active = true, Limit = 100 },
                null,
                cancellationToken
            )
        )
        {
            if (rate.Metadata is { } metadata && metadata.TryGetValue(StripeMetadata.TaxRate, out var of) && of == key)
                return rate;
        }

        return null;
    }

    private async Task<CustomerBalanceTransaction?> FindBalanceAsync(
        string customerId,
        InvoiceDraft invoice,
        CancellationToken cancellationToken
    )
    {
        var options = new CustomerBalanceTransactionListOptions { Limit = 100 };
        await foreach (var one in client.V1.Customers.BalanceTransactions.ListAutoPagingAsync(customerId, options, null, cancellationToken))
        {
            if (one.Metadata.Names(StripeMetadata.Invoice, invoice.Id.Value))
                return one;
        }

        return null;
    }

    private static TaxRateCreateOptions Options(GatewayTaxRate rate) =>
        new()
        {
            DisplayName = rate.Name,
            Percentage = rate.Percent,
            Inclusive = rate.IsInclusive,
            Country = rate.Country,
            State = rate.State,
            Jurisdiction =
                rate.Country is null ? null
                : rate.State is null ? rate.Country
                : $"{rate.Country}-{rate.State}",
            Description = string.Create(CultureInfo.InvariantCulture, $"{rate.Name} {rate.Percent:0.####}% of Portal"),
            Metadata = new Dictionary<string, string> { [StripeMetadata.TaxRate] = rate.Key },
        };
}
