using System.Globalization;
using System.Text;
using System.Text.Json;
using Portal.Domain.Connectors;

namespace Portal.Tests.Api.Hostile;

/// <summary>A connector or function that nobody may have, as it is written: what is not said is as in a valid one.</summary>
/// <param name="What">In words, for who reads a failure.</param>
/// <param name="Parts">Members of the body by name, each as JSON; one that is not in a valid body comes to it.</param>
/// <param name="Names">What a refusal has to name: a field, or part of the sentence.</param>
internal sealed record HostileConnector(string What, IReadOnlyList<(string Name, string Json)> Parts, string Names)
{
    /// <summary>The settings of it, where they are what is wrong.</summary>
    public string? Configuration => Parts.FirstOrDefault(part => part.Name == "configuration").Json;
}

/// <summary>About two hundred of them for each kind.</summary>
internal static class HostileConnectors
{
    private static readonly string[] Packages =
    [
        "function://public/default/x@1",
        "sink://public/default/x@1",
        "source://public/default/x@1",
        "file:///etc/passwd",
        "file:/pulsar/connectors/x.nar",
        "http://169.254.169.254/x.nar",
        "https://example.com/x.jar",
        "builtin://heartbeat",
        "builtin://http-post",
        "builtin://anomaly-score",
        "../heartbeat",
        "heartbeat/../../x",
        "heartbeat%2f..",
        "heartbeat\0",
        " heartbeat",
        "HEARTBEAT",
        "anomaly-score ",
        "http-post/configdefinition",
        "org.apache.pulsar.functions.api.examples.ExclamationFunction",
        "java.lang.Runtime",
        "${jndi:ldap://127.0.0.1/x}",
        "",
        "*",
        "con",
        "ﬁle",
        "\u202eheartbeat",
    ];

    /// <param name="other">A tenant that is somebody else's, with a topic <c>default/orders</c>.</param>
    /// <param name="own">The tenant itself.</param>
    private static IEnumerable<string> Topics(string own, string other) =>
        [
            $"{other}/default/orders",
            $"persistent://{other}/default/orders",
            $"persistent://{own}/default/orders",
            $"non-persistent://{other}/default/orders",
            $"persistent:/{other}/default/orders",
            $"//{other}/default/orders",
            $"../{other}/default/orders",
            $"default/../../{other}/default/orders",
            $"default/..%2f..%2f{other}%2fdefault%2forders",
            $"default%2Forders",
            $"persistent%3A%2F%2F{other}%2Fdefault%2Forders",
            "default/orders-partition-0",
            "default/orders\0",
            "default/orders\n",
            "default/ ",
            "default/",
            "/orders",
            "/",
            "",
            " ",
            "orders",
            "default",
            "default//orders",
            "default/orders/",
            "default/orders/x",
            "default/.*",
            "default/*",
            ".*/.*",
            "default/ord.*",
            $"persistent://{other}/.*/.*",
            "default/__change_events",
            "default/__portal-preview-000000000000-in",
            "default/ORDERS",
            "default/ｏｒｄｅｒｓ",
            "ＤＥＦＡＵＬＴ/orders",
            "public/functions",
            "public/default/orders",
            "pulsar/system/__change_events",
            "public/functions/metadata",
            "default/orders?x=1",
            "default/orders#x",
            "default;orders",
            "default\\orders",
            $"{other}.default/orders",
            "default/../default/orders",
        ];

    /// <summary>What a worker's own document has and a request must not.</summary>
    private static readonly (string Name, string Json)[] Foreign =
    [
        ("runtimeFlags", "\"-XX:OnOutOfMemoryError=id\""),
        ("customRuntimeOptions", "\"{\\\"jobNamespace\\\":\\\"kube-system\\\"}\""),
        ("resources", "{\"cpu\":64,\"ram\":1}"),
        ("env", "{\"LD_PRELOAD\":\"/tmp/x.so\"}"),
        ("className", "\"java.lang.Runtime\""),
        ("archive", "\"file:///etc/passwd\""),
        ("jar", "\"http://169.254.169.254/x.jar\""),
        ("py", "\"function://public/default/x@1\""),
        ("go", "\"file:///bin/sh\""),
        ("inputSpecs", "{\"persistent://office/default/orders\":{}}"),
        ("topicsPattern", "\"persistent://office/default/.*\""),
        ("topics-pattern", "\".*\""),
        ("topicToSerdeClassName", "{}"),
        ("topicToSchemaType", "{\"persistent://office/default/orders\":\"bytes\"}"),
        ("deadLetterTopic", "\"persistent://office/default/orders\""),
        ("maxMessageRetries", "1"),
        ("cleanupSubscription", "true"),
        ("windowConfig", "{}"),
        ("producerConfig", "{}"),
        ("externalPulsars", "{}"),
        ("logTopic", "\"persistent://office/default/orders\""),
        ("retainOrdering", "true"),
        ("tenant", "\"office\""),
        ("fqfn", "\"office/default/x\""),
        ("userConfig", "{}"),
        ("configs", "{}"),
        ("batchSourceConfig", "{}"),
        ("transformFunction", "\"builtin://x\""),
        ("parallelism", "99"),
        ("secretsMap", "{\"a\":{\"path\":\"other\"}}"),
        ("isRegexPattern", "true"),
        ("sourceSubscriptionName", "\"x\""),
        ("subName", "\"x\""),
        ("topicName", "\"persistent://office/default/orders\""),
        ("schemaType", "\"x\""),
        ("processingGuarantees", "\"EXACTLY_ONCE\""),
        ("autoAck", "false"),
        ("__proto__", "{}"),
        ("Configuration ", "{}"),
    ];

