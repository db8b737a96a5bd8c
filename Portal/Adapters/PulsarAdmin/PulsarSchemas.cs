using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// Schemas. A refusal comes in two shapes: registering answers 409 or 422 with the web server's page, checking answers 500
/// with an exception's name in a stack trace. Neither reaches a person: <see cref="SchemaClash"/> says it in words.
/// </summary>
internal sealed partial class PulsarSchemas(ClusterConnections clusters) : ISchemaAdmin
{
    private const int SideBySide = 8;

    public Task<Outcome<SchemaVersion?>> GetAsync(TopicAddress topic, long? version, CancellationToken cancellationToken) =>
        clusters.OnAsync(topic.Cluster, cluster => ReadAsync(cluster, topic, version, cancellationToken));

    public Task<Outcome<IReadOnlyList<SchemaVersionHead>>> ListAsync(
        TopicAddress topic,
        long? from,
        int count,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync<IReadOnlyList<SchemaVersionHead>>(
            topic.Cluster,
            async cluster =>
            {
                if (!(await ReadAsync(cluster, topic, from, cancellationToken)).TryGet(out var first, out var problem))
                    return problem;
                if (first is null)
                    return Outcome.Of<IReadOnlyList<SchemaVersionHead>>([]);
                List<SchemaVersionHead> found = [Head(first)];
                // By itself each, since a topic's clients may have registered thousands; the oldest one is where the numbers end.
                while (found.Count < count && found[^1].Version > 0)
                {
                    long[] next =
                    [
                        .. Enumerable
                            .Range(1, Math.Min(SideBySide, count - found.Count))
                            .Select(step => found[^1].Version - step)
                            .Where(number => number >= 0),
                    ];
                    var asked = await Task.WhenAll(next.Select(number => ReadAsync(cluster, topic, number, cancellationToken)));
                    if (asked.FirstOrDefault(one => !one.IsOk)?.Problem is { } refused)
                        return refused;
                    List<SchemaVersionHead> there =
                    [
                        .. asked.Select(one => one.Value).TakeWhile(one => one is not null).Select(one => Head(one!)),
                    ];
                    found.AddRange(there);
                    if (there.Count < next.Length)
                        break;
                }
                return found;
            }
        );

    public Task<Outcome<SchemaAnswer>> CheckAsync(TopicAddress topic, SchemaDefinition schema, CancellationToken cancellationToken) =>
        clusters.OnAsync<SchemaAnswer>(
            topic.Cluster,
            async cluster =>
            {
                var sent = await cluster.SendAsync(
                    HttpMethod.Post,
                    PulsarPath.Schemas(topic, "compatibility"),
                    Body(schema),
                    cancellationToken
                );
                if (!sent.TryGet(out var answer, out var problem))
                    return problem;
                if (answer.Status == HttpStatusCode.InternalServerError)
                    return Refusal(answer) ?? Outcome.Refused<SchemaAnswer>(PulsarProblems.Of(cluster.Name, answer));
                return cluster
                    .Read(answer, PulsarJson.Default.CompatibilityDocument)
                    .Map(said => new SchemaAnswer(said.Compatibility, said.SchemaCompatibilityStrategy));
            }
        );

    public Task<Outcome<SchemaAnswer>> UploadAsync(TopicAddress topic, SchemaDefinition schema, CancellationToken cancellationToken) =>
        clusters.OnAsync<SchemaAnswer>(
            topic.Cluster,
            async cluster =>
            {
                var sent = await cluster.SendAsync(HttpMethod.Post, PulsarPath.Schemas(topic, "schema"), Body(schema), cancellationToken);
                if (!sent.TryGet(out var answer, out var problem))
                    return problem;
                if (answer.Status == HttpStatusCode.Conflict)
                    return new SchemaAnswer(false, StrategyIn(answer));
                if (answer.Status == HttpStatusCode.UnprocessableEntity)
                    return PulsarProblems.SchemaMalformed();
                return cluster
                    .Read(answer, PulsarJson.Default.RegisteredSchemaDocument)
                    .Map(made => new SchemaAnswer(true, null, made.Version?.Version));
            }
        );

    public Task<Outcome<Done>> DeleteAsync(TopicAddress topic, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            topic.Cluster,
            async cluster =>
                (await cluster.SendAsync(HttpMethod.Delete, PulsarPath.Schemas(topic, "schema"), null, cancellationToken)).Then(answer =>
                    answer.Status == HttpStatusCode.NotFound ? Outcome.Done : cluster.Done(answer)
                )
        );

    public Task<Outcome<long?>> WrittenWithAsync(
        TopicAddress topic,
        int? partition,
        long ledger,
        long entry,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync<long?>(
            topic.Cluster,
            async cluster =>
            {
                if (ledger < 0 || entry < 0)
                    return Outcome.Of<long?>(null);
                var part = partition is { } number ? topic with { Name = PulsarPath.Partition(topic, number) } : topic;
                var path = string.Create(CultureInfo.InvariantCulture, $"{PulsarPath.Topic(part)}/ledger/{ledger}/entry/{entry}");
                // The headers alone: the payload was read already.
                if (!(await cluster.SendAsync(HttpMethod.Head, path, null, cancellationToken)).TryGet(out var answer, out var problem))
                    return problem;
                if (answer.Status == HttpStatusCode.NotFound)
                    return Outcome.Of<long?>(null);
                return answer.IsSuccess ? VersionIn(answer) : PulsarProblems.Of(cluster.Name, answer);
            }
        );

    /// <summary>Eight bytes, the highest first; null for an entry without, or with one of another system's.</summary>
    private static long? VersionIn(PulsarAnswer answer)
    {
        if (
            answer.Headers is not { } headers
            || !headers.TryGetValues("X-Pulsar-Base64-schema-version", out var values)
            || values.FirstOrDefault() is not { } text
        )
            return null;
        Span<byte> bytes = stackalloc byte[16];
        return
            Convert.TryFromBase64String(text, bytes, out var length)
            && length == sizeof(long)
            && BinaryPrimitives.ReadInt64BigEndian(bytes) is >= 0 and var version
            ? version
            : null;
    }

    private static async Task<Outcome<SchemaVersion?>> ReadAsync(
        ClusterConnection cluster,
        TopicAddress topic,
        long? version,
        CancellationToken cancellationToken
    )
    {
        var path = version is { } number
            ? PulsarPath.Schemas(topic, "schema", number.ToString(CultureInfo.InvariantCulture))
            : PulsarPath.Schemas(topic, "schema");
        var read = await cluster.GetAsync(
            path,
            PulsarJson.Default.SchemaDocument,
            cancellationToken,
            PulsarAnswer.NotFoundIsNull<SchemaDocument>
        );
        // A topic of bytes answers with a schema that is none.
        return read.Map(found =>
            found is { Type: { } type and not ("NONE" or "BYTES") }
                ? new SchemaVersion(found.Version, type, LiveFigures.Registered(found), found.Data ?? "", found.Properties ?? [])
                : null
        );
    }

    private static SchemaVersionHead Head(SchemaVersion version) =>
        new(version.Version, version.Type, version.RegisteredAt, Encoding.UTF8.GetByteCount(version.Definition));

    private static byte[] Body(SchemaDefinition schema) => PulsarJson.Bytes(new NewSchemaDocument(schema.Type, schema.Text, []));

    /// <summary>Null for an error that is about something else.</summary>
    private static Outcome<SchemaAnswer>? Refusal(PulsarAnswer answer)
    {
        var said = Encoding.UTF8.GetString(answer.Body);
        if (Says("Invalid schema definition data", "InvalidSchemaDataException", "deserialize ProtobufNative Schema failed"))
            return PulsarProblems.SchemaMalformed();
        return Says("during schema compatibility check", "Incompatible schema", "IncompatibleSchemaException")
            ? Outcome.Of(new SchemaAnswer(false, StrategyIn(answer)))
            : null;

        bool Says(params ReadOnlySpan<string> words)
        {
            foreach (var word in words)
                if (said.Contains(word, StringComparison.Ordinal))
                    return true;
            return false;
        }
    }

    private static string? StrategyIn(PulsarAnswer answer) =>
        Strategy().Match(Encoding.UTF8.GetString(answer.Body)) is { Success: true } found ? found.Groups[1].Value : null;

    [GeneratedRegex("compatibility check with strategy ([A-Z_]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Strategy();
}
