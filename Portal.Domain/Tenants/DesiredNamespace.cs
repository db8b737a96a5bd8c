using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Tenants;

/// <summary>What should be set on a namespace: the limits of its organization, and within them what the customer wishes.</summary>
public static class DesiredNamespace
{
    private const int SlowedTo = 10;

    /// <summary>Enough for a client to notice that it is slow, and not that it is broken.</summary>
    public static readonly RateLimit SlowedWithoutLimit = new(100, 100 * ByteSize.KiB);

    /// <summary>
    /// A wish is kept whatever the plan; what is in force is the smaller of both, so that a smaller plan narrows it and a
    /// larger one brings it back. Retention always exceeds the backlog quota, which Pulsar insists on: a smaller one is
    /// raised, since a smaller quota would refuse messages that nobody asked to have refused.
    /// </summary>
    /// <param name="publishing">Slowed or blocked, topics take a tenth of what they would; where nothing limits them,
    /// <see cref="SlowedWithoutLimit"/>.</param>
    public static NamespacePolicies Of(PlanLimits limits, NamespaceWishes wishes, Publishing publishing)
    {
        var policies = NamespacePolicies.Of(limits);
        var size = wishes.RetentionBytes is { } bytes ? Least(bytes, limits.RetentionBytes) : policies.RetentionSize;
        var quota = wishes.BacklogQuotaBytes is { } backlog ? Least(backlog, limits.BacklogQuotaBytes) : policies.BacklogQuotaBytes;
        if (size <= quota)
            size = quota + ByteSize.MiB;
        return policies with
        {
            RetentionTime = wishes.RetentionTime is { } time ? Least(time, limits.RetentionAtMost) : policies.RetentionTime,
            RetentionSize = size,
            BacklogQuotaBytes = quota,
            WhenBacklogFull = wishes.WhenBacklogFull ?? BacklogFull.RefusePublishing,
            PublishRate = Slowed(Narrower(wishes.PublishRate, policies.PublishRate), publishing),
            DispatchRate = Narrower(wishes.DispatchRate, policies.DispatchRate),
            MessageTtl = wishes.MessageTtl,
            Deduplication = wishes.Deduplication,
            SchemaCompatibility = wishes.SchemaCompatibility,
            SchemaValidation = wishes.SchemaValidation ?? false,
        };
    }

    private static RateLimit? Slowed(RateLimit? rate, Publishing publishing) =>
        publishing == Publishing.Open ? rate
        : rate is null ? SlowedWithoutLimit
        : new(
            rate.MessagesPerSecond is { } messages ? Math.Max(1, messages / SlowedTo) : null,
            rate.BytesPerSecond is { } bytes ? Math.Max(ByteSize.KiB, bytes / SlowedTo) : null
        );

    private static T Least<T>(T wished, T? limit)
        where T : struct, IComparable<T> => limit is { } most && most.CompareTo(wished) < 0 ? most : wished;

    private static RateLimit? Narrower(RateLimit? wished, RateLimit? allowed) =>
        wished is null
            ? allowed
            : new(Smaller(wished.MessagesPerSecond, allowed?.MessagesPerSecond), Smaller(wished.BytesPerSecond, allowed?.BytesPerSecond));

    private static T? Smaller<T>(T? wished, T? allowed)
        where T : struct, IComparable<T> => wished is { } rate ? Least(rate, allowed) : allowed;
}
