using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.OpenId;

namespace Portal.Domain.Organizations;

/// <summary>Written <c>key</c>, <c>apiKey</c>, <c>applicationSecret</c>, <c>invitation</c>.</summary>
public enum GivenKind
{
    Key,
    ApiKey,
    ApplicationSecret,
    Invitation,
}

/// <summary>Something that a member made or was shown, and that ends with their membership or with a lesser role.</summary>
/// <param name="Name">The name of a key or application, the address of an invitation.</param>
/// <param name="Place">The namespace of a key to topics, the role of an API key or invitation; null for others.</param>
public sealed record Given(GivenKind Kind, Guid Id, string Name, string? Place);

/// <summary>What ends when a member is removed, or gets a role that may do less: to look at before either is done.</summary>
public sealed class ListGivenByMember(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="role">The new role, with where it holds; null lists what ends with the membership.</param>
    /// <returns>By kind, then in the order in which it was made.</returns>
    public async Task<Outcome<PageOf<Given>>> RunAsync(
        Actor actor,
        string organization,
        AccountId member,
        string? role,
        string? tenant,
        string? @namespace,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ManageMembers, "member.credentials", $"{member}"),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        OrganizationAccess? then = null;
        if (!string.IsNullOrEmpty(role))
        {
            if (!RoleGiving.Parse(role).TryGet(out var next, out problem))
                return problem;
            if (!RoleGiving.PlaceOf(next, tenant, @namespace).TryGet(out var scope, out problem))
                return problem;
            then = access with { Role = next, Scope = scope, Bounds = null };
        }
        var all = await database.ReadAsync<Outcome<List<Given>>>(
            async session =>
                await session.Organizations.FindMembershipAsync(access.Organization.Id, member, cancellationToken) is null
                    ? Membering.NoMember
                    : await FindAsync(session, access.Organization.Id, member, then, clock.Now(), cancellationToken),
            cancellationToken
        );
        return all.TryGet(out var found, out problem) ? Page(found, page) : problem;
    }

    internal static PageOf<Given> Page(List<Given> found, PageRequest page)
    {
        var from = page.After is { } after ? found.FindIndex(given => $"{given.Id:N}" == after) + 1 : 0;
        if (page.After is not null && from == 0 && !page.Lenient)
            throw new CursorUnknownException();
        var items = found.Skip(from).Take(page.Limit).ToList();
        return new PageOf<Given>(items, from + items.Count < found.Count ? $"{items[^1].Id:N}" : null);
    }

    internal static async Task<List<Given>> FindAsync(
        IPortalSession session,
        OrganizationId organization,
        AccountId member,
        OrganizationAccess? then,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var found = new List<Given>();
        foreach (var key in await session.Keys.CreatedByAsync(organization, member, cancellationToken))
            if (key.State != ResourceState.Deleting && !then.MayMake(key))
                found.Add(new(GivenKind.Key, key.Id.Value, key.Name, $"{key.TenantName}/{key.NamespaceName}"));
        foreach (var key in await session.ApiKeys.LiveAsync(organization, now, cancellationToken))
            if (key.CreatedById == member && then?.MayGive(key.Role!.Value, key.Scope) != true)
                found.Add(new(GivenKind.ApiKey, key.Id.Value, key.Name, $"{key.Role}"));
        foreach (var client in await session.OidcClients.KnownToAsync(organization, member, cancellationToken))
            if (then is null || client.ActsAlone && !OidcScopes.RolesOf(client.Scopes).All(role => then.MayGive(role, Scope.Whole)))
                found.Add(new(GivenKind.ApplicationSecret, client.Id.Value, client.Name, null));
        foreach (var invitation in await session.Invitations.PendingAsync(organization, now, cancellationToken))
            if (invitation.InvitedById == member && then?.MayGive(invitation.Role, invitation.Scope) != true)
                found.Add(new(GivenKind.Invitation, invitation.Id.Value, invitation.Email, $"{invitation.Role}"));
        return found;
    }
}
