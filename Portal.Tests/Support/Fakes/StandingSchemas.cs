using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Tests.Support.Fakes;

/// <summary>Schemas of one topic as a cluster keeps them: by full compatibility, told by the same rules of Avro.</summary>
public sealed class StandingSchemas : ISchemaAdmin
{
    public List<SchemaVersion> Versions { get; } = [];

    /// <summary>What was done, in order: <c>check JSON</c>, <c>upload JSON</c>, <c>delete</c>.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>The versions that were asked for; null is the newest.</summary>
    public List<long?> Gets { get; } = [];

    /// <summary>What every call answers instead.</summary>
    public Problem? Trouble { get; set; }

    public string Strategy { get; set; } = "FULL";

    /// <summary>A definition of a record Order with these fields.</summary>
    public static string Order(params string[] fields) => $$"""{"type":"record","name":"Order","fields":[{{string.Join(',', fields)}}]}""";

    public static string Field(string name, string type, string? defaulted = null) =>
        $$"""{"name":"{{name}}","type":"{{type}}"{{(defaulted is null ? "" : $",\"default\":{defaulted}")}}}""";

    public void Has(string definition, string type = "JSON") =>
        Versions.Add(
            new(
                Versions.Count == 0 ? 0 : Versions[^1].Version + 1,
                type,
                new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero),
                definition,
                new Dictionary<string, string>()
            )
        );

    public Task<Outcome<SchemaVersion?>> GetAsync(TopicAddress topic, long? version, CancellationToken cancellationToken)
    {
        Gets.Add(version);
        return Answer(() => Outcome.Of(version is null ? Versions.LastOrDefault() : Versions.Find(one => one.Version == version)));
    }

    public Task<Outcome<IReadOnlyList<SchemaVersionHead>>> ListAsync(
        TopicAddress topic,
        long? from,
        int count,
        CancellationToken cancellationToken
    ) =>
        Answer(() =>
            Outcome.Of<IReadOnlyList<SchemaVersionHead>>([
                .. Versions
                    .Where(one => from is null || one.Version <= from)
                    .Reverse()
                    .Take(count)
                    .Select(one => new SchemaVersionHead(one.Version, one.Type, one.RegisteredAt, one.Definition.Length)),
            ])
        );

    public Task<Outcome<SchemaAnswer>> CheckAsync(TopicAddress topic, SchemaDefinition schema, CancellationToken cancellationToken)
    {
        Asked.Add($"check {schema.Type}");
        return Answer(() => Outcome.Of(new SchemaAnswer(Fits(schema), Strategy)));
    }

    public Task<Outcome<SchemaAnswer>> UploadAsync(TopicAddress topic, SchemaDefinition schema, CancellationToken cancellationToken)
    {
        Asked.Add($"upload {schema.Type}");
        return Answer(() =>
        {
            if (!Fits(schema))
                return new SchemaAnswer(false, Strategy);
            if (Versions.Find(one => one.Type == schema.Type && one.Definition == schema.Text) is not { } there)
            {
                Has(schema.Text, schema.Type);
                there = Versions[^1];
            }
            return Outcome.Of(new SchemaAnswer(true, null, there.Version));
        });
    }

    public Task<Outcome<Done>> DeleteAsync(TopicAddress topic, CancellationToken cancellationToken)
    {
        Asked.Add("delete");
        return Answer(() =>
        {
            Versions.Clear();
            return Outcome.Done;
        });
    }

    /// <summary>The version of every entry.</summary>
    public long? Written { get; set; }

    public Task<Outcome<long?>> WrittenWithAsync(
        TopicAddress topic,
        int? partition,
        long ledger,
        long entry,
        CancellationToken cancellationToken
    ) => Answer(() => Outcome.Of(Written));

    private Task<Outcome<T>> Answer<T>(Func<Outcome<T>> answer) =>
        Task.FromResult(Trouble is { } trouble ? Outcome.Refused<T>(trouble) : answer());

    private bool Fits(SchemaDefinition schema)
    {
        if (Versions.LastOrDefault() is not { } last)
            return true;
        if (last.Type != schema.Type)
            return false;
        if (!SchemaDefinition.IsAvro(schema.Type))
            return true;
        var (old, wanted) = (AvroDefinition.Parse(last.Definition).Value, AvroDefinition.Parse(schema.Text).Value);
        return SchemaDifference.CanRead(old, wanted) && SchemaDifference.CanRead(wanted, old);
    }
}
