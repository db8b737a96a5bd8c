using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Domain.Provisioning;

/// <summary>Makes organisations' customers at Stripe.</summary>
public sealed class CustomerProvisioning(CreateStripeCustomer create) : IIntentHandler
{
    public bool Handles(IntentKind kind) => kind == IntentKind.CreateStripeCustomer;

    public async Task<Outcome<Settle>> RunAsync(Intent intent, Lease lease, CancellationToken cancellationToken)
    {
        var made = await create.RunAsync(new OrganizationId(intent.Subject), cancellationToken);
        return made.IsOk ? new Settle((_, _) => Task.CompletedTask) : made.Problem;
    }

    /// <summary>Nothing to mark: Checkout and the month close try again when they need the customer.</summary>
    public Task RefuseAsync(IPortalSession session, Intent intent, Problem problem, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DelayAsync(IPortalSession session, Intent intent, Problem problem, CancellationToken cancellationToken) => Task.CompletedTask;
}
