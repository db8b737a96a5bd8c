using Portal.Domain.Access;
using Portal.Domain.Common;
using Stripe;
using Stripe.Checkout;
using Card = Portal.Domain.Billing.PaymentMethod;

namespace Portal.Adapters.StripeBilling;

/// <summary>Cards: Checkout takes them, the portal only ever sees what is masked.</summary>
public sealed class StripeCards(StripeClient client, StripeCustomers customers)
{
    public Task<Outcome<Uri>> StartCheckoutAsync(
        string customerId,
        OrganizationId organization,
        Uri returnUrl,
        CancellationToken cancellationToken
    ) =>
        StripeProblems.TryAsync(
            async () =>
            {
                // A session does nothing until its page is used, and one made twice harms nobody: no key of ours, for that
                // would hand out yesterday's session, which is over.
                try
                {
                    var session = await client.V1.Checkout.Sessions.CreateAsync(
                        CheckoutOptions(customerId, organization, returnUrl),
                        null,
                        cancellationToken
                    );
                    return (Outcome<Uri>)new Uri(session.Url);
                }
                catch (StripeException refusal) when (StripeProblems.IsRefusal(refusal))
                {
                    if ((await customers.GetAsync(customerId, cancellationToken)).Deleted == true)
                        return StripeProblems.CustomerGone;
                    throw;
                }
            },
            cancellationToken
        );

    public Task<Outcome<string?>> AdoptAsync(string customerId, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                var customer = await customers.GetAsync(customerId, cancellationToken);
                if (customer.Deleted == true)
                    return Outcome.Of<string?>(null);
                var present = DefaultOf(customer);
                var saved = await SavedByCheckoutAsync(customerId, cancellationToken);
                string? newest = null;
                await foreach (var method in AttachedAsync(customerId, cancellationToken))
                {
                    if (!saved.Contains(method.Id))
                        continue;
                    newest = method.Id;
                    break;
                }

                if (newest is null || newest == present)
                    return Outcome.Of(present);
                // Setting a value twice is harmless; a key of ours would swallow the same change wanted again within a day.
                await client.V1.Customers.UpdateAsync(
                    customerId,
                    new CustomerUpdateOptions { InvoiceSettings = new CustomerInvoiceSettingsOptions { DefaultPaymentMethod = newest } },
                    null,
                    cancellationToken
                );
                return Outcome.Of<string?>(newest);
            },
            cancellationToken
        );

    public Task<Outcome<IReadOnlyList<Card>>> ListAsync(string customerId, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                var customer = await customers.GetAsync(customerId, cancellationToken);
                if (customer.Deleted == true)
                    return Outcome.Of<IReadOnlyList<Card>>([]);
                var present = DefaultOf(customer);
                var cards = new List<Card>();
                await foreach (var method in AttachedAsync(customerId, cancellationToken))
                {
                    if (method.Card is { } card)
                        cards.Add(new Card(method.Id, card.Brand, card.Last4, (int)card.ExpMonth, (int)card.ExpYear, method.Id == present));
                }

                return Outcome.Of<IReadOnlyList<Card>>(cards);
            },
            cancellationToken
        );

    private static SessionCreateOptions CheckoutOptions(string customerId, OrganizationId organization, Uri returnUrl)
    {
        var metadata = new Dictionary<string, string> { [StripeMetadata.Organization] = organization.ToString() };
        return new SessionCreateOptions
        {
            Mode = "setup",
            Customer = customerId,
            AllowedPaymentMethodTypes = ["card"],
            SuccessUrl = returnUrl.AbsoluteUri,
            CancelUrl = returnUrl.AbsoluteUri,
            Metadata = metadata,
            SetupIntentData = new SessionSetupIntentDataOptions { Metadata = metadata },
        };
    }

    private async Task<HashSet<string>> SavedByCheckoutAsync(string customerId, CancellationToken cancellationToken)
    {
        var saved = new HashSet<string>(StringComparer.Ordinal);
        var options = new SessionListOptions
        {
            Customer = customerId,
            Status = "complete",
            Limit = 100,
        };
        options.AddExpand("data.setup_intent");
        await foreach (var session in client.V1.Checkout.Sessions.ListAutoPagingAsync(options, null, cancellationToken))
        {
            if (session.SetupIntent is { Status: "succeeded", PaymentMethodId: { } method })
                saved.Add(method);
        }

        return saved;
    }

    /// <summary>Newest first.</summary>
    private IAsyncEnumerable<PaymentMethod> AttachedAsync(string customerId, CancellationToken cancellationToken) =>
        client.V1.PaymentMethods.ListAutoPagingAsync(
            new PaymentMethodListOptions
            {
                Customer = customerId,
                Type = "card",
                Limit = 100,
            },
            null,
            cancellationToken
        );

    private static string? DefaultOf(Customer customer) => customer.InvoiceSettings?.DefaultPaymentMethodId;
}
