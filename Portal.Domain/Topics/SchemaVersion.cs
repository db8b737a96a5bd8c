using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>A version of a topic's schema as its cluster keeps it.</summary>
/// <param name="Version">From 0; numbers go on after a deletion.</param>
/// <param name="Type">As Pulsar calls it: <c>AVRO</c>, <c>JSON</c>, <c>STRING</c>, …</param>
/// <param name="Definition">Of AVRO, JSON and PROTOBUF an Avro definition; of PROTOBUF_NATIVE and KEY_VALUE Pulsar's own JSON around
/// theirs; empty for primitive types.</param>
public sealed record SchemaVersion(
    long Version,
    string Type,
    DateTimeOffset? RegisteredAt,
    string Definition,
    IReadOnlyDictionary<string, string> Properties
);

/// <summary>A version without its definition, for lists.</summary>
/// <param name="Bytes">Of the definition in UTF-8.</param>
public sealed record SchemaVersionHead(long Version, string Type, DateTimeOffset? RegisteredAt, int Bytes);

/// <summary>What a cluster says of a schema that it was shown, or given.</summary>
/// <param name="Fits">It may be, or was, registered.</param>
/// <param name="Strategy">By which it was measured, as Pulsar writes it; null where the cluster does not say.</param>
/// <param name="Version">Under which it is registered now; null where it was only checked, or did not fit.</param>
public sealed record SchemaAnswer(bool Fits, string? Strategy, long? Version = null);

/// <summary>A schema that somebody wants a topic to have, looked through as far as that goes without its cluster.</summary>
public sealed record SchemaDefinition
{
    /// <summary>Bytes in UTF-8. Clusters take more; nobody reads more.</summary>
    public const int Largest = 256 * 1024;

    /// <summary>Without a definition of their own.</summary>
    public static readonly IReadOnlyList<string> Plain =
    [
        "STRING",
        "BOOLEAN",
        "INT8",
        "INT16",
        "INT32",
        "INT64",
        "FLOAT",
        "DOUBLE",
        "DATE",
        "TIME",
        "TIMESTAMP",
        "INSTANT",
        "LOCAL_DATE",
        "LOCAL_TIME",
        "LOCAL_DATE_TIME",
    ];

    /// <summary>All that can be uploaded.</summary>
    public static readonly IReadOnlyList<string> Types = ["JSON", "AVRO", "PROTOBUF", "PROTOBUF_NATIVE", .. Plain];

    private SchemaDefinition(string type, string text) => (Type, Text) = (type, text);

    public string Type { get; }

    /// <summary>Empty for a plain type.</summary>
    public string Text { get; }

    /// <summary>Whether a type is defined in Avro's language. JSON is too: Pulsar describes the fields of its JSON so.</summary>
    public static bool IsAvro(string type) => type is "JSON" or "AVRO" or "PROTOBUF";

    /// <summary>Messages are text.</summary>
    internal static SchemaDefinition OfText { get; } = new("STRING", "");

    public static Outcome<SchemaDefinition> Create(string? type, string? text)
    {
        if (type is null || !Types.Contains(type))
            return new Problem.Invalid("schema-type-unknown", $"Choose a schema type: {string.Join(", ", Types)}.", "type");
        var definition = text?.Trim() ?? "";
        if (Plain.Contains(type))
            return definition.Length == 0
                ? new SchemaDefinition(type, "")
                : new Problem.Invalid("schema-malformed", $"A {type} schema has no definition. Leave it empty.", "definition");
        if (definition.Length == 0)
            return new Problem.Invalid(
                "schema-malformed",
                IsAvro(type) ? "Enter the schema's definition, such as an Avro record with its fields." : "Enter the schema's definition.",
                "definition"
            );
        if (System.Text.Encoding.UTF8.GetByteCount(definition) > Largest)
            return new Problem.Invalid("schema-too-large", $"A definition can be at most {ByteSize.Text(Largest)}.", "definition");
        if (!IsAvro(type))
            return ProtobufDescriptor.Check(definition) is { } odd ? odd : new SchemaDefinition(type, definition);
        if (!AvroDefinition.Parse(definition).TryGet(out var parsed, out var problem))
            return problem;
        if (AvroDefinition.IsTooWide(parsed))
            return new Problem.Invalid(
                "schema-too-wide",
                $"The definition has more than {AvroDefinition.MostSpread:N0} fields once every named type is written out where "
                    + "it's used. Brokers compare schemas field by field, so use fewer nested types.",
                "definition"
            );
        return parsed is AvroType.Record
            ? new SchemaDefinition(type, definition)
            : new Problem.Invalid(
                "schema-malformed",
                "The definition must be a record with fields. Wrap other types in a record.",
                "definition"
            );
    }
}

/// <summary>What Pulsar wraps a Protobuf message's description in.</summary>
internal static class ProtobufDescriptor
{
    internal static Problem.Invalid? Check(string definition)
    {
        try
        {
            using var document = ForeignJson.Parse(definition);
            if (
                document.RootElement.ValueKind == System.Text.Json.JsonValueKind.Object
                && new[] { "fileDescriptorSet", "rootMessageTypeName", "rootFileDescriptorName" }.All(name =>
                    document.RootElement.TryGetProperty(name, out var value)
                    && value.ValueKind == System.Text.Json.JsonValueKind.String
                    && value.GetString()!.Length > 0
                )
                && document.RootElement.GetProperty("fileDescriptorSet").TryGetBytesFromBase64(out _)
            )
                return null;
        }
        catch (System.Text.Json.JsonException)
        {
            // A .proto file, most likely.
        }
        return new(
            "schema-malformed",
            "A PROTOBUF_NATIVE definition is JSON with fileDescriptorSet (base64), rootMessageTypeName and "
                + "rootFileDescriptorName. Clients build it from your .proto files when they connect.",
            "definition"
        );
    }
}