    /// <param name="valid">Settings that can run, as JSON without braces: <c>"text":"x"</c>; empty for none.</param>
    public static IReadOnlyList<HostileConnector> Of(
        ConnectorKind kind,
        IReadOnlyList<ConnectorField> fields,
        string valid,
        string own,
        string other
    )
    {
        var topics = kind == ConnectorKind.Function ? "inputs" : "topics";
        List<HostileConnector> all =
        [
            .. Packages.Select(type => new HostileConnector($"type {type}", [("type", Quoted(type))], "type")),
            .. Topics(own, other).Select(topic => new HostileConnector($"topic {topic}", [(topics, $"[{Quoted(topic)}]")], topics)),
            .. Foreign.Select(one => new HostileConnector($"a member {one.Name}", [one], one.Name)),
            .. Settings(kind, fields, valid)
                .Select(one => new HostileConnector($"settings: {one.What}", [("configuration", one.Json)], one.Names)),
            .. Rest(topics),
        ];
        if (kind == ConnectorKind.Function)
            all.AddRange(
                Topics(own, other)
                    .Where(topic => topic.Trim().Length > 0)
                    .Select(topic => new HostileConnector($"output {topic}", [("output", Quoted(topic))], "output"))
            );
        return all;
    }

    private static IEnumerable<HostileConnector> Rest(string topics)
    {
        foreach (var number in (string[])["0", "-1", "33", "2147483647", "2147483648", "1.5", "\"1\"", "1e400", "true", "[]", "{}"])
            yield return new($"{number} instances", [("instances", number)], "instances");
        foreach (var word in (string[])["EXACTLY_ONCE", "MANUAL", "at-least-once ", "", "\0"])
            yield return new($"guarantee {word}", [("guarantee", Quoted(word))], "guarantee");
        foreach (
            var name in (string[])
                [
                    "",
                    "a/b",
                    "../x",
                    "a%2Fb",
                    ".",
                    "..",
                    "-x",
                    "ü",
                    "a b",
                    "a\0",
                    "a\n",
                    new string('x', 65),
                    new string('x', 100_000),
                    "\u202ex",
                ]
        )
            yield return new($"name {name}", [("name", Quoted(name))], "name");
        foreach (var place in (string[])["", "../default", "default/..", "public/functions", "%2e%2e", "none", "default\0"])
            yield return new($"namespace {place}", [("namespace", Quoted(place))], "namespace");
        yield return new($"no {topics}", [(topics, "[]")], topics);
        yield return new($"{topics} that are null", [(topics, "[null]")], topics);
        yield return new($"{topics} that are a text", [(topics, "\"default/orders\"")], topics);
        yield return new($"{topics} that are an object", [(topics, "[{\"name\":\"default/orders\",\"isRegexPattern\":true}]")], topics);
        yield return new(
            $"too many {topics}",
            [(topics, $"[{string.Join(',', Enumerable.Range(0, 300).Select(number => $"\"default/t{number}\""))}]")],
            topics
        );
        yield return new("a secret that is another connector's", [("secrets", "[\"connector:other:secrets\"]")], "connector:other:secrets");
        yield return new("secrets that are an object", [("secrets", "{\"apiKey\":{\"path\":\"other\",\"key\":\"apiKey\"}}")], "secrets");
        yield return new("settings that are a list", [("configuration", "[]")], "configuration");
        yield return new("settings that are JSON in a text", [("configuration", "\"{\\\"text\\\":\\\"x\\\"}\"")], "configuration");
        yield return new(
            "settings twice, the second hostile",
            [("configuration", "{\"runtimeFlags\":1}"), ("configuration", "{\"runtimeFlags\":2}")],
            "configuration"
        );
        yield return new("a body of 10 MB", [("configuration", $"{{\"text\":\"{new string('x', 10_000_000)}\"}}")], "large");
    }

    /// <summary>Settings beside the valid ones, or in the place of one of them.</summary>
    private static IEnumerable<(string What, string Json, string Names)> Settings(
        ConnectorKind kind,
        IReadOnlyList<ConnectorField> fields,
        string valid
    )
    {
        string With(string more) => valid.Length == 0 ? $"{{{more}}}" : $"{{{valid},{more}}}";
        foreach (
            var (what, value) in ((string, string)[])
                [
                    ("a text with NUL", "\"a\\u0000b\""),
                    ("half a surrogate pair", "\"\\ud800\""),
                    ("the other half", "\"x\\udc00\""),
                    ("17,000 characters", $"\"{new string('x', 17_000)}\""),
                    ("1 MB", $"\"{new string('x', 1_000_000)}\""),
                    ("twelve levels", string.Concat(Enumerable.Repeat("{\"a\":", 12)) + "1" + new string('}', 12)),
                ]
        )
        {
            foreach (var field in kind == ConnectorKind.Function ? ["field", "runtimeFlags"] : fields.Select(field => field.Name))
                yield return ($"{field} with {what}", Without(fields, valid, field, value), "configuration");
        }
        yield return ("the same name twice", With("\"field\":1,\"field\":2"), "configuration");
        yield return ("a name that is half a surrogate pair", With("\"\\ud800\":1"), "configuration");
        yield return ("a name with NUL", With("\"a\\u0000b\":1"), "configuration");
        yield return ("an empty name", With("\"\":1"), "configuration");
        yield return ("a name of 5,000 characters", With($"\"{new string('n', 5000)}\":1"), "configuration");
        yield return (
            "500 settings",
            With(string.Join(',', Enumerable.Range(0, 500).Select(number => $"\"n{number}\":1"))),
            "configuration"
        );
        if (kind == ConnectorKind.Function)
            yield break;
        foreach (
            var name in (string[])
                [
                    "runtimeFlags",
                    "customRuntimeOptions",
                    "archive",
                    "className",
                    "secrets",
                    "secretsProvider",
                    "__proto__",
                    "constructor",
                    "Text",
                    "URL",
                    "url ",
                    "topicsPattern",
                    "inputs",
                    "tenant",
                ]
        )
            yield return ($"an unknown setting {name}", With($"\"{name}\":\"x\""), $"configuration.{name.Trim()}");
        foreach (var field in fields)
        {
            foreach (var value in Wrong(field.Kind))
                yield return (
                    $"{field.Name} = {value[..Math.Min(value.Length, 40)]}",
                    Without(fields, valid, field.Name, value),
                    $"configuration.{field.Name}"
                );
            if (field is { Required: true, Default: null })
            {
                yield return ($"without {field.Name}", Without(fields, valid, field.Name, null), $"configuration.{field.Name}");
                yield return ($"{field.Name} is empty", Without(fields, valid, field.Name, "\" \""), $"configuration.{field.Name}");
                yield return ($"{field.Name} is null", Without(fields, valid, field.Name, "null"), $"configuration.{field.Name}");
            }
        }
    }

    private static string[] Wrong(FieldKind kind) =>
        kind switch
        {
            FieldKind.Text => ["1", "true", "[]", "{}", "[\"x\"]", "{\"$ref\":\"other#apiKey\"}", "1e400", "0.1"],
            FieldKind.Whole =>
            [
                "\"5\"",
                "\"x\"",
                "1.5",
                "true",
                "[]",
                "{}",
                "2147483648",
                "-2147483649",
                "1e400",
                "9223372036854775808",
                "\"{\\\"a\\\":1}\"",
            ],
            FieldKind.LargeWhole =>
            [
                "\"5\"",
                "\"x\"",
                "1.5",
                "true",
                "[]",
                "{}",
                "1e400",
                "9223372036854775808",
                "-9223372036854775809",
                "\"{\\\"a\\\":1}\"",
            ],
            FieldKind.Number => ["\"5\"", "true", "[]", "{}"],
            FieldKind.Flag => ["\"true\"", "1", "0", "[]", "{}"],
            FieldKind.Map => ["\"{}\"", "[]", "1", "true"],
            FieldKind.List => ["\"[]\"", "{}", "1", "true"],
            _ => [],
        };

    /// <summary>The valid settings with one replaced, or taken away.</summary>
    private static string Without(IReadOnlyList<ConnectorField> fields, string valid, string field, string? value)
    {
        using var settings = JsonDocument.Parse($"{{{valid}}}");
        List<string> rest =
        [
            .. settings
                .RootElement.EnumerateObject()
                .Where(one => one.Name != field)
                .Select(one => $"{JsonSerializer.Serialize(one.Name)}:{one.Value.GetRawText()}"),
        ];
        if (value is not null)
            rest.Add($"\"{field}\":{value}");
        return $"{{{string.Join(',', rest)}}}";
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var one in text)
            quoted.Append(
                one is '"' or '\\' ? $"\\{one}"
                : char.IsControl(one) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)one:x4}")
                : one.ToString()
            );
        return quoted.Append('"').ToString();
    }
}
