using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>
/// The one query below every sum: whole hours from the totals of the organization or its topics, the hours that a bound
/// cuts from their samples, storage that stayed for long from its spans and from the readings on which it still runs, and
/// the partitions and connectors meters from the portal's own records up to where their cluster is complete. What is computed is exact at
/// every bound and has nothing to lose in a restart.
/// </summary>
/// <param name="topics">Only these, each hour of each found by its key; null for all.</param>
internal sealed class UsageSql(
    OrganizationId organization,
    DateTimeOffset from,
    DateTimeOffset to,
    UsageInterval interval,
    bool byTopic,
    bool isSqlite,
    IReadOnlyCollection<TopicId>? topics = null
)
{
    internal const long Hour = 3_600_000_000;
    private const long Day = 24 * Hour;

    private readonly string _greatest = isSqlite ? "MAX" : "GREATEST";
    private readonly string _least = isSqlite ? "MIN" : "LEAST";
    private readonly long _from = from.ToUnixMicroseconds();
    private readonly long _to = to.ToUnixMicroseconds();
    private readonly List<string> _parts = [];

    /// <summary>What the query needs; more may be added.</summary>
    public List<(string Name, object? Value)> Parameters { get; } = [];

    /// <summary>A reading's last sighting: open ones are in every poll that their broker answered.</summary>
    internal string SeenAt(string reading, string broker) =>
        $"COALESCE({reading}.until_at, CASE WHEN {reading}.live <> 0 THEN {reading}.at ELSE {_greatest}({reading}.at, "
        + $"COALESCE({broker}.last_good_at, {reading}.at)) END)";

    /// <summary>
    /// Rows (meter, starts, topic_id, high, low) named <c>parts</c>; without topics their id is null. By topic, what connectors
    /// used stands apart, in rows (meter, starts, connector_id, high, low) named <c>connector_parts</c>.
    /// </summary>
    /// <param name="known">Later than this there is nothing in the ledger; null when there is nothing at all.</param>
    public string With(DateTimeOffset? known)
    {
        Parameters.AddRange([
            ("organization", organization.Value),
            ("from", _from),
            ("to", _to),
            ("firstWhole", (_from + Hour - 1) / Hour),
            ("lastWhole", _to / Hour),
        ]);
        var summed = byTopic ? AddHoursOfTopics() : AddHours();
        foreach (var (lower, upper, name) in CutHours())
            AddCutHour(lower, upper, name);
        var buckets = "";
        var last = Math.Min(_to, known?.AddHours(1).ToUnixMicroseconds() ?? long.MinValue);
        if (last > _from)
        {
            var step = interval switch
            {
                UsageInterval.Hour => Hour,
                UsageInterval.Day => Day,
                UsageInterval.Total => 0,
            };
            var firstEnd = step == 0 ? last : Math.Min(last, _from / step * step + step);
            Parameters.AddRange([("last", last), ("firstEnd", firstEnd), ("step", step)]);
            buckets = $"""
                , buckets (starts, ends) AS (
                  SELECT CAST(@from AS BIGINT), CAST(@firstEnd AS BIGINT)
                  UNION ALL SELECT ends, {_least}(@last, ends + @step) FROM buckets WHERE ends < @last),
                kept (topic_id, since, until, value) AS (
                  SELECT u.topic_id, p.opened_at, p.closed_at, p.value FROM usage_spans p JOIN usage_series s ON s.no = p.series_no JOIN usage_topics u ON u.no = s.topic_no
                  WHERE p.organization_no = {Own} AND p.closed_at > @from AND p.opened_at < @last{Chosen("u.topic_id")}
                  UNION ALL SELECT r.topic_id, r.storage_since, {SeenAt("r", "b")}, r.storage
                  FROM usage_readings r LEFT JOIN usage_brokers b ON b.cluster = r.cluster AND b.broker = r.broker
                  WHERE r.organization_no = {Own} AND r.storage_since IS NOT NULL{Chosen("r.topic_id")})
                """;
            AddKept();
            AddPartitions();
            if (!byTopic && topics is null)
                _parts.Add(Connectors());
        }
        var apart = byTopic
            ? ", connector_parts (meter, starts, connector_id, high, low) AS "
                + $"({(last > _from && topics is null ? Connectors() : "SELECT 'connectors', 0, connector_id, 0, 0 FROM connector_runs WHERE 1 = 0")})"
            : "";
        return $"WITH RECURSIVE own (no) AS (SELECT no FROM usage_organizations WHERE organization_id = @organization){summed}{buckets}, "
            + $"parts (meter, starts, topic_id, high, low) AS ({string.Join(" UNION ALL ", _parts)}){apart}";
    }

    private const string Own = "(SELECT no FROM own)";

    private static readonly string[] Sampled = ["write", "read", "storage"];

    private string Topic(string id) => byTopic ? id : "NULL";

    private string Chosen(string id) => topics is null ? "" : $" AND {id} IN (SELECT id FROM chosen)";

    /// <summary>An interval's start, cut at the start of what is asked for.</summary>
    private string Starts(string instant) =>
        interval switch
        {
            UsageInterval.Total => "CAST(@from AS BIGINT)",
            UsageInterval.Hour => $"{_greatest}(@from, {instant} / {Hour} * {Hour})",
            UsageInterval.Day => $"{_greatest}(@from, {instant} / {Day} * {Day})",
        };

    private string AddHours()
    {
        foreach (var meter in Sampled)
            _parts.Add(
                $"""
                SELECT '{meter}', {Starts($"h.hour * {Hour}")}, NULL, h.{meter}_high, h.{meter}_low FROM usage_totals h
                WHERE h.organization_no = {Own} AND h.hour >= @firstWhole AND h.hour < @lastWhole
                """
            );
        return "";
    }

    /// <summary>Every hour of a topic is read once and added up by number, before anything asks for its name.</summary>
    private string AddHoursOfTopics()
    {
        foreach (var meter in Sampled)
            _parts.Add(
                $"SELECT '{meter}', s.starts, u.topic_id, s.{meter}_high, s.{meter}_low FROM summed s JOIN usage_topics u ON u.no "
                    + "= s.topic_no"
            );
        var (chosen, rows) = ("", $"usage_hours h WHERE h.organization_no = {Own} AND h.hour >= @firstWhole AND h.hour < @lastWhole");
        if (topics is not null)
        {
            var among = topics.Count == 0 ? "NULL" : Sql.Among(topics.Select(topic => topic.Value), "topic", Parameters);
            chosen = $"""
                , chosen (id, no) AS (
                  SELECT t.id, u.no FROM topics t LEFT JOIN usage_topics u ON u.topic_id = t.id WHERE t.organization_id = @organization AND t.id IN ({among})),
                hours (hour) AS (
                  SELECT CAST(@firstWhole AS BIGINT) WHERE @firstWhole < @lastWhole UNION ALL SELECT hour + 1 FROM hours WHERE hour + 1 < @lastWhole)
                """;
            rows =
                $"chosen c CROSS JOIN hours x CROSS JOIN usage_hours h WHERE h.organization_no = {Own} AND h.hour = x.hour AND "
                + "h.topic_no = c.no";
        }
        var sums = string.Join(", ", LedgerSchema.Sums.Split(", ").Select(column => $"SUM(h.{column})"));
        // SQLite sorts for what it groups by: a start that is the same for all need not be in it.
        var group = interval == UsageInterval.Total ? "2" : "1, 2";
        return $"""
            {chosen}, summed (starts, topic_no, {LedgerSchema.Sums}) AS MATERIALIZED (
              SELECT {Starts($"h.hour * {Hour}")}, h.topic_no, {sums} FROM {rows} GROUP BY {group})
            """;
    }

    /// <summary>
    /// Of a cut hour: the traffic that closed in it between the bounds, and of each storage sample the part that lies between them.
    /// </summary>
    private void AddCutHour(long lower, long upper, string name)
    {
        // A sample of storage may close after the bound; none is longer than this.
        var latest = upper + (MeteredDelta.LongestSpread + TimeSpan.FromSeconds(1)).Ticks / TimeSpan.TicksPerMicrosecond;
        Parameters.AddRange([($"lower{name}", lower), ($"upper{name}", upper), ($"latest{name}", latest)]);
        var join = byTopic ? " JOIN usage_series n ON n.no = s.series_no JOIN usage_topics u ON u.no = n.topic_no" : "";
        var starts = Starts($"@lower{name}");
        var only = Chosen("u.topic_id");
        var within = $"s.organization_no = {Own} AND s.closed_at >= @lower{name} AND s.closed_at < @upper{name}{only}";
        foreach (var (meter, column) in new[] { ("write", "in"), ("read", "out") })
            _parts.Add(
                $"""
                SELECT '{meter}', {starts}, {Topic(
                    "u.topic_id"
                )}, (s.{column}_to - s.{column}_from) / 4294967296, (s.{column}_to - s.{column}_from) % 4294967296
                FROM usage_samples s{join} WHERE {within} AND s.{column}_to IS NOT NULL
                """
            );
        _parts.Add(
            $"SELECT 'storage', {starts}, {Topic("u.topic_id")}, s.storage_high, s.storage_low FROM usage_samples s{join} WHERE "
                + $"{within} AND s.storage_high IS NOT NULL"
        );
        var seconds = $"({_least}(@upper{name}, s.closed_at) / 1000000 - {_greatest}(@lower{name}, s.storage_since) / 1000000)";
        _parts.Add(
            $"""
            SELECT 'storage', {starts}, {Topic(
                "u.topic_id"
            )}, s.storage_from * {seconds} / 4294967296, s.storage_from * {seconds} % 4294967296 FROM usage_samples s{join}
            WHERE s.organization_no = {Own} AND s.closed_at > @lower{name} AND s.closed_at < @latest{name} AND s.storage_since < @upper{name} AND s.storage_high IS NULL{only}
            """
        );
    }

    private void AddKept()
    {
        var seconds = $"({_least}(b.ends, k.until) / 1000000 - {_greatest}(b.starts, k.since) / 1000000)";
        var low = $"k.value % 4294967296 * {seconds}";
        _parts.Add(
            $"""
            SELECT 'storage', b.starts, {Topic("k.topic_id")}, k.value / 4294967296 * {seconds} + {low} / 4294967296, {low} % 4294967296
            FROM kept k JOIN buckets b ON b.ends > k.since AND b.starts < k.until
            """
        );
    }

    private void AddPartitions()
    {
        var stops = $"{_least}(b.ends, c.complete_to, COALESCE(t.delete_requested_at, b.ends))";
        _parts.Add(
            $"""
            SELECT 'partitions', b.starts, {Topic(
                "t.id"
            )}, 0, {_greatest}(t.partitions, 1) * ({stops} / 1000000 - {_greatest}(b.starts, t.ready_at) / 1000000)
            FROM topics t JOIN usage_clusters c ON c.cluster = t.cluster JOIN buckets b ON b.ends > t.ready_at AND b.starts < COALESCE(t.delete_requested_at, b.ends)
            WHERE t.organization_id = @organization AND {stops} > {_greatest}(b.starts, t.ready_at){Chosen("t.id")}
            """
        );
    }

    /// <summary>Each run of a connector by its instances, up to where its cluster is complete.</summary>
    private string Connectors()
    {
        var stops = $"{_least}(b.ends, c.complete_to, COALESCE(r.until, b.ends))";
        return $"""
            SELECT 'connectors', b.starts, {(
                byTopic ? "r.connector_id" : "NULL"
            )}, 0, r.instances * ({stops} / 1000000 - {_greatest}(b.starts, r.since) / 1000000)
            FROM connector_runs r JOIN usage_clusters c ON c.cluster = r.cluster JOIN buckets b ON b.ends > r.since AND b.starts < COALESCE(r.until, b.ends)
            WHERE r.organization_id = @organization AND {stops} > {_greatest}(b.starts, r.since)
            """;
    }

    /// <summary>Hours that are asked for in part.</summary>
    private IEnumerable<(long Lower, long Upper, string Name)> CutHours()
    {
        if (_to <= _from)
            yield break;
        var (first, last) = (_from / Hour * Hour, _to / Hour * Hour);
        if (_from > first)
            yield return (_from, Math.Min(_to, first + Hour), "First");
        if (_to > last && (last > first || _from == first))
            yield return (last, _to, "Last");
    }
}
