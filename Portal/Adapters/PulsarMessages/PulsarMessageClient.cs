using System.Text.Json;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>Sends and reads through Pulsar's WebSocket API.</summary>
internal sealed class PulsarMessageClient(MessageSockets sockets, MessageSenders senders, TimeProvider clock) : IMessageClient
{
    public async Task<Outcome<string>> SendAsync(Namespace @namespace, Topic topic, NewMessage message, CancellationToken cancellationToken)
    {
        var frame = JsonSerializer.SerializeToUtf8Bytes(
            new SendFrame(message.Payload.ToArray(), message.Key, message.Properties.Count == 0 ? null : message.Properties, "portal"), MessageFrames.Default.SendFrame);
        return frame.Length >= MessageProblems.FrameLimit
            ? MessageProblems.TooLarge(message.Payload.Length)
            : await senders.SendAsync(@namespace, topic, frame, cancellationToken);
    }

    public async Task<Outcome<PageOf<Message>>> ReadAsync(Namespace @namespace, Topic topic, string from, int limit, CancellationToken cancellationToken)
    {
        if (!ReadPosition.Parse(from, topic).TryGet(out var start, out var problem)) return problem;
        if (!topic.Persistent || limit <= 0) return new PageOf<Message>([], null); // nothing is kept to be read

        var opening = Enumerable.Range(0, Math.Max(topic.Partitions, 1))
            .Select(partition => PartitionReader.OpenAsync(
                sockets, clock, @namespace, topic, topic.Partitions == 0 ? null : partition, start.Of(partition), Math.Max(1, limit / Math.Max(topic.Partitions, 1)), cancellationToken))
            .ToList();
        await Task.WhenAll(opening);
        var readers = opening.Where(open => open.Result.IsOk).Select(open => open.Result.Value).ToList();
        try
        {
            return opening.FirstOrDefault(open => !open.Result.IsOk)?.Result.Problem is { } refused ? refused : await MergeAsync(readers, start, limit, cancellationToken);
        }
        finally
        {
            foreach (var reader in readers) await reader.DisposeAsync();
        }
    }

    /// <summary>The partitions' messages by publish time; each partition stays in its own order.</summary>
    private static async Task<PageOf<Message>> MergeAsync(List<PartitionReader> readers, ReadPosition position, int limit, CancellationToken cancellationToken)
    {
        var messages = new List<Message>();
        var open = new List<PartitionReader>(readers);
        while (messages.Count < limit && open.Count > 0)
        {
            var heads = await Task.WhenAll(open.Select(reader => reader.PeekAsync(cancellationToken)));
            for (var index = heads.Length - 1; index >= 0; index--)
            {
                if (heads[index] is null) open.RemoveAt(index);
            }
            if (open.Count == 0) break;
            var next = open.MinBy(reader => reader.Head!.PublishTime)!;
            messages.Add(next.Head!);
            position.Pass(next.Partition, next.Head!.MessageId);
            await next.AdvanceAsync(cancellationToken);
        }
        return new PageOf<Message>(messages, messages.Count == limit ? position.ToString() : null);
    }
}
