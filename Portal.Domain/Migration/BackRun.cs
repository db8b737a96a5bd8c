using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Migration;

/// <summary>
/// One step of a way back: reads, forms and writes for a few seconds. Where it may begin anew is a place without a message of
/// which only some chunks have come; what is written behind such a place is found in Kafka again, as after a crash.
/// </summary>
/// <param name="written">What of the portal's own stands in Kafka behind what was noted.</param>
/// <param name="kafkaEnd">Kafka's end now.</param>
/// <param name="noted">Kafka's end as it was noted.</param>
internal sealed class BackRun(
    CopiedPartition partition,
    BackPartition row,
    IPulsarReader reader,
    IKafkaWriter writer,
    (MessagePosition? Last, int Count) written,
    MessagePosition? last,
    long kafkaEnd,
    long noted,
    TimeProvider clock
)
{
    private const int MostMessages = 1000;

    /// <summary>Pulsar's own consumers drop a message whose chunks stop coming for as long.</summary>
    private static readonly TimeSpan ChunkLife = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan ChunkWait = TimeSpan.FromSeconds(5);

    private MessagePosition? _at = row.Position;
    private long _messages,
        _bytes;
    private readonly List<string> _leftOut = [];

    /// <summary>What is done and may be noted; null for nothing.</summary>
    public BackMark? Mark { get; private set; }

    /// <summary>All there is has been written.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The rest of a message is on its way to Pulsar.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>A message that can't go back; everything before it is written.</summary>
    public Problem? Obstacle { get; private set; }

    /// <param name="take">Waits for the turn of so many bytes and messages; false when that takes too long.</param>
    /// <returns>Null, or the outage that ended the step.</returns>
    public async Task<Problem?> GoAsync(Func<long, int, Task<bool>> take, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (
            clock.GetElapsedTime(began) is var spent
            && (spent < BackSteps.StepTime || (Mark is null && reader.OpenSince is not null && spent < 4 * BackSteps.StepTime))
        )
        {
            var (batch, weight, ended, silent) = (new List<BackRecord>(), 0L, false, false);
            while (batch.Count < MostMessages && weight < BackSteps.MostBytes && Obstacle is null)
            {
                if (ended = last is not { } end || PulsarReading.Reached(_at, end))
                    break;
                if (!(await reader.NextAsync(BackSteps.Wait, cancellationToken)).TryGet(out var records, out var problem))
                {
                    // What has come is written and noted; the rest is asked for again.
                    if (silent = PulsarReading.IsSilence(problem) && _at != row.Position)
                        break;
                    return problem;
                }
                if (ended = records is null)
                    break;
                List<ReadRecord> theirs =
                [
                    .. records!.Where(record => record.Producer != partition.Producer && !IsWritten(record.Position)),
                ];
                if (!row.LeavesOut && theirs.Find(record => record.Obstacle != ReadObstacle.None) is { } unreadable)
                {
                    Obstacle = BackProblems.Unreadable(partition.Address, unreadable);
                    break;
                }
                _at = reader.Position is { } read ? new(read.Ledger, read.Entry, -1) : _at;
                foreach (var record in theirs)
                {
                    if (record.Obstacle != ReadObstacle.None)
                    {
                        _leftOut.Add($"{record.Position.Ledger}:{record.Position.Entry}");
                        continue;
                    }
                    batch.Add(BackForm.ToKafka(record));
                    weight += batch[^1].Bytes;
                }
            }
            if (batch.Count > 0)
            {
                if (!await take(weight, batch.Count))
                    return new Problem.Unavailable(
                        "copy-paced",
                        "Other partitions of this migration are using its rate limit. This one is next in turn.",
                        TimeSpan.FromSeconds(1)
                    );
                if (!(await writer.WriteAsync(batch, cancellationToken)).TryGet(out var next, out var problem))
                    return problem;
                (kafkaEnd, _messages, _bytes) = (Math.Max(kafkaEnd, next), _messages + batch.Count, _bytes + weight);
            }
            // A message that its producer gave up is nobody's; one that is being sent is waited for.
            if (ended)
                (IsDone, IsWaiting) =
                    reader.OpenSince is not { } since || clock.Now() - DateTimeOffset.FromUnixTimeMilliseconds(since) > ChunkLife
                        ? (true, false)
                        : (false, true);
            if (IsDone || reader.OpenSince is null)
                Mark = MarkNow();
            if (ended || silent || Obstacle is not null)
                break;
        }
        return null;
    }

    internal static int Order(MessagePosition one, MessagePosition other) =>
        (one.Ledger, one.Entry, one.BatchIndex).CompareTo((other.Ledger, other.Entry, other.BatchIndex));

    private bool IsWritten(MessagePosition at) => written.Last is { } end && Order(at, end) <= 0;

    // Before all of what a dead step had written has been passed, the next step has to find the rest of it again.
    private BackMark MarkNow() =>
        IsDone || written.Last is not { } end || (_at is { } at && (at.Ledger, at.Entry).CompareTo((end.Ledger, end.Entry)) >= 0)
            ? new(_at, kafkaEnd, _messages + written.Count, _bytes, [.. _leftOut])
            : new(_at, noted, 0, 0, [.. _leftOut]);
}

/// <summary>How far a way back has come.</summary>
/// <param name="At">The last entry of Pulsar of which every message is confirmed in Kafka.</param>
/// <param name="LeftOut">Places of messages that could not go back.</param>
internal sealed record BackMark(MessagePosition? At, long KafkaEnd, long Messages, long Bytes, IReadOnlyList<string> LeftOut);

internal static class BackProblems
{
    private const string Way = "Copy it with an application of yours, then copy back again and choose to leave such messages out.";

    public static Problem Unreadable(string address, ReadRecord message) =>
        message.Obstacle switch
        {
            ReadObstacle.Encrypted => new Problem.Conflict(
                "message-encrypted",
                $"{Place(address, message)} is encrypted by its producer, and Portal doesn't have the key. {Way}"
            ),
            ReadObstacle.Beheaded => new Problem.Conflict(
                "message-incomplete",
                $"{Place(address, message)} was sent in chunks, and its first ones aren't in the topic anymore or were passed before. {Way}"
            ),
            _ => new Problem.Conflict(
                "message-too-large-back",
                $"{Place(address, message)} was sent in chunks and is larger than the 64 MiB that Portal can hold. {Way}"
            ),
        };

    private static string Place(string address, ReadRecord message) =>
        $"The message {message.Position.Ledger}:{message.Position.Entry} in {address}";
}
