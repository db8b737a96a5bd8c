using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Tenants;

/// <summary>What should be set on a namespace: the limits of its organization, and within them what the customer wishes.</summary>
public static class DesiredNamespace
{
    /// <summary>
    /// A wish is kept whatever the plan; what is in force is the smaller of both, so that a smaller plan narrows it and a
    /// larger one brings it back. Retention always exceeds the backlog quota, which Pulsar insists on.
    /// </summary>
    public static NamespacePolicies Of(PlanLimits limits, NamespaceWishes wishes)
    {
        var policies = NamespacePolicies.Of(limits);
        var time = wishes.RetentionTime is { } wished ? Least(wished, limits.RetentionAtMost) : policies.RetentionTime;
        var size = wishes.RetentionBytes is { } bytes ? Least(bytes, limits.RetentionBytes) : policies.RetentionSize;
        if (size <= policies.BacklogQuotaBytes) size = policies.BacklogQuotaBytes + ByteSize.MiB;
        return policies with { RetentionTime = time, RetentionSize = size };
    }

    private static T Least<T>(T wished, T? limit) where T : struct, IComparable<T> => limit is { } most && most.CompareTo(wished) < 0 ? most : wished;
}
