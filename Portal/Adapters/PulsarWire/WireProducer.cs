using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarWire;

/// <summary>
/// The one producer of a name on one partition. Entries go out one behind the other, as many bytes unconfirmed as
/// <see cref="MostUnconfirmed"/>. Two rules keep what deduplication would otherwise lose: no batch begins at or before the
/// sequence that the broker knew and ends behind it, because the broker drops a batch by its first one; and an entry
/// larger than any that was confirmed travels alone, so that nothing behind one that is refused for its size is there before it.
/// </summary>
internal sealed class WireProducer : IPulsarWriter
{
    private const int MostUnconfirmed = 4 * 1024 * 1024;
    private const int MostInBatch = 1000;
    private const int BatchBytes = 128 * 1024;

    /// <summary>A frame around the smallest payload; what the metadata of a message adds to it.</summary>
    private const int Margin = 1024;

    private static readonly TimeSpan Confirmation = TimeSpan.FromSeconds(30);

    private readonly WireConnection _connection;
    private readonly WireEntry _entries;
    private readonly WriterSettings _settings;
    private readonly TimeProvider _clock;
    private readonly Queue<(long Sequence, long Highest, int Bytes, int Messages)> _unconfirmed = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;
    private int _largest;
    private int _singlesFrom = int.MaxValue;
    private (Problem Problem, long Sequence, int Messages)? _refusal;
    private long? _refusedAt;
    private readonly string _cluster;

    private WireProducer(WireConnection connection, string cluster, string name, WriterSettings settings, TimeProvider clock) =>
        (_connection, _cluster, _entries, _settings, _clock) = (connection, cluster, new(name, settings.Compress), settings, clock);

    public long LastSequence { get; private set; }

    public MessagePosition? LastPosition { get; private set; }

