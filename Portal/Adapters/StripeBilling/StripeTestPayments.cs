using Microsoft.Extensions.Options;
using Portal.Domain.Common;
using Portal.Domain.Sample;
using Stripe;

namespace Portal.Adapters.StripeBilling;

/// <summary>Stripe's published test cards (docs.stripe.com/testing), at a test account or at LocalStripe.</summary>
public sealed class StripeTestPayments(StripeClient client, StripeCustomers customers, IOptions<StripeOptions> options) : ITestPayments
{
    private static readonly Problem Live = new Problem.Conflict(
        "stripe-live",
        "Test cards work with a Stripe test key only. This is a live key."
    );

    public bool IsLive => options.Value.IsLive;

    public Task<Outcome<Done>> UseCardAsync(string customerId, TestCard card, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                if (IsLive)
                    return Live;
                var (token, last4) = card switch
                {
                    TestCard.Pays => ("pm_card_visa", "4242"),
                    TestCard.Declines => ("pm_card_chargeCustomerFail", "0341"),
                };
                var customer = await customers.GetAsync(customerId, cancellationToken);
                if (customer.Deleted == true)
                    return StripeProblems.CustomerGone;
                var attached = await client
                    .V1.PaymentMethods.ListAutoPagingAsync(
                        new PaymentMethodListOptions
                        {
                            Customer = customerId,
                            Type = "card",
                            Limit = 100,
                        },
                        null,
                        cancellationToken
                    )
                    .ToListAsync(cancellationToken);
                var wanted =
                    attached.FirstOrDefault(method => method.Card?.Last4 == last4)
                    ?? await client.V1.PaymentMethods.AttachAsync(
                        token,
                        new PaymentMethodAttachOptions { Customer = customerId },
                        null,
                        cancellationToken
                    );
                // Setting a value twice is harmless.
                await client.V1.Customers.UpdateAsync(
                    customerId,
                    new CustomerUpdateOptions { InvoiceSettings = new CustomerInvoiceSettingsOptions { DefaultPaymentMethod = wanted.Id } },
                    null,
                    cancellationToken
                );
                // One card on the page, as with most customers.
                foreach (var other in attached.Where(method => method.Id != wanted.Id))
                    await client.V1.PaymentMethods.DetachAsync(other.Id, null, null, cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );

    public Task<Outcome<Done>> DeleteCustomerAsync(string customerId, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                if (IsLive)
                    return Outcome.Done;
                try
                {
                    // What is open would stay open for ever under a customer who is gone.
                    await foreach (
                        var open in client.V1.Invoices.ListAutoPagingAsync(
                            new InvoiceListOptions
                            {
                                Customer = customerId,
                                Status = "open",
                                Limit = 100,
                            },
                            null,
                            cancellationToken
                        )
                    )
                        await client.V1.Invoices.VoidInvoiceAsync(open.Id, null, null, cancellationToken);
                    await client.V1.Customers.DeleteAsync(customerId, null, null, cancellationToken);
                }
                catch (StripeException missing) when (StripeProblems.IsMissing(missing))
                {
                    // Deleted before, or the key is of another account by now: there is nothing to delete.
                }
                return Outcome.Done;
            },
            cancellationToken
        );
}
