using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>Webhook events, kept by their id so that each counts once.</summary>
public interface IPaymentEventStore
{
    /// <summary>False when the event is known already.</summary>
    Task<bool> AddAsync(GatewayEvent happened, string body, CancellationToken cancellationToken);

    /// <summary>Removes events received before the instant, at most so many. How many went.</summary>
    Task<int> CutAsync(DateTimeOffset receivedBefore, int atMost, CancellationToken cancellationToken);
}

/// <summary>
/// Takes a webhook of Stripe: verified, then kept once by its id with the work that looks into it, so that Stripe has
/// its answer at once.
/// </summary>
public sealed class ReceivePaymentEvent(IPaymentGateway gateway, IPortalDatabase database, TimeProvider clock)
{
    /// <summary>True when the event was new.</summary>
    public async Task<Outcome<bool>> RunAsync(string body, string signature, CancellationToken cancellationToken)
    {
        if (!gateway.ReadEvent(body, signature).TryGet(out var happened, out var forged))
            return forged;
        return await database.UpdateAsync(
            null,
            async session =>
            {
                if (!await session.PaymentEvents.AddAsync(happened, body, cancellationToken))
                    return false;
                if (HandlePaymentEvent.Concerns(happened))
                {
                    var organization = happened.CustomerId is { } customer
                        ? await session.Organizations.FindByStripeCustomerAsync(customer, cancellationToken)
                        : null;
                    var look = new PaymentEventWork(happened.Id, happened.Type, happened.ObjectId, happened.CustomerId);
                    session.Work.Add(clock, look, look.Place(organization?.Id));
                }
                return true;
            },
            cancellationToken
        );
    }
}
