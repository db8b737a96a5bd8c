using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Credentials;

[Flags]
public enum KeyPermissions
{
    None = 0,
    Produce = 1,
    Consume = 2,
}

/// <summary>
/// A key for a customer's Pulsar clients: one Pulsar role of fixed length that is never used again. The token is shown
/// once and not kept.
/// </summary>
public sealed class PulsarKey : ClusterResource
{
    private PulsarKey() { }

    public PulsarKey(
        KeyId id,
        Namespace @namespace,
        string name,
        KeyPermissions permissions,
        bool allTopics,
        bool patterns,
        DateTimeOffset createdAt,
        DateTimeOffset? expiresAt,
        AccountId? createdById = null,
        string createdBy = "",
        ApiKeyId? madeWith = null
    ) =>
        (
            Id,
            OrganizationId,
            TenantId,
            NamespaceId,
            TenantName,
            NamespaceName,
            Cluster,
            Name,
            Permissions,
            AllTopics,
            Patterns,
            CreatedAt,
            ExpiresAt,
            CreatedById,
            CreatedBy,
            MadeWith,
            State
        ) = (
            id,
            @namespace.OrganizationId,
            @namespace.TenantId,
            @namespace.Id,
            @namespace.TenantName,
            @namespace.Name,
            @namespace.Cluster,
            name,
            permissions,
            allTopics,
            patterns,
            createdAt,
            expiresAt,
            createdById,
            createdBy,
            madeWith,
            ResourceState.Creating
        );

    public KeyId Id { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public TenantId TenantId { get; private set; }
    public NamespaceId NamespaceId { get; private set; }
    public string TenantName { get; private set; } = "";
    public string NamespaceName { get; private set; } = "";
    public string Cluster { get; private set; } = "";
    public string Name { get; private set; } = "";

    /// <summary>The subject of its token.</summary>
    public string Role => $"key-{Id.Value:N}";

    /// <summary>The key whose token has this subject; null for a role of another kind.</summary>
    public static KeyId? IdOf(string role) =>
        role.StartsWith("key-", StringComparison.Ordinal) && Guid.TryParseExact(role.AsSpan(4), "N", out var id) && role == $"key-{id:N}"
            ? new KeyId(id)
            : null;

    public KeyPermissions Permissions { get; private set; }

    /// <summary>What its role is granted on each of its topics; null when that is nothing.</summary>
    /// <param name="blocked">A hard cap keeps the organization's keys from producing.</param>
    public GrantedActions? Grants(bool blocked) =>
        (Permissions.HasFlag(KeyPermissions.Produce) && !blocked, Permissions.HasFlag(KeyPermissions.Consume)) switch
        {
            (false, false) => null,
            var (produce, consume) => new GrantedActions(produce, consume),
        };

    /// <summary>The same on one of its topics: where its consumers put what they retry or give up on, they have to send too.</summary>
    /// <param name="beside">The topic is for the retries or dead letters of one that the key consumes (<see cref="BesideTopics"/>).</param>
    public GrantedActions? Grants(bool blocked, bool beside) => beside ? new GrantedActions(!blocked, true) : Grants(blocked);

    /// <summary>Every topic of the namespace, also those made later: the portal grants each.</summary>
    public bool AllTopics { get; private set; }

    /// <summary>Consume on the namespace, which pattern subscriptions need; it can also clear any backlog there.</summary>
    public bool Patterns { get; private set; }

    /// <summary>When the grant for patterns was read back from the broker; null until then.</summary>
    public DateTimeOffset? PatternsGrantedAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>
    /// When a WebSocket client last had a session with it, to the minute; null for never. Clients of the binary protocol do not pass
    /// Portal.
    /// </summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    /// <summary>
    /// Who was shown the token: where a program of the organization made the key, who made the program's key or knows its secret. Null
    /// where nobody is known.
    /// </summary>
    public AccountId? CreatedById { get; private set; }

    /// <summary>Their email address then, or the program's name.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>The API key that it was made with; null for what a person made in the browser, or a client.</summary>
    public ApiKeyId? MadeWith { get; private set; }

    /// <summary>The key that a rotation put beside it; it works on until <see cref="ExpiresAt"/>. Null for none.</summary>
    public KeyId? ReplacedBy { get; private set; }

    /// <summary>How many days before its end people were told of it last; null for not at all (<see cref="EndWarning"/>).</summary>
    public int? WarnedDays { get; private set; }

    public void Warned(int days) => WarnedDays = days;

    public bool HasExpired(DateTimeOffset now) => ExpiresAt <= now;

    /// <summary>
    /// Its successor, which lives as long as it was meant to itself. This one expires after the overlap, or earlier if it was to.
    /// </summary>
    public PulsarKey Rotate(
        KeyId next,
        Namespace @namespace,
        TimeSpan overlap,
        DateTimeOffset now,
        AccountId? by,
        string byName,
        ApiKeyId? with
    )
    {
        var successor = new PulsarKey(
            next,
            @namespace,
            Name,
            Permissions,
            AllTopics,
            Patterns,
            now,
            ExpiresAt is { } expiry ? now + (expiry - CreatedAt) : null,
            by,
            byName,
            with
        );
        ReplacedBy = next;
        if (!(ExpiresAt <= now + overlap))
            ExpiresAt = now + overlap;
        return successor;
    }

    /// <summary>Grants are missing: it is ready when they are there.</summary>
    public void Granting() => Retry();

    public void PatternsGranted(DateTimeOffset at) => PatternsGrantedAt = at;

    /// <summary>The broker was seen not to hold the grant for patterns any more.</summary>
    public void PatternsTaken() => PatternsGrantedAt = null;
}

/// <summary>A topic that a key is granted, and whether the broker was seen to hold the grant.</summary>
public sealed class KeyGrant
{
    private KeyGrant() { }

