using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>What brokers tell of a stored entry beside what readers are sent. It moves nothing and is not metered.</summary>
public interface IMessageOrigins
{
    /// <summary>Who sent a message; null for one that is not there any more.</summary>
    Task<Outcome<MessageOrigin?>> FindAsync(TopicAddress topic, MessagePlace place, CancellationToken cancellationToken);
}

/// <summary>Puts who sent them to messages that were read.</summary>
internal sealed class OriginLook(IMessageOrigins origins, IMessageClient messages, Topic topic)
{
    private const int SideBySide = 8;

    /// <summary>The same messages; as they were where the cluster does not tell.</summary>
    internal async Task<IReadOnlyList<Message>> AddAsync(IReadOnlyList<Message> found, CancellationToken cancellationToken)
    {
        // What is not stored can't be asked for.
        if (!topic.Persistent)
            return found;
        var told = new Message[found.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, found.Count),
            new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellationToken },
            async (index, token) =>
            {
                told[index] = found[index];
                if (
                    messages.Locate(found[index].MessageId).TryGet(out var place, out _)
                    && (await origins.FindAsync(topic.OnCluster, place, token)).TryGet(out var origin, out _)
                )
                    told[index] = found[index] with { Origin = origin };
            }
        );
        return told;
    }
}
