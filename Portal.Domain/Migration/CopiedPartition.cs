using System.Text.Json;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Migration;

/// <summary>What its owner wants of a copy.</summary>
public enum CopyWish
{
    Copy,
    Pause,
    Stop,
}

/// <summary>
/// How a copy stands: on its way to what Kafka has, following what is still written, resting, ended, or in need of somebody.
/// </summary>
public enum CopyState
{
    Copying,
    Following,
    Paused,
    Stopped,
    Failed,
}

/// <summary>How all partitions of a migration are copied.</summary>
public sealed class CopySettings
{
    private CopySettings() { }

    public CopySettings(MigrationId migration, OrganizationId organization) => (MigrationId, OrganizationId) = (migration, organization);

    public MigrationId MigrationId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public long? BytesPerSecond { get; private set; }
    public int? MessagesPerSecond { get; private set; }
    public Tombstones Tombstones { get; private set; }
    public TooLarge TooLarge { get; private set; }

    /// <summary>Only messages of one key share an entry: for Key_Shared subscriptions.</summary>
    public bool OneKeyPerEntry { get; private set; }

    public bool Compress { get; private set; }

    public CopyRate Rate => new(BytesPerSecond, MessagesPerSecond);

    public WriterSettings Writer => new(OneKeyPerEntry, Compress);

    public void Set(CopyRate rate) => (BytesPerSecond, MessagesPerSecond) = (rate.BytesPerSecond, rate.MessagesPerSecond);

    /// <summary>Before the first record is copied: what is there already would not follow.</summary>
    public void Choose(Tombstones tombstones, TooLarge tooLarge, WriterSettings writer) =>
        (Tombstones, TooLarge, OneKeyPerEntry, Compress) = (tombstones, tooLarge, writer.OneKeyPerEntry, writer.Compress);
}

/// <summary>Where a record of Kafka is in Pulsar: every record before <paramref name="Next"/> is at or before the place.</summary>
public sealed record CopyMark(long Next, long Ledger, long Entry);

/// <summary>Something about a copy that is no failure and that its owner should know: what was left out, and why.</summary>
/// <param name="Kind"><c>too-large</c>: the record at the offset; <c>gone</c>: Kafka had deleted the records from the offset up to
/// <paramref name="Until"/> before they were copied.</param>
public sealed record CopyRemark(string Kind, long Offset, long? Until, string Text);

/// <summary>One partition of a Kafka topic on its way to the partition of the same number of a Pulsar topic.</summary>
public sealed class CopiedPartition
{
    public const int MostRemarks = 200;
    public const int MostMarks = 512;

    /// <summary>What a rate is measured over, at least.</summary>
    private static readonly TimeSpan Stretch = TimeSpan.FromSeconds(5);

    private CopiedPartition() { }

    public CopiedPartition(CopyId id, MigrationId migration, Topic target, string source, int number, DateTimeOffset at) =>
        (Id, MigrationId, OrganizationId, TopicId, Cluster, Address, SourceTopic, Number, CreatedAt, ChangedAt) = (
            id,
            migration,
            target.OrganizationId,
            target.Id,
            target.Cluster,
            target.Address,
            source,
            number,
            at,
            at
        );

