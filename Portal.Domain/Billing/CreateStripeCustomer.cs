using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>
/// Makes an organization's customer at Stripe, once: what a killed attempt made is found again by our id. A customer who is
/// deleted at Stripe is replaced when that is noticed, by <see cref="WithAsync"/> or <see cref="ReplaceAsync"/>; the plan
/// goes on and waits for a card again.
/// </summary>
public sealed class CreateStripeCustomer(
    IPortalDatabase database,
    IAccountDirectory accounts,
    IPaymentGateway gateway,
    IKillPoints killPoints,
    TimeProvider clock
)
{
    public async Task<Outcome<Done>> RunAsync(OrganizationId id, CancellationToken cancellationToken)
    {
        var customer = await EnsureAsync(id, cancellationToken);
        return customer.Map(_ => default(Done));
    }

    /// <summary>The customer's id; the one noted is not checked at Stripe.</summary>
    internal Task<Outcome<string>> EnsureAsync(OrganizationId id, CancellationToken cancellationToken) =>
        EnsureAsync(id, gone: null, cancellationToken);

    /// <summary>
    /// Makes a call with the organization's customer. When it answers <see cref="GatewayProblems.CustomerGone"/>, another
    /// customer takes the place of the deleted one and the call is made once more.
    /// </summary>
    internal async Task<Outcome<T>> WithAsync<T>(
        OrganizationId id,
        Func<string, Task<Outcome<T>>> call,
        CancellationToken cancellationToken
    )
    {
        var customer = await EnsureAsync(id, gone: null, cancellationToken);
        if (!customer.TryGet(out var customerId, out var problem))
            return problem;
        var outcome = await call(customerId);
        if (outcome.Problem?.Code != GatewayProblems.CustomerGone)
            return outcome;
        customer = await EnsureAsync(id, gone: customerId, cancellationToken);
        return customer.TryGet(out customerId, out problem) ? await call(customerId) : problem;
    }

    /// <summary>Stripe tells that it deleted a customer. One that is not ours, or not any more, is no news.</summary>
    public async Task<Outcome<Done>> ReplaceAsync(string gone, CancellationToken cancellationToken)
    {
        var organization = await database.ReadAsync(
            session => session.Organizations.FindByStripeCustomerAsync(gone, cancellationToken),
            cancellationToken
        );
        if (organization is null)
            return Outcome.Done;
        return (await EnsureAsync(organization.Id, gone, cancellationToken)).Map(_ => default(Done));
    }

    /// <param name="gone">The customer who was deleted; one noted since by somebody else is taken as it is.</param>
    private async Task<Outcome<string>> EnsureAsync(OrganizationId id, string? gone, CancellationToken cancellationToken)
    {
        var (organization, owner) = await database.ReadAsync(
            async session =>
                (
                    await session.Organizations.FindAsync(id, cancellationToken),
                    await session.Organizations.FirstOwnerAsync(id, cancellationToken)
                ),
            cancellationToken
        );
        if (organization is null)
            return new Problem.NotFound("organization-not-found", "This organization does not exist.");
        var known = organization.StripeCustomerId;
        if (known is not null && known != gone)
            return known;
        var email = owner is { } account ? (await accounts.FindAsync(account, cancellationToken))?.Email : null;
        killPoints.Reached(KillPoint.CustomerBeforeStripe);
        var made = await gateway.EnsureCustomerAsync(
            new GatewayCustomer(id, organization.Slug, organization.Name, email, known),
            cancellationToken
        );
        if (!made.TryGet(out var customer, out var problem))
            return problem;
        killPoints.Reached(KillPoint.CustomerAfterStripe);
        return await database.UpdateAsync(
            null,
            async session =>
            {
                var current = (await session.Organizations.FindAsync(id, cancellationToken))!;
                if (current.StripeCustomerId is { } noted && noted != gone)
                    return noted;
                current.SetStripeCustomer(customer);
                // The card went with the customer.
                if (customer != gone && gone is not null && current.PayBy == PayBy.Card && current.Plan.IsCharged())
                    current.AwaitCardFor(current.Plan);
                if (customer != gone && gone is not null)
                    await SendTaxIdsAsync(session, id, cancellationToken);
                return customer;
            },
            cancellationToken
        );
    }

    /// <summary>They went with the customer, too.</summary>
    private async Task SendTaxIdsAsync(IPortalSession session, OrganizationId id, CancellationToken cancellationToken)
    {
        foreach (var taxId in await session.TaxIds.OfAsync(id, cancellationToken))
        {
            if (taxId.State != TaxIdState.Ready)
                continue;
            taxId.SendAgain();
            session.Work.Add(clock, new SendTaxIdWork(taxId.Id), SendTaxIdWork.Place(taxId));
        }
    }
}