    public KeyGrant(KeyId keyId, TopicId topicId) => (KeyId, TopicId) = (keyId, topicId);

    public KeyId KeyId { get; private set; }
    public TopicId TopicId { get; private set; }

    /// <summary>When the grant was read back from the broker; null until then.</summary>
    public DateTimeOffset? GrantedAt { get; private set; }

    public void Granted(DateTimeOffset at) => GrantedAt = at;

    /// <summary>The broker was seen not to hold it any more.</summary>
    public void Taken() => GrantedAt = null;
}

/// <summary>What decides whether a key may be used, without the rest of it.</summary>
public sealed record KeyStanding(
    KeyId Key,
    ResourceState State,
    DateTimeOffset? ExpiresAt,
    OrganizationState Organization,
    bool PublishingBlocked = false
);

public interface IKeyStore
{
    /// <summary>Deleted ones too; one that does not exist is left out.</summary>
    Task<IReadOnlyList<KeyStanding>> StandingsAsync(IReadOnlyCollection<KeyId> keys, CancellationToken cancellationToken);

    /// <summary>Of the organization; deleted ones are not found.</summary>
    Task<PulsarKey?> FindAsync(OrganizationId organization, KeyId id, CancellationToken cancellationToken);

    /// <summary>Deleted ones too.</summary>
    Task<PulsarKey?> FindAsync(KeyId id, CancellationToken cancellationToken);

    /// <summary>Not deleted, newest first; of one tenant or of the whole organization. Search in the name.</summary>
    Task<PageOf<PulsarKey>> ListAsync(
        OrganizationId organization,
        Scope scope,
        TenantId? tenant,
        TopicId? topic,
        PageRequest page,
        CancellationToken cancellationToken
    );

    /// <summary>How many are not deleted.</summary>
    Task<int> CountAsync(OrganizationId organization, Scope scope, CancellationToken cancellationToken);

    /// <summary>Not deleted, failed or for longer than that never ready: those that somebody should look at, the oldest first.</summary>
    Task<IReadOnlyList<PulsarKey>> UnreadyAsync(
        OrganizationId organization,
        Scope scope,
        DateTimeOffset before,
        int most,
        CancellationToken cancellationToken
    );

    /// <summary>Not deleted keys of the organization whose tokens the account was shown.</summary>
    Task<IReadOnlyList<PulsarKey>> CreatedByAsync(OrganizationId organization, AccountId account, CancellationToken cancellationToken);