    public CopyId Id { get; private set; }
    public MigrationId MigrationId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }

    /// <summary>The target.</summary>
    public TopicId TopicId { get; private set; }

    public string Cluster { get; private set; } = "";
    public string Address { get; private set; } = "";
    public string SourceTopic { get; private set; } = "";
    public int Number { get; private set; }
    public CopyWish Wish { get; private set; }
    public CopyState State { get; private set; }

    /// <summary>The offset with which the copy began; null before.</summary>
    public long? FirstOffset { get; private set; }

    /// <summary>The end of the target before the first record came; null for an empty one.</summary>
    public long? BeganLedger { get; private set; }

    public long? BeganEntry { get; private set; }

    /// <summary>The offset that is read next: everything before it is in Pulsar, confirmed.</summary>
    public long NextOffset { get; private set; }

    /// <summary>The last sequence id that was confirmed; 0 for none.</summary>
    public long Sequence { get; private set; }

    /// <summary>Of the last confirmed message; -1 for none.</summary>
    public long Ledger { get; private set; } = -1;

    public long Entry { get; private set; } = -1;
    public long Messages { get; private set; }
    public long Bytes { get; private set; }

    /// <summary>Records that were left out.</summary>
    public long Skipped { get; private set; }

    /// <summary>Kafka's end when it was seen last.</summary>
    public long SourceEnd { get; private set; }

    /// <summary>Milliseconds since 1970: of the last record that was copied; 0 for none.</summary>
    public long LastTimestamp { get; private set; }

    /// <summary>Of the last stretch of <see cref="Stretch"/> or more; null while it rests and before the first one.</summary>
    public double? MessagesPerSecond { get; private set; }

    /// <summary>As <see cref="MessagesPerSecond"/>.</summary>
    public double? BytesPerSecond { get; private set; }

    /// <summary>When the stretch that is being measured began, and what was copied by then.</summary>
    public DateTimeOffset? MeasuredAt { get; private set; }

    public long MeasuredMessages { get; private set; }
    public long MeasuredBytes { get; private set; }

    public string? ProblemCode { get; private set; }
    public string? ProblemMessage { get; private set; }
    public string RemarkJson { get; private set; } = "[]";
    public string MarkJson { get; private set; } = "[]";
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset ChangedAt { get; private set; }

    public KafkaPartition Source => new(SourceTopic, Number);

    /// <summary>The one producer's name: the same for good, since its sequence ids are what makes repeats harmless.</summary>
    public string Producer => $"{Clusters.Cluster.OwnProducerPrefix}copy-{Id}";

    public MessagePosition? Position => Entry < 0 ? null : new(Ledger, Entry, -1);

    public IReadOnlyList<CopyRemark> Remarks => RemarksOf(RemarkJson);

    public IReadOnlyList<CopyMark> Marks => JsonSerializer.Deserialize<List<CopyMark>>(MarkJson)!;

    public static IReadOnlyList<CopyRemark> RemarksOf(string json) =>
        json == "[]" ? [] : JsonSerializer.Deserialize<List<CopyRemark>>(json)!;

    /// <summary>Records behind Kafka's end.</summary>
    public long Lag => Math.Max(0, SourceEnd - NextOffset);

    public void Want(CopyWish wish, DateTimeOffset at)
    {
        Wish = wish;
        ChangedAt = at;
        if (wish == CopyWish.Copy && State != CopyState.Following)
            Go(CopyState.Copying);
        else if (wish == CopyWish.Pause)
            Go(CopyState.Paused);
        // A copy that could not go on still has something to put back.
        else if (wish == CopyWish.Stop && State == CopyState.Failed)
            Go(CopyState.Paused);
    }

    /// <summary>
    /// Before the first record: where Kafka's records and the target's end are, so that what is written later can be told apart.
    /// </summary>
    public void Begin(KafkaOffsets source, MessagePosition? end, DateTimeOffset at)
    {
        (FirstOffset, NextOffset, SourceEnd, Sequence, ChangedAt) = (source.First, source.First, source.End, source.First, at);
        if (end is { } position)
            (Ledger, Entry, BeganLedger, BeganEntry) = (position.Ledger, position.Entry, position.Ledger, position.Entry);
    }

    /// <summary>A step's records are confirmed.</summary>
    public void Advance(CopyAdvance step, DateTimeOffset at)
    {
        (NextOffset, SourceEnd, ChangedAt) = (step.Next, step.SourceEnd, at);
        Sequence = Math.Max(Sequence, step.Sequence);
        if (step.Position is { } position)
            (Ledger, Entry) = (position.Ledger, position.Entry);
        (Messages, Bytes, Skipped) = (Messages + step.Messages, Bytes + step.Bytes, Skipped + step.Skipped);
        if (step.LastTimestamp > 0)
            LastTimestamp = step.LastTimestamp;
        if (step.Remarks.Count > 0)
            RemarkJson = JsonSerializer.Serialize(Remarks.Concat(step.Remarks).Take(MostRemarks));
        Measure(at);
        if (step is { Messages: > 0, Position: not null })
            Mark(new(step.Next, Ledger, Entry));
        if (Wish == CopyWish.Copy)
            Go(step.AtEnd ? CopyState.Following : CopyState.Copying);
    }

    public void Stopped(DateTimeOffset at)
    {
        Go(CopyState.Stopped);
        ChangedAt = at;
    }

    /// <summary>It cannot go on by itself.</summary>
    public void Fail(Problem problem, DateTimeOffset at)
    {
        (State, ProblemCode, ProblemMessage, ChangedAt) = (CopyState.Failed, problem.Code, problem.Message, at);
        Rest();
    }

    /// <summary>It will be tried again.</summary>
    public void Wait(Problem problem)
    {
        (ProblemCode, ProblemMessage) = (problem.Code, problem.Message);
        Rest();
    }

    private void Go(CopyState state)
    {
        (State, ProblemCode, ProblemMessage) = (state, null, null);
        if (state is not (CopyState.Copying or CopyState.Following))
            Rest();
    }

    private void Rest() => (MeasuredAt, MessagesPerSecond, BytesPerSecond) = (null, null, null);

    private void Measure(DateTimeOffset at)
    {
        if (MeasuredAt is { } since)
        {
            var seconds = (at - since).TotalSeconds;
            if (seconds < Stretch.TotalSeconds)
                return;
            (MessagesPerSecond, BytesPerSecond) = ((Messages - MeasuredMessages) / seconds, (Bytes - MeasuredBytes) / seconds);
        }
        (MeasuredAt, MeasuredMessages, MeasuredBytes) = (at, Messages, Bytes);
    }

    // Full, every second one goes: the map grows coarser, never longer.
    private void Mark(CopyMark mark)
    {
        List<CopyMark> marks = [.. Marks, mark];
        if (marks.Count > MostMarks)
            marks = [.. marks.Where((_, index) => index % 2 == 1)];
        MarkJson = JsonSerializer.Serialize(marks);
    }
}

