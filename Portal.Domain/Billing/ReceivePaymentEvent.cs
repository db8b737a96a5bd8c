using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>
/// Takes a webhook of Stripe: verified, then kept once by its id. What it is about is looked up later by
/// <see cref="HandlePaymentEvents"/>, so that Stripe has its answer at once.
/// </summary>
public sealed class ReceivePaymentEvent(IPaymentGateway gateway, IPaymentEventInbox inbox)
{
    /// <summary>True when the event was new.</summary>
    public async Task<Outcome<bool>> RunAsync(string body, string signature, CancellationToken cancellationToken)
    {
        if (!gateway.ReadEvent(body, signature).TryGet(out var happened, out var forged)) return forged;
        return await inbox.StoreAsync(happened, body, cancellationToken);
    }
}
