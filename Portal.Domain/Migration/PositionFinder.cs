using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Migration;

/// <summary>What a commit asks for, before anybody looks into the topic.</summary>
/// <param name="Settled">Known without a look; null where the topic has to be read from <paramref name="From"/> on.</param>
/// <param name="From">The mark before the position; null for the topic's beginning.</param>
public sealed record PositionPlan(FoundPosition? Settled, CopyMark? From)
{
    /// <param name="committed">The offset that the group would read next; null for none.</param>
    public static PositionPlan Of(CopiedPartition partition, long? committed, GroupStart start)
    {
        if (committed is not { } offset)
            return new(
                start == GroupStart.Earliest ? new(PositionKind.Start, null, 0) : new(PositionKind.Start, EndOf(partition), 0),
                null
            );
        if (offset >= partition.NextOffset)
        {
            var ahead = partition.FirstOffset is null ? 0 : offset - partition.NextOffset;
            return new(
                new(ahead > 0 || partition.FirstOffset is null ? PositionKind.NotCopied : PositionKind.End, EndOf(partition), ahead),
                null
            );
        }
        return new(null, partition.Marks.LastOrDefault(mark => mark.Next <= offset));
    }

    /// <summary>Null where nothing was copied: the topic's beginning is its end.</summary>
    internal static CursorPlace? EndOf(CopiedPartition partition) =>
        partition.Position is { } end ? new(end.Ledger, end.Entry, -1, After: true) : null;
}

/// <summary>
/// Finds the message that a committed offset stands for. The sequence id of a copied message is its offset plus one, and
/// the copy leaves marks: reading from the mark before leads to the first message that the group has not read. Times are
/// of no use, since Pulsar finds messages by when they were published, which is when they were copied.
/// </summary>
public static class PositionFinder
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(3);

    /// <param name="isOver">When it takes too long: the mark before the position is the answer then, with what is read again.</param>
    public static async Task<Outcome<FoundPosition>> FindAsync(
        IPulsarPartitions pulsar,
        PulsarPartition target,
        CopiedPartition partition,
        long? committed,
        GroupStart start,
        Func<bool> isOver,
        CancellationToken cancellationToken
    )
    {
        var plan = PositionPlan.Of(partition, committed, start);
        if (plan.Settled is { } settled)
            return settled;
        var (offset, mark) = (committed!.Value, plan.From);
        MessagePosition? after = mark is null ? null : new(mark.Ledger, mark.Entry, -1);
        if (!(await pulsar.ReaderAsync(target, after, cancellationToken)).TryGet(out var reader, out var problem))
            return problem;
        await using var closing = reader;
        if (!(await reader.LastAsync(cancellationToken)).TryGet(out var last, out problem))
            return problem;
        while (last is { } end && !PulsarReading.Reached(reader.Position ?? after, end))
        {
            if (isOver())
                return new FoundPosition(
                    PositionKind.Near,
                    mark is null ? null : new(mark.Ledger, mark.Entry, -1, After: true),
                    offset - (mark?.Next ?? partition.FirstOffset ?? 0)
                );
            if (!(await reader.NextAsync(Wait, cancellationToken)).TryGet(out var records, out problem))
                return problem;
            if (records is null)
                break;
            foreach (var record in records)
            {
                if (record.Producer == partition.Producer && record.Record.Sequence >= CopyForm.SequenceOf(offset))
                    return new FoundPosition(
                        PositionKind.Exact,
                        new(record.Position.Ledger, record.Position.Entry, record.Position.BatchIndex, After: false),
                        0
                    );
            }
        }
        // What the group has not read was left out of the copy.
        return new FoundPosition(PositionKind.End, PositionPlan.EndOf(partition), 0);
    }
}
