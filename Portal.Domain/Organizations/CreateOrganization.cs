using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Organizations;

/// <summary>
/// How many organizations on the Free plan one account may own: <c>Portal:Limits:FreeOrganizationsPerAccount</c>. Operators have no limit.
/// </summary>
public sealed record OrganizationRule
{
    public int MostFree { get; init; } = 10;

    /// <summary>In 24 hours, closed ones included: their URL names stay taken, so whoever makes and closes them uses names up.</summary>
    public int MostADay => MostFree * 3;
}

/// <summary>
/// Makes an organization, its first owner and the work that makes its customer at Stripe. Pay as you go asked for here begins
/// when a card is there; until then the organization is on Free.
/// </summary>
public sealed class CreateOrganization(AccessGuard guard, IPortalDatabase database, TimeProvider clock, OrganizationRule? rule = null)
{
    private readonly OrganizationRule _rule = rule ?? new();

    public async Task<Outcome<Organization>> RunAsync(
        Actor actor,
        string? name,
        string? slug,
        string? plan,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.CreateOrganizations, "organization.create", slug ?? "");
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (!OrganizationName.Create(name).TryGet(out var label, out var problem))
            return problem;
        if (!Slug.Create(slug).TryGet(out var address, out problem))
            return problem;
        if (!PlanCodes(plan).TryGet(out var asked, out problem))
            return problem;

        var now = clock.Now();
        var id = new OrganizationId(clock.NewUuid());
        return await database.WriteAsync<Organization>(
            actor,
            id,
            operation,
            async session =>
            {
                if (await session.Organizations.FindAsync(address.Value, cancellationToken) is not null)
                    return Taken(address);
                if (!actor.IsOperator)
                    await session.Accounts.HoldAsync(actor.AccountId!.Value, cancellationToken);
                var owned = actor.IsOperator
                    ? 0
                    : await session.Organizations.CountFreeOwnedAsync(actor.AccountId!.Value, cancellationToken);
                if (owned >= _rule.MostFree)
                    return new Problem.OverLimit(
                        "organizations-limit",
                        $"You own {owned} of at most {_rule.MostFree} organizations on the Free plan. "
                            + "Close one, or upgrade one to Pay as you go.",
                        _rule.MostFree,
                        owned,
                        null
                    );
                var day = TimeSpan.FromDays(1);
                if (
                    !actor.IsOperator
                    && await session.Organizations.CountOwnedSinceAsync(actor.AccountId!.Value, now - day, cancellationToken)
                        >= _rule.MostADay
                )
                    return new Problem.TooMany(
                        "organizations-a-day",
                        $"You can create at most {_rule.MostADay} organizations in 24 hours, closed ones included. Try again tomorrow.",
                        day
                    );
                var organization = new Organization(id, address, label.Value, now);
                if (asked == PlanCode.Payg)
                    organization.AwaitCardFor(PlanCode.Payg);
                session.Organizations.Add(organization);
                session.Organizations.Add(new Membership(id, actor.AccountId!.Value, Role.Owner, now));
                session.Organizations.Add(new PlanPeriod(id, PlanCode.Free, now.HourStart()));
                var customer = new CreateCustomerWork(id);
                session.Work.Add(clock, customer, customer.Place(address.Value));
                return organization;
            },
            cancellationToken
        );
    }

    internal static Problem.Conflict Taken(Slug slug) => new("slug-taken", $"The URL name '{slug}' is taken. Choose another one.", "slug");

    private static Outcome<PlanCode> PlanCodes(string? text) =>
        text switch
        {
            null or "" or "free" => PlanCode.Free,
            "payg" => PlanCode.Payg,
            "dedicated" => new Problem.Invalid(
                "plan-by-operator",
                "The Dedicated plan is set up by the operator. Start with free or payg.",
                "plan"
            ),
            _ => new Problem.Invalid("plan-unknown", "Choose one of the plans free, payg or dedicated.", "plan"),
        };
}

/// <summary>Whether a URL name can be taken, while it is typed.</summary>
public sealed class CheckSlug(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? slug, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.CreateOrganizations, "organization.check-slug", slug ?? ""),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        if (!Slug.Create(slug).TryGet(out var address, out var problem))
            return problem;
        var taken =
            await database.ReadAsync(session => session.Organizations.FindAsync(address.Value, cancellationToken), cancellationToken)
            is not null;
        return taken ? CreateOrganization.Taken(address) : Outcome.Done;
    }
}
