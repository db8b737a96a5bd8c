using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Plans;
using Portal.Domain.Topics;

namespace Portal.Domain.Gateway;

/// <summary>A client that may connect, and what its session depends on.</summary>
/// <param name="Topics">Gone when one of them is deleted: the topic itself, and that of its dead letters.</param>
/// <param name="ExpiresAt">The earlier of the key's and the token's; null for never.</param>
/// <param name="Query">For the broker.</param>
/// <param name="Limits">As they were when the client connected.</param>
public sealed record Admission(
    GatewayAddress Address,
    KeyId Key,
    OrganizationId Organization,
    string Cluster,
    IReadOnlyList<TopicId> Topics,
    DateTimeOffset? ExpiresAt,
    string Query,
    SessionLimits Limits
)
{
    /// <summary>The broker publishes for this consumer what it gives up on.</summary>
    public bool WritesDeadLetters => Address.Kind == SessionKind.Consumer && Topics.Count > 1;
}

/// <summary>
/// Decides whether a WebSocket client may connect: whose token it is, what its key opens, and which parameters go on to
/// the broker. Read afresh for each connection.
/// </summary>
public sealed class AdmitClient(IPortalDatabase database, IClusterCatalog clusters, ITokenVerifier tokens, TimeProvider clock)
{
    // A key's token has about 500 characters.
    private const int LongestToken = 4096;

    /// <param name="path">Decoded once.</param>
    /// <param name="query">Decoded, in the client's order and letter case, without the token.</param>
    public async Task<Outcome<Admission>> RunAsync(
        string path,
        IReadOnlyList<KeyValuePair<string, string>> query,
        string? token,
        CancellationToken cancellationToken
    )
    {
        if (!GatewayAddress.Parse(path).TryGet(out var address, out var problem))
            return problem;
        if (string.IsNullOrEmpty(token))
            return GatewayProblems.NoToken;
        if (token.Length > LongestToken || tokens.Read(token) is not { } claims || PulsarKey.IdOf(claims.Role) is not { } id)
            return GatewayProblems.KeyRefused;
        // In memory, before anything is read: made-up tokens cost the database nothing, however many come.
        if (!await IsOfAClusterAsync(token, cancellationToken))
            return GatewayProblems.KeyRefused;
        var key = await database.ReadAsync(session => session.Keys.FindAsync(id, cancellationToken), cancellationToken);
        // Whether there is such a key is nobody's business who cannot show a token of it.
        if (key is null || !await tokens.IsSignedAsync(key.Cluster, token, cancellationToken))
            return GatewayProblems.KeyRefused;
        if (!GatewayParameters.Check(address, query).TryGet(out var parameters, out problem))
            return problem;

        var expires = Earlier(key.ExpiresAt, claims.ExpiresAt);
        return await database.ReadAsync<Outcome<Admission>>(
            async session =>
            {
                var standing = (await session.Keys.StandingsAsync([id], cancellationToken)).Single();
                if (
                    SessionRules.WhyRefused(
                        standing with
                        {
                            ExpiresAt = expires,
                        },
                        address.Kind,
                        parameters.DeadLetterTopic is not null,
                        clock.Now()
                    ) is
                    { } ended
                )
                    return ended;
                var needed = address.Kind == SessionKind.Producer ? KeyPermissions.Produce : KeyPermissions.Consume;
                if (address.Tenant != key.TenantName || address.Namespace != key.NamespaceName)
                    return GatewayProblems.NotInKey;
                var topic = await FindAsync(session, key, address.Topic, address.Persistent, needed, cancellationToken);
                if (topic is null)
                    return GatewayProblems.NotInKey;
                if (
                    !key.Permissions.HasFlag(needed)
                    && !(topic.Beside is not null && (await session.BesideAsync(key, cancellationToken)).Contains(topic.Id))
                )
                    return needed == KeyPermissions.Produce ? GatewayProblems.MayNotProduce : GatewayProblems.MayNotConsume;
                if (address.Partition is { } partition && partition >= topic.Partitions)
                    return GatewayProblems.NoPartition;
                var topics = new List<TopicId> { topic.Id };
                if (parameters.DeadLetterTopic is { } named)
                {
                    if (await DeadLettersAsync(session, key, named, cancellationToken) is not { } letters)
                        return GatewayProblems.DeadLettersElsewhere(named);
                    topics.Add(letters.Id);
                }
                var limits = SessionLimits.Of(await session.PlanOfAsync(key.OrganizationId, cancellationToken));
                return new Admission(address, key.Id, key.OrganizationId, key.Cluster, topics, expires, parameters.Query, limits);
            },
            cancellationToken
        );
    }

    private async Task<bool> IsOfAClusterAsync(string token, CancellationToken cancellationToken)
    {
        foreach (var cluster in clusters.All)
            if (await tokens.IsSignedAsync(cluster.Name, token, cancellationToken))
                return true;
        return false;
    }

    /// <summary>
    /// The topic where dead letters may go. The broker writes them with its own rights, so this is the only check there
    /// is: a topic of Portal's, spelled exactly as Portal does, that the key could send to by itself.
    /// </summary>
    private static async Task<Topic?> DeadLettersAsync(
        IPortalSession session,
        PulsarKey key,
        string named,
        CancellationToken cancellationToken
    )
    {
        var persistent = named.StartsWith("persistent://", StringComparison.Ordinal);
        if (named.Split("://", 2) is not [_, var rest] || rest.Split('/') is not [_, _, var name] || !TopicName.Create(name).IsOk)
            return null;
        var topic = await FindAsync(session, key, name, persistent, KeyPermissions.Produce, cancellationToken);
        if (topic?.Address != named)
            return null;
        return
            key.Permissions.HasFlag(KeyPermissions.Produce)
            || topic.Beside is not null && (await session.BesideAsync(key, cancellationToken)).Contains(topic.Id)
            ? topic
            : null;
    }

    /// <summary>A topic of the key's namespace that the key is granted. Patterns open every topic there for consuming.</summary>
    private static async Task<Topic?> FindAsync(
        IPortalSession session,
        PulsarKey key,
        string name,
        bool persistent,
        KeyPermissions needed,
        CancellationToken cancellationToken
    )
    {
        if (await session.Topics.FindAsync(key.NamespaceId, name, persistent, cancellationToken) is not { } topic)
            return null;
        if (key.Patterns && needed == KeyPermissions.Consume)
            return topic;
        return (await session.Keys.GrantsOfTopicAsync(topic.Id, cancellationToken)).Any(grant => grant.KeyId == key.Id) ? topic : null;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;
}
