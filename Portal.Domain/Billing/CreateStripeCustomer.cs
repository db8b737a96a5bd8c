using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;

namespace Portal.Domain.Billing;

/// <summary>Makes an organisation's customer at Stripe, once: what a killed attempt made is found again by our id.</summary>
public sealed class CreateStripeCustomer(IPortalDatabase database, IAccountDirectory accounts, IPaymentGateway gateway, IKillPoints killPoints)
{
    public async Task<Outcome<Done>> RunAsync(OrganizationId id, CancellationToken cancellationToken)
    {
        var customer = await EnsureAsync(id, cancellationToken);
        return customer.Map(_ => default(Done));
    }

    /// <summary>The customer's id.</summary>
    internal async Task<Outcome<string>> EnsureAsync(OrganizationId id, CancellationToken cancellationToken)
    {
        var (organization, owner) = await database.ReadAsync(
            async session => (await session.Organizations.FindAsync(id, cancellationToken), await session.Organizations.FirstOwnerAsync(id, cancellationToken)), cancellationToken);
        if (organization is null) return new Problem.NotFound("organization-not-found", "There is no such organisation.");
        if (organization.StripeCustomerId is { } known) return known;
        var email = owner is { } account ? (await accounts.FindAsync(account, cancellationToken))?.Email : null;
        killPoints.Reached(KillPoint.CustomerBeforeStripe);
        var made = await gateway.EnsureCustomerAsync(id, organization.Slug, organization.Name, email, cancellationToken);
        if (!made.TryGet(out var customer, out var problem)) return problem;
        killPoints.Reached(KillPoint.CustomerAfterStripe);
        return await database.UpdateAsync(null, async session =>
        {
            var current = (await session.Organizations.FindAsync(id, cancellationToken))!;
            if (current.StripeCustomerId is null) current.SetStripeCustomer(customer);
            return current.StripeCustomerId!;
        }, cancellationToken);
    }
}
