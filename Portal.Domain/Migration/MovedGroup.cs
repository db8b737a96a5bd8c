using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>Where a subscription begins in partitions that its group has no committed offset in.</summary>
public enum GroupStart
{
    Earliest,
    Latest,
}

/// <summary>
/// How the subscription of a group stands: not asked for, wanted and on its way, at the group's position, taken over by clients, or in need
/// of somebody.
/// </summary>
public enum GroupSubscription
{
    None,
    Wanted,
    Ready,
    Taken,
    Failed,
}

/// <summary>A consumer group on its way to a subscription, with what was really seen of it on both sides.</summary>
public sealed class MovedGroup
{
    private MovedGroup() { }

    public MovedGroup(KafkaMigration migration, string name) =>
        (MigrationId, OrganizationId, Name) = (migration.Id, migration.OrganizationId, name);

    public MigrationId MigrationId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }

    /// <summary>In Kafka.</summary>
    public string Name { get; private set; } = "";

    public string Subscription { get; private set; } = "";
    public GroupStart Start { get; private set; }

    /// <summary>Kafka topics that it reads though it has no committed offset in them, one a line.</summary>
    public string FurtherTopics { get; private set; } = "";

    public GroupSubscription State { get; private set; }
    public string? ProblemCode { get; private set; }
    public string? ProblemMessage { get; private set; }
    public DateTimeOffset WantedAt { get; private set; }

    /// <summary>Of which moment the commits are that the subscription stands at; null before.</summary>
    public DateTimeOffset? PositionedAt { get; private set; }

    /// <summary>Kafka's own word; null before the first look.</summary>
    public string? KafkaState { get; private set; }

    public int Members { get; private set; }

    /// <summary>The sum of its committed offsets.</summary>
    public long Committed { get; private set; }

    /// <summary>When its commits were last seen to have moved; null when they have not since the first look.</summary>
    public DateTimeOffset? CommittedAt { get; private set; }

    public DateTimeOffset? LookedAt { get; private set; }

    /// <summary>Connected to the subscription at the last look.</summary>
    public int Consumers { get; private set; }

    /// <summary>When a consumer of the subscription was first seen, and its first acknowledgement.</summary>
    public DateTimeOffset? ConnectedAt { get; private set; }

    public DateTimeOffset? AcknowledgedAt { get; private set; }

    /// <summary>Who said that the application has moved though it cannot be seen, when, and why.</summary>
    public string? ConfirmedBy { get; private set; }

    public DateTimeOffset? ConfirmedAt { get; private set; }
    public string? ConfirmedNote { get; private set; }

    /// <summary>Of its positions in Kafka, which are set to where its subscription stands when somebody asks for it.</summary>
    public GroupBackState Back { get; private set; }

    public string? BackProblem { get; private set; }

    /// <summary>When the positions in Kafka were set, or asked for; null before.</summary>
    public DateTimeOffset? BackAt { get; private set; }

    public IReadOnlyList<string> Further => FurtherTopics.Length == 0 ? [] : FurtherTopics.Split('\n');

    /// <summary>Clients use the subscription, or somebody says so: its position is theirs from then on.</summary>
    public bool IsTheirs => ConnectedAt is not null || AcknowledgedAt is not null || ConfirmedAt is not null;

    internal void Want(string subscription, GroupStart start, IReadOnlyList<string> further, DateTimeOffset at)
    {
        (Subscription, Start, FurtherTopics, WantedAt) = (subscription, start, string.Join('\n', further), at);
        (State, ProblemCode, ProblemMessage) = (GroupSubscription.Wanted, null, null);
    }

    /// <summary>What it would be called; nobody has asked for it.</summary>
    internal void Suggest(string subscription, DateTimeOffset at) => (Subscription, WantedAt) = (subscription, at);

    /// <param name="taken">In a topic of it clients were met.</param>
    internal void Placed(bool taken, DateTimeOffset commitsAt) =>
        (State, PositionedAt, ProblemCode, ProblemMessage) = (
            taken ? GroupSubscription.Taken : GroupSubscription.Ready,
            taken ? PositionedAt ?? commitsAt : commitsAt,
            null,
            null
        );

    internal void Wait(Problem problem) => (ProblemCode, ProblemMessage) = (problem.Code, problem.Message);

    internal void Fail(Problem problem)
    {
        Wait(problem);
        State = GroupSubscription.Failed;
    }

    internal void SeenInKafka(string state, int members, long committed, DateTimeOffset at)
    {
        if (LookedAt is not null && committed != Committed)
            CommittedAt = at;
        (KafkaState, Members, Committed, LookedAt) = (state, members, committed, at);
    }

    /// <param name="acknowledgedAt">As brokers say; null when they saw none, or do not know.</param>
    internal void SeenInPulsar(int consumers, bool acknowledged, DateTimeOffset? acknowledgedAt, DateTimeOffset at)
    {
        Consumers = consumers;
        if (consumers > 0)
            ConnectedAt ??= at;
        if (!acknowledged)
            return;
        AcknowledgedAt ??= acknowledgedAt ?? at;
        if (State == GroupSubscription.Ready)
            State = GroupSubscription.Taken;
    }

    internal void Confirm(string by, string? note, DateTimeOffset at) => (ConfirmedBy, ConfirmedNote, ConfirmedAt) = (by, note, at);

    internal void WantBack(DateTimeOffset at) => (Back, BackProblem, BackAt) = (GroupBackState.Wanted, null, at);

    internal void CameBack(DateTimeOffset at) => (Back, BackProblem, BackAt) = (GroupBackState.Done, null, at);

    internal void WaitBack(Problem problem) => BackProblem = problem.Message;

    internal void FailBack(Problem problem) => (Back, BackProblem) = (GroupBackState.Failed, problem.Message);

    internal void TakeBackConfirmation() => (ConfirmedBy, ConfirmedNote, ConfirmedAt) = (null, null, null);
}

