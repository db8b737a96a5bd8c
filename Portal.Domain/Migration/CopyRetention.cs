using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;

namespace Portal.Domain.Migration;

/// <summary>
/// What a namespace has to keep so that nothing of a copy is deleted before its readers come. Pulsar deletes what no
/// subscription waits for once it is older than the namespace's retention, and a copy has no subscriptions until the groups
/// move, which may be weeks later.
/// </summary>
/// <param name="Time">How long Kafka keeps the topics; null for ever.</param>
/// <param name="Bytes">Of the largest partition.</param>
internal sealed record CopyRetention(TimeSpan? Time, long Bytes)
{
    /// <summary>Of a topic that says nothing itself: what Kafka's brokers use unless they are told otherwise.</summary>
    private static readonly TimeSpan UsualTime = TimeSpan.FromDays(7);

    /// <summary>As far as a wish may go.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3660);

    public static CopyRetention Of(MigrationTopic topic)
    {
        var time = topic.Facts switch
        {
            { IsCompacted: true } or { RetentionMilliseconds: < 0 } => (TimeSpan?)null,
            { RetentionMilliseconds: { } milliseconds } => TimeSpan.FromMinutes(
                Math.Ceiling(Math.Min(milliseconds, Longest.TotalMilliseconds) / 60_000)
            ),
            _ => UsualTime,
        };
        // Partitions are rarely alike, and what is written meanwhile comes on top.
        return new(time, (long)Math.Min((topic.Bytes ?? 0) * 3m / Math.Max(1, topic.Partitions), 1L << 50));
    }

    public CopyRetention And(CopyRetention? other) =>
        other is null
            ? this
            : new(
                Time is { } one && other.Time is { } two
                    ? one > two
                        ? one
                        : two
                    : null,
                Math.Max(Bytes, other.Bytes)
            );

    /// <summary>The wishes that keep so much, as far as the plan allows; null where the namespace keeps it already.</summary>
    public NamespaceWishes? Raise(NamespaceWishes wishes, PlanLimits limits)
    {
        var inForce = DesiredNamespace.Of(limits, wishes, Publishing.Open);
        var raised = wishes;
        if (inForce.RetentionTime is { } time && Least(Time ?? Longest, limits.RetentionAtMost) is var longer && longer > time)
            raised = raised with { RetentionTime = longer };
        if (inForce.RetentionSize is { } size && Least(Bytes, limits.RetentionBytes) is var larger && larger > size)
            raised = raised with { RetentionBytes = larger };
        return raised == wishes ? null : raised;
    }

    private static T Least<T>(T wanted, T? limit)
        where T : struct, IComparable<T> => limit is { } most && most.CompareTo(wanted) < 0 ? most : wanted;
}
