using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>
/// Customers' Kafka clusters, reading only. Problems are those of <see cref="KafkaProblems"/>; nothing waits longer than a step may take.
/// </summary>
public interface IKafkaCluster
{
    /// <summary>Tries a connection out, step by step. Never throws for what a cluster or network does.</summary>
    Task<ConnectionTest> TestAsync(KafkaConnection connection, CancellationToken cancellationToken);

    /// <summary>Begins to look. Unavailable and Forbidden problems say what stands in the way.</summary>
    Task<Outcome<IKafkaLook>> OpenAsync(KafkaConnection connection, CancellationToken cancellationToken);
}

/// <summary>An open look at a cluster; asked by one caller at a time.</summary>
public interface IKafkaLook : IAsyncDisposable
{
    /// <summary>Names of all topics that may be seen, in ordinal order.</summary>
    Task<Outcome<IReadOnlyList<string>>> TopicNamesAsync(CancellationToken cancellationToken);

    /// <summary>What the topics are. One that is gone is left out; one that may not be described has a problem in its facts.</summary>
    /// <param name="names">At most 100.</param>
    Task<Outcome<IReadOnlyDictionary<string, TopicFacts>>> DescribeAsync(IReadOnlyList<string> names, CancellationToken cancellationToken);

    /// <summary>The sum of the end offsets of the topics' partitions; one that cannot be asked is left out.</summary>
    Task<Outcome<IReadOnlyDictionary<string, long>>> EndsAsync(
        IReadOnlyDictionary<string, int> partitions,
        CancellationToken cancellationToken
    );

    /// <summary>Names of all consumer groups that may be seen, in ordinal order.</summary>
    Task<Outcome<IReadOnlyList<string>>> GroupNamesAsync(CancellationToken cancellationToken);

    /// <summary>What the groups are. One that is gone is left out.</summary>
    /// <param name="names">At most 50.</param>
    Task<Outcome<IReadOnlyList<GroupFacts>>> GroupsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken);

    /// <summary>What one group has committed. A group that is gone has nothing and the state <c>Dead</c>.</summary>
    Task<Outcome<GroupCommits>> CommitsAsync(string group, CancellationToken cancellationToken);

    /// <summary>Access rules, at most so many; Forbidden when they may not be listed or the cluster has none.</summary>
    Task<Outcome<IReadOnlyList<KafkaAcl>>> AclsAsync(int atMost, CancellationToken cancellationToken);
}

/// <param name="Resource">Such as <c>topic orders</c>, <c>group billing*</c>.</param>
public sealed record KafkaAcl(string Principal, string Resource, string Operation, string Permission, string Host);

/// <summary>A consumer group as it was met.</summary>
/// <param name="State">Kafka's own word.</param>
/// <param name="Lag">Messages behind the ends, over all partitions with a position; null when none could be asked.</param>
/// <param name="Position">The sum of all committed offsets: it moves when the group reads.</param>
/// <param name="ReadUpTo">When the latest message that it has read was written; null when not known.</param>
/// <param name="Topics">Those that it has a position in.</param>
public sealed record GroupFacts(
    string Name,
    string State,
    int Members,
    long? Lag,
    long Position,
    DateTimeOffset? ReadUpTo,
    IReadOnlyList<string> Topics,
    string? Problem
);

/// <summary>The committed offsets of a group.</summary>
/// <param name="State">Kafka's own word.</param>
/// <param name="Offsets">The offset that is read next, by partition; those without a commit are absent.</param>
public sealed record GroupCommits(string State, int Members, IReadOnlyDictionary<KafkaPartition, long> Offsets);

/// <summary>What messages of a sample look like.</summary>
public enum DataFormat
{
    Unknown,
    Empty,
    Json,
    Avro,
    Text,
    Binary,
}

/// <summary>A topic as it was met. Kept as JSON, so fields may be added, never renamed.</summary>
/// <param name="Configuration">What was set on the topic itself, by name.</param>
/// <param name="Messages">From the first to the last offset; compaction and transaction markers count too.</param>
/// <param name="Ends">The sum of the end offsets.</param>
public sealed record TopicFacts(
    int Partitions,
    int Replication,
    bool IsInternal,
    long Messages,
    long Ends,
    IReadOnlyDictionary<string, string> Configuration
)
{
    /// <summary>Why nothing more is known.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether its messages may be read.</summary>
    public bool MayRead { get; init; } = true;

    public DateTimeOffset? LastWrittenAt { get; init; }

    public TopicSample? Sample { get; init; }

    /// <summary><c>compact</c> is part of its cleanup.</summary>
    public bool IsCompacted => Value("cleanup.policy")?.Contains("compact", StringComparison.Ordinal) ?? false;

    /// <summary>Null for as long as the cluster's default is; negative for ever.</summary>
    public long? RetentionMilliseconds => Number("retention.ms");

    /// <summary>Of each partition; negative for no bound.</summary>
    public long? RetentionBytes => Number("retention.bytes");

    public long? LargestMessage => Number("max.message.bytes");

    public bool HasAppendTime => Value("message.timestamp.type") == "LogAppendTime";

    /// <summary>From the sample and the offsets; null without a sample of a topic that holds something.</summary>
    public long? EstimatedBytes =>
        Messages == 0 ? 0
        : Sample is { Messages: > 0 } seen ? (long)(Messages * (decimal)seen.Bytes / seen.Messages)
        : null;

    private string? Value(string name) => Configuration.GetValueOrDefault(name);

    private long? Number(string name) =>
        long.TryParse(Value(name), System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : null;
}

/// <summary>What a few messages showed; the messages themselves are not kept.</summary>
/// <param name="Bytes">Of keys, values and headers together.</param>
/// <param name="Largest">In bytes.</param>
/// <param name="SchemaIds">Of Avro with a registry's mark: at most ten.</param>
public sealed record TopicSample(
    int Messages,
    long Bytes,
    long Largest,
    DataFormat Keys,
    DataFormat Values,
    IReadOnlyList<int> SchemaIds,
    int NullKeys,
    int Tombstones,
    int WithHeaders
);
