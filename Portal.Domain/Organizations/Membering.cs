using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Mails;
using Portal.Domain.OpenId;

namespace Portal.Domain.Organizations;

/// <summary>
/// Checks of members inside the transaction that changes them: the organization's changes are serial there, so they hold.
/// </summary>
internal static class Membering
{
    public static readonly Problem.NotFound NoMember = new(
        "member-not-found",
        "We couldn't find this member. Reload the list; they may have left."
    );

    public static readonly Problem.Conflict LastOwner = new(
        "last-owner",
        "This is the organization's only owner. Make somebody else an owner first, or close the organization."
    );

    /// <summary>The member, and what the actor may by now: a role may have changed since the guard was asked.</summary>
    public static async Task<Outcome<(Membership Member, OrganizationAccess By)>> ManagedAsync(
        this IPortalSession session,
        OrganizationAccess access,
        Actor actor,
        AccountId member,
        CancellationToken cancellationToken
    )
    {
        var by = access;
        if (actor.AccountId is { } account)
        {
            if (await session.Organizations.FindMembershipAsync(access.Organization.Id, account, cancellationToken) is not { } own)
                return NoMember;
            by = access with { Role = own.Role, Scope = own.Scope };
        }
        if (await session.Organizations.FindMembershipAsync(access.Organization.Id, member, cancellationToken) is not { } found)
            return NoMember;
        if (member == actor.AccountId)
            return (found, by);
        if (!by.Allows(Permission.ManageMembers))
            return Roles.Refusal(Permission.ManageMembers);
        return by.MayGive(found.Role, found.Scope) ? (found, by) : RoleGiving.AboveOwn(found.Role);
    }

    public static async Task<bool> IsLastOwnerAsync(this IPortalSession session, Membership member, CancellationToken cancellationToken) =>
        member.Role == Role.Owner && await session.Organizations.CountOwnersAsync(member.OrganizationId, cancellationToken) == 1;

    /// <summary>
    /// Ends keys and invitations that somebody gave and could not give any more; with a lesser role also the secrets of
    /// programs that may do more than that.
    /// </summary>
    /// <param name="access">What they have now; null for nothing.</param>
    public static async Task EndGivenAsync(
        this IPortalSession session,
        OrganizationId organization,
        AccountId giver,
        OrganizationAccess? access,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var now = clock.Now();
        foreach (var key in await session.ApiKeys.LiveAsync(organization, now, cancellationToken))
            if (key.CreatedById == giver && access?.MayGive(key.Role!.Value, key.Scope) != true)
                key.Revoke(now);
        foreach (var invitation in await session.Invitations.PendingAsync(organization, now, cancellationToken))
            if (invitation.InvitedById == giver && access?.MayGive(invitation.Role, invitation.Scope) != true)
                invitation.Revoke(now);
        // Of somebody who left, whoever removes them decides: EndShownAsync.
        if (access is null)
            return;
        foreach (var client in await session.OidcClients.KnownToAsync(organization, giver, cancellationToken))
            if (client.ActsAlone && !OidcScopes.RolesOf(client.Scopes).All(role => access.MayGive(role, Scope.Whole)))
                await session.EndSecretAsync(client, cancellationToken);
    }

    /// <summary>
    /// Whether somebody may still make such a key to topics: of a lesser role, or one that holds elsewhere, they may not.
    /// </summary>
    public static bool MayMake(this OrganizationAccess? access, PulsarKey key) =>
        access?.Allows(Permission.ManageKeys, new(key.TenantName, key.NamespaceName)) == true;

    /// <summary>
    /// Ends keys to topics that somebody made and could not make any more with their new role. The owners are told what ended, or what goes
    /// on.
    /// </summary>
    public static async Task EndBeyondAsync(
        this IPortalSession session,
        Organization organization,
        AccountId account,
        string email,
        OrganizationAccess access,
        bool keep,
        IPublicAddress address,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var beyond = (await session.Keys.CreatedByAsync(organization.Id, account, cancellationToken))
            .Where(key => key.State != ResourceState.Deleting && !access.MayMake(key))
            .ToList();
        if (beyond.Count == 0)
            return;
        if (!keep)
            foreach (var key in beyond)
                session.EndKey(key, clock);
        await TellOwnersAsync(
            session,
            organization,
            account,
            owner => MemberMails.RoleChanged(owner, organization, email, access.RoleText, [.. beyond.Select(Line)], keep, address),
            cancellationToken
        );
    }

