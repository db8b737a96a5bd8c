using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Stripe;

namespace Portal.Adapters.StripeBilling;

/// <summary>
/// One customer per organization. Only <c>deleted: true</c> counts as deleted; one whom Stripe does not know at all is a
/// sign of a key of another account, where nothing must be made anew.
/// </summary>
public sealed class StripeCustomers(StripeClient client)
{
    public Task<Outcome<string>> EnsureAsync(GatewayCustomer customer, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                if (customer.KnownId is { } known && (await GetAsync(known, cancellationToken)).Deleted != true)
                    return (Outcome<string>)known;
                var ensured = await StripeOnce.EnsureAsync(
                    customer.KnownId is { } gone ? $"customer:{customer.Organization}:after:{gone}" : $"customer:{customer.Organization}",
                    () => FindAsync(customer.Organization, cancellationToken),
                    request => client.V1.Customers.CreateAsync(Options(customer), request, cancellationToken)
                );
                return (Outcome<string>)ensured.Id;
            },
            cancellationToken
        );

    /// <summary>The customer, <c>Deleted</c> or not.</summary>
    public Task<Customer> GetAsync(string id, CancellationToken cancellationToken) =>
        client.V1.Customers.GetAsync(id, null, null, cancellationToken);

    /// <summary>Lists instead of searching: Stripe's search lags a minute behind, its lists do not. They hold no deleted ones.</summary>
    private async Task<Customer?> FindAsync(OrganizationId organization, CancellationToken cancellationToken)
    {
        var options = new CustomerListOptions { Limit = 100, Created = StripeOnce.Since(organization.Value) };
        await foreach (var customer in client.V1.Customers.ListAutoPagingAsync(options, null, cancellationToken))
        {
            if (customer.Metadata.Names(StripeMetadata.Organization, organization.Value))
                return customer;
        }

        return null;
    }

    private static CustomerCreateOptions Options(GatewayCustomer customer)
    {
        var options = new CustomerCreateOptions
        {
            Name = customer.Name,
            Email = customer.Email,
            Description = $"Organization {customer.Slug}",
            Metadata = new Dictionary<string, string>
            {
                [StripeMetadata.Organization] = customer.Organization.ToString(),
                [StripeMetadata.Slug] = customer.Slug,
            },
        };
        if (customer.KnownId is { } gone)
            options.Metadata[StripeMetadata.Replaces] = gone;
        return options;
    }
}