    public static async Task<Outcome<IPulsarWriter>> OpenAsync(
        WireTopic topic,
        string name,
        WriterSettings settings,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (!(await topic.ConnectAsync(clock, cancellationToken)).TryGet(out var connection, out var problem))
            return problem;
        var producer = new WireProducer(connection, topic.Cluster, name, settings, clock);
        connection.Heard = producer.HearAsync;
        try
        {
            if (
                !(await connection.AskAsync(number => WireCommands.Producer(topic.Topic, number, name), cancellationToken)).TryGet(
                    out var admitted,
                    out var refused
                )
            )
            {
                await connection.DisposeAsync();
                return refused;
            }
            producer.LastSequence = admitted.Sequence;
            return producer;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task<WriteResult> WriteAsync(IReadOnlyList<PulsarRecord> records, CancellationToken cancellationToken)
    {
        var all = records as PulsarRecord[] ?? [.. records];
        for (var at = 0; at < all.Length; )
        {
            var count = Together(all.AsSpan(at));
            _refusedAt = null;
            var result = await SendAsync(all.AsMemory(at, count), cancellationToken);
            if (result.IsOk)
                at += count;
            else if (result.Problem!.Code != "message-too-large")
                return result;
            // The topic takes less than it took before, and what went out behind the message is there: only a fresh start knows how much.
            else if (_refusedAt is { } early && early < all[at].Sequence)
                return new(await _connection.EndAsync(WireProblems.SizeLowered(_connection.Topic)));
            else if (count > 1)
                _singlesFrom = Math.Min(_singlesFrom, WeightOf(all.AsSpan(at, count)));
            else
                return result;
        }
        return default;
    }

    public async Task<WriteResult> FlushAsync(CancellationToken cancellationToken) => await RoomAsync(0, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        // Told that we leave, the broker gives the name free at once.
        if (!_connection.Ended.IsCompleted)
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2), _clock);
            try
            {
                await _connection.AskAsync(number => WireCommands.Close(WireKind.CloseProducer, number), soon.Token);
            }
            catch (OperationCanceledException)
            {
                // It is gone with the connection.
            }
        }
        await _connection.DisposeAsync();
    }

    private async Task<WriteResult> SendAsync(ReadOnlyMemory<PulsarRecord> records, CancellationToken cancellationToken)
    {
        var frame = _entries.Frame(records.Span, _clock.Now().ToUnixTimeMilliseconds());
        var (first, last) = (records.Span[0].Sequence, records.Span[^1].Sequence);
        if (frame.Length > _connection.MaxMessageSize + Margin)
        {
            var flushed = await RoomAsync(0, cancellationToken);
            return flushed.IsOk
                ? new(
                    WireProblems.TooLarge(_connection.Topic, frame.Length, _connection.MaxMessageSize),
                    records.Length == 1 ? first : null
                )
                : flushed;
        }
        var alone = frame.Length > _largest;
        var room = await RoomAsync(alone ? 0 : Math.Max(0, MostUnconfirmed - frame.Length), cancellationToken);
        if (!room.IsOk)
            return room;
        lock (_gate)
        {
            _unconfirmed.Enqueue((first, last, frame.Length, records.Length));
            _bytes += frame.Length;
        }
        if (await _connection.SendAsync(frame, cancellationToken) is { } broken)
            return new(broken);
        if (!alone)
            return default;
        var answered = await RoomAsync(0, cancellationToken);
        if (answered.IsOk)
            _largest = frame.Length;
        return answered;
    }

    /// <summary>Waits until at most so many bytes are unconfirmed.</summary>
    private async Task<WriteResult> RoomAsync(long most, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task news;
            lock (_gate)
            {
                if (_refusal is { } refusal)
                {
                    // The producer lives on where the broker only minds the size of the one entry.
                    if (_unconfirmed.Count == 0 && refusal.Problem.Code == "message-too-large")
                        (_refusal, _refusedAt) = (null, refusal.Sequence);
                    if (_unconfirmed.Count == 0 || refusal.Problem.Code != "message-too-large")
                        return new(refusal.Problem, refusal.Messages == 1 ? refusal.Sequence : null);
                }
                else if (_bytes <= most || _unconfirmed.Count == 0)
                {
                    if (!_connection.Ended.IsCompleted)
                        return default;
                }
                news = _news.Task;
            }
            if (_connection.Ended.IsCompleted)
                return new(await _connection.Ended);
            try
            {
                await Task.WhenAny(news, _connection.Ended).WaitAsync(Confirmation, _clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                return new(await _connection.EndAsync(WireProblems.Silent(_connection.Topic)));
            }
        }
    }

    private async ValueTask HearAsync(WireAnswer answer, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        switch (answer.Kind)
        {
            case WireKind.SendReceipt:
                Settle(answer, null);
                break;
            case WireKind.SendError:
                Settle(answer, IsSize(answer) ? null : WireProblems.OfBroker(_cluster, _connection.Topic, answer.Error));
                break;
            case WireKind.CloseProducer:
                await _connection.EndAsync(WireProblems.Moved(_connection.Topic));
                break;
            default:
                break;
        }
    }

    // 22 is Pulsar's word for what a topic does not allow, and the text tells which of it.
    private static bool IsSize(WireAnswer answer) =>
        answer.Error == 22 && answer.Text?.Contains("message size", StringComparison.OrdinalIgnoreCase) == true;

    private void Settle(WireAnswer answer, Problem? problem)
    {
        TaskCompletionSource news;
        lock (_gate)
        {
            // Brokers name a batch by its first sequence when they took it, and by its last one when they did not.
            if (!_unconfirmed.TryPeek(out var head) || (answer.Sequence != head.Sequence && answer.Sequence != head.Highest))
            {
                // Nobody waits for it, or something before it got no answer: neither may happen.
                _ = _connection.EndAsync(WireProblems.Unreadable(_connection.Topic));
                return;
            }
            _unconfirmed.Dequeue();
            _bytes -= head.Bytes;
            if (problem is not null)
                _refusal ??= (problem, head.Sequence, head.Messages);
            else if (answer.Kind == WireKind.SendError)
                _refusal ??= (WireProblems.TooLarge(_connection.Topic, head.Bytes, null), head.Sequence, head.Messages);
            // A repeat is confirmed without a place.
            else if (answer.Entry >= 0)
                LastPosition = new(answer.Ledger, answer.Entry, head.Messages > 1 ? head.Messages - 1 : -1);
            (news, _news) = (_news, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        news.TrySetResult();
        if (problem is not null)
            _ = _connection.EndAsync(problem);
    }

    /// <summary>How many of the next records make one entry.</summary>
    private int Together(ReadOnlySpan<PulsarRecord> records)
    {
        var most = Math.Min(BatchBytes, _singlesFrom - 1);
        var bytes = WeightOf(records[0]);
        var count = 1;
        for (; count < records.Length && count < MostInBatch; count++)
        {
            var next = records[count];
            bytes += WeightOf(next);
            if (bytes > most || (records[count - 1].Sequence <= LastSequence && next.Sequence > LastSequence))
                break;
            if (_settings.OneKeyPerEntry && (next.Key != records[0].Key || next.KeyIsBinary != records[0].KeyIsBinary))
                break;
        }
        return count;
    }

    private static int WeightOf(ReadOnlySpan<PulsarRecord> records)
    {
        var bytes = 0;
        foreach (var record in records)
            bytes += WeightOf(record);
        return bytes;
    }

    private static int WeightOf(PulsarRecord record)
    {
        var bytes = 32 + (record.Key?.Length ?? 0) + (record.Value?.Length ?? 0);
        foreach (var (name, value) in record.Properties)
            bytes += 4 + name.Length + value.Length;
        return bytes;
    }
}