    /// <summary>Not deleted keys that were made with one of these API keys, in the order in which they were made.</summary>
    Task<IReadOnlyList<PulsarKey>> MadeWithAsync(IReadOnlyCollection<ApiKeyId> keys, CancellationToken cancellationToken);

    /// <summary>Not deleted keys of a namespace that cover all topics.</summary>
    Task<IReadOnlyList<PulsarKey>> CoveringAllTopicsAsync(NamespaceId @namespace, CancellationToken cancellationToken);

    /// <summary>Not deleted.</summary>
    Task<IReadOnlyList<PulsarKey>> OfNamespaceAsync(NamespaceId @namespace, CancellationToken cancellationToken);

    /// <summary>Deleted ones too.</summary>
    Task<IReadOnlyList<PulsarKey>> EverOfNamespaceAsync(NamespaceId @namespace, CancellationToken cancellationToken);

    /// <summary>Grants of all keys of a namespace.</summary>
    Task<IReadOnlyList<KeyGrant>> GrantsOfNamespaceAsync(NamespaceId @namespace, CancellationToken cancellationToken);

    Task<IReadOnlyList<KeyGrant>> GrantsAsync(KeyId key, CancellationToken cancellationToken);

    /// <summary>Grants of a topic, of keys that are not deleted.</summary>
    Task<IReadOnlyList<KeyGrant>> GrantsOfTopicAsync(TopicId topic, CancellationToken cancellationToken);

    /// <summary>How many grants of keys that are not deleted a namespace holds, for the cap of its policies document.</summary>
    Task<int> CountGrantsAsync(NamespaceId @namespace, CancellationToken cancellationToken);

    /// <summary>
    /// The next grant that a key of the namespace waits for, on a topic that is ready; of keys that are wanted, the one
    /// that waits for the fewest first, so that a small key never waits for a large one. Null when none is left.
    /// </summary>
    Task<(PulsarKey Key, TopicId Topic)?> NextGrantAsync(NamespaceId @namespace, CancellationToken cancellationToken);

    /// <summary>How many grants of the key are missing on topics that are ready or on their way.</summary>
    Task<int> CountMissingAsync(KeyId key, CancellationToken cancellationToken);

    /// <summary>Keys whose time is over and that nobody has begun to end, those that expired first coming first.</summary>
    Task<IReadOnlyList<PulsarKey>> ExpiredAsync(DateTimeOffset now, int most, CancellationToken cancellationToken);

    /// <summary>Live keys without a successor that end by themselves before, and about which not everything was said; by id.</summary>
    Task<IReadOnlyList<PulsarKey>> EndingAsync(
        DateTimeOffset now,
        DateTimeOffset before,
        KeyId? after,
        int most,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Keys of the organization, not deleted and without a successor, that have ended by themselves or do so before; by their end.
    /// </summary>
    Task<IReadOnlyList<PulsarKey>> EndingAsync(
        OrganizationId organization,
        Scope scope,
        DateTimeOffset before,
        int most,
        CancellationToken cancellationToken
    );

    /// <summary>Keys that nobody has begun to end, made with an API key that was revoked together with what it made.</summary>
    Task<IReadOnlyList<PulsarKey>> LeftByApiKeysAsync(int most, CancellationToken cancellationToken);

    /// <summary>
    /// Sets <see cref="PulsarKey.LastUsedAt"/> where it is a minute old or older, so that a busy key is not written all the time.
    /// </summary>
    Task UsedAsync(IReadOnlyCollection<KeyId> keys, DateTimeOffset at, CancellationToken cancellationToken);

    void Add(PulsarKey key);
    void Add(KeyGrant grant);
    void Remove(KeyGrant grant);
}

/// <summary>Signs tokens with the cluster's private key.</summary>
public interface ITokenSigner
{
    /// <summary>An RS256 JWT whose subject is the role, or a problem when the cluster's key cannot be read.</summary>
    Outcome<string> Sign(string cluster, string role, DateTimeOffset? expiresAt);
}
