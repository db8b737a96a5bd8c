using Portal.Domain.Organizations;
using Portal.Domain.Common;
using Stripe;

namespace Portal.Adapters.StripeBilling;

/// <summary>One customer per organisation.</summary>
public sealed class StripeCustomers(StripeClient client)
{
    public Task<Outcome<string>> EnsureAsync(OrganizationId organization, string slug, string name, string? email, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(async () =>
        {
            var customer = await StripeOnce.EnsureAsync(
                $"customer:{organization}",
                () => FindAsync(organization, cancellationToken),
                request => client.V1.Customers.CreateAsync(Options(organization, slug, name, email), request, cancellationToken));
            return (Outcome<string>)customer.Id;
        }, cancellationToken);

    /// <summary>Lists instead of searching: Stripe's search lags a minute behind, its lists do not.</summary>
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

    private static CustomerCreateOptions Options(OrganizationId organization, string slug, string name, string? email) => new()
    {
        Name = name,
        Email = email,
        Description = $"Organisation {slug}",
        Metadata = new Dictionary<string, string>
        {
            [StripeMetadata.Organization] = organization.ToString(),
            [StripeMetadata.Slug] = slug,
        },
    };
}
