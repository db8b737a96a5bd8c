using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

public sealed record CreateCustomerWork(OrganizationId Organization) : IWorkPayload
{
    public static string Kind => "customer.create";

    public WorkPlace Place(string slug) => new(Lanes.Stripe, $"customer:{Organization}", Organization, slug, WorkPriority.Background);
}

/// <summary>Makes an organization's customer at Stripe. One that was refused is made when Checkout or a close needs it.</summary>
public sealed class CreateCustomer(CreateStripeCustomer create) : IWorkStep<CreateCustomerWork>
{
    public async Task<StepResult> RunAsync(CreateCustomerWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var made = await create.RunAsync(payload.Organization, cancellationToken);
        return made.IsOk ? StepResult.Finished : StepResult.Of(made.Problem);
    }
}
