using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>Who settled what becomes of a topic.</summary>
public enum MappingSource
{
    Rule,
    Person,
}

/// <summary>Why a topic stays where it is.</summary>
public enum StayReason
{
    ByRule,
    ByChoice,
    Internal,
    RuleTooSlow,
}

/// <summary>A topic of the source, and what it maps to or why it stays.</summary>
public sealed class MigrationTopic
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    private MigrationTopic() { }

    public MigrationTopic(MigrationId migration, string name) => (MigrationId, Name) = (migration, name);

    public MigrationId MigrationId { get; private set; }

    /// <summary>At the source.</summary>
    public string Name { get; private set; } = "";

    public string? FactsJson { get; private set; }

    // What is added up and filtered by stands in columns of its own.
    public int Partitions { get; private set; }
    public long Messages { get; private set; }

    /// <summary>Estimated from a sample; null when not known.</summary>
    public long? Bytes { get; private set; }

    /// <summary>Null before the second look.</summary>
    public double? MessagesPerSecond { get; private set; }

    /// <summary>Consumer groups with a position in it.</summary>
    public int Readers { get; private set; }

    public bool IsInternal { get; private set; }

    /// <summary>Of the first of two looks.</summary>
    public long Ends { get; private set; }

    public DateTimeOffset? SeenAt { get; private set; }

    /// <summary>
    /// Nobody seems to use it: no group has a position in it, and nothing was written while it was looked at, nor in the week before.
    /// </summary>
    public bool IsUnused { get; private set; }

    public MappingSource Source { get; private set; }
    public StayReason? Stays { get; private set; }
    public string? TargetTenant { get; private set; }
    public string? TargetNamespace { get; private set; }

    /// <summary>As it would be; it may be one that Pulsar or the portal refuses.</summary>
    public string? TargetName { get; private set; }

    /// <summary><c>tenant/namespace/name</c>, by which topics that map alike are found; null for one that stays.</summary>
    public string? TargetPath { get; private set; }

    /// <summary>Another topic maps to the same.</summary>
    public bool IsAlike { get; private set; }

    /// <summary>Something has to be settled before it can move.</summary>
    public bool IsBlocked { get; private set; }

    public TopicFacts? Facts => FactsJson is null ? null : JsonSerializer.Deserialize<TopicFacts>(FactsJson, Json);

    public bool Moves => Stays is null && TargetPath is not null;

    /// <summary>Bytes a second, estimated; null when not known.</summary>
    public double? BytesPerSecond =>
        MessagesPerSecond is not { } rate ? null
        : rate == 0 ? 0
        : Bytes is { } bytes && Messages > 0 ? rate * bytes / Messages
        : null;

    internal void Seen(TopicFacts facts, DateTimeOffset at)
    {
        FactsJson = JsonSerializer.Serialize(facts, Json);
        (Partitions, Messages, Bytes, IsInternal, Ends, SeenAt, MessagesPerSecond, Readers, IsUnused) = (
            facts.Partitions,
            facts.Messages,
            facts.EstimatedBytes,
            facts.IsInternal || Internal(Name),
            facts.Ends,
            at,
            null,
            0,
            false
        );
    }

    internal void SeenAgain(long ends, DateTimeOffset at)
    {
        if (SeenAt is { } before && at > before)
            MessagesPerSecond = Math.Max(0, ends - Ends) / (at - before).TotalSeconds;
        IsUnused =
            !IsInternal
            && Readers == 0
            && MessagesPerSecond is 0
            && (Messages == 0 || Facts?.LastWrittenAt is { } last && last < at.AddDays(-7));
    }

    internal void IsRead() => Readers++;

    internal void LeaveToRules() => Source = MappingSource.Rule;

    internal void Stay(StayReason reason, MappingSource source) =>
        (Stays, Source, TargetTenant, TargetNamespace, TargetName, TargetPath, IsAlike, IsBlocked) = (
            reason,
            source,
            null,
            null,
            null,
            null,
            false,
            false
        );

    internal void MapTo(MappingTarget target, MappingSource source, bool blocked) =>
        (Stays, Source, TargetTenant, TargetNamespace, TargetName, TargetPath, IsBlocked) = (
            null,
            source,
            target.Tenant,
            target.Namespace,
            target.Name,
            target.Path,
            blocked
        );

    /// <summary>Kafka's own, and those that tools around it keep.</summary>
    internal static bool Internal(string name) =>
        name.StartsWith("__", StringComparison.Ordinal)
        || name is "_schemas" or "connect-configs" or "connect-offsets" or "connect-status"
        || name.StartsWith("_confluent", StringComparison.Ordinal);
}

/// <summary>A consumer group of the source.</summary>
public sealed class MigrationGroup
{
    private MigrationGroup() { }

    public MigrationGroup(MigrationId migration, GroupFacts facts, DateTimeOffset at)
    {
        (MigrationId, Name) = (migration, facts.Name);
        Seen(facts, at);
    }

    public MigrationId MigrationId { get; private set; }
    public string Name { get; private set; } = "";

    /// <summary>Kafka's own word: <c>Stable</c>, <c>Empty</c>, …</summary>
    public string State { get; private set; } = "";

    public int Members { get; private set; }

    /// <summary>Messages; null when its positions could not be asked.</summary>
    public long? Lag { get; private set; }

    /// <summary>The sum of its committed offsets at the first of two looks.</summary>
    public long Position { get; private set; }

    /// <summary>Its position moved between two looks; null before the second.</summary>
    public bool? IsMoving { get; private set; }

    /// <summary>When it was last seen to read; until then, when the latest message that it has read was written.</summary>
    public DateTimeOffset? LastActivityAt { get; private set; }

    /// <summary>Those that it has a position in, one a line; at most 100.</summary>
    public string TopicNames { get; private set; } = "";

    public int TopicCount { get; private set; }
    public string? Problem { get; private set; }
    public DateTimeOffset SeenAt { get; private set; }

    public IReadOnlyList<string> Topics => TopicNames.Length == 0 ? [] : TopicNames.Split('\n');

    internal void Seen(GroupFacts facts, DateTimeOffset at)
    {
        (State, Members, Lag, Position, IsMoving, LastActivityAt, Problem) = (
            facts.State,
            facts.Members,
            facts.Lag,
            facts.Position,
            null,
            facts.ReadUpTo,
            facts.Problem
        );
        SeenAt = at;
        (TopicNames, TopicCount) = (string.Join('\n', facts.Topics.Take(100)), facts.Topics.Count);
        if (LastActivityAt > at)
            LastActivityAt = at;
    }

    internal void SeenAgain(GroupFacts facts, DateTimeOffset at)
    {
        (State, Members, Lag, IsMoving) = (facts.State, facts.Members, facts.Lag, facts.Position != Position);
        if (IsMoving == true)
            LastActivityAt = at;
    }
}
