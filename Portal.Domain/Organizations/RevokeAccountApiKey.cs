using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Domain.Organizations;

/// <summary>
/// Ends one of the account's keys: its next call is refused. In whatever organization it made keys to topics and invitations, those end too
/// unless they are kept.
/// </summary>
public sealed class RevokeAccountApiKey(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="keepCreated">Keys to topics and invitations stay.</param>
    public async Task<Outcome<Done>> RunAsync(Actor actor, ApiKeyId id, bool keepCreated, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.api-key.revoke", $"{id}", ApiKeyEnding.Describe(keepCreated));
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.WriteAsync<Done>(
            actor,
            null,
            operation,
            async session =>
            {
                if (actor.AccountId is not { } account || await session.ApiKeys.FindAsync(account, id, cancellationToken) is not { } key)
                    return ApiKeyRules.NoKey;
                await session.EndAsync(key, keepCreated, clock.Now(), cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}
