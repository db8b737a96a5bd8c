using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Domain.Organizations;

/// <summary>
/// Ends an organization's key: its next call is refused. The keys to topics and the invitations that were made with it, or
/// with those that it replaced, end too unless they are kept: whoever had the key may have them.
/// </summary>
public sealed class RevokeApiKey(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="keepCreated">Keys to topics and invitations stay.</param>
    public async Task<Outcome<Done>> RunAsync(
        Actor actor,
        string organization,
        ApiKeyId id,
        bool keepCreated,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ManageOrganization, "api-key.revoke", $"{id}", ApiKeyEnding.Describe(keepCreated));
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<Done>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.ApiKeys.FindAsync(access.Organization.Id, id, cancellationToken) is not { } key)
                    return ApiKeyRules.NoKey;
                await session.EndAsync(key, keepCreated, clock.Now(), cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>What both kinds of API keys have in common when they end.</summary>
internal static class ApiKeyEnding
{
    public static Dictionary<string, string> Describe(bool keepCreated) => new() { ["created"] = keepCreated ? "kept" : "ended" };

    /// <summary>Keys to topics are ended by <see cref="EndExpiredKeys"/>, each in its own organization and its log.</summary>
    public static async Task EndAsync(
        this IPortalSession session,
        ApiKey key,
        bool keepCreated,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        key.Revoke(now);
        if (keepCreated)
            return;
        var line = await session.ApiKeys.LineageAsync(key, cancellationToken);
        foreach (var one in line)
            one.EndMade();
        foreach (var invitation in await session.Invitations.MadeWithAsync([.. line.Select(one => one.Id)], now, cancellationToken))
            invitation.Revoke(now);
    }
}
