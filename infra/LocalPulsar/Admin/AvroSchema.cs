using System.Text.Json;
using System.Text.Json.Nodes;
using LocalPulsar.Metadata;

namespace LocalPulsar.Admin;

/// <summary>An Avro definition, as far as telling whether one can read what another wrote needs it.</summary>
internal static class AvroSchema
{
    private static readonly string[] _primitives = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

    public static JsonNode? Parse(string definition)
    {
        try
        {
            return JsonNode.Parse(definition) is { } schema && IsSchema(schema, []) ? schema : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Avro's schema resolution: whether a reader with one schema understands what the other wrote.</summary>
    public static bool CanRead(JsonNode reader, JsonNode writer)
    {
        if (writer is JsonArray written)
            return written.All(branch => CanRead(reader, branch!));
        if (reader is JsonArray branches)
            return branches.Any(branch => CanRead(branch!, writer));
        var (to, from) = (TypeOf(reader), TypeOf(writer));
        return (from, to) switch
        {
            // A type that is defined on one side may only be named on the other.
            _ when from != to => Promotes(from, to) || NameOf(reader) is { } name && name == NameOf(writer),
            ("record", _) => FieldsRead(reader, writer),
            ("array", _) => CanRead(reader["items"]!, writer["items"]!),
            ("map", _) => CanRead(reader["values"]!, writer["values"]!),
            // Symbols are looked at when a value is read.
            ("enum", _) => NameOf(reader) == NameOf(writer),
            ("fixed", _) => NameOf(reader) == NameOf(writer) && (int?)reader["size"] == (int?)writer["size"],
            _ => true,
        };
    }

    // A type may be named once it is defined, also inside its own fields.
    private static bool IsSchema(JsonNode node, HashSet<string> names) =>
        node switch
        {
            JsonArray union => union.All(branch => branch is not null && IsSchema(branch, names)),
            JsonObject complex when complex["type"] is JsonValue type && type.TryGetValue<string>(out var name) => name switch
            {
                "record" => Defines(complex, names)
                    && complex["fields"] is JsonArray fields
                    && fields.All(f => f?["name"] is not null && f["type"] is { } of && IsSchema(of, names)),
                "enum" => Defines(complex, names) && complex["symbols"] is JsonArray,
                "array" => complex["items"] is { } items && IsSchema(items, names),
                "map" => complex["values"] is { } values && IsSchema(values, names),
                "fixed" => Defines(complex, names) && complex["size"] is not null,
                _ => IsKnown(name, names),
            },
            JsonObject nested => nested["type"] is { } inner && IsSchema(inner, names),
            JsonValue value => value.TryGetValue<string>(out var word) && IsKnown(word, names),
            _ => false,
        };

    private static bool Defines(JsonObject type, HashSet<string> names)
    {
        if (type["name"] is not JsonValue named || !named.TryGetValue<string>(out var name))
            return false;
        names.Add(name[(name.LastIndexOf('.') + 1)..]);
        return true;
    }

    private static bool IsKnown(string word, HashSet<string> names) =>
        _primitives.Contains(word) || names.Contains(word[(word.LastIndexOf('.') + 1)..]);

    private static string TypeOf(JsonNode node) =>
        node switch
        {
            JsonObject { } complex when complex["type"] is JsonValue type => type.GetValue<string>(),
            JsonObject nested => TypeOf(nested["type"]!),
            _ => node.GetValue<string>(),
        };

    /// <summary>Without its namespace; null for a type without a name.</summary>
    private static string? NameOf(JsonNode node)
    {
        var name = node switch
        {
            JsonObject { } complex when complex["name"] is JsonValue named => (string?)named,
            JsonValue word when !_primitives.Contains((string?)word) => (string?)word,
            _ => null,
        };
        return name?[(name.LastIndexOf('.') + 1)..];
    }

    // The name of a record makes no difference.
    private static bool FieldsRead(JsonNode reader, JsonNode writer)
    {
        var written = writer["fields"]!.AsArray().ToDictionary(f => (string)f!["name"]!, f => f!["type"]!);
        return reader["fields"]!
            .AsArray()
            .All(field =>
            {
                var names = new[] { (string)field!["name"]! }.Concat((field["aliases"] as JsonArray ?? []).Select(alias => (string)alias!));
                return names.FirstOrDefault(written.ContainsKey) is { } there
                    ? CanRead(field["type"]!, written[there])
                    : field.AsObject().ContainsKey("default");
            });
    }

    private static bool Promotes(string from, string to) =>
        (from, to)
            is
                ("int", "long" or "float" or "double")
                or
                ("long", "float" or "double")
                or
                ("float", "double")
                or
                ("string", "bytes")
                or
                ("bytes", "string");
}

/// <summary>The strategies by which a new schema is measured against the ones before it.</summary>
internal static class SchemaCompatibility
{
    /// <returns>The sentence of the refusal; null when the new schema fits.</returns>
    public static string? Check(string strategy, IReadOnlyList<SchemaVersion> existing, string type, string data)
    {
        if (strategy == "ALWAYS_COMPATIBLE")
            return null;
        var last = existing[^1];
        if (last.Type != type)
            return $"Incompatible schema: exists schema type {last.Type}, new schema type {type}";
        if (strategy == "ALWAYS_INCOMPATIBLE")
            return last.Data == data ? null : Sentence(strategy, data, last.Data);
        // Brokers compare no others by their fields.
        if (type is not ("AVRO" or "JSON") || AvroSchema.Parse(data) is not { } fresh)
            return null;
        var against = strategy.EndsWith("_TRANSITIVE", StringComparison.Ordinal) ? existing.Reverse() : [last];
        foreach (var old in against.Select(v => AvroSchema.Parse(v.Data)).OfType<JsonNode>())
        {
            var backward = strategy.StartsWith("FORWARD", StringComparison.Ordinal) || AvroSchema.CanRead(fresh, old);
            var forward = strategy.StartsWith("BACKWARD", StringComparison.Ordinal) || AvroSchema.CanRead(old, fresh);
            if (!forward)
                return Sentence(strategy, fresh, old);
            if (!backward)
                return Sentence(strategy, old, fresh);
        }
        return null;
    }

    private static string Sentence(string strategy, object written, object reader) =>
        $"Error during schema compatibility check with strategy {strategy}: org.apache.avro.SchemaValidationException: "
        + $"Unable to read schema: \n{written}\nusing schema:\n{reader}";
}
