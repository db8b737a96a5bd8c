using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Usage;

namespace Portal.Domain.Migration;

/// <summary>What the topics that a namespace has already store on top of what they did, once its retention is raised for a copy.</summary>
/// <param name="Bytes">Once the longer retention is reached, or at the end of the month where it is longer.</param>
/// <param name="ByteHours">Over the first month, in which it grows up to there.</param>
public sealed record KeptLonger(decimal Bytes, decimal ByteHours)
{
    private static readonly TimeSpan Window = TimeSpan.FromDays(1);

    /// <param name="bytesPerSecond">Written to them now.</param>
    public static KeptLonger Of(decimal bytesPerSecond, long partitions, NamespacePolicies before, NamespacePolicies after)
    {
        const decimal month = DryRunSum.HoursInMonth * 3600;
        var more = Math.Max(0, Kept(after) - Kept(before));
        if (more == 0)
            return new(0, 0);
        // It begins with the day that the first messages are kept on which would have gone, and grows by what is written.
        var growing = Math.Min(month, more / bytesPerSecond);
        return new(more, more * (month - growing / 2) / 3600);

        decimal Kept(NamespacePolicies policies)
        {
            var time = policies.RetentionTime is { } most ? Math.Min((decimal)most.TotalSeconds, month) : month;
            var kept = bytesPerSecond * time;
            return policies.RetentionSize is { } size ? Math.Min(kept, (decimal)size * Math.Max(1, partitions)) : kept;
        }
    }

    /// <summary>What is written to a namespace a second, by the metered hours of the last day.</summary>
    internal static async Task<decimal> WrittenAsync(
        IUsageLedger ledger,
        Namespace inside,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var from = now.HourStart() - Window;
        var hours = await ledger.SlicesAsync(
            new(
                inside.OrganizationId,
                from,
                now.HourStart().AddHours(1),
                UsageInterval.Hour,
                ByTenant: true,
                ByNamespace: true,
                ByTopic: false,
                Meter.Write,
                [inside.TenantId],
                Scope: new Access.Scope(inside.TenantName, inside.Name)
            ),
            new PageRequest(100),
            cancellationToken
        );
        var counted = hours.Items.Where(hour => hour.NamespaceId == inside.Id).ToList();
        if (counted.Count == 0)
            return 0;
        // Topics of this morning have no yesterday that would make them seem slow.
        return (decimal)counted.Aggregate((Int128)0, (sum, hour) => sum + hour.Quantity)
            / (decimal)Math.Max(600, (now - counted.Min(hour => hour.From)).TotalSeconds);
    }
}
