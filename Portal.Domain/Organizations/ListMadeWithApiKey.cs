using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Domain.Organizations;

/// <summary>What ends when an organization's API key is revoked, unless it is kept: to look at before.</summary>
public sealed class ListMadeWithApiKey(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <returns>Keys to topics, then invitations, each in the order in which they were made; those of the keys that it replaced too.</returns>
    public async Task<Outcome<PageOf<Given>>> RunAsync(Actor actor, string organization, ApiKeyId id, PageRequest page, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(actor, organization, new Operation(Permission.ManageOrganization, "api-key.credentials", $"{id}"), cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        var all = await database.ReadAsync<Outcome<List<Given>>>(async session =>
        {
            if (await session.ApiKeys.FindAsync(access.Organization.Id, id, cancellationToken) is not { } key) return ApiKeyRules.NoKey;
            ApiKeyId[] line = [.. (await session.ApiKeys.LineageAsync(key, cancellationToken)).Select(one => one.Id)];
            var found = new List<Given>();
            foreach (var made in await session.Keys.MadeWithAsync(line, cancellationToken))
                if (made.State != ResourceState.Deleting) found.Add(new(GivenKind.Key, made.Id.Value, made.Name, $"{made.TenantName}/{made.NamespaceName}"));
            foreach (var made in await session.Invitations.MadeWithAsync(line, clock.Now(), cancellationToken))
                found.Add(new(GivenKind.Invitation, made.Id.Value, made.Email, $"{made.Role}"));
            return found;
        }, cancellationToken);
        return all.TryGet(out var listed, out problem) ? ListGivenByMember.Page(listed, page) : problem;
    }
}
