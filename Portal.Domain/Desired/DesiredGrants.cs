using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Desired;

/// <summary>What the grants of a namespace should be, and how those on the cluster differ. Pure.</summary>
public static class DesiredGrants
{
    /// <summary>How every key's role begins; roles of another form are not the portal's to touch.</summary>
    public const string KeyRolePrefix = "key-";

    /// <summary>
    /// Compares. A grant that is still to be given is no difference: the work that gives it is on its way. While the
    /// organization is suspended nothing of its keys should be there; while its publishing is blocked, no right to produce.
    /// </summary>
    /// <param name="keys">Of the namespace, deleted ones too.</param>
    public static GrantDifferences Compare(
        Namespace @namespace,
        IReadOnlyCollection<PulsarKey> keys,
        IReadOnlyCollection<KeyGrant> grants,
        IReadOnlyDictionary<TopicId, Topic> topics,
        bool suspended,
        bool blocked,
        NamespaceOnCluster there
    )
    {
        var byRole = keys.ToDictionary(key => key.Role, StringComparer.Ordinal);
        var byId = keys.ToDictionary(key => key.Id);
        var wanted = new Dictionary<(string Address, string Role), KeyGrant>();
        foreach (var grant in grants)
            if (topics.TryGetValue(grant.TopicId, out var topic) && byId.TryGetValue(grant.KeyId, out var key))
                wanted[(topic.Address, key.Role)] = grant;

        var ofKey = grants.Where(grant => topics.ContainsKey(grant.TopicId)).ToLookup(grant => grant.KeyId, grant => topics[grant.TopicId]);
        var beside = keys.ToDictionary(key => key.Id, key => BesideTopics.Of(key, [.. ofKey[key.Id]]));
        var missing = new List<(PulsarKey Key, KeyGrant Grant, string Address)>();
        if (!suspended)
        {
            foreach (var ((address, role), grant) in wanted)
            {
                var key = byRole[role];
                if (!key.IsWanted || grant.GrantedAt is null || topics[grant.TopicId].State != ResourceState.Ready)
                    continue;
                // A key that may only produce has no grant while producing is blocked.
                if (key.Grants(blocked, beside[key.Id].Contains(grant.TopicId)) is not { } should)
                    continue;
                if (!there.TopicGrants.TryGetValue((address, role), out var actions) || actions != should)
                    missing.Add((key, grant, address));
            }
        }
        var missingPatterns = suspended
            ? []
            : keys.Where(key =>
                    key is { Patterns: true, IsWanted: true, PatternsGrantedAt: not null }
                    && !(there.NamespaceGrants.TryGetValue(key.Role, out var actions) && actions == new GrantedActions(false, true))
                )
                .ToList();

        var (surplus, foreign) = (new List<(PulsarKey Key, string? Address)>(), new List<(string Role, string? Address)>());
        foreach (
            var (address, role) in there
                .TopicGrants.Keys.Select(key => ((string?)key.Address, key.Role))
                .Concat(there.NamespaceGrants.Keys.Select(role => ((string?)null, role)))
        )
        {
            if (role == @namespace.MessagesRole && address is null)
                continue;
            if (!byRole.TryGetValue(role, out var key))
                foreign.Add((role, address));
            else if (
                !key.IsWanted
                || suspended
                || (address is null ? !key.Patterns : !wanted.ContainsKey((address, role)) || key.Grants(blocked) is null)
            )
                surplus.Add((key, address));
        }
        var messages = there.NamespaceGrants.TryGetValue(@namespace.MessagesRole, out var own) && own == new GrantedActions(true, true);
        return new(missing, missingPatterns, surplus, foreign, !messages);
    }
}

/// <param name="Missing">Grants that were given and are gone, or allow something else.</param>
/// <param name="MissingPatterns">Keys whose grant for patterns is gone.</param>
/// <param name="Surplus">Grants of keys of ours that should not have them; a null address is the namespace.</param>
/// <param name="Foreign">Grants of roles that are not the portal's: listed and left alone.</param>
/// <param name="MessagesRoleMissing">The portal's own role for reading and sending in the browser lacks its grant.</param>
public sealed record GrantDifferences(
    IReadOnlyList<(PulsarKey Key, KeyGrant Grant, string Address)> Missing,
    IReadOnlyList<PulsarKey> MissingPatterns,
    IReadOnlyList<(PulsarKey Key, string? Address)> Surplus,
    IReadOnlyList<(string Role, string? Address)> Foreign,
    bool MessagesRoleMissing
);
