using Portal.Domain.Billing;
using Portal.Domain.Common;
using Stripe;
using StripeTaxId = Stripe.TaxId;
using TaxIdVerification = Portal.Domain.Billing.TaxIdVerification;

namespace Portal.Adapters.StripeBilling;

/// <summary>Tax IDs of customers. Stripe has no metadata on them: type and value are what they are found by.</summary>
public sealed class StripeTaxIds(StripeClient client, StripeCustomers customers)
{
    public Task<Outcome<GatewayTaxId>> EnsureAsync(string customerId, string type, string value, CancellationToken cancellationToken) =>
        OfCustomerAsync(
            customerId,
            async () =>
            {
                var found = await StripeOnce.EnsureAsync(
                    $"tax-id:{customerId}:{type}:{value}",
                    () => FindAsync(customerId, type, value, cancellationToken),
                    request =>
                        client.V1.Customers.TaxIds.CreateAsync(
                            customerId,
                            new CustomerTaxIdCreateOptions { Type = type, Value = value },
                            request,
                            cancellationToken
                        )
                );
                return Outcome.Of(new GatewayTaxId(found.Id, StateOf(found.Verification?.Status), found.Verification?.VerifiedName));
            },
            cancellationToken
        );

    public Task<Outcome<Done>> RemoveAsync(string customerId, string type, string value, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                try
                {
                    if (await FindAsync(customerId, type, value, cancellationToken) is { } found)
                        await client.V1.Customers.TaxIds.DeleteAsync(customerId, found.Id, null, null, cancellationToken);
                }
                catch (StripeException refusal) when (StripeProblems.IsMissing(refusal))
                {
                    // It went with its customer, or somebody removed it a moment ago.
                }

                return Outcome.Done;
            },
            cancellationToken
        );

    /// <summary>How Stripe words that a customer was deleted differs by call: look instead.</summary>
    private Task<Outcome<GatewayTaxId>> OfCustomerAsync(
        string customerId,
        Func<Task<Outcome<GatewayTaxId>>> call,
        CancellationToken cancellationToken
    ) =>
        StripeProblems.TryAsync(
            async () =>
            {
                try
                {
                    return await call();
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

    private async Task<StripeTaxId?> FindAsync(string customerId, string type, string value, CancellationToken cancellationToken)
    {
        await foreach (
            var one in client.V1.Customers.TaxIds.ListAutoPagingAsync(
                customerId,
                new CustomerTaxIdListOptions { Limit = 100 },
                null,
                cancellationToken
            )
        )
        {
            if (one.Type == type && TaxIdFormats.Plain(one.Value ?? "") == value)
                return one;
        }

        return null;
    }

    private static TaxIdVerification StateOf(string? status) =>
        status switch
        {
            "verified" => TaxIdVerification.Verified,
            "unverified" => TaxIdVerification.Unverified,
            "pending" => TaxIdVerification.Pending,
            _ => TaxIdVerification.Unavailable,
        };
}
