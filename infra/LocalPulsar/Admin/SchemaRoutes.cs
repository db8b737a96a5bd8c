using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary>Schemas of a topic and their versions. A deletion is a version too, so that numbers never come again.</summary>
internal sealed class SchemaRoutes(ClusterState state, Access access, TimeProvider clock)
{
    private const string Path = "admin/v2/schemas/{tenant}/{ns}/{topic}/";
    private static readonly string[] _types =
    [
        "NONE",
        "STRING",
        "JSON",
        "PROTOBUF",
        "AVRO",
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
        "KEY_VALUE",
        "INSTANT",
        "LOCAL_DATE",
        "LOCAL_TIME",
        "LOCAL_DATE_TIME",
        "PROTOBUF_NATIVE",
        "BYTES",
        "AUTO",
        "AUTO_CONSUME",
        "AUTO_PUBLISH",
    ];

    private static readonly string[] _textless =
    [
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

    public void Map(Router router)
    {
        router.Map("GET", Path + "schema", call => Task.FromResult(Answer.Json(Document(Live(call).LastOrDefault() ?? throw Missing()))));
        router.Map(
            "GET",
            Path + "schema/{version}",
            call =>
                Task.FromResult(
                    Answer.Json(Document(Live(call).FirstOrDefault(v => v.Version == Number(call["version"])) ?? throw Missing()))
                )
        );
        router.Map(
            "GET",
            Path + "schemas",
            call =>
                Task.FromResult(
                    Answer.Json(
                        new JsonObject { ["getSchemaResponses"] = new JsonArray([.. Live(call).Select(v => (JsonNode)Document(v))]) }
                    )
                )
        );
        router.Map("POST", Path + "schema", RegisterAsync);
        router.Map("DELETE", Path + "schema", DeleteAsync);
        router.Map("POST", Path + "compatibility", CompareAsync);
    }

    private static long Number(string version) =>
        long.TryParse(version, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new RefusalException(Answer.Unforeseen($"For input string: \"{version}\""));

    private static RefusalException Missing() => new(404, "Schema not found");

    private static string Key(Call call) => $"{call.Namespace}/{call.Topic.Base.Local}";

    private static JsonObject Document(SchemaVersion version) =>
        new()
        {
            ["version"] = version.Version,
            ["type"] = version.Type,
            ["timestamp"] = version.Timestamp,
            ["data"] = version.Data,
            ["properties"] = new JsonObject(version.Properties.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
        };

    private IReadOnlyList<SchemaVersion> Stored(Call call) => state.Schemas.GetValueOrDefault(Key(call)) ?? [];

    // What came before the last deletion is gone.
    private IEnumerable<SchemaVersion> Live(Call call)
    {
        access.DemandTopic(call, "GET_METADATA", Grant.Either);
        var stored = Stored(call).ToList();
        return stored.Skip(stored.FindLastIndex(v => v.Deleted) + 1);
    }

    private async Task<Answer> RegisterAsync(Call call)
    {
        access.DemandTopic(call, "PRODUCE", Grant.Produce);
        var (type, data, properties) = await ReadAsync(call, sentence => new(Answer.Page(422, sentence, call.Path)));
        if (!state.Namespaces.ContainsKey(call.Namespace))
            throw new RefusalException(404, "Namespace does not exist");
        var stored = Stored(call);
        var live = stored.Skip(stored.ToList().FindLastIndex(v => v.Deleted) + 1).ToList();
        if (live.Find(v => v.Type == type && v.Data == data) is { } same)
            return Version(same.Version);
        if (live.Count > 0 && SchemaCompatibility.Check(Strategy(call), live, type, data) is { } clash)
            throw new RefusalException(Answer.Page(409, clash, call.Path));
        var version = stored.Count;
        await state.PutSchemaAsync(
            Key(call),
            [.. stored, new SchemaVersion(version, type, clock.GetUtcNow().ToUnixTimeMilliseconds(), data, properties)]
        );
        return Version(version);
    }

    private static Answer Version(long version) => Answer.Json(new { version = new { version } });

    private async Task<Answer> DeleteAsync(Call call)
    {
        access.DemandTenantAdmin(call);
        if (call.Flag("force"))
        {
            await state.DeleteSchemaAsync(Key(call));
            return Answer.Json(new { version = -1 });
        }
        var stored = Stored(call);
        var version = stored.Count;
        await state.PutSchemaAsync(
            Key(call),
            [
                .. stored,
                new SchemaVersion(
                    version,
                    "NONE",
                    clock.GetUtcNow().ToUnixTimeMilliseconds(),
                    "",
                    new Dictionary<string, string>(),
                    Deleted: true
                ),
            ]
        );
        return Answer.Json(new { version });
    }

    private async Task<Answer> CompareAsync(Call call)
    {
        access.DemandTenantAdmin(call);
        var (type, data, _) = await ReadAsync(call, sentence => new(Answer.Unforeseen(sentence)));
        var live = Live(call).ToList();
        var strategy = Strategy(call);
        if (live.Count > 0 && SchemaCompatibility.Check(strategy, live, type, data) is { } clash)
        {
            throw new RefusalException(Answer.Unforeseen(clash));
        }
        return Answer.Json(new { schemaCompatibilityStrategy = strategy, compatibility = true }, 202);
    }

    // UNDEFINED is the broker's default, FULL.
    private string Strategy(Call call) =>
        (string?)state.Namespaces.GetValueOrDefault(call.Namespace)?.Document()["schema_compatibility_strategy"]
            is { } set
                and not "UNDEFINED"
            ? set
            : "FULL";

    /// <param name="invalid">Registering and comparing refuse what is no schema in ways of their own.</param>
    private static async Task<(string Type, string Data, Dictionary<string, string> Properties)> ReadAsync(
        Call call,
        Func<string, RefusalException> invalid
    )
    {
        var body = await call.ObjectAsync();
        var type = (string?)body["type"] ?? "";
        var data = (string?)body["schema"] ?? "";
        if (!_types.Contains(type))
        {
            throw new RefusalException(Answer.Unforeseen($"No enum constant org.apache.pulsar.common.schema.SchemaType.{type}"));
        }
        if (type is "AVRO" or "JSON" or "PROTOBUF" && AvroSchema.Parse(data) is null)
            throw invalid($"Invalid schema definition data for {type} schema");
        if (type == "PROTOBUF_NATIVE" && !IsDescriptor(data))
            throw invalid("deserialize ProtobufNative Schema failed");
        if (data.Length > 0 && _textless.Contains(type))
            throw invalid(
                "Invalid schema definition data for primitive schemas :length of schema data should be zero, but "
                    + $"{Encoding.UTF8.GetByteCount(data)} bytes is found"
            );
        if (data.Length > 0 && type == "STRING")
            throw invalid($"Invalid schema definition data for string schema : '{data}'");
        return (type == "BYTES" ? "NONE" : type, data, Call.Texts(body["properties"]));
    }

    // A set of descriptors begins with its first file.
    private static bool IsDescriptor(string data)
    {
        try
        {
            return JsonNode.Parse(data) is JsonObject around
                && (string?)around["rootMessageTypeName"] is { Length: > 0 }
                && (string?)around["fileDescriptorSet"] is { } set
                && Convert.FromBase64String(set) is [0x0A, ..];
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }
}
