using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>An entry that was fetched as the broker keeps it, in messages as a reader gives them.</summary>
internal static class FetchedEntry
{
    public static IEnumerable<(MessageId Id, Message Message)> Of(StoredEntry entry, int? partition) =>
        entry.Messages.Select(stored =>
        {
            var id = MessageId.At(stored.Position, partition ?? -1, entry.BatchSize);
            return (
                id,
                stored.Message with
                {
                    MessageId = id.Text,
                    PublishTime = stored.Message.PublishTime.TruncateToMicroseconds(),
                    Origin = null,
                }
            );
        });

    public static bool HasNull(StoredEntry entry) => entry.Messages.Any(stored => stored.Message.IsNull);
}
