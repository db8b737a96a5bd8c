using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Tests.Support;

/// <summary>
/// The OpenAPI document as a judge of answers. It knows as much of JSON Schema as the document uses, and fails on what it does not know.
/// </summary>
public sealed class ApiDocument(JsonNode document)
{
    private static readonly string[] Known =
    [
        "type",
        "format",
        "enum",
        "properties",
        "required",
        "items",
        "oneOf",
        "$ref",
        "additionalProperties",
        "description",
        "default",
        "minimum",
        "maximum",
        "maxLength",
    ];

    public JsonNode Root { get; } = document;

    public IEnumerable<(string Method, string Path, JsonNode Operation)> Operations =>
        from path in Root["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (operation.Key.ToUpperInvariant(), path.Key, operation.Value!);

    /// <summary>The schema of a success's JSON body; null where it has none.</summary>
    public JsonNode? SuccessOf(JsonNode operation)
    {
        var success = operation["responses"]!.AsObject().Single(answer => answer.Key.StartsWith('2')).Value!;
        return Follow(success["content"]?["application/json"]?["schema"]);
    }

    public IReadOnlyList<string> ParametersOf(JsonNode operation) =>
        [.. (operation["parameters"]?.AsArray() ?? []).Select(parameter => (string)Follow(parameter)!["name"]!)];

    public JsonNode? Follow(JsonNode? node)
    {
        while ((string?)node?["$ref"] is { } reference)
        {
            node = Root;
            foreach (var part in reference.TrimStart('#', '/').Split('/'))
                node = node?[part];
            Assert.True(node is not null, $"{reference} is not in the document.");
        }
        return node;
    }

    /// <summary>What contradicts the document in an answer; null when nothing does.</summary>
    public string? Contradiction(string method, string template, int status, string? contentType, string text)
    {
        var responses = Root["paths"]![template]![method.ToLowerInvariant()]!["responses"]!;
        var declared = responses[status.ToString(CultureInfo.InvariantCulture)];
        if (declared is null && status < 400)
            return $"status {status} is not documented";
        var content = Follow(declared ?? responses["default"])!["content"]?.AsObject();
        if (content is null)
            return text.Length == 0 ? null : $"status {status} is documented without a body";
        if (contentType is null || content[contentType] is not { } described)
            return $"status {status} with {contentType} is not documented";
        return contentType.EndsWith("json", StringComparison.Ordinal)
            ? Contradiction(JsonNode.Parse(text), described["schema"]!, "$")
            : null;
    }

    private string? Contradiction(JsonNode? value, JsonNode schema, string at)
    {
        schema = Follow(schema)!;
        var unknown = schema.AsObject().Select(pair => pair.Key).Except(Known).ToList();
        Assert.True(unknown.Count == 0, $"The judge does not know {string.Join(", ", unknown)}: teach it.");
        if (schema["oneOf"] is JsonArray either)
            return either.Select(one => Contradiction(value, one!, at)).Any(found => found is null)
                ? null
                : $"{at} is none of its alternatives: {value}";
        if (
            schema["type"] is { } type
            && !(type is JsonArray several ? several.Select(one => (string)one!) : [(string)type!]).Any(one => Is(value, one))
        )
            return $"{at} is not {type.ToJsonString()}: {value}";
        if (schema["enum"] is JsonArray values && !values.Any(one => JsonNode.DeepEquals(one, value)))
            return $"{at} is not in {values.ToJsonString()}: {value}";
        if (value is not null && (string?)schema["format"] == "date-time" && !IsUtc((string)value!))
            return $"{at} is no UTC instant: {value}";
        if (value is JsonArray items && schema["items"] is { } item)
            return items.Select((one, index) => Contradiction(one, item, $"{at}[{index}]")).FirstOrDefault(found => found is not null);
        return value is JsonObject fields ? OfFields(fields, schema, at) : null;
    }

    private string? OfFields(JsonObject fields, JsonNode schema, string at)
    {
        if ((schema["required"]?.AsArray() ?? []).FirstOrDefault(name => !fields.ContainsKey((string)name!)) is { } missing)
            return $"{at}.{missing} is missing";
        foreach (var (name, field) in fields)
        {
            var described = schema["properties"]?[name] ?? schema["additionalProperties"];
            if (described is null)
                return $"{at}.{name} is not documented";
            if (Contradiction(field, described, $"{at}.{name}") is { } found)
                return found;
        }
        return null;
    }

    private static bool Is(JsonNode? value, string type) =>
        type switch
        {
            "null" => value is null,
            "object" => value is JsonObject,
            "array" => value is JsonArray,
            "string" => value?.GetValueKind() == JsonValueKind.String,
            "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            "number" => value?.GetValueKind() == JsonValueKind.Number,
            "integer" => value?.GetValueKind() == JsonValueKind.Number
                && long.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out _),
            _ => throw new InvalidOperationException($"The judge does not know the type {type}: teach it."),
        };

    private static bool IsUtc(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
        && instant.Offset == TimeSpan.Zero
        && (text.EndsWith('Z') || text.EndsWith("+00:00", StringComparison.Ordinal));
}
