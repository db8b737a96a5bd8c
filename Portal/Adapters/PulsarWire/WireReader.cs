using System.Threading.Channels;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarWire;

/// <summary>
/// Reads one partition from a place on, for itself: nothing is acknowledged and nothing of it stays. A few entries wait
/// unread; while they do, nothing more is taken from the connection. Brokers begin with the entry that a reader wants to
/// begin after, and leave it to clients to drop it.
/// </summary>
internal sealed class WireReader : IPulsarReader
{
    private const int Waiting = 8;
    private const int Permits = 1000;
    private const int Looks = 5;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private readonly WireConnection _connection;
    private readonly TimeProvider _clock;
    private readonly MessagePosition? _after;
    private readonly Func<string, CancellationToken, Task<Outcome<ReaderStanding?>>>? _standing;
    private readonly Channel<(long Ledger, long Entry, byte[] Bytes)> _entries = Channel.CreateBounded<(long, long, byte[])>(Waiting);

    private readonly WireChunks _chunks = new();

    /// <summary>
    /// What the broker may send beyond what it was allowed. It begins with the first read, so that it answers questions before.
    /// </summary>
    private int _used = Permits;

    /// <summary>The last entry that came, dropped ones too.</summary>
    private (long Ledger, long Entry)? _seen;

    private WireReader(
        WireConnection connection,
        string name,
        MessagePosition? after,
        Func<string, CancellationToken, Task<Outcome<ReaderStanding?>>>? standing,
        TimeProvider clock
    ) => (_connection, Name, _after, _standing, _clock) = (connection, name, after, standing, clock);

    public string Name { get; }

    public MessagePosition? Position { get; private set; }

    public long? OpenSince => _chunks.OpenSince;

    /// <param name="standing">What the broker has done for a reader of a name; null where nobody can be asked.</param>
    public static async Task<Outcome<IPulsarReader>> OpenAsync(
        WireTopic topic,
        MessagePosition? after,
        TimeProvider clock,
        CancellationToken cancellationToken,
        Func<string, CancellationToken, Task<Outcome<ReaderStanding?>>>? standing = null
    )
    {
        if (!(await topic.ConnectAsync(clock, cancellationToken)).TryGet(out var connection, out var problem))
            return problem;
        var reader = new WireReader(connection, $"{Cluster.OwnReaderPrefix}{clock.NewUuid():N}", after, standing, clock);
        connection.Heard = reader.HearAsync;
        try
        {
            (long, long)? place = after is { } position ? (position.Ledger, position.Entry) : null;
            var subscribed = await connection.AskAsync(
                number => WireCommands.Subscribe(topic.Topic, number, reader.Name, place),
                cancellationToken
            );
            if (subscribed.IsOk)
                return reader;
            await connection.DisposeAsync();
            return subscribed.Problem;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task<Outcome<IReadOnlyList<ReadRecord>>> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!(await NextAsync(wait, cancellationToken)).TryGet(out var records, out var problem))
                return problem;
            if (records is not null)
                return Outcome.Of(records);
        }
    }

    public async Task<Outcome<bool>> IsWholeAsync(CancellationToken cancellationToken)
    {
        if (_standing is null || _entries.Reader.TryPeek(out _))
            return false;
        // A broker counts as left what was not confirmed, and confirms its own marks and what was taken back itself.
        if (_seen is { } seen && await _connection.SendAsync(WireCommands.Acknowledge(seen), cancellationToken) is { } broken)
            return broken;
        for (var look = 1; ; look++)
        {
            if (!(await _standing(Name, cancellationToken)).TryGet(out var standing, out var problem))
                return problem;
            if (standing is { Left: 0 })
                return !_entries.Reader.TryPeek(out _);
            if (look == Looks)
                return false;
            await Task.Delay(BetweenLooks, _clock, cancellationToken);
        }
    }

    /// <summary>The next entry's messages, none when none came within the wait, and null for an entry that was not asked for.</summary>
    private async Task<Outcome<IReadOnlyList<ReadRecord>?>> NextAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (_used >= Permits / 2)
        {
            if (await _connection.SendAsync(WireCommands.Flow(_used), cancellationToken) is { } broken)
                return broken;
            _used = 0;
        }
        if (!_entries.Reader.TryRead(out var entry))
        {
            using var timeout = new CancellationTokenSource(wait, _clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                var next = _entries.Reader.WaitToReadAsync(both.Token).AsTask();
                await Task.WhenAny(next, _connection.Ended).WaitAsync(both.Token);
                // What came before the end is read first.
                if (!_entries.Reader.TryRead(out entry))
                    return _connection.Ended.IsCompleted ? await _connection.Ended : Outcome.Of<IReadOnlyList<ReadRecord>?>([]);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return Outcome.Of<IReadOnlyList<ReadRecord>?>([]);
            }
        }
        try
        {
            var records = WireEntry.Read(entry.Bytes, entry.Ledger, entry.Entry, _chunks);
            _used += Math.Max(1, records.Count);
            _seen = (entry.Ledger, entry.Entry);
            if (_after is { } after && (entry.Ledger, entry.Entry).CompareTo((after.Ledger, after.Entry)) <= 0)
            {
                // Of the entry itself, what comes behind the place in its batch.
                records =
                    after.BatchIndex < 0 || _seen != (after.Ledger, after.Entry)
                        ? []
                        : [.. records.Where(record => record.Position.BatchIndex > after.BatchIndex)];
                if (records.Count == 0)
                    return Outcome.Of<IReadOnlyList<ReadRecord>?>(null);
            }
            Position = records.Count > 0 ? records[^1].Position : new(entry.Ledger, entry.Entry, -1);
            return Outcome.Of<IReadOnlyList<ReadRecord>?>(records);
        }
        catch (WireFormatException)
        {
            return await _connection.EndAsync(WireProblems.Unreadable(_connection.Topic));
        }
    }

    public async Task<Outcome<MessagePosition?>> LastAsync(CancellationToken cancellationToken) =>
        (await _connection.AskAsync(WireCommands.LastMessageId, cancellationToken)).TryGet(out var answer, out var problem)
            ? Outcome.Of<MessagePosition?>(answer.Entry >= 0 ? new MessagePosition(answer.Ledger, answer.Entry, -1) : null)
            : problem;

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    private async ValueTask HearAsync(WireAnswer answer, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (answer.Kind == WireKind.Message)
            await _entries.Writer.WriteAsync((answer.Ledger, answer.Entry, payload.ToArray()), cancellationToken);
        else if (answer.Kind == WireKind.CloseConsumer)
            await _connection.EndAsync(WireProblems.Moved(_connection.Topic));
    }
}