    /// <summary>The program stays, without a secret until somebody renews it.</summary>
    internal static async Task EndSecretAsync(this IPortalSession session, OidcClient client, CancellationToken cancellationToken)
    {
        await session.OidcClients.SetSecretAsync(client.Id, OidcSecret.Make().Hash, null, cancellationToken);
        await session.OidcClients.RevokeOwnTokensAsync(client.Id, cancellationToken);
    }

    /// <summary>
    /// Ends what somebody who left was shown and could go on with: keys to topics, and secrets of applications, which
    /// stay without one until somebody renews it. The owners are told what ended, or what goes on.
    /// </summary>
    /// <param name="keep">Leaves them as they are: an owner decided so, and replaces them in their own time.</param>
    public static async Task EndShownAsync(
        this IPortalSession session,
        Organization organization,
        AccountId account,
        string email,
        bool keep,
        IPublicAddress address,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var keys = (await session.Keys.CreatedByAsync(organization.Id, account, cancellationToken))
            .Where(key => key.State != ResourceState.Deleting)
            .ToList();
        var clients = await session.OidcClients.KnownToAsync(organization.Id, account, cancellationToken);
        if (!keep)
        {
            foreach (var key in keys)
                session.EndKey(key, clock);
            foreach (var client in clients)
                await session.EndSecretAsync(client, cancellationToken);
        }
        string[] lines = [.. keys.Select(Line), .. clients.Select(client => $"Application secret of {client.Name}")];
        await TellOwnersAsync(
            session,
            organization,
            account,
            owner => MemberMails.Left(owner, organization, email, lines, keep, address),
            cancellationToken
        );
    }

    internal static string Line(PulsarKey key) => $"Key {key.Name} of {key.TenantName}/{key.NamespaceName}";

    /// <param name="account">Whom it is about: told by other means.</param>
    internal static async Task TellOwnersAsync(
        this IPortalSession session,
        Organization organization,
        AccountId account,
        Func<MailRecipient, Mail> write,
        CancellationToken cancellationToken
    )
    {
        foreach (
            var owner in (
                await session.Organizations.ListMembersAsync(organization.Id, new PageRequest(PageRequest.MaxLimit), cancellationToken)
            ).Items.Where(one => one.Role == Role.Owner && one.AccountId != account)
        )
            if (await session.Accounts.FindAsync(owner.AccountId, cancellationToken) is { Account: var to })
                session.Mails.Add(write(MailRecipient.Of(to, organization)));
    }

    /// <summary>Ends what the organization's own applications may do in the name of somebody who left it.</summary>
    public static async Task EndConsentsAsync(
        this IPortalSession session,
        OrganizationId organization,
        AccountId account,
        CancellationToken cancellationToken
    )
    {
        for (string? after = null; ; )
        {
            var page = await session.Consents.ListAsync(account, new PageRequest(PageRequest.MaxLimit, after), cancellationToken);
            foreach (var (_, client) in page.Items.Where(item => item.Client.OrganizationId == organization))
            {
                if (await session.Consents.FindAsync(account, client.Id, cancellationToken) is { } consent)
                    session.Consents.Remove(consent);
                await session.Consents.RevokeTokensAsync(account, client.Id, cancellationToken);
            }
            if (page.Next is null)
                return;
            after = page.Next;
        }
    }

    public static Dictionary<string, string> Describe(string? role, string? tenant, string? @namespace)
    {
        var details = new Dictionary<string, string> { ["role"] = Operation.Brief(role) };
        if (!string.IsNullOrEmpty(tenant))
            details["scope"] = Operation.Brief(string.IsNullOrEmpty(@namespace) ? tenant : $"{tenant}/{@namespace}");
        return details;
    }
}
