using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>What usage is asked for. Bounds are rounded outward to the hour.</summary>
/// <param name="Tenant">By name; null for all.</param>
public sealed record UsageRequest(
    DateTimeOffset From,
    DateTimeOffset To,
    UsageInterval Interval,
    bool ByTenant,
    bool ByNamespace,
    bool ByTopic,
    Meter? Meter = null,
    string? Tenant = null,
    TopicId? Topic = null
)
{
    /// <summary>Only these, at most a page of a list; null for all, or for the one that <see cref="Topic"/> names.</summary>
    public IReadOnlyCollection<TopicId>? Topics { get; init; }

    private static readonly TimeSpan Longest = TimeSpan.FromDays(400);

    /// <summary>Reads the words of the API. Unset: the running month, in total, by meter.</summary>
    public static Outcome<UsageRequest> Create(
        string? from,
        string? to,
        string? groupBy,
        string? interval,
        TimeProvider clock,
        string? meter = null,
        string? tenant = null,
        TopicId? topic = null
    )
    {
        var now = clock.Now();
        if (!IsoInstant.Read(from, "from").TryGet(out var first, out var problem))
            return problem;
        if (!IsoInstant.Read(to, "to").TryGet(out var last, out problem))
            return problem;
        var (start, end) = (first ?? Month.Of(now).Start, last ?? now);
        if (IntervalOf(interval) is not { } cut)
            return new Problem.Invalid("interval-unknown", "interval is hour, day or total.", "interval");
        var groups = (groupBy ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (groups.Any(group => group is not ("meter" or "tenant" or "namespace" or "topic")))
            return new Problem.Invalid(
                "group-by-unknown",
                "groupBy is a list of meter, tenant, namespace and topic with commas between.",
                "groupBy"
            );
        Meter? only = null;
        if (!string.IsNullOrEmpty(meter))
        {
            if (!Meters.TryParse(meter, out var parsed))
                return new Problem.Invalid("meter-unknown", "meter is one of write, read, storage, partitions and connectors.", "meter");
            only = parsed;
        }
        start = start.HourStart();
        end = end.HourStart() is var hour && hour == end ? end : hour.AddHours(1);
        if (end <= start)
            return new Problem.Invalid("range-empty", "to lies after from.", "to");
        return end - start > Longest
            ? new Problem.Invalid(
                "range-too-long",
                $"A request can cover at most {Longest.Days} days. Choose a shorter time range.",
                "from"
            )
            : new UsageRequest(
                start,
                end,
                cut,
                groups.Contains("tenant"),
                groups.Contains("namespace"),
                groups.Contains("topic"),
                only,
                tenant,
                topic
            );
    }

    private static UsageInterval? IntervalOf(string? text) =>
        text switch
        {
            null or "" or "total" => UsageInterval.Total,
            "hour" => UsageInterval.Hour,
            "day" => UsageInterval.Day,
            _ => null,
        };
}
