using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Organizations;

/// <summary>A member as people see it. Members are named by their account's id.</summary>
public sealed record Member(Membership Membership, string Email);

/// <summary>Who belongs to the organization, of longest standing first: for everybody whose role holds in all of it.</summary>
public sealed class ListMembers(AccessGuard guard, IPortalDatabase database, IAccountDirectory accounts)
{
    public async Task<Outcome<PageOf<Member>>> RunAsync(
        Actor actor,
        string organization,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewOrganization, "member.list", organization),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var found = await database.ReadAsync(
            session => session.Organizations.ListMembersAsync(access.Organization.Id, page, cancellationToken),
            cancellationToken
        );
        var people = await accounts.FindManyAsync([.. found.Items.Select(membership => membership.AccountId)], cancellationToken);
        return found.Map(membership => new Member(membership, people.GetValueOrDefault(membership.AccountId)?.Email ?? "unknown"));
    }
}

/// <summary>
/// Gives a member another role. What the member made and that may do more than the new role ends with the old one: API keys,
/// invitations, application secrets, and keys to topics unless those are kept. The owners are told which keys to topics.
/// </summary>
public sealed class ChangeMember(
    AccessGuard guard,
    IPortalDatabase database,
    IAccountDirectory accounts,
    IPublicAddress address,
    TimeProvider clock
)
{
    /// <param name="keepKeys">Keys to topics stay: programs use them, and they are the organization's to replace. Not for one's own
    /// role.</param>
    public async Task<Outcome<Member>> RunAsync(
        Actor actor,
        string organization,
        AccountId member,
        string? role,
        string? tenant,
        string? @namespace,
        bool keepKeys,
        CancellationToken cancellationToken
    )
    {
        var keep = keepKeys && member != actor.AccountId;
        var details = Membering.Describe(role, tenant, @namespace);
        details["keys"] = keep ? "kept" : "ended";
        var operation = new Operation(Permission.ManageMembers, "member.change", $"{member}", details);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!RoleGiving.Parse(role).TryGet(out var next, out problem))
            return problem;
        if (!RoleGiving.PlaceOf(next, tenant, @namespace).TryGet(out var scope, out problem))
            return problem;
        var email = (await accounts.FindAsync(member, cancellationToken))?.Email ?? "unknown";
        return await database.WriteAsync<Member>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (!(await session.ManagedAsync(access, actor, member, cancellationToken)).TryGet(out var found, out var refused))
                    return refused;
                if (!found.By.MayGive(next, scope))
                    return RoleGiving.AboveOwn(next);
                if (await TenantScope.MissingAsync(session, access.Organization.Id, scope, cancellationToken) is { } missing)
                    return missing;
                if (next != Role.Owner && await session.IsLastOwnerAsync(found.Member, cancellationToken))
                    return Membering.LastOwner;
                found.Member.Become(next, scope);
                var now = access with { Role = next, Scope = scope, Bounds = null };
                await session.EndGivenAsync(access.Organization.Id, member, now, clock, cancellationToken);
                await session.EndBeyondAsync(access.Organization, member, email, now, keep, address, clock, cancellationToken);
                return new Member(found.Member, email);
            },
            cancellationToken
        );
    }
}

/// <summary>
/// Takes a member out. They are refused with the next thing they do; the API keys that they made here, the invitations
/// that they sent and what they let the organization's applications do end with the membership, and so do the keys to
/// topics and the application secrets that they were shown, unless those are kept. The owners are told which.
/// </summary>
public sealed class RemoveMember(
    AccessGuard guard,
    IPortalDatabase database,
    IAccountDirectory accounts,
    IPublicAddress address,
    TimeProvider clock
)
{
    /// <param name="keepKeys">Keys to topics and application secrets stay: programs use them, and somebody replaces them later. Not for who
    /// leaves.</param>
    public async Task<Outcome<Done>> RunAsync(
        Actor actor,
        string organization,
        AccountId member,
        bool keepKeys,
        CancellationToken cancellationToken
    )
    {
        // Everybody may leave.
        var operation =
            member == actor.AccountId
                ? new Operation(Permission.LeaveOrganization, "member.leave", $"{member}", Within: Scope.Anywhere)
                : new Operation(Permission.ManageMembers, "member.remove", $"{member}");
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (access.ViewAs is not null)
            return Roles.ViewAsReads;
        var keep = keepKeys && member != actor.AccountId;
        var email = (await accounts.FindAsync(member, cancellationToken))?.Email ?? "unknown";
        // A client that was let in to read does not take the person out.
        if (access.Bounds?.Any(bound => bound.Allows(Permission.ManageMembers)) == false)
            return Roles.BoundRefusal(Permission.ManageMembers);
        return await database.WriteAsync<Done>(
            actor,
            access.Organization.Id,
            operation with
            {
                Details = new Dictionary<string, string> { ["keys"] = keep ? "kept" : "ended" },
            },
            async session =>
            {
                if (!(await session.ManagedAsync(access, actor, member, cancellationToken)).TryGet(out var found, out var refused))
                    return refused;
                if (await session.IsLastOwnerAsync(found.Member, cancellationToken))
                    return Membering.LastOwner;
                session.Organizations.Remove(found.Member);
                // Who left may come back through the organization's own sign-in; who was taken out may not.
                if (
                    member != actor.AccountId
                    && await session.Organizations.FindRemovedAsync(access.Organization.Id, member, cancellationToken) is null
                )
                    session.Organizations.Add(new RemovedMember(access.Organization.Id, member, clock.Now()));
                await session.EndGivenAsync(access.Organization.Id, member, null, clock, cancellationToken);
                await session.EndConsentsAsync(access.Organization.Id, member, cancellationToken);
                await session.EndShownAsync(access.Organization, member, email, keep, address, clock, cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>An owner makes another member the owner and becomes an admin. Both are named in the audit log.</summary>
public sealed class TransferOwnership(AccessGuard guard, IPortalDatabase database, IAccountDirectory accounts, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string organization, AccountId to, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.CloseOrganization, "organization.transfer", $"{to}");
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (actor.AccountId is not { } from)
            return new Problem.Forbidden(
                "account-needed",
                "Only an owner's account can transfer ownership. Sign in, or use one of your account's API keys."
            );
        if (to == from)
            return new Problem.Conflict("owner-already", "You're already an owner. Choose another member.", "member");
        var id = access.Organization.Id;
        if (
            await database.ReadAsync(session => session.Organizations.FindMembershipAsync(id, to, cancellationToken), cancellationToken)
            is null
        )
            return Membering.NoMember;
        var named = operation with
        {
            Details = new Dictionary<string, string>
            {
                ["from"] = actor.Name,
                ["to"] = (await accounts.FindAsync(to, cancellationToken))?.Email ?? "unknown",
            },
        };
        return await database.WriteAsync<Done>(
            actor,
            id,
            named,
            async session =>
            {
                if (await session.Organizations.FindMembershipAsync(id, from, cancellationToken) is not { Role: Role.Owner } giver)
                    return Roles.Refusal(Permission.CloseOrganization);
                if (await session.Organizations.FindMembershipAsync(id, to, cancellationToken) is not { } taker)
                    return Membering.NoMember;
                taker.Become(Role.Owner, Scope.Whole);
                giver.Become(Role.Admin, Scope.Whole);
                await session.EndGivenAsync(
                    id,
                    from,
                    access with
                    {
                        Role = Role.Admin,
                        Scope = Scope.Whole,
                        Bounds = null,
                    },
                    clock,
                    cancellationToken
                );
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}
