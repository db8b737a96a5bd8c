using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>
/// What an operator decided for everybody who uses one built-in connector of a cluster. Settings that are hidden or fixed
/// belong to the operator alone: customers neither see nor send them, and they are added on the way to the cluster, so
/// that a new value reaches connectors that exist.
/// </summary>
/// <param name="Note">Shown to customers beside the connector's own description; null for none.</param>
/// <param name="Hidden">Settings that nobody sets: the connector's own default holds.</param>
/// <param name="Fixed">The operator's values by setting, without secrets.</param>
/// <param name="FixedSecrets">Settings with a value that is a secret.</param>
/// <param name="SealedSecrets">Those values, encrypted; null for none.</param>
/// <param name="Revision">Goes up whenever the cluster is to get other settings: connectors that exist are told by it.</param>
public sealed record ConnectorTerms(
    string? Note,
    IReadOnlyList<string> Hidden,
    JsonObject Fixed,
    IReadOnlyList<string> FixedSecrets,
    string? SealedSecrets,
    int Revision
)
{
    public const int MaxNote = 500;

    public static ConnectorTerms None => new(null, [], [], [], null, 0);

    /// <summary>The setting is the operator's.</summary>
    public bool Closes(string field) => Hidden.Contains(field, StringComparer.Ordinal) || Fixes(field);

    public bool Fixes(string field) => Fixed.ContainsKey(field) || FixedSecrets.Contains(field, StringComparer.Ordinal);

    /// <summary>Settings of a connector without the operator's: what it had of them before is no longer its own.</summary>
    internal JsonObject Without(JsonObject settings)
    {
        var own = new JsonObject();
        foreach (var (name, value) in settings.Where(pair => !Closes(pair.Key)))
            own[name] = value?.DeepClone();
        return own;
    }

    internal static string SealPurpose(string cluster, string type) => $"cluster:{cluster}:connector:{type}";
}

/// <summary>Settings as the cluster gets them.</summary>
/// <param name="Whole">With the operator's values, secrets in the clear: never logged, never shown.</param>
/// <param name="Secrets">What among them must not be shown, the operator's secrets too.</param>
internal sealed record ClusterSettings(JsonObject Whole, JsonObject Secrets);

internal static class TermsOfClusters
{
    /// <summary>A connector's secrets and the operator's, in the clear; null when some cannot be opened.</summary>
    internal static JsonObject? OpenSecrets(this RegisteredCluster? cluster, Connector connector, ISecretSeal seal) =>
        connector.OpenSecrets(seal) is { } own && cluster.OpenSecrets(connector.Kind, connector.Type, seal) is { } operators
            ? Together(own, operators)
            : null;

    /// <summary>
    /// Conflict <c>connector-terms-unreadable</c> where the operator's secrets cannot be opened: without them the connector
    /// would run with other settings than were meant.
    /// </summary>
    /// <param name="settings">The connector's own, secrets in the clear.</param>
    /// <param name="secrets">Those of them that are secrets.</param>
    internal static Outcome<ClusterSettings> Complete(
        this RegisteredCluster? cluster,
        ConnectorKind kind,
        string type,
        JsonObject settings,
        JsonObject secrets,
        ISecretSeal seal
    )
    {
        var terms = cluster.TermsOf(kind, type);
        if (cluster.OpenSecrets(kind, type, seal) is not { } fixedSecrets)
            return new Problem.Conflict(
                "connector-terms-unreadable",
                $"The operator's own settings of this {kind.Noun()} can't be decrypted, because the key they were encrypted with "
                    + "is gone. An operator has to enter them again."
            );
        var whole = terms.Without(settings);
        foreach (var (name, value) in terms.Fixed.Concat(fixedSecrets))
            whole[name] = value?.DeepClone();
        return new ClusterSettings(whole, Together(secrets, fixedSecrets));
    }

    internal static ConnectorTerms TermsOf(this RegisteredCluster? cluster, ConnectorKind kind, string type) =>
        cluster is null ? ConnectorTerms.None : Read(cluster).GetValueOrDefault(ConnectorType.KeyOf(kind, type)) ?? ConnectorTerms.None;

    /// <param name="type">Such as <c>sink:http-post</c>.</param>
    internal static void Set(this RegisteredCluster cluster, string type, ConnectorTerms terms, string by, DateTimeOffset at)
    {
        var all = Read(cluster);
        all[type] = terms;
        cluster.SetConnectorTerms(JsonSerializer.Serialize(all), by, at);
    }

    private static Dictionary<string, ConnectorTerms> Read(RegisteredCluster cluster) =>
        JsonSerializer.Deserialize<Dictionary<string, ConnectorTerms>>(cluster.ConnectorTermsJson) ?? [];

    private static JsonObject? OpenSecrets(this RegisteredCluster? cluster, ConnectorKind kind, string type, ISecretSeal seal) =>
        cluster.TermsOf(kind, type).SealedSecrets is not { } closed ? []
        : seal.Open(ConnectorTerms.SealPurpose(cluster!.Name, ConnectorType.KeyOf(kind, type)), closed) is { } open
            ? ForeignJson.ParseNode(open) as JsonObject
        : null;

    /// <summary>
    /// Both where a setting was the customer's once and is the operator's now: what is to be looked for in a text is every value.
    /// </summary>
    private static JsonObject Together(JsonObject own, JsonObject operators)
    {
        var all = (JsonObject)own.DeepClone();
        foreach (var (name, value) in operators)
            all[all.ContainsKey(name) ? $"{name} (operator)" : name] = value?.DeepClone();
        return all;
    }
}
