using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>
/// What settings of free names may not hold: names of files, classes and providers on the cluster's own workers. A
/// connector runs there with the worker's rights, and a client library such as Kafka's reads any file of that machine into
/// any value when a setting asks for it (<c>config.providers</c>), the cluster's own token among them.
/// </summary>
internal static partial class WorkerReach
{
    private static readonly HashSet<string> Reaching = new(StringComparer.OrdinalIgnoreCase)
    {
        "class",
        "classes",
        "classname",
        "classpath",
        "provider",
        "providers",
        "jaas",
        "jndi",
        "location",
        "locations",
        "file",
        "files",
        "filename",
        "path",
        "paths",
        "dir",
        "directory",
        "factory",
        "interceptor",
        "interceptors",
        "reporter",
        "reporters",
        "handler",
        "module",
        "plugin",
        "plugins",
        "script",
        "callback",
    };

    /// <summary>The first thing in a map or a list that reaches the worker; null for none, and for what is neither.</summary>
    public static Problem.Invalid? Check(ConnectorField field, JsonNode value) => value is JsonValue ? null : CheckNode(field, value);

    private static Problem.Invalid? CheckNode(ConnectorField field, JsonNode? node) =>
        node switch
        {
            JsonObject map => map.Select(pair => CheckName(field, pair.Key) ?? CheckNode(field, pair.Value))
                .FirstOrDefault(problem => problem is not null),
            JsonArray list => list.Select(one => CheckNode(field, one)).FirstOrDefault(problem => problem is not null),
            JsonValue value
                when value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().Contains("${", StringComparison.Ordinal) =>
                new Problem.Invalid(
                    "connector-field-reach",
                    $"{field.Label} can't hold '${{': the cluster would put something of its own in that place. Write the value itself.",
                    ConnectorConfiguration.FieldName(field.Name)
                ),
            _ => null,
        };

    private static Problem.Invalid? CheckName(ConnectorField field, string name)
    {
        if (field.Guide?.Keys is { } keys)
            return keys.Contains(name, StringComparer.Ordinal)
                ? null
                : new Problem.Invalid(
                    "connector-field-reach",
                    $"{field.Label} can't hold '{ConnectorConfiguration.Shortened(name)}'. These names are possible: "
                        + $"{string.Join(", ", keys)}.",
                    ConnectorConfiguration.FieldName(field.Name)
                );
        return Words().Matches(name).Any(word => Reaching.Contains(word.Value))
            ? new Problem.Invalid(
                "connector-field-reach",
                $"{field.Label} can't hold '{ConnectorConfiguration.Shortened(name)}': "
                    + "settings that name files or classes on the cluster's workers are not possible here.",
                ConnectorConfiguration.FieldName(field.Name)
            )
            : null;
    }

    /// <summary>The words of <c>ssl.truststore.location</c>, <c>truststorePath</c> and <c>KEY_FILE</c> alike.</summary>
    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
