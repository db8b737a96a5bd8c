using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// The schemas of a topic on its cluster. All of it may be repeated: a schema that is there already keeps its version.
/// Partitions share their topic's. The problems are those of <see cref="ITopicAdmin"/>.
/// </summary>
public interface ISchemaAdmin
{
    /// <summary>A version, the newest without a number; null where there is none.</summary>
    Task<Outcome<SchemaVersion?>> GetAsync(TopicAddress topic, long? version, CancellationToken cancellationToken);

    /// <summary>
    /// Versions from a number downward without gaps, the newest first; fewer at the oldest one. Empty where there are none.
    /// </summary>
    /// <param name="from">The first one wanted; null for the newest.</param>
    Task<Outcome<IReadOnlyList<SchemaVersionHead>>> ListAsync(
        TopicAddress topic,
        long? from,
        int count,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Whether it could be registered, by the rule of its namespace. Invalid <c>schema-malformed</c> for what the cluster does not read.
    /// </summary>
    Task<Outcome<SchemaAnswer>> CheckAsync(TopicAddress topic, SchemaDefinition schema, CancellationToken cancellationToken);

    /// <summary>Registers it if it fits.</summary>
    Task<Outcome<SchemaAnswer>> UploadAsync(TopicAddress topic, SchemaDefinition schema, CancellationToken cancellationToken);

    /// <summary>All versions go; the next one has the next number, so that no message is ever read by another's schema.</summary>
    Task<Outcome<Done>> DeleteAsync(TopicAddress topic, CancellationToken cancellationToken);

    /// <summary>The version that an entry was written with; null where it was written without a schema, or is gone.</summary>
    /// <param name="partition">Null in a topic without partitions.</param>
    Task<Outcome<long?>> WrittenWithAsync(TopicAddress topic, int? partition, long ledger, long entry, CancellationToken cancellationToken);
}
