using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>Why a cluster refuses a schema, in words: which rule, against which version, and which fields.</summary>
/// <param name="Rule">What the namespace asks of a new schema, as a sentence.</param>
/// <param name="Against">The version that it does not go with; null where none of those looked at shows why.</param>
/// <param name="Reasons">A sentence for each difference that breaks the rule; empty where the words are not known.</param>
public sealed record SchemaClash(string? Strategy, string Rule, long? Against, IReadOnlyList<string> Reasons)
{
    // Of many wrong fields the first few tell what is wrong.
    private const int Most = 5;

    // Versions that a transitive rule is explained by: the newest ones are those that people changed something against.
    private const int LooksBack = 10;

    public string Sentence =>
        string.Join(
            ' ',
            [
                Against is { } version
                    ? $"This schema isn't compatible with version {version}."
                    : "The cluster doesn't accept this schema beside the earlier versions.",
                .. Reasons,
                Rule,
            ]
        );

    internal static async Task<SchemaClash> ExplainAsync(
        ISchemaAdmin schemas,
        TopicAddress topic,
        SchemaDefinition wanted,
        string? strategy,
        CancellationToken cancellationToken
    )
    {
        var rule = RuleOf(strategy);
        if (!(await schemas.GetAsync(topic, null, cancellationToken)).TryGet(out var latest, out _) || latest is null)
            return new(strategy, rule, null, []);
        if (latest.Type != wanted.Type)
            return new(
                strategy,
                "Delete the schema first, or use another topic.",
                latest.Version,
                [$"The topic's schema is of type {latest.Type}, and the type can't change to {wanted.Type}."]
            );
        if (strategy == "ALWAYS_INCOMPATIBLE")
            return new(strategy, rule, latest.Version, []);
        var back = strategy?.EndsWith("_TRANSITIVE", StringComparison.Ordinal) == true ? LooksBack : 1;
        for (var looked = 0; looked < back; looked++)
        {
            var asked =
                looked == 0 ? latest
                : (await schemas.GetAsync(topic, latest.Version - looked, cancellationToken)) is { IsOk: true, Value: { } earlier }
                    ? earlier
                : null;
            if (asked is null)
                break;
            if (Breaks(asked, wanted, strategy) is { Count: > 0 } reasons)
                return new(strategy, rule, asked.Version, reasons);
        }
        return new(strategy, rule, null, []);
    }

    private static List<string> Breaks(SchemaVersion old, SchemaDefinition wanted, string? strategy)
    {
        if (!SchemaDefinition.IsAvro(wanted.Type))
            return [];
        if (
            !AvroDefinition.Parse(old.Definition).TryGet(out var before, out _)
            || !AvroDefinition.Parse(wanted.Text).TryGet(out var after, out _)
        )
            return [];
        var (backward, forward) = (
            strategy?.StartsWith("FORWARD", StringComparison.Ordinal) != true,
            strategy?.StartsWith("BACKWARD", StringComparison.Ordinal) != true
        );
        var all = SchemaDifference
            .Between(before, after)
            .Where(change => backward && change.BreaksNewReaders || forward && change.BreaksOldReaders)
            .ToList();
        List<string> words = [.. all.Take(Most).Select(change => change.Words)];
        if (all.Count > Most)
            words.Add($"{all.Count - Most} more changes aren't compatible either.");
        return words;
    }

    /// <param name="strategy">As Pulsar writes it; null where it is not known.</param>
    public static string RuleOf(string? strategy) =>
        strategy switch
        {
            "BACKWARD" => "The namespace's rule is backward compatibility: the new schema must be able to read messages written with the "
                + "previous one.",
            "BACKWARD_TRANSITIVE" => "The namespace's rule is backward compatibility with all versions: "
                + "the new schema must be able to read messages written with any of them.",
            "FORWARD" => "The namespace's rule is forward compatibility: the previous schema must be able to read messages written with "
                + "the new one.",
            "FORWARD_TRANSITIVE" => "The namespace's rule is forward compatibility with all versions: "
                + "each of them must be able to read messages written with the new schema.",
            "FULL" =>
                "The namespace's rule is full compatibility: the new and the previous schema must be able to read each other's messages.",
            "FULL_TRANSITIVE" => "The namespace's rule is full compatibility with all versions: "
                + "the new schema and each of them must be able to read each other's messages.",
            "ALWAYS_INCOMPATIBLE" => "The namespace doesn't accept any change of a schema.",
            "ALWAYS_COMPATIBLE" => "The namespace accepts any change of a schema.",
            _ => "The namespace's compatibility rule decides which changes are allowed.",
        };
}
