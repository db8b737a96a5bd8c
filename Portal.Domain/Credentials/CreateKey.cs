using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Credentials;

/// <summary>What a key is to open.</summary>
/// <param name="Topics">Names in the namespace; null means all, also those made later. To consume one covers its retry and dead letter
/// topics, also those made later.</param>
/// <param name="Patterns">Consume on the namespace, for pattern subscriptions.</param>
public sealed record KeyRequest(
    string? Name,
    string? Tenant,
    string? Namespace,
    IReadOnlyList<string>? Topics,
    bool Patterns,
    KeyPermissions Permissions,
    DateTimeOffset? ExpiresAt
);

/// <summary>A key that was just made: the only time its token is shown.</summary>
public sealed record NewKey(PulsarKey Key, string Token);

/// <summary>Makes a key: a role of its own, a signed token, and grants that follow.</summary>
public sealed class CreateKey(AccessGuard guard, IPortalDatabase database, ITokenSigner signer, TimeProvider clock)
{
    /// <summary>About 48 bytes a grant in the namespace's policies document, which stays below 256 KiB.</summary>
    public const int MostGrantsOfNamespace = 5_000;

    private const int WaitsForTopics = 5;
    private static readonly TimeSpan WaitsAtMost = TimeSpan.FromSeconds(10);

    public async Task<Outcome<NewKey>> RunAsync(Actor actor, string organization, KeyRequest request, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.ManageKeys,
            "key.create",
            $"{request.Tenant}/{request.Namespace}",
            Describe(request),
            new(request.Tenant, request.Namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!Label.Create(request.Name, "name").TryGet(out var label, out problem))
            return problem;
        if (Refuse(request, clock.Now()) is { } refusal)
            return refusal;

        var topicsOfKey = 0;
        var made = await database.WriteAsync<NewKey>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.Tenants.FindAsync(access.Organization.Id, request.Tenant ?? "", cancellationToken) is not { } tenant)
                    return TenantProblems.NoTenant;
                if (await session.Tenants.FindNamespaceAsync(tenant.Id, request.Namespace ?? "", cancellationToken) is not { } inside)
                    return TenantProblems.NoNamespace;
                if (inside.State == ResourceState.Deleting)
                    return TenantProblems.Deleting("namespace");
                var topics = await TopicsOfAsync(session, inside, request, cancellationToken);
                if (!topics.TryGet(out var granted, out var missing))
                    return missing;
                var used = await session.Keys.CountGrantsAsync(inside.Id, cancellationToken);
                if (RefuseGrants(used, granted.Count) is { } full)
                    return full;

                var key = new PulsarKey(
                    new KeyId(clock.NewUuid()),
                    inside,
                    label.Value,
                    request.Permissions,
                    request.Topics is null,
                    request.Patterns,
                    clock.Now(),
                    request.ExpiresAt?.TruncateToMicroseconds(),
                    actor.Maker,
                    actor.Name,
                    actor.ApiKey
                );
                if (!signer.Sign(inside.Cluster, key.Role, key.ExpiresAt).TryGet(out var token, out var unsigned))
                    return unsigned;
                session.Keys.Add(key);
                foreach (var topic in granted)
                    session.Keys.Add(new KeyGrant(key.Id, topic.Id));
                session.Work.Add(clock, new GrantKeysWork(inside.Id), GrantKeysWork.Place(inside));
                topicsOfKey = granted.Count;
                return new NewKey(key, token);
            },
            cancellationToken
        );
        if (!made.TryGet(out var result, out problem))
            return problem;
        return topicsOfKey <= WaitsForTopics ? result with { Key = await SettleAsync(result.Key, cancellationToken) } : result;
    }

    internal static Problem.OverLimit? RefuseGrants(int used, int needed) =>
        used + needed <= MostGrantsOfNamespace
            ? null
            : new Problem.OverLimit(
                "grants-limit",
                $"A namespace can have {MostGrantsOfNamespace} key grants on topics. {used} exist and this key needs {needed}. "
                    + "Delete a key, or put topics in another namespace.",
                MostGrantsOfNamespace,
                used,
                null
            );

    private static Problem.Invalid? Refuse(KeyRequest request, DateTimeOffset now)
    {
        if (request.Permissions == KeyPermissions.None)
            return new Problem.Invalid(
                "permissions-missing",
                "A key needs at least one of the permissions produce and consume.",
                "permissions"
            );
        if (request.Patterns && !request.Permissions.HasFlag(KeyPermissions.Consume))
            return new Problem.Invalid("patterns-need-consume", "Pattern subscriptions need the permission consume.", "patterns");
        if (request.Topics is { Count: 0 })
            return new Problem.Invalid("topics-empty", "Choose at least one topic, or cover all topics of the namespace.", "topics");
        return request.ExpiresAt <= now
            ? new Problem.Invalid("expiry-past", "The expiry date is in the past. Choose a later one, or none.", "expiresAt")
            : null;
    }

    private static async Task<Outcome<IReadOnlyList<Topic>>> TopicsOfAsync(
        IPortalSession session,
        Namespace @namespace,
        KeyRequest request,
        CancellationToken cancellationToken
    )
    {
        var topics = new List<Topic>();
        if (request.Topics is not { } names)
        {
            await foreach (var topic in session.AllTopicsAsync(@namespace.Id, cancellationToken))
                if (topic.State != ResourceState.Deleting)
                    topics.Add(topic);
            return topics;
        }
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            var topic = TopicName.Create(name) is { IsOk: true, Value: var valid }
                ? await session.Topics.FindAsync(@namespace.Id, valid.Value, null, cancellationToken)
                : null;
            if (topic is null || topic.State == ResourceState.Deleting)
                return new Problem.NotFound(
                    "topic-not-found",
                    $"There is no topic '{(name.Length > 200 ? name[..200] + "…" : name)}' in '{@namespace.Path}'. "
                        + "Create it first: keys open topics that exist."
                );
            topics.Add(topic);
        }
        // Whoever consumes a topic puts aside there what it retries or gives up on.
        if (request.Permissions.HasFlag(KeyPermissions.Consume))
            topics.AddRange(
                (await session.Topics.BesideAsync(@namespace.Id, names, cancellationToken))
                    .Where(topic => topic.State != ResourceState.Deleting && topics.All(other => other.Id != topic.Id))
                    .ToList()
            );
        return topics;
    }

    /// <summary>Waits for the grants, so that a script may use the key at once.</summary>
    private async Task<PulsarKey> SettleAsync(PulsarKey key, CancellationToken cancellationToken)
    {
        for (var until = clock.Now() + WaitsAtMost; clock.Now() < until; )
        {
            var now = await database.ReadAsync(session => session.Keys.FindAsync(key.Id, cancellationToken), cancellationToken);
            if (now is null || now.State != ResourceState.Creating)
                return now ?? key;
            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
        }
        return key;
    }

    private static Dictionary<string, string> Describe(KeyRequest request) =>
        new()
        {
            ["permissions"] = request.Permissions.ToString(),
            ["topics"] = request.Topics is null ? "all" : $"{request.Topics.Count}",
            ["patterns"] = request.Patterns ? "true" : "false",
        };
}
