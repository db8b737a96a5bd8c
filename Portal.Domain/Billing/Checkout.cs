using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Billing;

/// <summary>Opens a Checkout page at Stripe that takes a card and costs nothing. No card field is ever ours.</summary>
public sealed class StartCheckout(
    AccessGuard guard,
    IPortalDatabase database,
    IPaymentGateway gateway,
    CreateStripeCustomer customers,
    TimeProvider clock
)
{
    /// <param name="returnUrl">Where the browser comes back to, done or given up: an address below <paramref name="portal"/>.</param>
    /// <param name="portal">The portal's own address (<c>Portal:PublicUrl</c>).</param>
    public async Task<Outcome<Uri>> RunAsync(
        Actor actor,
        string organization,
        string? returnUrl,
        Uri portal,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ManageBilling, "billing.checkout", organization);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!IsOurs(returnUrl, portal, out var target))
            return new Problem.Invalid(
                "return-url-foreign",
                $"returnUrl is an address of this portal, beginning with {portal}.",
                "returnUrl"
            );
        if (
            await database.ReadAsync(
                session => session.RefuseWithoutAddressAsync(access.Organization.Id, clock.Now(), cancellationToken),
                cancellationToken
            ) is
            { } nowhere
        )
            return nowhere;
        var started = await customers.WithAsync(
            access.Organization.Id,
            customer => gateway.StartCheckoutAsync(customer, access.Organization.Id, target, cancellationToken),
            cancellationToken
        );
        if (!started.TryGet(out var page, out problem))
            return problem;
        return await database.WriteAsync<Uri>(
            actor,
            access.Organization.Id,
            operation,
            _ => Task.FromResult<Outcome<Uri>>(page),
            cancellationToken
        );
    }

    private static bool IsOurs(string? returnUrl, Uri portal, out Uri target)
    {
        target = portal;
        if (!Uri.TryCreate(portal, returnUrl, out var url) || string.IsNullOrWhiteSpace(returnUrl))
            return false;
        target = url;
        var root = portal.AbsolutePath.TrimEnd('/');
        return url.GetLeftPart(UriPartial.Authority) == portal.GetLeftPart(UriPartial.Authority)
            && url.UserInfo.Length == 0
            && (root.Length == 0 || url.AbsolutePath == root || url.AbsolutePath.StartsWith(root + "/", StringComparison.Ordinal));
    }
}

/// <summary>What Checkout left behind.</summary>
/// <param name="HasCard">There is a card on file.</param>
/// <param name="PlanBegan">The plan that waited for it has begun now.</param>
/// <param name="Paying">Invoices whose payment had failed are charged to it now.</param>
public sealed record CheckoutCompleted(Organization Organization, bool HasCard, bool PlanBegan, bool Paying = false);

/// <summary>
/// Looks whether Checkout brought a card, after the browser's return or a webhook, whichever is first; a plan that waited
/// for it begins, and invoices whose payment had failed are charged to it. Doing it again changes nothing.
/// </summary>
public sealed class CompleteCheckout(AccessGuard guard, IPortalDatabase database, IPaymentGateway gateway, TimeProvider clock)
{
    /// <summary>Never said: refused, a change leaves no audit record.</summary>
    private static readonly Problem.Conflict BegunMeanwhile = new("plan-begun", "The plan has begun already.");

    public async Task<Outcome<CheckoutCompleted>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ManageBilling, "plan.begin", organization),
            cancellationToken
        );
        return entered.TryGet(out var access, out var problem)
            ? await CompleteAsync(actor, access.Organization, cancellationToken)
            : problem;
    }

    /// <summary>For the worker that handles webhooks. A customer that is not ours is no news.</summary>
    internal async Task<Outcome<Done>> RunForCustomerAsync(Actor worker, string stripeCustomerId, CancellationToken cancellationToken)
    {
        var organization = await database.ReadAsync(
            session => session.Organizations.FindByStripeCustomerAsync(stripeCustomerId, cancellationToken),
            cancellationToken
        );
        if (organization is null)
            return Outcome.Done;
        return (await CompleteAsync(worker, organization, cancellationToken)).Map(_ => default(Done));
    }

    private async Task<Outcome<CheckoutCompleted>> CompleteAsync(
        Actor actor,
        Organization organization,
        CancellationToken cancellationToken
    )
    {
        if (!(await PayingMeans.CardAsync(gateway, organization, cancellationToken)).TryGet(out var card, out var problem))
            return problem;
        if (card is null)
            return new CheckoutCompleted(organization, false, false);
        var paying = await database.UpdateAsync(
            null,
            organization.Id,
            session => PayInvoice.QueueAsync(session, clock, organization, card, cancellationToken),
            cancellationToken
        );
        if (organization.AwaitingCardFor is not { } awaited)
            return new CheckoutCompleted(organization, true, false, paying);
        // The browser's return and Stripe's events come at the same time: the plan begins once, and the log says so once.
        var now = organization;
        var begun = await database.WriteAsync<CheckoutCompleted>(
            actor,
            organization.Id,
            new Operation(Permission.ManageBilling, "plan.begin", Plan.Text(awaited)),
            async session =>
            {
                var current = now = (await session.Organizations.FindAsync(organization.Id, cancellationToken))!;
                if (current.AwaitingCardFor is not { } plan)
                    return BegunMeanwhile;
                var begins = plan != current.Plan;
                await PlanChange.ApplyAsync(session, current, plan, PayBy.Card, clock, cancellationToken);
                return new CheckoutCompleted(current, true, begins, paying);
            },
            cancellationToken
        );
        return ReferenceEquals(begun.Problem, BegunMeanwhile) ? new CheckoutCompleted(now, true, false, paying) : begun;
    }
}

/// <summary>The cards on file, masked.</summary>
public sealed class ListPaymentMethods(AccessGuard guard, IPaymentGateway gateway)
{
    public async Task<Outcome<IReadOnlyList<PaymentMethod>>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "billing.payment-methods", organization),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return access.Organization.StripeCustomerId is { } customer
            ? await gateway.ListCardsAsync(customer, cancellationToken)
            : Outcome.Of<IReadOnlyList<PaymentMethod>>([]);
    }
}
