using System.Text.Json;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>Sends and reads through Pulsar's WebSocket API.</summary>
internal sealed class PulsarMessageClient(
    MessageSockets sockets,
    MessageSenders senders,
    ITopicEnds ends,
    ByteRoom room,
    TimeProvider clock
) : IMessageClient
{
    // A page's payloads, and the frames of JSON that the largest messages arrive in.
    private const long RoomOfPage = 3L * MessagesRead.LargestPage;

    // Of each further partition one message is held beside the page; most are far smaller.
    private const long RoomOfPartition = 1024 * 1024;

    // From so many partitions on, what their readers' queues are sent for nothing outweighs what a page shows of each.
    private const int ManyPartitions = 4;
    private const int MostFetched = 30;

    private static readonly TimeSpan RoomWithin = TimeSpan.FromSeconds(5);

    public async Task<Outcome<string>> SendAsync(Namespace @namespace, Topic topic, NewMessage message, CancellationToken cancellationToken)
    {
        var frame = JsonSerializer.SerializeToUtf8Bytes(
            new SendFrame(
                message.Payload.ToArray(),
                message.Key,
                message.Properties.Count == 0 ? null : message.Properties,
                message.EventTime,
                "portal"
            ),
            MessageFrames.Default.SendFrame
        );
        return frame.Length >= MessageProblems.FrameLimit
            ? MessageProblems.TooLarge(message.Payload.Length)
            : await senders.SendAsync(@namespace, topic, frame, cancellationToken);
    }

    public async Task<Outcome<MessagesRead>> ReadAsync(
        Namespace @namespace,
        Topic topic,
        ReadQuery query,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (!topic.Persistent || limit <= 0) // nothing is kept to be read
            return query.From == ReadPosition.Latest
                ? new MessagesRead([], null, ReadEnd.Topic)
                : ReadPosition
                    .Parse(query.From ?? ReadPosition.Earliest, topic.Partitions)
                    .Map(_ => new MessagesRead([], null, ReadEnd.Topic));
        var ending = query.UpTo is { } end ? Outcome.Of(end) : await ends.LastAsync(topic.OnCluster, cancellationToken);
        if (!ending.TryGet(out var last, out var problem))
            return problem;
        if (!(await BeginAsync(topic, query, last, cancellationToken)).TryGet(out var position, out problem))
            return problem;
        List<ReadPart> parts = [];
        for (var partition = 0; partition < last.Count; partition++)
        {
            var after = position.After(partition);
            if (last[partition] is { } final && after?.Reaches(final) != true)
                parts.Add(new(@namespace, topic, topic.Partitions == 0 ? null : partition, after, final));
        }
        if (parts.Count == 0)
            return new MessagesRead([], null, ReadEnd.Topic) { Place = position.ToString() };
        using var taken = await room.TakeAsync(
            topic.OrganizationId,
            RoomOfPage + RoomOfPartition * parts.Count,
            RoomWithin,
            cancellationToken
        );
        return taken is null ? MessageProblems.ReadsBusy() : await ReadAsync(parts, position, query.Filter, limit, cancellationToken);
    }

    public Outcome<MessagePlace> Locate(string messageId) =>
        MessageId.TryRead(messageId, out var id)
            ? new MessagePlace(new(id.Ledger, id.Entry, id.BatchIndex), id.Partition < 0 ? null : id.Partition)
            : MessageProblems.IdUnreadable();

    public async Task<Outcome<IMessageFeed>> FollowAsync(Namespace @namespace, Topic topic, CancellationToken cancellationToken) =>
        (await MessageFeed.OpenAsync(sockets, ends, clock, @namespace, topic, cancellationToken)).Map<IMessageFeed>(feed => feed);

    private async Task<Outcome<ReadPosition>> BeginAsync(
        Topic topic,
        ReadQuery query,
        IReadOnlyList<MessagePosition?> last,
        CancellationToken cancellationToken
    ) =>
        query is { From: null, After: { } after } ? ReadPosition.Behind(after, topic.Partitions > 0)
        : query is { From: null, Since: { } since }
            ? (await ends.SinceAsync(topic.OnCluster, last.Count, since, cancellationToken)).Map(entries =>
                ReadPosition.Before(entries, topic.Partitions > 0)
            )
        : query.From == ReadPosition.Latest ? ReadPosition.Behind(last, topic.Partitions > 0)
        : ReadPosition.Parse(query.From ?? ReadPosition.Earliest, topic.Partitions == 0 ? 0 : last.Count);

    private async Task<Outcome<MessagesRead>> ReadAsync(
        List<ReadPart> parts,
        ReadPosition position,
        MessageFilter? filter,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var deadline = new ReadDeadline(clock);
        var opening = parts
            .Select(part =>
                PartitionReader.OpenAsync(
                    sockets,
                    ends,
                    clock,
                    deadline,
                    part,
                    limit / parts.Count,
                    Fetched(parts.Count, filter, limit),
                    cancellationToken
                )
            )
            .ToList();
        try
        {
            await Task.WhenAll(opening);
            if (opening.FirstOrDefault(open => !open.Result.IsOk)?.Result.Problem is { } refused)
                return refused;
            var page = await MergeAsync([.. opening.Select(open => open.Result.Value)], position, filter, limit, cancellationToken);
            return page is { End: ReadEnd.Connection, Scanned: 0 } ? MessageProblems.Unreachable(parts[0].Topic.Cluster) : page;
        }
        finally
        {
            // One that is not open yet when another fails is closed as soon as it is.
            foreach (var open in opening)
            {
                await ((Task)open).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (open is { IsCompletedSuccessfully: true, Result: { IsOk: true, Value: { } reader } })
                    await reader.DisposeAsync();
            }
        }
    }

    /// <summary>
    /// Entries of each partition that are fetched before its reader is opened. A search looks through far more than it shows,
    /// and wants them as fast as they come.
    /// </summary>
    private static int Fetched(int partitions, MessageFilter? filter, int limit) =>
        filter is null && partitions >= ManyPartitions && 2 * limit / partitions + 2 is var few && few <= MostFetched ? few : 0;

    /// <summary>The partitions' messages by publish time; each partition stays in its own order.</summary>
    private static async Task<MessagesRead> MergeAsync(
        IReadOnlyList<PartitionReader> readers,
        ReadPosition position,
        MessageFilter? filter,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var messages = new List<Message>();
        var (scanned, scannedBytes, looked, held) = (0, 0L, 0L, 0L);
        while (true)
        {
            await Task.WhenAll(readers.Select(reader => reader.PeekAsync(cancellationToken)));
            var stopped =
                readers.Any(reader => reader.State == ReaderState.Broken) ? ReadEnd.Connection
                : readers.Any(reader => reader.State == ReaderState.Late) ? ReadEnd.Time
                : (ReadEnd?)null;
            // One partition that is away must not keep what is here of the others, or reading would never get past it.
            var heads = readers.Where(reader => reader.Head is not null).OrderBy(reader => reader.Head!.PublishTime).ToList();
            foreach (var reader in stopped is null ? heads.Take(1) : heads)
            {
                if (messages.Count == limit || held >= MessagesRead.LargestPage)
                    break;
                var message = reader.Head!;
                scanned++;
                scannedBytes += message.Size;
                looked += message.Weight;
                if (filter?.Matches(message) != false)
                {
                    messages.Add(message);
                    held += message.Weight;
                }
                position.Pass(reader.Partition, await reader.AdvanceAsync(cancellationToken));
            }
            if (readers.All(reader => reader.State == ReaderState.AtEnd && reader.Head is null))
                return new(messages, null, ReadEnd.Topic, scanned, scannedBytes)
                {
                    Place = position.ToString(),
                    Fetched = readers.Sum(reader => reader.Fetched),
                };
            var large = held >= MessagesRead.LargestPage || looked >= MessagesRead.LargestScan;
            var full =
                messages.Count == limit ? ReadEnd.Limit
                : large ? ReadEnd.Size
                : stopped;
            if (full is { } end)
                return new(messages, position.ToString(), end, scanned, scannedBytes)
                {
                    Place = position.ToString(),
                    Fetched = readers.Sum(reader => reader.Fetched),
                };
        }
    }
}
