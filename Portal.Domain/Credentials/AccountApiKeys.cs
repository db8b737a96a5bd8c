using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Credentials;

/// <summary>Makes a key of the actor's own account: it acts as the account, or with a role named does no more than that role may.</summary>
public sealed class CreateAccountApiKey(AccessGuard guard, IPortalDatabase database, IAccountDirectory accounts, TimeProvider clock)
{
    public const int Most = 50;

    public async Task<Outcome<NewApiKey>> RunAsync(Actor actor, ApiKeyRequest request, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.ManageAccount,
            "account.api-key.create",
            request.Name ?? "",
            ApiKeyRules.Describe(request)
        );
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (actor.AccountId is not { } id || await accounts.FindAsync(id, cancellationToken) is not { } account)
            return ApiKeyRules.MadeByPeople;
        if (!Label.Create(request.Name, "name").TryGet(out var name, out var problem))
            return problem;
        if (!string.IsNullOrEmpty(request.Tenant) || !string.IsNullOrEmpty(request.Namespace))
            return new Problem.Invalid(
                "scope-of-account-key",
                "An account's API key has the same access as the account. To limit a key to one tenant, create one in the organization.",
                "tenant"
            );
        Role? bound = null;
        if (!string.IsNullOrEmpty(request.Role))
        {
            if (!RoleGiving.Parse(request.Role).TryGet(out var role, out problem))
                return problem;
            bound = role;
        }
        if (ApiKeyRules.RefuseExpiry(request.ExpiresAt, clock.Now()) is { } past)
            return past;

        return await database.WriteAsync<NewApiKey>(
            actor,
            null,
            operation,
            async session =>
            {
                var used = (await session.ApiKeys.LiveAsync(id, clock.Now(), cancellationToken)).Count;
                if (used >= Most)
                    return ApiKeyRules.TooMany(Most, used);
                var text = ApiKeyText.New();
                var key = ApiKey.OfAccount(
                    new(clock.NewUuid()),
                    account,
                    name.Value,
                    text,
                    bound,
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

/// <summary>Puts a new key in the place of one of the account's.</summary>
public sealed class RotateAccountApiKey(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="overlapHours">0 to 720; 24 unless given.</param>
    public async Task<Outcome<NewApiKey>> RunAsync(Actor actor, ApiKeyId id, int? overlapHours, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.api-key.rotate", $"{id}");
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (!ApiKeyRules.Overlap(overlapHours).TryGet(out var overlap, out var problem))
            return problem;
        return await database.WriteAsync<NewApiKey>(
            actor,
            null,
            operation,
            async session =>
                actor.AccountId is { } account && await session.ApiKeys.FindAsync(account, id, cancellationToken) is { } key
                    ? ApiKeyRules.Rotate(session, key, actor, overlap, clock)
                    : ApiKeyRules.NoKey,
            cancellationToken
        );
    }
}

/// <summary>The account's keys, newest first.</summary>
public sealed class ListAccountApiKeys(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<ApiKey>>> RunAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.ManageAccount, "account.api-key.list", actor.Name),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        if (actor.AccountId is not { } account)
            return ApiKeyRules.MadeByPeople;
        return await database.ReadAsync(session => session.ApiKeys.ListAsync(account, page, cancellationToken), cancellationToken);
    }
}
