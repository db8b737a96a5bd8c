using System.Collections.Concurrent;
using Portal.Adapters.KafkaSource.Apart;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <summary>
/// The other end of the frames: a Kafka client for one connection, in a process that has nothing else. It ends when its
/// input does, and takes its memory's limit seriously: whatever a Kafka does to it, it does to nobody else.
/// </summary>
/// <param name="input">From the portal.</param>
/// <param name="output">To the portal; nothing else may write there.</param>
internal sealed class KafkaServing(Func<bool, KafkaReach> reaches, Stream input, Stream output, TimeProvider clock)
{
    private readonly ConcurrentDictionary<int, CancellationTokenSource> _calls = new();
    private readonly ConcurrentDictionary<int, Task<IAsyncDisposable?>> _open = new();
    private readonly Lock _writing = new();
    private KafkaConnection _connection = null!;
    private KafkaCluster _cluster = null!;
    private KafkaPartitions _partitions = null!;
    private KafkaBack _back = null!;

    /// <summary>Serves until the input ends.</summary>
    /// <param name="began">Told the memory that may be used.</param>
    public void Run(Action<long> began)
    {
        if (KafkaFrame.Read(input) is not { Verb: KafkaVerb.Hello } hello)
            return;
        var said = KafkaPayload.Read<KafkaPayload.Hello>(hello.Payload.Span);
        began(said.MemoryBytes);
        var reach = reaches(said.Anywhere);
        (_connection, _cluster, _partitions, _back) = (said.Connection, new(reach), new(reach, clock), new(reach, clock));
        while (KafkaFrame.Read(input) is { } frame)
        {
            if (frame.Verb == KafkaVerb.Cancel)
            {
                if (_calls.TryGetValue(frame.Call, out var given))
                    Cancel(given);
                continue;
            }
            var cancel = new CancellationTokenSource();
            _calls[frame.Call] = cancel;
            // Known before the next frame is read, which may close it.
            var opened = frame.Verb is KafkaVerb.OpenLook or KafkaVerb.OpenReader or KafkaVerb.OpenWriter
                ? new TaskCompletionSource<IAsyncDisposable?>()
                : null;
            if (opened is not null)
                _open[frame.Call] = opened.Task;
            _ = Task.Run(() => AnswerAsync(frame, opened, cancel));
        }
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just been answered.
        }
    }

    private async Task AnswerAsync(KafkaFrame frame, TaskCompletionSource<IAsyncDisposable?>? opened, CancellationTokenSource cancel)
    {
        ReadOnlyMemory<byte> answer;
        try
        {
            answer = await CarryOutAsync(frame, opened, cancel.Token);
        }
        catch (OperationCanceledException)
        {
            answer = KafkaFrame.Of(frame.Call, KafkaVerb.Cancelled, []);
        }
        catch (OutOfMemoryException)
        {
            KafkaMemory.End();
            return;
        }
#pragma warning disable CA1031 // The portal decides what becomes of it; this process knows nobody to tell.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            answer = KafkaFrame.Of(frame.Call, KafkaVerb.Failed, KafkaPayload.Write(exception.GetType().Name));
        }
        if (opened is not null && opened.TrySetResult(null))
            _open.TryRemove(frame.Call, out _);
        _calls.TryRemove(frame.Call, out _);
        cancel.Dispose();
        // The portal would take a longer one for the end of all sense.
        if (answer.Length > KafkaFrame.Longest)
            answer = KafkaFrame.Of(frame.Call, KafkaVerb.Refused, KafkaPayload.Write(KafkaChildProblems.Odd));
        Send(answer);
    }

    private async Task<ReadOnlyMemory<byte>> CarryOutAsync(
        KafkaFrame frame,
        TaskCompletionSource<IAsyncDisposable?>? opened,
        CancellationToken cancellationToken
    )
    {
        var payload = frame.Payload;
        switch (frame.Verb)
        {
            case KafkaVerb.Test:
                return Value(
                    frame,
                    await _cluster.TestAsync(
                        _connection,
                        check => Send(KafkaFrame.Of(frame.Call, KafkaVerb.Progress, KafkaPayload.Write(check))),
                        cancellationToken
                    )
                );
            case KafkaVerb.Offsets:
                return Of(
                    frame,
                    (await _partitions.OffsetsAsync(_connection, At(payload).Partition, cancellationToken)).Map(
                        found => new KafkaPayload.OffsetsSaid(found.First, found.End)
                    )
                );
            case KafkaVerb.IsCompacted:
                return Of(
                    frame,
                    await _partitions.IsCompactedAsync(_connection, KafkaPayload.Read<string>(payload.Span), cancellationToken)
                );
            case KafkaVerb.MayWrite:
                return Of(frame, await _back.MayWriteAsync(_connection, KafkaPayload.Read<string>(payload.Span), cancellationToken));
            case KafkaVerb.Commit:
                var asked = KafkaPayload.Read<KafkaPayload.CommitAsked>(payload.Span);
                return Of(frame, (await _back.CommitAsync(_connection, asked.Group, asked.ToOffsets(), cancellationToken)).Map(_ => true));
            case KafkaVerb.OpenLook:
                return Opened(frame, opened!, await _cluster.OpenAsync(_connection, cancellationToken));
            case KafkaVerb.OpenReader:
                return Opened(
                    frame,
                    opened!,
                    await _partitions.OpenAsync(_connection, At(payload).Partition, At(payload).Offset, cancellationToken)
                );
            case KafkaVerb.OpenWriter:
                return Opened(frame, opened!, await _back.OpenAsync(_connection, At(payload).Partition, cancellationToken));
        }
        var handle = new KafkaUnpacker(payload.Span).Int();
        payload = payload[4..];
        if (frame.Verb == KafkaVerb.Close)
        {
            if (_open.TryRemove(handle, out var closing) && await closing is { } there)
                await there.DisposeAsync();
            return Value(frame, true);
        }
        return (_open.TryGetValue(handle, out var known) ? await known : null) switch
        {
            IKafkaLook look => await LookAsync(frame, look, payload, cancellationToken),
            IKafkaReader reader => await ReadAsync(frame, reader, payload, cancellationToken),
            IKafkaWriter writer => Of(frame, await writer.WriteAsync(new KafkaUnpacker(payload.Span).Records(), cancellationToken)),
            _ => throw new InvalidOperationException("Nothing is open under this number."),
        };
    }

    private static async Task<ReadOnlyMemory<byte>> LookAsync(
        KafkaFrame frame,
        IKafkaLook look,
        ReadOnlyMemory<byte> payload,
        CancellationToken cancellationToken
    ) =>
        frame.Verb switch
        {
            KafkaVerb.TopicNames => Of(frame, await look.TopicNamesAsync(cancellationToken)),
            KafkaVerb.Describe => Of(frame, await look.DescribeAsync(KafkaPayload.Read<List<string>>(payload.Span), cancellationToken)),
            KafkaVerb.Ends => Of(frame, await look.EndsAsync(KafkaPayload.Read<Dictionary<string, int>>(payload.Span), cancellationToken)),
            KafkaVerb.GroupNames => Of(frame, await look.GroupNamesAsync(cancellationToken)),
            KafkaVerb.Groups => Of(frame, await look.GroupsAsync(KafkaPayload.Read<List<string>>(payload.Span), cancellationToken)),
            KafkaVerb.Commits => Of(
                frame,
                (await look.CommitsAsync(KafkaPayload.Read<string>(payload.Span), cancellationToken)).Map(KafkaPayload.CommitsSaid.Of)
            ),
            KafkaVerb.Acls => Of(frame, await look.AclsAsync(KafkaPayload.Read<int>(payload.Span), cancellationToken)),
            _ => throw new InvalidOperationException("A look isn't asked for this."),
        };

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(
        KafkaFrame frame,
        IKafkaReader reader,
        ReadOnlyMemory<byte> payload,
        CancellationToken cancellationToken
    )
    {
        var (bytes, wait) = Wanted(payload.Span);
        if (!(await reader.ReadAsync(bytes, wait, cancellationToken)).TryGet(out var batch, out var problem))
            return KafkaFrame.Of(frame.Call, KafkaVerb.Refused, KafkaPayload.Write(problem));
        var packer = new KafkaPacker(
            frame.Call,
            KafkaVerb.Value,
            32 + batch.Records.Sum(record => record.Bytes + 8 * record.Headers.Count)
        );
        packer.Batch(batch);
        return packer.ToFrame();

        static (int, TimeSpan) Wanted(ReadOnlySpan<byte> from)
        {
            var unpacker = new KafkaUnpacker(from);
            return (unpacker.Int(), TimeSpan.FromMilliseconds(unpacker.Long()));
        }
    }

    private static ReadOnlyMemory<byte> Opened<T>(KafkaFrame frame, TaskCompletionSource<IAsyncDisposable?> opened, Outcome<T> outcome)
        where T : IAsyncDisposable
    {
        if (outcome.IsOk)
            opened.TrySetResult(outcome.Value);
        return Of(frame, outcome.Map(_ => true));
    }

    private static KafkaPayload.PartitionAt At(ReadOnlyMemory<byte> payload) => KafkaPayload.Read<KafkaPayload.PartitionAt>(payload.Span);

    private static ReadOnlyMemory<byte> Of<T>(KafkaFrame frame, Outcome<T> outcome) =>
        outcome.Problem is { } problem
            ? KafkaFrame.Of(frame.Call, KafkaVerb.Refused, KafkaPayload.Write(problem))
            : Value(frame, outcome.Value);

    private static ReadOnlyMemory<byte> Value<T>(KafkaFrame frame, T value) =>
        KafkaFrame.Of(frame.Call, KafkaVerb.Value, KafkaPayload.Write(value));

    private void Send(ReadOnlyMemory<byte> frame)
    {
        lock (_writing)
        {
            output.Write(frame.Span);
            output.Flush();
        }
        KafkaFrame.GiveBack(frame);
    }
}
