using System.Threading.Channels;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarWire;

/// <summary>
/// Reads one partition from a place on, for itself: nothing is acknowledged and nothing of it stays. A few entries wait
/// unread; while they do, nothing more is taken from the connection.
/// </summary>
internal sealed class WireReader : IPulsarReader
{
    private const int Waiting = 8;
    private const int Permits = 1000;

    private readonly WireConnection _connection;
    private readonly TimeProvider _clock;
    private readonly Channel<(long Ledger, long Entry, byte[] Bytes)> _entries = Channel.CreateBounded<(long, long, byte[])>(Waiting);

    /// <summary>What the broker may send beyond what it was allowed. It begins with the first read, so that it answers questions before.</summary>
    private int _used = Permits;

    private WireReader(WireConnection connection, string name, TimeProvider clock) => (_connection, Name, _clock) = (connection, name, clock);

    public string Name { get; }

    public MessagePosition? Position { get; private set; }

    public static async Task<Outcome<IPulsarReader>> OpenAsync(WireTopic topic, MessagePosition? after, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!(await topic.ConnectAsync(clock, cancellationToken)).TryGet(out var connection, out var problem)) return problem;
        var reader = new WireReader(connection, $"{Cluster.OwnReaderPrefix}{clock.NewUuid():N}", clock);
        connection.Heard = reader.HearAsync;
        try
        {
            (long, long)? place = after is { } position ? (position.Ledger, position.Entry) : null;
            var subscribed = await connection.AskAsync(number => WireCommands.Subscribe(topic.Topic, number, reader.Name, place), cancellationToken);
            if (subscribed.IsOk) return reader;
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
        if (_used >= Permits / 2)
        {
            if (await _connection.SendAsync(WireCommands.Flow(_used), cancellationToken) is { } broken) return broken;
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
                if (!_entries.Reader.TryRead(out entry)) return _connection.Ended.IsCompleted ? await _connection.Ended : Outcome.Of<IReadOnlyList<ReadRecord>>([]);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return Outcome.Of<IReadOnlyList<ReadRecord>>([]);
            }
        }
        try
        {
            var records = WireEntry.Read(entry.Bytes, entry.Ledger, entry.Entry);
            Position = records.Count > 0 ? records[^1].Position : new(entry.Ledger, entry.Entry, -1);
            _used += Math.Max(1, records.Count);
            return Outcome.Of(records);
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
        if (answer.Kind == WireKind.Message) await _entries.Writer.WriteAsync((answer.Ledger, answer.Entry, payload.ToArray()), cancellationToken);
        else if (answer.Kind == WireKind.CloseConsumer) await _connection.EndAsync(WireProblems.Moved(_connection.Topic));
    }
}
