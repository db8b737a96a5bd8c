using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Migration;

/// <summary>Where a group goes on in a partition of Kafka.</summary>
/// <param name="Offset">What it reads next.</param>
/// <param name="IsExact">It reads nothing twice. Else what it has read in Pulsar is behind the offset too.</param>
/// <param name="Rereads">As many records at most are read again; null where nobody can say.</param>
public sealed record KafkaPosition(long Offset, bool IsExact, long? Rereads);

/// <summary>
/// Finds the offset that a subscription's mark stands for: the counterpart of <see cref="PositionFinder"/>. The first copied
/// message behind the mark carries its offset as its sequence id. Where there is none, what was copied is read, and what came
/// back from Pulsar stands behind it in Kafka with the place that it came from. Never is an offset given that skips
/// something that was not read.
/// </summary>
public static class KafkaPositionFinder
{
    private const int ReadBytes = 1024 * 1024;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(3);

    /// <param name="mark">Everything up to it is acknowledged; null for a partition without one.</param>
    /// <param name="isOver">When it takes too long: the copy's mark before is the answer then.</param>
    public static async Task<Outcome<KafkaPosition>> FindAsync(
        IPulsarPartitions pulsar,
        IKafkaPartitions kafka,
        KafkaConnection connection,
        PulsarPartition target,
        CopiedPartition partition,
        CursorMark? mark,
        Func<bool> isOver,
        CancellationToken cancellationToken
    )
    {
        MessagePosition? acknowledged = mark is { } there ? new(there.Ledger, there.Entry, -1) : null;
        var holes = mark is { HasHoles: true };
        if (
            !(await NextCopiedAsync(pulsar, target, partition, acknowledged, isOver, cancellationToken)).TryGet(
                out var next,
                out var problem
            )
        )
            return problem;
        if (!next.IsKnown)
            return Near(partition, acknowledged);
        if (!(await kafka.OffsetsAsync(connection, partition.Source, cancellationToken)).TryGet(out var ends, out problem))
            return problem;
        if (
            !(await ReturnedAsync(kafka, connection, partition, ends, acknowledged, isOver, cancellationToken)).TryGet(
                out var returned,
                out problem
            )
        )
            return problem;
        if (next.Offset is { } offset)
        {
            // What was read of Pulsar alone and came back stands at Kafka's end, behind what is still to be read.
            offset = Math.Max(offset, ends.First);
            return holes ? new KafkaPosition(offset, false, null) : new KafkaPosition(offset, returned.Read == 0, returned.Read);
        }
        return holes
            ? new KafkaPosition(returned.Next, false, null)
            : new KafkaPosition(returned.Next, returned.IsWhole, returned.IsWhole ? 0 : null);
    }

    /// <summary>The first copied message behind the place; an offset of null says that there is none.</summary>
    private static async Task<Outcome<(bool IsKnown, long? Offset)>> NextCopiedAsync(
        IPulsarPartitions pulsar,
        PulsarPartition target,
        CopiedPartition partition,
        MessagePosition? acknowledged,
        Func<bool> isOver,
        CancellationToken cancellationToken
    )
    {
        // Everything that was copied lies before the mark.
        if (partition.Position is not { } end || PulsarReading.Reached(acknowledged, end))
            return (true, null);
        // Of a mark without an entry nobody can begin to read; what lies before it is passed by.
        var after =
            acknowledged is not { Entry: < 0 } ? acknowledged
            : MarkBefore(partition, acknowledged) is { } known ? new MessagePosition(known.Ledger, known.Entry, -1)
            : null;
        if (!(await pulsar.ReaderAsync(target, after, cancellationToken)).TryGet(out var reader, out var problem))
            return problem;
        await using var closing = reader;
        if (!(await reader.LastAsync(cancellationToken)).TryGet(out var last, out problem))
            return problem;
        while (last is { } ends && !PulsarReading.Reached(reader.Position ?? after, ends))
        {
            if (isOver())
                return (false, null);
            if (!(await reader.NextAsync(Wait, cancellationToken)).TryGet(out var records, out problem))
                return problem;
            if (records is null)
                break;
            if (
                records.FirstOrDefault(record =>
                    record.Producer == partition.Producer && !PulsarReading.Reached(acknowledged, record.Position)
                ) is
                { } copied
            )
                return (true, copied.Record.Sequence - 1);
        }
        return (true, null);
    }

    /// <summary>
    /// What stands in Kafka behind what was copied: the first record that the subscription has not read, and how many of
    /// those that came back it has.
    /// </summary>
    private static async Task<Outcome<(long Next, long Read, bool IsWhole)>> ReturnedAsync(
        IKafkaPartitions kafka,
        KafkaConnection connection,
        CopiedPartition partition,
        KafkaOffsets ends,
        MessagePosition? acknowledged,
        Func<bool> isOver,
        CancellationToken cancellationToken
    )
    {
        var from = Math.Clamp(partition.NextOffset, ends.First, Math.Max(ends.First, ends.End));
        var (next, read) = ((long?)null, 0L);
        if (from >= ends.End)
            return (from, 0, true);
        if (!(await kafka.OpenAsync(connection, partition.Source, from, cancellationToken)).TryGet(out var reader, out var problem))
            return problem;
        await using var closing = reader;
        for (var at = from; at < ends.End; )
        {
            if (isOver())
                return (next ?? from, read, false);
            if (!(await reader.ReadAsync(ReadBytes, Wait, cancellationToken)).TryGet(out var batch, out problem))
                return problem;
            foreach (var record in batch.Records.Where(record => record.Offset < ends.End))
            {
                if (BackForm.OriginOf(record) is { } origin && PulsarReading.Reached(acknowledged, origin))
                    read++;
                else
                    next ??= record.Offset;
            }
            if (batch.AtEnd || (batch.Records.Count == 0 && batch.Next == at))
                break;
            at = batch.Next;
        }
        return (next ?? ends.End, read, true);
    }

    private static KafkaPosition Near(CopiedPartition partition, MessagePosition? acknowledged) =>
        new(MarkBefore(partition, acknowledged)?.Next ?? partition.FirstOffset ?? 0, false, null);

    private static CopyMark? MarkBefore(CopiedPartition partition, MessagePosition? acknowledged) =>
        partition.Marks.LastOrDefault(one => PulsarReading.Reached(acknowledged, new(one.Ledger, one.Entry, -1)));
}
