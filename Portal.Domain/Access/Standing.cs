using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>Whether what an actor brought still opens anything.</summary>
public interface ICredentialStore
{
    /// <summary>
    /// The sign-in, API key or application that it came with is there and has not ended, an application still has the roles
    /// that it was let in with, and an operator is one still. True for who brings none of them.
    /// </summary>
    Task<bool> IsLiveAsync(Actor actor, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>A change that found, once it was its turn, that its actor may not make it any more.</summary>
/// <param name="Log">In whose audit log the refusal belongs; null for the platform's, as for any stranger.</param>
public sealed record LostStanding(Problem Problem, OrganizationId? Log);

/// <summary>
/// What an actor may do in an organization, as one transaction sees it. The guard asks first, and every change asks again
/// while it holds the organization's turn: requests that were let in and then waited behind a removal would otherwise make
/// keys and invitations that nobody ends any more.
/// </summary>
public static class Standing
{
    internal static readonly Problem.NotFound NoSuchOrganization = new(
        "organization-not-found",
        "We couldn't find this organization, or you aren't a member of it. Check the address or ask for an invitation."
    );

    internal static readonly Problem.Forbidden OwnSignIn = new(
        "own-sign-in-required",
        "You signed in with an organization's single sign-on, which gives access to that organization only. "
            + "Sign in again with your own password or passkey."
    );

    private static readonly Problem.Forbidden Suspended = new(
        "organization-suspended",
        "This organization is suspended. Nothing can be created, changed, or sent until it is resumed. "
            + "Pay any open invoices on the billing page, or contact the operator."
    );

    private static readonly Problem.Unauthenticated Ended = new(
        "credential-ended",
        "Your sign-in, API key, or application access has ended. Sign in again, or use another key."
    );

    /// <summary>What is refused to everybody while an organization is suspended.</summary>
    public static bool StopsWhenSuspended(Permission permission) =>
        permission is Permission.ManageResources or Permission.ManageKeys or Permission.SendMessages or Permission.ReadMessages;

    /// <summary>Asked inside the transaction of a change, after the organization's turn was taken and before anything is changed.</summary>
    /// <param name="organization">Null for changes of the platform and of accounts.</param>
    public static async Task<LostStanding?> LostAsync(
        IPortalSession session,
        Actor actor,
        OrganizationId? organization,
        Operation operation,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (actor.IsWorker)
            return null;
        if (!await session.Store<ICredentialStore>().IsLiveAsync(actor, now, cancellationToken))
            return new(Ended, null);
        if (organization is not { } id || !Roles.IsOfOrganization(operation.Permission))
            return null;
        var access = await session.Organizations.FindAsync(id, cancellationToken) is { State: not OrganizationState.Closed } found
            ? await FindAsync(session, actor, found, now, cancellationToken)
            : null;
        if (access is null)
            return new(NoSuchOrganization, null);
        return Refuse(actor, access, operation) is { } refusal ? new(refusal, id) : null;
    }

    /// <summary>Null for strangers.</summary>
    internal static async Task<OrganizationAccess?> FindAsync(
        IPortalSession session,
        Actor actor,
        Organization organization,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (actor.Only is { } home && home != organization.Id)
            return null;
        if (actor.Grant is { } grant)
            return grant.Organization == organization.Id ? new(organization, grant.Role, grant.Scope, actor.Bounds) : null;
        if (actor.AccountId is not { } account)
            return null;
        if (
            actor.ViewAs is null
            && await session.Organizations.FindMembershipAsync(organization.Id, account, cancellationToken) is { } membership
        )
            return new(organization, membership.Role, membership.Scope, actor.Bounds);
        if (!actor.IsOperator && actor.ViewAs is null)
            return null;
        var look = await session.ViewAs.FindAsync(organization.Id, account, now, cancellationToken);
        return look is null || actor.ViewAs is { } only && only != look.Id
            ? null
            : new(organization, null, Scope.Whole, actor.Bounds, look);
    }

    internal static Problem? Refuse(Actor actor, OrganizationAccess access, Operation operation)
    {
        var permission = operation.Permission;
        if (actor.Reach is { } reach && reach != access.Organization.Id)
            return OwnSignIn;
        if (ProviderRule.Refuse(actor, access, permission) is { } elsewhere)
            return elsewhere;
        if (access.Role is { } role ? !role.Allows(permission) : !Roles.AllowsViewAs(permission))
            return access.ViewAs is null ? Roles.Refusal(permission) : Roles.ViewAsReads;
        if (access.Bounds is { } bounds && !bounds.Any(bound => bound.Allows(permission)))
            return Roles.BoundRefusal(permission);
        if (!access.Scope.Covers(operation.Within ?? Scope.Whole))
            return Roles.ScopeRefusal(access.Scope);
        return access.Organization.State == OrganizationState.Suspended && StopsWhenSuspended(operation)
            ? Suspended
            : CostlyChanges.Refuse(access.Organization, operation);
    }

    /// <summary>Members may still be changed and taken out; but nobody is written to who never asked for it.</summary>
    private static bool StopsWhenSuspended(Operation operation) =>
        StopsWhenSuspended(operation.Permission) || operation.Name is "invitation.create" or "invitation.resend";
}
