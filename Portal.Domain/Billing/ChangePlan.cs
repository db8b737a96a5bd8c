using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Billing;

/// <summary>The organization after a change of plan was asked for.</summary>
/// <param name="NeedsCard">The plan begins when Checkout has brought a card; until then the old one holds.</param>
public sealed record PlanChanged(Organization Organization, bool NeedsCard);

/// <summary>The customer changes its own plan: between Free and Pay as you go. Dedicated is the operator's to give.</summary>
public sealed class ChangePlan(AccessGuard guard, IPortalDatabase database, IPaymentGateway gateway, PlanFit fit, TimeProvider clock)
{
    public async Task<Outcome<PlanChanged>> RunAsync(Actor actor, string organization, PlanCode plan, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageBilling, "plan.change", Plan.Text(plan));
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (ByOperatorOnly(access.Organization.Plan, plan) is { } refusal)
            return refusal;
        if (plan > access.Organization.Plan && CostlyChanges.Refuse(access.Organization) is { } overdue)
            return overdue;

        if (plan < access.Organization.Plan && await fit.RefuseAsync(access.Organization, plan, cancellationToken) is { } tooSmall)
            return tooSmall;
        if (
            plan > access.Organization.Plan
            && await database.ReadAsync(
                session => session.RefuseWithoutAddressAsync(access.Organization.Id, clock.Now(), cancellationToken),
                cancellationToken
            )
                is { } nowhere
        )
            return nowhere;
        var hasMeans = true;
        if (plan.IsCharged() && access.Organization.PayBy == PayBy.Card)
        {
            var card = await PayingMeans.HasCardAsync(gateway, access.Organization, cancellationToken);
            if (!card.TryGet(out hasMeans, out problem))
                return problem;
        }
        return await database.WriteAsync<PlanChanged>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var current = (await session.Organizations.FindAsync(access.Organization.Id, cancellationToken))!;
                // The operator may have set a plan while Stripe and the cluster were asked.
                if (ByOperatorOnly(current.Plan, plan) is { } meanwhile)
                    return meanwhile;
                if (plan < current.Plan && await PlanFit.RefuseAsync(session, current, plan, cancellationToken) is { } over)
                    return over;
                if (hasMeans)
                    await PlanChange.ApplyAsync(session, current, plan, current.PayBy, clock, cancellationToken);
                else if (current.Plan != plan)
                    current.AwaitCardFor(plan);
                return new PlanChanged(current, !hasMeans);
            },
            cancellationToken
        );
    }

    internal static Problem? ByOperatorOnly(PlanCode present, PlanCode wanted) =>
        wanted == PlanCode.Dedicated
            ? new Problem.Invalid("plan-by-operator", "The Dedicated plan is set up by the operator. Contact them to get it.", "plan")
        : present == PlanCode.Dedicated
            ? new Problem.Conflict("plan-by-operator", "Your Dedicated plan was set up by the operator. Contact them to change it.", "plan")
        : null;
}

/// <summary>The operator sets a customer's plan and how its invoices are paid.</summary>
public sealed class SetPlan(AccessGuard guard, IPortalDatabase database, IPaymentGateway gateway, PlanFit fit, TimeProvider clock)
{
    /// <param name="plan"><c>free</c>, <c>payg</c> or <c>dedicated</c>.</param>
    /// <param name="payBy"><c>card</c> or <c>invoice</c>.</param>
    public async Task<Outcome<PlanChanged>> RunAsync(
        Actor actor,
        string organization,
        string? plan,
        string? payBy,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "plan.set",
            organization,
            new Dictionary<string, string> { ["plan"] = Cut(plan), ["payBy"] = Cut(payBy) }
        );
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (!Plan.TryParse(plan, out var code))
            return new Problem.Invalid("plan-unknown", "Choose one of the plans free, payg or dedicated.", "plan");
        if (!PayingMeans.TryParse(payBy, out var means))
            return new Problem.Invalid("pay-by-unknown", "payBy is card or invoice.", "payBy");
        var found = await database.ReadAsync(
            session => session.Organizations.FindAsync(organization, cancellationToken),
            cancellationToken
        );
        if (found is null)
            return new Problem.NotFound("organization-not-found", "We couldn't find this organization. Check its URL name.");

        if (code < found.Plan && await fit.RefuseAsync(found, code, cancellationToken) is { } tooSmall)
            return tooSmall;
        var hasMeans = true;
        if (code.IsCharged() && means == PayBy.Card)
        {
            var card = await PayingMeans.HasCardAsync(gateway, found, cancellationToken);
            if (!card.TryGet(out hasMeans, out var problem))
                return problem;
        }
        return await database.WriteAsync<PlanChanged>(
            actor,
            found.Id,
            operation,
            async session =>
            {
                var current = (await session.Organizations.FindAsync(found.Id, cancellationToken))!;
                if (code < current.Plan && await PlanFit.RefuseAsync(session, current, code, cancellationToken) is { } over)
                    return over;
                if (hasMeans)
                    await PlanChange.ApplyAsync(session, current, code, means, clock, cancellationToken);
                else
                    current.AwaitCardFor(code);
                return new PlanChanged(current, !hasMeans);
            },
            cancellationToken
        );
    }

    private static string Cut(string? text) =>
        text is null ? ""
        : text.Length <= 20 ? text
        : text[..20];
}

/// <summary>How an organization pays.</summary>
public static class PayingMeans
{
    public static string Text(this PayBy payBy) =>
        payBy switch
        {
            PayBy.Card => "card",
            PayBy.Invoice => "invoice",
        };

    public static bool TryParse(string? text, out PayBy payBy)
    {
        payBy = text == "invoice" ? PayBy.Invoice : PayBy.Card;
        return text is "card" or "invoice";
    }

    internal static async Task<Outcome<bool>> HasCardAsync(
        IPaymentGateway gateway,
        Organization organization,
        CancellationToken cancellationToken
    ) => (await CardAsync(gateway, organization, cancellationToken)).Map(card => card is not null);

    /// <summary>The id of the card that is charged, the newest one that Checkout saved; null when there is none.</summary>
    internal static Task<Outcome<string?>> CardAsync(
        IPaymentGateway gateway,
        Organization organization,
        CancellationToken cancellationToken
    ) =>
        organization.StripeCustomerId is { } customer
            ? gateway.AdoptCardAsync(customer, cancellationToken)
            : Task.FromResult(Outcome.Of<string?>(null));
}
