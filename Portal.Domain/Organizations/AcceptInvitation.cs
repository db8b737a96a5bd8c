using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Domain.Organizations;

/// <summary>An invitation as whoever opens its link sees it.</summary>
/// <param name="HasAccount">Its address has a verified account: sign in rather than sign up. Only who reads that address's mail gets
/// here.</param>
public sealed record OpenedInvitation(Invitation Invitation, Organization Organization, bool HasAccount);

/// <summary>What the link of a mail opens. The token is the permission.</summary>
public sealed class OpenInvitation(IPortalDatabase database, TimeProvider clock)
{
    private const int LongestToken = 200;

    private static readonly Problem.NotFound Broken = new(
        "invitation-broken",
        "This invitation link doesn't work: it's incomplete, or a newer one replaced it. Use the latest email, or ask for a new invitation."
    );

    private static readonly Problem.Conflict Revoked = new(
        "invitation-revoked",
        "This invitation was revoked. Ask whoever invited you for a new one."
    );

    public async Task<Outcome<OpenedInvitation>> RunAsync(string? token, CancellationToken cancellationToken) =>
        await database.ReadAsync(session => FindAsync(session, token, clock.Now(), cancellationToken), cancellationToken);

    internal static async Task<Outcome<OpenedInvitation>> FindAsync(
        IPortalSession session,
        string? token,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (string.IsNullOrEmpty(token) || token.Length > LongestToken)
            return Broken;
        if (await session.Invitations.FindAsync(Invitation.HashOf(token), cancellationToken) is not { } invitation)
            return Broken;
        var organization = (await session.Organizations.FindAsync(invitation.OrganizationId, cancellationToken))!;
        if (organization.State == OrganizationState.Closed)
            return Broken;
        switch (invitation.State(now))
        {
            // Sent while its maker's key was being revoked.
            case InvitationState.Pending when invitation.MadeWith is { } key && await session.ApiKeys.EndsMadeAsync(key, cancellationToken):
                return Revoked;
            case InvitationState.Accepted:
                return new Problem.Conflict("invitation-accepted", "This invitation has already been accepted. Sign in to continue.");
            case InvitationState.Revoked:
                return Revoked;
            case InvitationState.Expired:
                return new Problem.Conflict("invitation-expired", "This invitation has expired. Ask whoever invited you to resend it.");
        }
        var account = await session.Accounts.FindAsync(EmailAddress.Create(invitation.Email).Value, cancellationToken);
        return new OpenedInvitation(invitation, organization, account is { Account.EmailVerified: true });
    }
}

/// <summary>Makes the actor a member. Only the account whose verified address was invited can.</summary>
public sealed class AcceptInvitation(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<OrganizationAccess>> RunAsync(Actor actor, string? token, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.ManageAccount, "invitation.accept", actor.Name),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        if (actor.AccountId is not { } account)
            return new Problem.Forbidden("account-needed", "Only a person with an account can accept an invitation.");
        var found = await database.ReadAsync(
            session => OpenInvitation.FindAsync(session, token, clock.Now(), cancellationToken),
            cancellationToken
        );
        if (!found.TryGet(out var opened, out var problem))
            return problem;
        var details = Membering.Describe(opened.Invitation.Role.ToString(), opened.Invitation.Tenant, opened.Invitation.Namespace);
        details["invitedBy"] = opened.Invitation.InvitedBy;
        var operation = new Operation(Permission.ManageAccount, "invitation.accept", opened.Invitation.Email, details);
        return await database.WriteAsync<OrganizationAccess>(
            actor,
            opened.Organization.Id,
            operation,
            async session =>
            {
                if (!(await OpenInvitation.FindAsync(session, token, clock.Now(), cancellationToken)).TryGet(out var now, out var over))
                    return over;
                var (invitation, organization) = (now.Invitation, now.Organization);
                if (
                    await session.Accounts.FindAsync(account, cancellationToken) is not { Account: { EmailVerified: true } own }
                    || !IsFor(invitation, own.Email)
                )
                    return new Problem.Forbidden(
                        "invitation-for-another",
                        "This invitation was sent to a different email address. Sign in with that address, or ask for an "
                            + "invitation to yours."
                    );
                if (await session.Organizations.FindMembershipAsync(organization.Id, account, cancellationToken) is not null)
                    return new Problem.Conflict("already-member", "You're already a member. An owner or admin can change your role.");
                invitation.Accept(clock.Now());
                if (await session.Organizations.FindRemovedAsync(organization.Id, account, cancellationToken) is { } removed)
                    session.Organizations.Remove(removed);
                session.Organizations.Add(new Membership(organization.Id, account, invitation.Role, clock.Now(), invitation.Scope));
                return new OrganizationAccess(organization, invitation.Role, invitation.Scope);
            },
            cancellationToken
        );
    }

    internal static bool IsFor(Invitation invitation, string email) =>
        EmailAddress.Create(email).TryGet(out var address, out _) && Invitation.KeyOf(address) == invitation.EmailKey;
}
