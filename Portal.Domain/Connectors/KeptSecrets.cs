using System.Text.Json.Nodes;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>
/// A secret that is kept belongs to the values that it was typed with. Whoever may change a connector is never shown its
/// password, and would be if they could point the connector at a server of their own.
/// </summary>
public static class KeptSecrets
{
    /// <summary>The secret that has to be sent again, with the field that asks for it; null when none has to.</summary>
    /// <param name="before">The present configuration without its secrets.</param>
    /// <param name="given">What is to be in its place.</param>
    /// <param name="kept">Names of the secrets that are stored.</param>
    public static Problem.Invalid? Refuse(
        ConnectorDefinition definition,
        JsonObject before,
        JsonObject given,
        IReadOnlyCollection<string> kept
    )
    {
        if (kept.FirstOrDefault(name => !given.ContainsKey(name)) is not { } secret)
            return null;
        var names = before.Concat(given).Select(pair => pair.Key).Distinct(StringComparer.Ordinal).Except(kept, StringComparer.Ordinal);
        return names.FirstOrDefault(name => MayLead(definition.Find(name)) && !Same(before[name], given[name])) is not { } changed
            ? null
            : new Problem.Invalid(
                "connector-secret-needed",
                $"Enter {definition.Find(secret)?.Label ?? secret} again, because you changed "
                    + $"{definition.Find(changed)?.Label ?? changed}. A saved secret is never sent to a new destination.",
                ConnectorConfiguration.FieldName(secret)
            );
    }

    /// <summary>
    /// A number or a switch called so can lead elsewhere too: a port, an address as one number, a connection without its lock.
    /// </summary>
    private static readonly string[] Leading =
    [
        "host",
        "port",
        "addr",
        "server",
        "proxy",
        "url",
        "uri",
        "ssl",
        "tls",
        "secure",
        "verif",
        "trust",
        "plain",
        "encrypt",
    ];

    /// <summary>
    /// Numbers and switches of a known meaning lead nowhere, nor does what a guide says so of. What functions make of a setting only they
    /// know.
    /// </summary>
    internal static bool MayLead(ConnectorField? field) =>
        field switch
        {
            { Guide.Leads: false } => false,
            { Kind: FieldKind.Whole or FieldKind.LargeWhole or FieldKind.Number or FieldKind.Flag } => Leading.Any(word =>
                field.Name.Contains(word, StringComparison.OrdinalIgnoreCase)
            ),
            _ => true,
        };

    /// <summary>An empty text is none.</summary>
    private static bool Same(JsonNode? one, JsonNode? other) => JsonNode.DeepEquals(Filled(one), Filled(other));

    private static JsonNode? Filled(JsonNode? value) =>
        value is JsonValue text && text.TryGetValue<string>(out var written) && string.IsNullOrWhiteSpace(written) ? null : value;
}