/// <summary>What a step copied.</summary>
/// <param name="From">Where it began.</param>
/// <param name="Next">Where the next one begins.</param>
/// <param name="Sequence">The last sequence id that is confirmed.</param>
/// <param name="Position">Of the last message that got a place in this step; null when all of them were repeats.</param>
public sealed record CopyAdvance(
    long From,
    long Next,
    long SourceEnd,
    long Sequence,
    MessagePosition? Position,
    long Messages,
    long Bytes,
    long Skipped,
    long LastTimestamp,
    bool AtEnd,
    IReadOnlyList<CopyRemark> Remarks
);

public interface ICopyStore
{
    Task<CopySettings?> SettingsAsync(MigrationId migration, CancellationToken cancellationToken);

    Task<CopiedPartition?> FindAsync(CopyId id, CancellationToken cancellationToken);

    /// <summary>By source topic and number.</summary>
    /// <param name="sourceTopic">Only its partitions; null for all.</param>
    Task<PageOf<CopiedPartition>> ListAsync(
        MigrationId migration,
        string? sourceTopic,
        PageRequest page,
        CancellationToken cancellationToken
    );

    /// <summary>By name; search in the name.</summary>
    /// <param name="only">The one of exactly this name; null for all.</param>
    Task<PageOf<CopiedTopic>> TopicsAsync(MigrationId migration, string? only, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Partitions of the topic, from a number on, whose newest proof found differences.</summary>
    Task<IReadOnlyList<(int Number, PartitionProof Proof)>> DifferentAsync(
        MigrationId migration,
        string sourceTopic,
        int from,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Topics that move, can move, and aren't copied yet.</summary>
    Task<int> CountWaitingAsync(MigrationId migration, CancellationToken cancellationToken);

    /// <summary>Whether the migration copies this topic of Kafka into that topic.</summary>
    Task<bool> IsTargetAsync(MigrationId migration, string sourceTopic, TopicId target, CancellationToken cancellationToken);

    /// <summary>Topics in the namespace that the migration copies into.</summary>
    Task<int> CountTargetsAsync(MigrationId migration, NamespaceId inside, CancellationToken cancellationToken);

    /// <summary>The namespaces that the migration copies into, also those of topics that are deleted by now.</summary>
    Task<IReadOnlyList<Scope>> PlacesAsync(MigrationId migration, CancellationToken cancellationToken);

    Task<int> CountAsync(MigrationId migration, CancellationToken cancellationToken);

    Task<bool> IsCopiedAsync(MigrationId migration, string sourceTopic, CancellationToken cancellationToken);

    Task<CopySums> SumsAsync(MigrationId migration, CancellationToken cancellationToken);

    /// <summary>How many partitions have a proof in each state; states without one are absent.</summary>
    Task<IReadOnlyDictionary<ProofState, int>> CountProofsAsync(MigrationId migration, CancellationToken cancellationToken);

    /// <summary>The sums of several migrations; those without copies are absent.</summary>
    Task<IReadOnlyDictionary<MigrationId, CopySums>> SumsAsync(
        IReadOnlyCollection<MigrationId> migrations,
        CancellationToken cancellationToken
    );

    Task<PartitionProof?> ProofAsync(CopyId partition, CancellationToken cancellationToken);

    /// <summary>Those that have none are absent.</summary>
    Task<IReadOnlyDictionary<CopyId, PartitionProof>> ProofsAsync(
        IReadOnlyCollection<CopyId> partitions,
        CancellationToken cancellationToken
    );

    /// <summary>Everything about the copies of a migration; topics stay.</summary>
    Task RemoveAsync(MigrationId migration, CancellationToken cancellationToken);

    void Add(CopySettings settings);

    void Add(CopiedPartition partition);

    void Add(PartitionProof proof);
}

/// <summary>This feature's part of a session.</summary>
public static class CopySession
{
    extension(IPortalSession session)
    {
        public ICopyStore Copies => session.Store<ICopyStore>();
    }
}
