using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>Secrets of connectors, in and out of the seal.</summary>
internal static class Sealing
{
    /// <param name="also">Names of settings that are kept as secrets whatever they are called. What was a secret once stays one.</param>
    internal static ConnectorSetup Setup(
        ISecretSeal seal,
        ConnectorId id,
        ConnectorDefinition definition,
        Guarantee guarantee,
        int instances,
        JsonObject given,
        IReadOnlyList<string> also,
        JsonObject? kept = null
    )
    {
        var (plain, secrets) = ConnectorConfiguration.Split(definition, given, [.. also, .. (kept ?? []).Select(pair => pair.Key)]);
        // A secret that is sent as null is taken away, one that is left out stays.
        foreach (var (name, value) in kept ?? [])
        {
            if (!given.ContainsKey(name))
                secrets[name] = value?.DeepClone();
        }
        return new(
            guarantee,
            instances,
            plain,
            secrets.Count == 0 ? null : seal.Seal(Connector.SealPurpose(id), secrets.ToJsonString()),
            [.. secrets.Select(pair => pair.Key)]
        );
    }

    /// <summary>The problem of a setting that is to be a secret and has no value; null for none.</summary>
    internal static Problem.Invalid? Missing(IReadOnlyList<string> secrets, JsonObject given, IReadOnlyCollection<string> kept) =>
        secrets.FirstOrDefault(secret => given[secret] is null && (given.ContainsKey(secret) || !kept.Contains(secret))) is not { } absent
            ? null
            : new(
                "connector-secret-needed",
                $"Add {Operation.Brief(absent)} to the configuration. It's to be stored as a secret, and none is stored here.",
                ConnectorConfiguration.FieldName(Operation.Brief(absent))
            );

    /// <summary>The secrets in the clear; null when they cannot be opened.</summary>
    internal static JsonObject? OpenSecrets(this Connector connector, ISecretSeal seal) =>
        connector.SealedSecrets is not { } closed ? []
        : seal.Open(Connector.SealPurpose(connector.Id), closed) is { } open ? ForeignJson.ParseNode(open) as JsonObject
        : null;
}
