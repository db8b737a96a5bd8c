using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Tenants;

/// <summary>Which wishes make sense, and which the plan allows.</summary>
internal static class WishRules
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3660);
    private const long Largest = 1L << 50;

    /// <summary>What is wrong whatever the plan says; null when nothing is.</summary>
    public static Problem.Invalid? Refuse(NamespaceWishes wishes)
    {
        if (wishes.RetentionTime is { } time && (time < TimeSpan.FromMinutes(1) || time > Longest))
            return new Problem.Invalid(
                "retention-time-out-of-range",
                "Choose a retention time between one minute and ten years. Leave it empty to use the plan's.",
                "timeMinutes"
            );
        if (wishes.RetentionBytes is < ByteSize.MiB or > Largest)
            return new Problem.Invalid(
                "retention-size-out-of-range",
                "Choose a retention size between 1 MiB and 1 PiB. Leave it empty to use the plan's.",
                "sizeBytes"
            );
        if (wishes.MessageTtl is { } ttl && (ttl < TimeSpan.FromSeconds(1) || ttl > Longest))
            return new Problem.Invalid(
                "message-ttl-out-of-range",
                "Choose a time to live between one second and ten years. Leave it empty to keep unread messages.",
                "messageTtlSeconds"
            );
        if (wishes.BacklogQuotaBytes is < ByteSize.MiB or > Largest)
            return new Problem.Invalid(
                "backlog-quota-out-of-range",
                "Choose a backlog quota between 1 MiB and 1 PiB. Leave it empty to use the plan's.",
                "backlogQuota"
            );
        return Refuse(wishes.PublishRate, "publishRate") ?? Refuse(wishes.DispatchRate, "dispatchRate") ?? Contradiction(wishes);
    }

    /// <summary>What the plan does not allow; null when it allows everything.</summary>
    public static Problem.OverLimit? Refuse(NamespaceWishes wishes, EffectivePlan plan) =>
        plan.RefuseMore(
            LimitKind.RetentionMinutes,
            "retention-limit",
            "of retention",
            (long)Math.Ceiling((wishes.RetentionTime ?? TimeSpan.Zero).TotalMinutes)
        )
        ?? plan.RefuseMore(LimitKind.RetentionBytes, "retention-limit", "of retention", wishes.RetentionBytes ?? 0)
        ?? plan.RefuseMore(LimitKind.BacklogQuotaBytes, "backlog-quota-limit", "of backlog", wishes.BacklogQuotaBytes ?? 0)
        ?? Refuse(wishes.PublishRate, plan, "to publish")
        ?? Refuse(wishes.DispatchRate, plan, "to dispatch");

    private static Problem.OverLimit? Refuse(RateLimit? rate, EffectivePlan plan, string what) =>
        plan.RefuseMore(LimitKind.MessagesPerSecond, "rate-limit", $"{what} in each partition", rate?.MessagesPerSecond ?? 0)
        ?? plan.RefuseMore(LimitKind.BytesPerSecond, "rate-limit", $"{what} in each partition", rate?.BytesPerSecond ?? 0);

    private static Problem.Invalid? Refuse(RateLimit? rate, string field)
    {
        var (fewest, most) = LimitKind.MessagesPerSecond.Bounds();
        var (least, largest) = LimitKind.BytesPerSecond.Bounds();
        return rate?.MessagesPerSecond is { } messages && (messages < fewest || messages > most)
                ? new(
                    "rate-out-of-range",
                    $"Choose a rate between {LimitKind.MessagesPerSecond.Words(fewest)} and "
                        + $"{LimitKind.MessagesPerSecond.Words(most)}. Leave it empty to use the plan's.",
                    field
                )
            : rate?.BytesPerSecond is { } bytes && (bytes < least || bytes > largest)
                ? new(
                    "rate-out-of-range",
                    $"Choose a rate between {LimitKind.BytesPerSecond.Words(least)} and "
                        + $"{LimitKind.BytesPerSecond.Words(largest)}. Leave it empty to use the plan's.",
                    field
                )
            : null;
    }

    // Where only one of both is wished, the other gives way.
    private static Problem.Invalid? Contradiction(NamespaceWishes wishes) =>
        wishes.RetentionBytes <= wishes.BacklogQuotaBytes
            ? new(
                "backlog-over-retention",
                $"The backlog quota of {ByteSize.Text(wishes.BacklogQuotaBytes!.Value)} must be smaller than the retention size "
                    + $"of {ByteSize.Text(wishes.RetentionBytes!.Value)}.",
                "backlogQuota"
            )
            : null;
}
