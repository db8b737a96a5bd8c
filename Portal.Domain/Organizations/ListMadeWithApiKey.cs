using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Domain.Organizations;

/// <summary>What ends when an organization's API key is revoked, unless it is kept: to look at before.</summary>
public sealed class ListMadeWithApiKey(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <returns>Keys to topics, then invitations, each in the order in which they were made; those of the keys that it replaced
    /// too.</returns>
    public async Task<Outcome<PageOf<Given>>> RunAsync(
        Actor actor,
        string organization,
        ApiKeyId id,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ManageOrganization, "api-key.credentials", $"{id}"),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var all = await database.ReadAsync<Outcome<List<Given>>>(
            async session =>
                await session.ApiKeys.FindAsync(access.Organization.Id, id, cancellationToken) is { } key
                    ? (await session.MadeWithAsync(key, clock.Now(), cancellationToken)).ConvertAll(made => made.Given)
                    : ApiKeyRules.NoKey,
            cancellationToken
        );
        return all.TryGet(out var listed, out problem) ? ListGivenByMember.Page(listed, page) : problem;
    }
}

/// <summary>
/// What ends when an API key of the actor's account is revoked, unless it is kept, in whatever organizations: to look at before.
/// </summary>
public sealed class ListMadeWithAccountApiKey(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <returns>As <see cref="ListMadeWithApiKey"/> says; places begin with the organization, <c>northwind: shop/production</c>.</returns>
    public async Task<Outcome<PageOf<Given>>> RunAsync(Actor actor, ApiKeyId id, PageRequest page, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.ManageAccount, "account.api-key.credentials", $"{id}"),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        var all = await database.ReadAsync<Outcome<List<Given>>>(
            async session =>
                actor.AccountId is { } account && await session.ApiKeys.FindAsync(account, id, cancellationToken) is { } key
                    ? await NamedAsync(session, await session.MadeWithAsync(key, clock.Now(), cancellationToken), cancellationToken)
                    : ApiKeyRules.NoKey,
            cancellationToken
        );
        return all.TryGet(out var listed, out var problem) ? ListGivenByMember.Page(listed, page) : problem;
    }

    private static async Task<List<Given>> NamedAsync(IPortalSession session, List<MadeWithKey> made, CancellationToken cancellationToken)
    {
        var slugs = new Dictionary<OrganizationId, string>();
        foreach (var id in made.Select(one => one.Organization).Distinct())
            if (await session.Organizations.FindAsync(id, cancellationToken) is { } organization)
                slugs[id] = organization.Slug;
        return made.ConvertAll(one => one.Given with { Place = $"{slugs.GetValueOrDefault(one.Organization)}: {one.Given.Place}" });
    }
}

internal sealed record MadeWithKey(Given Given, OrganizationId Organization);

internal static class MadeWithKeys
{
    public static async Task<List<MadeWithKey>> MadeWithAsync(
        this IPortalSession session,
        ApiKey key,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        ApiKeyId[] line = [.. (await session.ApiKeys.LineageAsync(key, cancellationToken)).Select(one => one.Id)];
        var found = new List<MadeWithKey>();
        foreach (var made in await session.Keys.MadeWithAsync(line, cancellationToken))
            if (made.State != ResourceState.Deleting)
                found.Add(
                    new(new(GivenKind.Key, made.Id.Value, made.Name, $"{made.TenantName}/{made.NamespaceName}"), made.OrganizationId)
                );
        foreach (var made in await session.Invitations.MadeWithAsync(line, now, cancellationToken))
            found.Add(new(new(GivenKind.Invitation, made.Id.Value, made.Email, $"{made.Role}"), made.OrganizationId));
        return found;
    }
}