/// <summary>How a partition's position was found.</summary>
public enum PositionKind
{
    /// <summary>The message behind the last one that the group has committed.</summary>
    Exact,

    /// <summary>Behind everything that was copied, all of which the group has read.</summary>
    End,

    /// <summary>
    /// A message before the group's position, by a mark of the copy or at the beginning of a batch: what lies between is
    /// delivered again.
    /// </summary>
    Near,

    /// <summary>
    /// The group has read further than the copy has come: the difference is delivered again, unless the subscription is moved once more.
    /// </summary>
    NotCopied,

    /// <summary>Without a commit, as was chosen.</summary>
    Start,
}

/// <summary>Where the subscription of a group begins in one partition.</summary>
public sealed class GroupPosition
{
    private GroupPosition() { }

    public GroupPosition(MovedGroup group, CopiedPartition partition) =>
        (MigrationId, GroupName, PartitionId, SourceTopic, Number) = (
            group.MigrationId,
            group.Name,
            partition.Id,
            partition.SourceTopic,
            partition.Number
        );

    public MigrationId MigrationId { get; private set; }
    public string GroupName { get; private set; } = "";
    public CopyId PartitionId { get; private set; }

    /// <summary>In Kafka.</summary>
    public string SourceTopic { get; private set; } = "";

    public int Number { get; private set; }

    /// <summary>The offset that the group would have read next; null when it has committed none.</summary>
    public long? Committed { get; private set; }

    public PositionKind Kind { get; private set; }

    /// <summary>The place in Pulsar; null for the beginning of the topic.</summary>
    public long? Ledger { get; private set; }

    public long? Entry { get; private set; }

    /// <summary>In the entry; -1 where it is one message.</summary>
    public int Batch { get; private set; } = -1;

    /// <summary>Delivery begins behind the place, not with it.</summary>
    public bool IsAfter { get; private set; }

    /// <summary>Messages that the group has read in Kafka and will be given once more, at most.</summary>
    public long Rereads { get; private set; }

    public DateTimeOffset SetAt { get; private set; }

    /// <summary>The offset that the group was set to in Kafka on the way back; null before.</summary>
    public long? BackOffset { get; private set; }

    /// <summary>Nothing is read twice in Kafka.</summary>
    public bool BackIsExact { get; private set; }

    /// <summary>At most so many records are read again in Kafka; null where nobody can say.</summary>
    public long? BackRereads { get; private set; }

    internal void SetInKafka(KafkaPosition position) =>
        (BackOffset, BackIsExact, BackRereads) = (position.Offset, position.IsExact, position.Rereads);

    internal CursorPlace? Place => Ledger is { } ledger && Entry is { } entry ? new(ledger, entry, Batch, IsAfter) : null;

    internal void Set(long? committed, FoundPosition found, DateTimeOffset at)
    {
        (Committed, Kind, Rereads, SetAt) = (committed, found.Kind, found.Rereads, at);
        (Ledger, Entry) = (found.Place?.Ledger, found.Place?.Entry);
        (Batch, IsAfter) = found.Place is { } place ? (place.Batch, place.After) : (-1, false);
    }
}

/// <summary>A place in a partition of Pulsar.</summary>
/// <param name="Batch">In the entry; -1 where it is one message.</param>
/// <param name="After">Behind it, not with it.</param>
public readonly record struct CursorPlace(long Ledger, long Entry, int Batch, bool After)
{
    /// <summary>Whether a cursor that has acknowledged everything up to a mark has passed this place by itself.</summary>
    /// <param name="entry">-1 is a mark that the broker has moved to a new ledger, where nobody has acknowledged anything.</param>
    public bool IsPassedBy(long ledger, long entry) =>
        entry >= 0 && (ledger, entry).CompareTo((Ledger, Entry)) is var order && (After ? order > 0 : order >= 0);
}

/// <summary>A position that was found.</summary>
/// <param name="Place">Null for the beginning of the topic.</param>
/// <param name="Rereads">At most so many messages are delivered that the group has read already.</param>
public sealed record FoundPosition(PositionKind Kind, CursorPlace? Place, long Rereads)
{
    /// <summary>
    /// The same where brokers keep no place inside a batch: its first message is delivered again, with those behind it up to
    /// the place. The copy's batches hold consecutive messages, so that their number is known.
    /// </summary>
    public FoundPosition AtItsBatch() =>
        Place is { Batch: > 0 and var before } place ? new(PositionKind.Near, place with { Batch = -1 }, Rereads + before) : this;
}
