using System.Text.Json.Nodes;

namespace LocalPulsar.Functions;

/// <summary>The connectors and the function that this server has built in, with a worker's answers about them.</summary>
internal static class BuiltIns
{
    public const string Heartbeat = "heartbeat";
    public const string HttpPost = "http-post";
    public const string AnomalyScore = "anomaly-score";

    private static readonly (string Name, string Type, bool Required, string Default, bool Secret, string Help)[] _heartbeat =
    [
        ("text", "java.lang.String", true, "", false, "The text of each message; the message's number is added"),
        ("intervalMs", "long", false, "1000", false, "Milliseconds between two messages"),
        ("failAfter", "long", false, "0", false, "Throw an exception after this many messages; 0 for never"),
        ("apiKey", "java.lang.String", false, "", true, "A key that this source pretends to sign in with"),
    ];

    private static readonly (string Name, string Type, bool Required, string Default, bool Secret, string Help)[] _httpPost =
    [
        ("url", "java.lang.String", true, "", false, "The address to post to"),
        ("timeoutMs", "int", false, "5000", false, "Milliseconds to wait for an answer"),
        ("authorization", "java.lang.String", false, "", true, "Value of the Authorization header"),
    ];

    public static JsonArray List(Kind kind) =>
        kind switch
        {
            Kind.Source => [Described(Heartbeat, "Sends a numbered text at a fixed rate", "source", "Heartbeat")],
            Kind.Sink => [Described(HttpPost, "Posts each message to an HTTP address", "sink", "HttpPost")],
            Kind.Function =>
            [
                new JsonObject
                {
                    ["name"] = AnomalyScore,
                    ["description"] = "Scores a numeric field of JSON messages against its running mean",
                    ["functionClass"] = ClassOf(kind),
                },
            ],
        };

    public static bool Has(Kind kind, string name) =>
        name
        == kind switch
        {
            Kind.Source => Heartbeat,
            Kind.Sink => HttpPost,
            Kind.Function => AnomalyScore,
        };

    public static string ClassOf(Kind kind) =>
        kind switch
        {
            Kind.Source => "portal.connectors.HeartbeatSource",
            Kind.Sink => "portal.connectors.HttpPostSink",
            Kind.Function => "portal.connectors.AnomalyScore",
        };

    /// <summary>Of a source or sink: a worker does not say what a function can be told.</summary>
    public static JsonArray Fields(Kind kind) =>
        [
            .. (kind == Kind.Source ? _heartbeat : _httpPost).Select(field =>
                (JsonNode)
                    new JsonObject
                    {
                        ["fieldName"] = field.Name,
                        ["typeName"] = field.Type,
                        ["attributes"] = new JsonObject
                        {
                            ["help"] = field.Help,
                            ["defaultValue"] = field.Default,
                            ["sensitive"] = field.Secret ? "true" : "false",
                            ["required"] = field.Required ? "true" : "false",
                        },
                    }
            ),
        ];

    /// <summary>What a broker says of a value that has the wrong type; null when all fit.</summary>
    public static string? Mistyped(Kind kind, JsonObject configs)
    {
        var source = kind == Kind.Source;
        foreach (var field in source ? _heartbeat : _httpPost)
        {
            if (
                field.Type is not ("int" or "long")
                || configs[field.Name] is not { } value
                || value.GetValueKind() == System.Text.Json.JsonValueKind.Number
            )
                continue;
            if (
                value is JsonValue plain
                && plain.TryGetValue<string>(out var text)
                && long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _)
            )
                continue;
            return $"Could not validate {(source ? "source" : "sink")} config: Cannot deserialize value of type `{field.Type}` from "
                + $"String \"{value}\": not a valid `{field.Type}` value"
                + $"\n at [Source: UNKNOWN; byte offset: #UNKNOWN] (through reference chain: {ClassOf(kind)}$Config[\"{field.Name}\"])";
        }
        return null;
    }

    private static JsonObject Described(string name, string description, string kind, string type)
    {
        var suffix = kind == "source" ? "Source" : "Sink";
        return new JsonObject
        {
            ["name"] = name,
            ["description"] = description,
            [$"{kind}Class"] = $"portal.connectors.{type}{suffix}",
            [$"{kind}ConfigClass"] = $"portal.connectors.{type}{suffix}$Config",
        };
    }
}
