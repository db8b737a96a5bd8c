using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Migration;

public enum BackState
{
    Copying,
    Done,
    Failed,
}

/// <summary>
/// One partition on its way back: messages that only Pulsar has are written to the partition of Kafka that they belong to.
/// </summary>
public sealed class BackPartition
{
    public const int MostPlaces = 100;

    private BackPartition() { }

    /// <param name="after">The last entry that is not looked at; null for the topic's beginning.</param>
    public BackPartition(CopiedPartition partition, MessagePosition? after, bool leavesOut, DateTimeOffset at)
    {
        (PartitionId, MigrationId, OrganizationId, SourceTopic, Number) = (
            partition.Id,
            partition.MigrationId,
            partition.OrganizationId,
            partition.SourceTopic,
            partition.Number
        );
        (LeavesOut, StartedAt) = (leavesOut, at);
        if (after is { } position)
            (Ledger, Entry) = (position.Ledger, position.Entry);
    }

    public CopyId PartitionId { get; private set; }
    public MigrationId MigrationId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public string SourceTopic { get; private set; } = "";
    public int Number { get; private set; }
    public BackState State { get; private set; }

    /// <summary>
    /// The last entry of Pulsar of which every message is confirmed in Kafka; null before the first, in a topic that is read from its
    /// beginning.
    /// </summary>
    public long? Ledger { get; private set; }

    public long? Entry { get; private set; }

    /// <summary>
    /// Kafka's end when the above was noted: what was written and not noted stands behind it. Null before anything was written.
    /// </summary>
    public long? KafkaEnd { get; private set; }

    public long Messages { get; private set; }
    public long Bytes { get; private set; }

    /// <summary>Messages that can't be read are left out; else they end it.</summary>
    public bool LeavesOut { get; private set; }

    /// <summary>Messages that were left out.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Where the first <see cref="MostPlaces"/> of them are: <c>ledger:entry</c>, one a line.</summary>
    public string LeftOutAt { get; private set; } = "";

    public string? ProblemMessage { get; private set; }
    public DateTimeOffset StartedAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }

    public MessagePosition? Position => Ledger is { } ledger && Entry is { } entry ? new(ledger, entry, -1) : null;

    /// <summary>Once more, from where it stands.</summary>
    internal void Again(bool leavesOut, DateTimeOffset at) =>
        (State, LeavesOut, ProblemMessage, StartedAt, EndedAt) = (BackState.Copying, leavesOut, null, at, null);

    internal void Begin(long kafkaEnd) => KafkaEnd ??= kafkaEnd;

    internal void Advance(MessagePosition? at, long kafkaEnd, long messages, long bytes, IReadOnlyList<string> leftOut)
    {
        if (leftOut.Count > 0)
        {
            LeftOut += leftOut.Count;
            LeftOutAt = string.Join(
                '\n',
                LeftOutAt.Split('\n', StringSplitOptions.RemoveEmptyEntries).Concat(leftOut).Distinct().Take(MostPlaces)
            );
        }
        if (at is { } position)
            (Ledger, Entry) = (position.Ledger, position.Entry);
        (KafkaEnd, Messages, Bytes, ProblemMessage) = (kafkaEnd, Messages + messages, Bytes + bytes, null);
    }

    internal void End(DateTimeOffset at) => (State, EndedAt) = (BackState.Done, at);

    internal void Wait(Problem problem) => ProblemMessage = problem.Message;

    internal void Fail(Problem problem, DateTimeOffset at) => (State, ProblemMessage, EndedAt) = (BackState.Failed, problem.Message, at);
}

public interface IBackStore
{
    Task<BackPartition?> FindAsync(CopyId partition, CancellationToken cancellationToken);

    /// <summary>By topic and number.</summary>
    Task<PageOf<BackPartition>> ListAsync(MigrationId migration, PageRequest page, CancellationToken cancellationToken);

    Task<IReadOnlyList<BackPartition>> OfTopicAsync(MigrationId migration, string sourceTopic, CancellationToken cancellationToken);

    /// <summary>Those that are under way.</summary>
    Task<int> CountOpenAsync(MigrationId migration, CancellationToken cancellationToken);

    Task RemoveAsync(MigrationId migration, CancellationToken cancellationToken);

    void Add(BackPartition partition);
}

/// <summary>This feature's part of a session.</summary>
public static class BackSession
{
    extension(IPortalSession session)
    {
        public IBackStore WaysBack => session.Store<IBackStore>();
    }
}
