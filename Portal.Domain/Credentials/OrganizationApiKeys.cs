using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Credentials;

/// <summary>What a key is to be: a role in an organization, or one that narrows an account's key.</summary>
public sealed record ApiKeyRequest(string? Name, string? Role, string? Tenant, string? Namespace, DateTimeOffset? ExpiresAt);

/// <summary>A key that was just made: the only time its text is shown.</summary>
public sealed record NewApiKey(ApiKey Key, string Text);

/// <summary>
/// Makes an organization's key. It may do no more than who makes it, and somebody with an account makes it: a key makes no keys.
/// </summary>
public sealed class CreateApiKey(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public const int Most = 100;

    public async Task<Outcome<NewApiKey>> RunAsync(
        Actor actor,
        string organization,
        ApiKeyRequest request,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ManageOrganization, "api-key.create", request.Name ?? "", ApiKeyRules.Describe(request));
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (actor.AccountId is not { } creator)
            return ApiKeyRules.MadeByPeople;
        if (!Label.Create(request.Name, "name").TryGet(out var name, out problem))
            return problem;
        if (!RoleGiving.Parse(request.Role).TryGet(out var role, out problem))
            return problem;
        if (!RoleGiving.PlaceOf(role, request.Tenant, request.Namespace).TryGet(out var scope, out problem))
            return problem;
        if (!access.MayGive(role, scope))
            return RoleGiving.AboveOwn(role);
        if (ApiKeyRules.RefuseExpiry(request.ExpiresAt, clock.Now()) is { } past)
            return past;

        return await database.WriteAsync<NewApiKey>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await TenantScope.MissingAsync(session, access.Organization.Id, scope, cancellationToken) is { } missing)
                    return missing;
                var used = (await session.ApiKeys.LiveAsync(access.Organization.Id, clock.Now(), cancellationToken)).Count;
                if (used >= Most)
                    return ApiKeyRules.TooMany(Most, used);
                var text = ApiKeyText.New();
                var key = ApiKey.OfOrganization(
                    new(clock.NewUuid()),
                    new(access.Organization.Id, role, scope),
                    name.Value,
                    text,
                    creator,
                    actor.Name,
                    clock.Now(),
                    request.ExpiresAt?.TruncateToMicroseconds()
                );
                session.ApiKeys.Add(key);
                return new NewApiKey(key, text);
            },
            cancellationToken
        );
    }
}

/// <summary>Puts a new key in a key's place; the old one goes on for the overlap, so that nothing has to change at once.</summary>
public sealed class RotateApiKey(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="overlapHours">0 to 720; 24 unless given.</param>
    public async Task<Outcome<NewApiKey>> RunAsync(
        Actor actor,
        string organization,
        ApiKeyId id,
        int? overlapHours,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ManageOrganization, "api-key.rotate", $"{id}");
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!ApiKeyRules.Overlap(overlapHours).TryGet(out var overlap, out problem))
            return problem;
        return await database.WriteAsync<NewApiKey>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.ApiKeys.FindAsync(access.Organization.Id, id, cancellationToken) is not { } key)
                    return ApiKeyRules.NoKey;
                // Whoever rotates a key gets to know one of its role.
                if (!access.MayGive(key.Role!.Value, key.Scope))
                    return RoleGiving.AboveOwn(key.Role.Value);
                return ApiKeyRules.Rotate(session, key, actor, overlap, clock);
            },
            cancellationToken
        );
    }
}

/// <summary>The organization's keys, newest first.</summary>
public sealed class ListApiKeys(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<ApiKey>>> RunAsync(
        Actor actor,
        string organization,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ManageOrganization, "api-key.list", organization),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync(
            session => session.ApiKeys.ListAsync(access.Organization.Id, page, cancellationToken),
            cancellationToken
        );
    }
}

public sealed class GetApiKey(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<ApiKey>> RunAsync(Actor actor, string organization, ApiKeyId id, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ManageOrganization, "api-key.view", $"{id}"),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var found = await database.ReadAsync(
            session => session.ApiKeys.FindAsync(access.Organization.Id, id, cancellationToken),
            cancellationToken
        );
        return found is null ? ApiKeyRules.NoKey : found;
    }
}
