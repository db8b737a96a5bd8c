using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>
/// The one query below every sum: whole hours from <c>usage_hours</c>, the hours that a bound cuts from their samples,
/// and the partitions meter computed from the topics' own records up to where their cluster is complete. Computed, it
/// is exact at every bound and has nothing to lose in a restart.
/// </summary>
internal static class UsageSql
{
    private const long Hour = 3_600_000_000;
    private const long Day = 24 * Hour;

    /// <summary>Rows (meter, starts, topic_id, high, low) named <c>parts</c>, with what they need as parameters.</summary>
    internal static (string With, List<(string Name, object? Value)> Parameters) Parts(
        OrganizationId organization, DateTimeOffset from, DateTimeOffset to, UsageInterval interval, DateTimeOffset? completeTo, bool isSqlite)
    {
        var (greatest, least) = isSqlite ? ("MAX", "MIN") : ("GREATEST", "LEAST");
        var (start, end) = (from.ToUnixMicroseconds(), to.ToUnixMicroseconds());
        var (firstWhole, lastWhole) = ((start + Hour - 1) / Hour * Hour, end / Hour * Hour);
        // An interval's start, cut at the start of what is asked for.
        string Starts(string hour) => interval switch
        {
            UsageInterval.Total => "@from",
            UsageInterval.Hour => $"{greatest}(@from, {hour})",
            UsageInterval.Day => $"{greatest}(@from, {hour} / {Day} * {Day})",
        };
        var parameters = new List<(string, object?)> { ("organization", organization.Value), ("from", start), ("to", end), ("firstWhole", firstWhole), ("lastWhole", lastWhole) };
        var parts = new List<string>
        {
            $"SELECT meter, {Starts("hour")} AS starts, topic_id, high, low FROM usage_hours WHERE organization_id = @organization AND hour >= @firstWhole AND hour < @lastWhole",
        };

        // Of a cut hour: what closed in it; of storage the part of each sample that lies between the bounds.
        foreach (var (hour, lower, upper, name) in CutHours(start, end))
        {
            parameters.AddRange([($"hour{name}", hour), ($"lower{name}", lower), ($"upper{name}", upper)]);
            parts.Add($"""
                SELECT meter, {Starts($"@hour{name}")}, topic_id, quantity / 4294967296, quantity % 4294967296 FROM usage_samples
                WHERE organization_id = @organization AND hour = @hour{name} AND meter <> 'storage' AND closed_at >= @lower{name} AND closed_at < @upper{name}
                """);
            var seconds = $"({least}({greatest}(@upper{name}, opened_at), closed_at) / 1000000 - {least}({greatest}(@lower{name}, opened_at), closed_at) / 1000000)";
            parts.Add($"""
                SELECT meter, {Starts($"@hour{name}")}, topic_id, opened_value * {seconds} / 4294967296, opened_value * {seconds} % 4294967296 FROM usage_samples
                WHERE organization_id = @organization AND hour = @hour{name} AND meter = 'storage'
                """);
        }

        var buckets = "";
        var last = Math.Min(end, completeTo?.ToUnixMicroseconds() ?? long.MinValue);
        if (last > start)
        {
            var step = interval switch { UsageInterval.Hour => Hour, UsageInterval.Day => Day, UsageInterval.Total => 0 };
            var firstEnd = step == 0 ? last : Math.Min(last, start / step * step + step);
            parameters.AddRange([("last", last), ("firstEnd", firstEnd), ("step", step)]);
            buckets = $"""
                buckets (starts, ends) AS (
                  SELECT CAST(@from AS BIGINT), CAST(@firstEnd AS BIGINT)
                  UNION ALL SELECT ends, {least}(@last, ends + @step) FROM buckets WHERE ends < @last),
                """;
            var stops = $"{least}(b.ends, c.complete_to, COALESCE(t.delete_requested_at, b.ends))";
            parts.Add($"""
                SELECT 'partitions', b.starts, t.id, 0, {greatest}(t.partitions, 1) * ({stops} / 1000000 - {greatest}(b.starts, t.ready_at) / 1000000)
                FROM topics t JOIN usage_clusters c ON c.cluster = t.cluster JOIN buckets b ON b.ends > t.ready_at AND b.starts < COALESCE(t.delete_requested_at, b.ends)
                WHERE t.organization_id = @organization AND {stops} > {greatest}(b.starts, t.ready_at)
                """);
        }
        return ($"WITH RECURSIVE {buckets} parts AS ({string.Join(" UNION ALL ", parts)})", parameters);
    }

    /// <summary>Hours that are asked for in part. The lower bound of an hour's start is far below: a sample may have opened before it and is the hour's whole.</summary>
    private static IEnumerable<(long Hour, long Lower, long Upper, string Name)> CutHours(long start, long end)
    {
        if (end <= start) yield break;
        var (first, last) = (start / Hour * Hour, end / Hour * Hour);
        if (start > first) yield return (first, start, end < first + Hour ? end : long.MaxValue, "First");
        if (end > last && (last > first || start == first)) yield return (last, long.MinValue, end, "Last");
    }
}
