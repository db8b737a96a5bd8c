using Portal.Domain.Common;
using Portal.Domain.Organizations;

namespace Portal.Domain.Access;

/// <summary>An organisation that the actor may act in, and as what. Role null means a worker of the portal.</summary>
public sealed record OrganizationAccess(Organization Organization, Role? Role);

/// <summary>
/// Authorisation in one place. Every use case begins here. Refusals are recorded: those of members in their
/// organisation's log, those of strangers in the platform's, never in the victim's.
/// </summary>
public sealed class AccessGuard(IPortalDatabase database, IAuditTrail audit)
{
    private static readonly Problem.NotFound NoSuchOrganization =
        new("organization-not-found", "There is no such organisation, or you are not a member of it. Check the address or ask for an invitation.");

    private static readonly Problem.Unauthenticated SignInFirst =
        new("sign-in-required", "Sign in first, or send an API key as 'Authorization: Bearer …'.");

    private static readonly Problem.Forbidden Suspended = new(
        "organization-suspended", "This organisation is suspended: nothing can be created or sent until it is resumed. Pay what is open on the billing page, or ask the operator.");

    private static bool ChangesResources(Permission permission) =>
        permission is Permission.ManageResources or Permission.ManageKeys or Permission.SendMessages or Permission.ReadMessages;

    /// <summary>An organisation's own operations. To a stranger the organisation does not exist.</summary>
    public async Task<Outcome<OrganizationAccess>> EnterAsync(Actor actor, string slug, Operation operation, CancellationToken cancellationToken)
    {
        if (actor.AccountId is not { } account) return SignInFirst;
        var (organization, membership) = await database.ReadAsync(async session =>
        {
            var found = await session.Organizations.FindAsync(slug, cancellationToken);
            return (found, found is null ? null : await session.Organizations.FindMembershipAsync(found.Id, account, cancellationToken));
        }, cancellationToken);
        if (organization is null || membership is null || organization.State == OrganizationState.Closed)
        {
            await audit.RecordRefusalAsync(actor, null, operation, NoSuchOrganization, cancellationToken);
            return NoSuchOrganization;
        }
        if (!membership.Role.Allows(operation.Permission))
        {
            var refusal = Roles.Refusal(operation.Permission);
            await audit.RecordRefusalAsync(actor, organization.Id, operation, refusal, cancellationToken);
            return refusal;
        }
        if (organization.State == OrganizationState.Suspended && ChangesResources(operation.Permission))
        {
            await audit.RecordRefusalAsync(actor, organization.Id, operation, Suspended, cancellationToken);
            return Suspended;
        }
        return new OrganizationAccess(organization, membership.Role);
    }

    /// <summary>Operations of the platform, or ones that need only an account.</summary>
    public async Task<Outcome<Done>> CheckAsync(Actor actor, Operation operation, CancellationToken cancellationToken)
    {
        if (actor.IsWorker) return Outcome.Done;
        if (actor.AccountId is null) return SignInFirst;
        if (operation.Permission == Permission.HaveAccount || actor.IsOperator && operation.Permission == Permission.OperatePlatform) return Outcome.Done;
        var refusal = Roles.Refusal(operation.Permission);
        await audit.RecordRefusalAsync(actor, null, operation, refusal, cancellationToken);
        return refusal;
    }
}
