using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>Where a rewind leads: the first message published at a time or later, or one message.</summary>
/// <param name="MessageId">As this portal gives it, or <c>ledger:entry[:partition[:batch index]]</c> as Pulsar's tools write it. Not with a
/// time.</param>
public sealed record RewindTarget(DateTimeOffset? Time = null, string? MessageId = null)
{
    private static readonly Problem.Invalid Missing = new(
        "rewind-target-missing",
        "Choose either a time or a message ID to rewind to.",
        "time"
    );

    /// <summary>Null when it is one of both.</summary>
    internal Problem? Refusal => Time is null == string.IsNullOrEmpty(MessageId) ? Missing : null;

    /// <param name="partitions">That the topic has on its cluster; 0 for a topic without.</param>
    internal Outcome<MessagePlace> Place(IMessageClient messages, int partitions)
    {
        if (!messages.Locate(MessageId!).TryGet(out var place, out var problem))
            return problem;
        return (place.Partition, partitions) switch
        {
            (null, 0) => place,
            // Tools write -1 there, or leave it out: of a topic with partitions that says too little.
            (null, _) => new Problem.Invalid(
                "message-id-partition",
                "Add the partition to the message ID, for example 12:34:0. This topic is partitioned.",
                "messageId"
            ),
            ({ } number, _) when number < partitions => place,
            _ => new Problem.Invalid(
                "message-id-partition",
                "This message ID names a partition that the topic doesn't have. Copy the ID from one of its messages.",
                "messageId"
            ),
        };
    }
}
