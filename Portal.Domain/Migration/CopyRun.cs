using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>One step of a copy: reads, forms and writes for a few seconds, and waits until all of it is confirmed.</summary>
internal sealed class CopyRun(CopiedPartition partition, CopySettings settings, OpenCopy copy, CopyPace pace, TimeProvider clock)
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// A step that waits for its turn holds one of the lane's slots, which other organizations' copies need: it waits elsewhere.
    /// </summary>
    private static readonly TimeSpan LongestQueue = TimeSpan.FromSeconds(1);

    private readonly long _from = copy.Next;
    private readonly List<CopyRemark> _remarks = [];
    private long _messages,
        _bytes,
        _skipped,
        _sequence,
        _timestamp,
        _end;
    private bool _atEnd,
        _paced;
    private TimeSpan _queue;

    /// <summary>How long nothing needs to be asked.</summary>
    public TimeSpan Rest =>
        _queue > TimeSpan.Zero ? (_queue < LongestRest ? _queue : LongestRest)
        : _paced ? TimeSpan.FromMilliseconds(200)
        : !_atEnd ? TimeSpan.Zero
        // What comes one by one is taken a few at a time.
        : copy.Next > _from ? Gathering
        : TimeSpan.FromMilliseconds(Math.Min(LongestRest.TotalMilliseconds, 250 * Math.Pow(2, Math.Min(copy.Idle, 6))));

    /// <summary>What is confirmed when <see cref="GoAsync"/> came back without an outage.</summary>
    public CopyAdvance Advance =>
        new(
            _from,
            copy.Next,
            Math.Max(copy.Next, _end),
            _sequence,
            _messages > 0 ? copy.Writer.LastPosition : null,
            _messages,
            _bytes,
            _skipped,
            _timestamp,
            _atEnd,
            _remarks
        );

    /// <returns>Null when all went well; <c>record-too-large</c> when everything before that record did.</returns>
    public async Task<Problem?> GoAsync(int bytes, TimeSpan wait, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        Problem? end = null;
        while (end is null && clock.GetElapsedTime(began) is var spent && spent < atMost)
        {
            if (pace.Queue(partition.MigrationId, settings.Rate) is var queue && queue > LongestQueue)
            {
                _queue = queue;
                if (copy.Next == _from)
                    (_atEnd, _end) = (partition.State == CopyState.Following, partition.SourceEnd);
                break;
            }
            // Small enough that a slow pace still gives a turn within a second.
            var portion = settings.BytesPerSecond is { } rate ? (int)Math.Clamp(rate / 4, 4096, bytes) : bytes;
            if (!(await copy.Reader.ReadAsync(portion, wait, cancellationToken)).TryGet(out var batch, out var unread))
                return unread;
            // Kafka tells the end only when it had nothing to give, which a topic that is always written to never comes to.
            (_atEnd, _end) = (batch.AtEnd || (batch.Records.Count > 0 ? batch.Next >= batch.End : _atEnd), batch.End);
            if (batch.Records.Count == 0 && batch.Next == copy.Next)
            {
                // The end is told once; a copy that was there is still there when nothing comes.
                _atEnd |= partition.State == CopyState.Following;
                break;
            }
            end = await WriteAsync(batch, atMost * 4 - spent, cancellationToken);
            if (end is { Code: "copy-paced" })
                return end;
            if (batch.AtEnd)
                break;
        }
        copy.Idle =
            copy.Next != _from ? 0
            : _queue > TimeSpan.Zero ? copy.Idle
            : copy.Idle + 1;
        return end is null or Problem.Conflict ? (await copy.Writer.FlushAsync(cancellationToken)).Problem ?? end : end;
    }

    private async Task<Problem?> WriteAsync(KafkaBatch batch, TimeSpan left, CancellationToken cancellationToken)
    {
        var formed = new List<PulsarRecord>(batch.Records.Count);
        long weight = 0;
        foreach (var record in batch.Records)
        {
            if (CopyForm.ToPulsar(record, settings.Tombstones) is { } message)
            {
                formed.Add(message);
                weight += record.Bytes;
            }
            else
                _skipped++;
        }
        var began = clock.GetTimestamp();
        while (
            !await pace.TakeAsync(
                partition.MigrationId,
                settings.Rate,
                weight,
                formed.Count,
                left - clock.GetElapsedTime(began),
                cancellationToken
            )
        )
        {
            // The line is longer than a step may take: the reader has moved on, so it begins anew.
            return new Problem.Unavailable(
                "copy-paced",
                "Other partitions of this migration are using its rate limit. This one is next in turn.",
                TimeSpan.FromSeconds(1)
            );
        }
        _paced = settings.Rate is not { BytesPerSecond: null, MessagesPerSecond: null };
        for (var rest = formed; rest.Count > 0; )
        {
            var written = await copy.Writer.WriteAsync(rest, cancellationToken);
            if (written.IsOk)
                break;
            if (written.Refused is not { } refused || written.Problem!.Code != "message-too-large")
                return written.Problem;
            if (settings.TooLarge == TooLarge.Stop)
            {
                Note(rest.TakeWhile(record => record.Sequence < refused));
                copy.Next = refused - 1;
                _atEnd = false;
                return CopyProblems.TooLarge(partition.Source, refused - 1, written.Problem);
            }
            Note(rest.TakeWhile(record => record.Sequence < refused));
            _remarks.Add(new("too-large", refused - 1, null, CopyProblems.SkippedText(written.Problem)));
            _skipped++;
            rest = [.. rest.SkipWhile(record => record.Sequence <= refused)];
            formed = rest;
        }
        Note(formed);
        copy.Next = batch.Next;
        return null;
    }

    private void Note(IEnumerable<PulsarRecord> written)
    {
        foreach (var record in written)
        {
            _messages++;
            _bytes += (record.Key?.Length ?? 0) + (record.Value?.Length ?? 0);
            _sequence = record.Sequence;
            if (record.EventTime > 0)
                _timestamp = record.EventTime;
        }
    }
}
