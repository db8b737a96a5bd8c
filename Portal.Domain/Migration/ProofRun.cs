using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Migration;

/// <summary>One step of a proof.</summary>
internal sealed class ProofRun(CopiedPartition partition, CopySettings settings, ProofPlace place, bool compacted, TimeProvider clock)
{
    private const int ReadBytes = 1024 * 1024;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    private readonly DifferenceFinder _finder = new(place.State);
    private readonly HashSet<long> _skipped =
    [
        .. partition.Remarks.Where(remark => remark.Kind == "too-large").Select(remark => remark.Offset),
    ];
    private readonly Queue<KafkaRecord> _records = new();
    private bool _sourceEnded;

    // Something was compared, and then the broker fell silent: what was done is kept.
    private bool _hasCome,
        _isSilent;

    /// <summary>
    /// Until all is compared or the time is over; the place says which. A problem is an outage, and the place is as it was.
    /// </summary>
    public async Task<Problem?> GoAsync(
        Func<long, CancellationToken, Task<Outcome<IKafkaReader>>> source,
        Func<MessagePosition?, CancellationToken, Task<Outcome<IPulsarReader>>> target,
        TimeSpan atMost,
        CancellationToken cancellationToken
    )
    {
        var began = clock.GetTimestamp();
        while (!place.IsDone && !_isSilent && clock.GetElapsedTime(began) < atMost)
        {
            var stretch = place.Stretches[place.Stretch];
            if (!(await source(place.Next ?? stretch.From, cancellationToken)).TryGet(out var records, out var problem))
                return problem;
            await using var closeSource = records;
            var after = place.Entry ?? stretch.After;
            if (
                !(await target(after is null ? null : new(after.Ledger, after.Entry, -1), cancellationToken)).TryGet(
                    out var messages,
                    out problem
                )
            )
                return problem;
            await using var closeTarget = messages;
            if (await CompareAsync(stretch, records, messages, () => clock.GetElapsedTime(began) >= atMost, cancellationToken) is { } stood)
                return stood;
        }
        return null;
    }

    private async Task<Problem?> CompareAsync(
        ProofStretch stretch,
        IKafkaReader source,
        IPulsarReader target,
        Func<bool> isOver,
        CancellationToken cancellationToken
    )
    {
        _records.Clear();
        _sourceEnded = (place.Next ?? stretch.From) >= stretch.Until;
        if (!(await target.LastAsync(cancellationToken)).TryGet(out var last, out var problem))
            return problem;
        var before = place.Inside;
        while (true)
        {
            var ended = last is not { } end || PulsarReading.Reached(target.Position ?? Begun(), end);
            IReadOnlyList<ReadRecord>? entry = [];
            if (!ended)
            {
                if (!(await target.NextAsync(Wait, cancellationToken)).TryGet(out entry, out problem))
                {
                    _isSilent = PulsarReading.IsSilence(problem) && _hasCome;
                    return _isSilent ? null : problem;
                }
                ended = entry is null;
                _hasCome |= !ended;
            }
            foreach (var message in (entry ?? []).Skip(before))
            {
                place.Inside++;
                if (message.Producer != partition.Producer)
                {
                    _finder.Foreign();
                    continue;
                }
                var offset = message.Record.Sequence - 1;
                if (offset < stretch.From && stretch.After is null && offset < place.First)
                    continue; // Kafka deleted it meanwhile
                if (offset >= stretch.Until)
                {
                    ended = true;
                    break;
                }
                if (await TakeAsync(stretch, source, offset, message.Record, cancellationToken) is { } stood)
                    return stood;
            }
            before = 0;
            if (ended)
            {
                // What Kafka has behind the target's last message is missing.
                while (true)
                {
                    var (record, outage) = await NextAsync(stretch, source, cancellationToken);
                    if (outage is not null)
                        return outage;
                    if (record is null)
                        break;
                    Pass(_records.Dequeue());
                }
                _finder.End();
                (place.Stretch, place.Next, place.Entry, place.Inside) = (place.Stretch + 1, null, null, 0);
                return null;
            }
            if (target.Position is { } read)
                (place.Entry, place.Inside) = (new(0, read.Ledger, read.Entry), 0);
            if (isOver())
                return null;
        }

        MessagePosition? Begun() => (place.Entry ?? stretch.After) is { } mark ? new(mark.Ledger, mark.Entry, -1) : null;
    }

    private async Task<Problem?> TakeAsync(
        ProofStretch stretch,
        IKafkaReader source,
        long offset,
        PulsarRecord message,
        CancellationToken cancellationToken
    )
    {
        byte[] digest;
        try
        {
            digest = CopyForm.Digest(CopyForm.ToKafka(message), settings.Tombstones);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            digest = new byte[32]; // equal to no record's
        }
        while (true)
        {
            var (record, outage) = await NextAsync(stretch, source, cancellationToken);
            if (outage is not null)
                return outage;
            if (record is null || record.Offset > offset)
            {
                _finder.Stray(offset, digest, compacted);
                return null;
            }
            _records.Dequeue();
            if (record.Offset < offset)
            {
                Pass(record);
                continue;
            }
            place.Next = record.Offset + 1;
            var expected = CopyForm.Digest(record, settings.Tombstones);
            _finder.Source(offset, expected);
            _finder.Match(offset, expected, digest);
            return null;
        }
    }

    private void Pass(KafkaRecord record)
    {
        place.Next = record.Offset + 1;
        if ((record.Value is null && settings.Tombstones == Tombstones.Skip) || _skipped.Contains(record.Offset))
            return;
        var digest = CopyForm.Digest(record, settings.Tombstones);
        _finder.Source(record.Offset, digest);
        _finder.Passed(record.Offset, digest);
    }

    /// <summary>The next record of Kafka in the stretch, still in the queue; null at its end.</summary>
    private async Task<(KafkaRecord? Record, Problem? Outage)> NextAsync(
        ProofStretch stretch,
        IKafkaReader source,
        CancellationToken cancellationToken
    )
    {
        while (_records.Count == 0 && !_sourceEnded)
        {
            if (!(await source.ReadAsync(ReadBytes, Wait, cancellationToken)).TryGet(out var batch, out var problem))
                return (null, problem);
            foreach (var record in batch.Records.Where(record => record.Offset < stretch.Until))
                _records.Enqueue(record);
            if (batch.AtEnd || batch.Next >= stretch.Until)
                _sourceEnded = true;
            else if (batch.Records.Count == 0)
                return (null, ProofProblems.SourceSilent(partition.Source));
        }
        return (_records.TryPeek(out var next) ? next : null, null);
    }
}

internal static class ProofProblems
{
    public static Problem SourceSilent(KafkaPartition partition) =>
        new Problem.Unavailable("kafka-silent", $"Kafka sent nothing of {partition} for a while. We'll keep trying.");
}
