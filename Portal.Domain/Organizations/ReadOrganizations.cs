using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Domain.Organizations;

/// <summary>The organizations that the actor is a member of, with its role.</summary>
public sealed class ListOrganizations(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<OrganizationAccess>>> RunAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.HaveAccount, "organization.list", ""), cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        // A look opens one organization, and tells nothing of those that the operator belongs to.
        if (actor.ViewAs is not null)
            return new PageOf<OrganizationAccess>([], null);
        var account = actor.AccountId!.Value;
        // People are shown what another sign-in would open; programs see what is open to them.
        if ((actor.Only ?? (actor.Session is null ? actor.Reach : null)) is { } only)
            return await OneAsync(only, account, actor.Bounds, cancellationToken);
        var found = await database.ReadAsync(
            session => session.Organizations.ListOfAccountAsync(account, page, cancellationToken),
            cancellationToken
        );
        return found.Map(row => new OrganizationAccess(row.Organization, row.Membership.Role, row.Membership.Scope, actor.Bounds)
        {
            IsOutOfReach = actor.Reach is { } reach && reach != row.Organization.Id,
        });
    }

    private Task<PageOf<OrganizationAccess>> OneAsync(
        OrganizationId id,
        AccountId account,
        IReadOnlyList<Role>? bounds,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync(
            async session =>
                await session.Organizations.FindAsync(id, cancellationToken) is { State: not OrganizationState.Closed } organization
                && await session.Organizations.FindMembershipAsync(id, account, cancellationToken) is { } membership
                    ? new PageOf<OrganizationAccess>([new(organization, membership.Role, membership.Scope, bounds)], null)
                    : new PageOf<OrganizationAccess>([], null),
            cancellationToken
        );
}

/// <summary>One organization and the actor's role in it.</summary>
public sealed class GetOrganization(AccessGuard guard)
{
    public Task<Outcome<OrganizationAccess>> RunAsync(Actor actor, string slug, CancellationToken cancellationToken) =>
        guard.EnterAsync(
            actor,
            slug,
            new Operation(Permission.ViewOrganization, "organization.view", slug, Within: Scope.Anywhere),
            cancellationToken
        );
}

/// <summary>What an organization has, for its home page: all real, all counted in the database.</summary>
/// <param name="HasMessages">Somebody sent a message: here in the browser, or with a client of their own as soon as that is
/// metered.</param>
public sealed record OrganizationSummary(
    OrganizationAccess Access,
    EffectivePlan Plan,
    int Tenants,
    int Topics,
    int Keys,
    bool HasMessages
);

public sealed class GetOrganizationSummary(AccessGuard guard, IPortalDatabase database, IUsageFigures figures)
{
    public async Task<Outcome<OrganizationSummary>> RunAsync(Actor actor, string slug, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            slug,
            new Operation(Permission.ViewOrganization, "organization.view", slug, Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var id = access.Organization.Id;
        var hasMessages = access.Organization.FirstMessageAt is not null || await figures.HasWrittenAsync(id, cancellationToken);
        return await database.ReadAsync(
            async session => new OrganizationSummary(
                access,
                await session.PlanOfAsync(access.Organization, cancellationToken),
                await session.Tenants.CountAsync(id, access.Scope, cancellationToken),
                await session.Topics.CountOfOrganizationAsync(id, access.Scope, cancellationToken),
                await session.Keys.CountAsync(id, access.Scope, cancellationToken),
                hasMessages
            ),
            cancellationToken
        );
    }
}

/// <summary>Every organization of the platform, for the operator.</summary>
public sealed class ListAllOrganizations(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<Organization>>> RunAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "operator.organizations.list", ""),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.ReadAsync(session => session.Organizations.ListAsync(page, cancellationToken), cancellationToken);
    }
}

/// <summary>Renames an organization; its URL name stays.</summary>
public sealed class RenameOrganization(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Organization>> RunAsync(Actor actor, string slug, string? name, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageOrganization, "organization.rename", slug);
        var entered = await guard.EnterAsync(actor, slug, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!OrganizationName.Create(name).TryGet(out var label, out problem))
            return problem;
        return await database.WriteAsync<Organization>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(access.Organization.Id, cancellationToken))!;
                organization.Rename(label.Value);
                return organization;
            },
            cancellationToken
        );
    }
}

/// <summary>Sets the time zone in which emails give times to people of whom no zone of their own is known.</summary>
public sealed class SetOrganizationTimeZone(AccessGuard guard, IPortalDatabase database)
{
    /// <param name="timeZone">An IANA id; null for UTC.</param>
    public async Task<Outcome<Organization>> RunAsync(Actor actor, string slug, string? timeZone, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.ManageOrganization,
            "organization.set-time-zone",
            slug,
            new Dictionary<string, string> { ["timeZone"] = Operation.Brief(timeZone ?? "UTC") }
        );
        var entered = await guard.EnterAsync(actor, slug, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (timeZone is not null && TimeZones.Find(timeZone) is null)
            return new Problem.Invalid(
                "time-zone-unknown",
                "We don't know this time zone. Use an IANA name, for example Europe/Berlin, or leave it out for UTC.",
                "timeZone"
            );
        return await database.WriteAsync<Organization>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(access.Organization.Id, cancellationToken))!;
                organization.MoveTo(timeZone);
                return organization;
            },
            cancellationToken
        );
    }
}
