using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Tenants;

namespace Portal.Domain.Organizations;

/// <summary>
/// Invites whoever reads the mail of an address. The answer is the same whether the address has an account or not.
/// </summary>
public sealed class InviteMember(
    AccessGuard guard,
    IPortalDatabase database,
    IAttemptLimiter limiter,
    IPublicAddress address,
    InvitationSettings settings,
    TimeProvider clock
)
{
    public async Task<Outcome<Invitation>> RunAsync(
        Actor actor,
        string organization,
        string? email,
        string? role,
        string? tenant,
        string? @namespace,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageMembers,
            "invitation.create",
            email ?? "",
            Membering.Describe(role, tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!EmailAddress.CreateNew(email).TryGet(out var to, out problem))
            return problem;
        if (!RoleGiving.Parse(role).TryGet(out var given, out problem))
            return problem;
        if (!RoleGiving.PlaceOf(given, tenant, @namespace).TryGet(out var scope, out problem))
            return problem;
        if (!access.MayGive(given, scope))
            return RoleGiving.AboveOwn(given);
        if (limiter.Check(actor, Attempt.Other) is { } tooMany)
            return tooMany;
        return await database.WriteAsync<Invitation>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var (id, now) = (access.Organization.Id, clock.Now());
                if (await TenantScope.MissingAsync(session, id, scope, cancellationToken) is { } missing)
                    return missing;
                // Who is a member is no secret to who manages members; who has an account is.
                if (
                    await session.Accounts.FindAsync(to, cancellationToken) is { } known
                    && await session.Organizations.FindMembershipAsync(id, known.Account.Id, cancellationToken) is not null
                )
                    return new Problem.Conflict(
                        "already-member",
                        "This address already belongs to a member. Change the member's role instead.",
                        "email"
                    );
                if (
                    (await session.Invitations.PendingAsync(id, now, cancellationToken)).Any(pending =>
                        pending.EmailKey == Invitation.KeyOf(to)
                    )
                )
                    return new Problem.Conflict(
                        "invitation-pending",
                        "This address has already been invited. Resend that invitation, or revoke it first.",
                        "email"
                    );
                if (await Inviting.OverAsync(session, id, actor.Maker, to, settings, now, cancellationToken) is { } over)
                    return over;
                var invitation = new Invitation(
                    new(clock.NewUuid()),
                    new(id, given, scope),
                    to,
                    actor.Maker,
                    actor.Name,
                    now,
                    actor.ApiKey
                );
                session.Mails.Add(
                    MemberMails.Invitation(invitation, access.Organization, invitation.Send(now, settings.Lifetime), address)
                );
                session.Invitations.Add(invitation);
                return invitation;
            },
            cancellationToken
        );
    }
}

/// <summary>The mail once more, with a new link that is good for the whole time again; the old link is void.</summary>
public sealed class ResendInvitation(
    AccessGuard guard,
    IPortalDatabase database,
    IAttemptLimiter limiter,
    IPublicAddress address,
    InvitationSettings settings,
    TimeProvider clock
)
{
    public async Task<Outcome<Invitation>> RunAsync(Actor actor, string organization, InvitationId id, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageMembers, "invitation.resend", $"{id}");
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (limiter.Check(actor, Attempt.Other) is { } tooMany)
            return tooMany;
        return await database.WriteAsync<Invitation>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var now = clock.Now();
                if (await session.Invitations.FindAsync(access.Organization.Id, id, cancellationToken) is not { } invitation)
                    return Inviting.NoInvitation;
                if (!access.MayGive(invitation.Role, invitation.Scope))
                    return RoleGiving.AboveOwn(invitation.Role);
                if (invitation.State(now) is InvitationState.Accepted or InvitationState.Revoked)
                    return new Problem.Conflict("invitation-over", "This invitation was accepted or revoked. Create a new one.");
                var pending = await session.Invitations.PendingAsync(access.Organization.Id, now, cancellationToken);
                if (pending.Any(other => other.EmailKey == invitation.EmailKey && other.Id != id))
                    return new Problem.Conflict("invitation-pending", "There's a newer invitation for this address. Resend that one.");
                if (
                    await Inviting.OverAsync(
                        session,
                        access.Organization.Id,
                        invitation.InvitedById,
                        EmailAddress.Create(invitation.Email).Value,
                        settings,
                        now,
                        cancellationToken
                    ) is
                    { } over
                )
                    return over;
                session.Mails.Add(
                    MemberMails.Invitation(invitation, access.Organization, invitation.Send(now, settings.Lifetime), address)
                );
                return invitation;
            },
            cancellationToken
        );
    }
}

/// <summary>Makes the link of an invitation's mail void.</summary>
public sealed class RevokeInvitation(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string organization, InvitationId id, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageMembers, "invitation.revoke", $"{id}");
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<Done>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.Invitations.FindAsync(access.Organization.Id, id, cancellationToken) is not { } invitation)
                    return Inviting.NoInvitation;
                if (invitation.AcceptedAt is not null)
                    return new Problem.Conflict("invitation-over", "This invitation was accepted. Remove the member instead.");
                invitation.Revoke(clock.Now());
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>Invitations, newest first, those that are over included.</summary>
public sealed class ListInvitations(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<Invitation>>> RunAsync(
        Actor actor,
        string organization,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ManageMembers, "invitation.list", organization),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync(
            session => session.Invitations.ListAsync(access.Organization.Id, page, cancellationToken),
            cancellationToken
        );
    }
}

internal static class Inviting
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static readonly Problem.NotFound NoInvitation = new(
        "invitation-not-found",
        "We couldn't find this invitation. Reload the list."
    );

    public static async Task<Problem?> OverAsync(
        IPortalSession session,
        OrganizationId organization,
        AccountId? sender,
        EmailAddress email,
        InvitationSettings settings,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (await session.Invitations.CountSentAsync(organization, now - Day, cancellationToken) >= settings.PerDay)
            return new Problem.TooMany(
                "invitations-limit",
                $"An organization can send at most {settings.PerDay} invitations in 24 hours. Try again tomorrow.",
                Day
            );
        if (sender is { } account && await session.Invitations.CountSentByAsync(account, now - Day, cancellationToken) >= settings.PerDay)
            return new Problem.TooMany(
                "invitations-limit",
                $"You can send at most {settings.PerDay} invitations in 24 hours. Try again tomorrow.",
                Day
            );
        return await session.Invitations.CountSentToAsync(email, now - Day, cancellationToken) >= settings.PerDayAndAddress
            ? new Problem.TooMany(
                "invitations-limit",
                "This address has received the maximum number of invitations for today. Try again tomorrow.",
                Day
            )
            : null;
    }
}
