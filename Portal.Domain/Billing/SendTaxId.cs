using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <param name="TaxId">Its state says what is wanted: to be at Stripe, or to be gone.</param>
public sealed record SendTaxIdWork(Guid TaxId) : IWorkPayload
{
    public static string Kind => "tax-id.send";

    public static WorkPlace Place(TaxId taxId) =>
        new(Lanes.Stripe, $"tax-id:{taxId.Id}", taxId.OrganizationId, $"tax ID {taxId.Value}", WorkPriority.Waiting);
}

/// <summary>
/// Brings a tax ID to Stripe or takes it away there, and looks again for a while until the tax office has answered: an event
/// says so sooner.
/// </summary>
public sealed class SendTaxId(IPortalDatabase database, IPaymentGateway gateway, CreateStripeCustomer customers, TimeProvider clock)
    : IWorkStep<SendTaxIdWork>
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LooksFor = TimeSpan.FromDays(1);

    public async Task<StepResult> RunAsync(SendTaxIdWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var wanted = await database.ReadAsync(session => session.TaxIds.FindAsync(payload.TaxId, cancellationToken), cancellationToken);
        if (wanted is null or { State: TaxIdState.Refused })
            return StepResult.Finished;
        if (wanted.State == TaxIdState.Removing)
            return await RemoveAsync(wanted, cancellationToken);
        var sent = await customers.WithAsync(
            wanted.OrganizationId,
            customer => gateway.EnsureTaxIdAsync(customer, wanted.Type, wanted.Value, cancellationToken),
            cancellationToken
        );
        if (!sent.TryGet(out var there, out var problem))
            return StepResult.Of(problem);
        Settle note = async (session, token) =>
        {
            if (await session.TaxIds.FindAsync(payload.TaxId, token) is { } current)
                current.Sent(there);
        };
        return there.Verification == TaxIdVerification.Pending && clock.Now() < turn.CreatedAt + LooksFor
            ? new StepResult.GoOn(null, LooksEvery, note)
            : new StepResult.Done(note);
    }

    public async Task RefusedAsync(IPortalSession session, SendTaxIdWork payload, Problem problem, CancellationToken cancellationToken)
    {
        if (await session.TaxIds.FindAsync(payload.TaxId, cancellationToken) is { } refused)
            refused.Refused(problem.Message);
    }

    private async Task<StepResult> RemoveAsync(TaxId gone, CancellationToken cancellationToken)
    {
        var customer = await database.ReadAsync(
            async session => (await session.Organizations.FindAsync(gone.OrganizationId, cancellationToken))?.StripeCustomerId,
            cancellationToken
        );
        if (customer is not null)
        {
            var removed = await gateway.RemoveTaxIdAsync(customer, gone.Type, gone.Value, cancellationToken);
            if (!removed.IsOk)
                return StepResult.Of(removed.Problem);
        }
        return new StepResult.Done(
            async (session, token) =>
            {
                if (await session.TaxIds.FindAsync(gone.Id, token) is { } current)
                    session.TaxIds.Remove(current);
            }
        );
    }
}
