using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>One transaction of the collector. Statements are prepared once and run row by row.</summary>
internal sealed class CollectorSession(PortalTransaction write, string cluster, bool isSqlite) : ICollectorSession, IAsyncDisposable
{
    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);

    public async Task<ClusterMetering> StandingAsync(CancellationToken cancellationToken) =>
        (await CollectorLedger.ReadStandingAsync(write.Connection, write.Transaction, cluster, cancellationToken)).FirstOrDefault() ?? ClusterMetering.Empty(cluster);

    public async Task<IReadOnlyList<Reading>> ReadingsAsync(IReadOnlyCollection<string> partitions, CancellationToken cancellationToken)
    {
        var among = isSqlite ? "IN (SELECT value FROM json_each(@partitions))" : "= ANY(@partitions)";
        object value = isSqlite ? JsonSerializer.Serialize(partitions) : partitions.ToArray();
        await using var command = Sql.Command(
            write.Connection, write.Transaction,
            $"""
            SELECT broker, partition, messages_in, bytes_in, messages_out, bytes_out, storage, topic_id, at, live, suspended, storage_since
            FROM usage_readings WHERE cluster = @cluster AND partition {among}
            """,
            [("cluster", cluster), ("partitions", value)]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var readings = new List<Reading>(partitions.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            readings.Add(new(
                reader.GetString(0),
                new(reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6)),
                reader.IsDBNull(7) ? null : new TopicId(reader.GetGuid(7)), reader.Instant(8), reader.GetInt64(9) != 0, reader.GetInt64(10) != 0, reader.InstantOrNull(11)));
        }
        return readings;
    }

    public async Task WriteAsync(PollResult part, CancellationToken cancellationToken)
    {
        foreach (var delta in part.Deltas) await AddAsync(delta, cancellationToken);
        foreach (var gap in part.Gaps)
        {
            await RunAsync(
                """
                INSERT INTO usage_gaps (organization_id, topic_id, from_at, to_at, cluster, broker, cause) VALUES (@organization, @topic, @from, @to, @cluster, @broker, @cause)
                ON CONFLICT (topic_id, from_at, cause, broker) DO NOTHING
                """,
                cancellationToken,
                ("organization", gap.Topic.Organization.Value), ("topic", gap.Topic.Id.Value), ("from", gap.From.ToUnixMicroseconds()), ("to", gap.To.ToUnixMicroseconds()),
                ("cluster", cluster), ("broker", gap.Broker ?? ""), ("cause", gap.Cause.ToString()));
        }
        foreach (var reading in part.Readings)
        {
            await RunAsync(
                """
                INSERT INTO usage_readings (cluster, partition, broker, topic_id, messages_in, bytes_in, messages_out, bytes_out, storage, at, live, suspended, storage_since)
                VALUES (@cluster, @partition, @broker, @topic, @messagesIn, @bytesIn, @messagesOut, @bytesOut, @storage, @at, @live, @suspended, @since)
                ON CONFLICT (cluster, partition, broker) DO UPDATE SET topic_id = excluded.topic_id, messages_in = excluded.messages_in, bytes_in = excluded.bytes_in,
                  messages_out = excluded.messages_out, bytes_out = excluded.bytes_out, storage = excluded.storage, at = excluded.at, live = excluded.live,
                  suspended = excluded.suspended, storage_since = excluded.storage_since
                """,
                cancellationToken,
                ("cluster", cluster), ("partition", reading.Partition), ("broker", reading.Broker), ("topic", reading.Topic?.Value ?? (object)DBNull.Value),
                ("messagesIn", reading.Counters.MessagesIn), ("bytesIn", reading.Counters.BytesIn), ("messagesOut", reading.Counters.MessagesOut),
                ("bytesOut", reading.Counters.BytesOut), ("storage", reading.Counters.StorageBytes), ("at", reading.At.ToUnixMicroseconds()),
                ("live", reading.Live ? 1L : 0L), ("suspended", reading.Suspended ? 1L : 0L), ("since", reading.StorageSince?.ToUnixMicroseconds() ?? (object)DBNull.Value));
        }
    }

    public async Task SaveAsync(ClusterMetering standing, CancellationToken cancellationToken)
    {
        await RunAsync(
            """
            UPDATE usage_clusters SET polled_at = @polledAt, listed_whole_at = @wholeAt, complete_to = @completeTo, system_bytes = @system, unknown_bytes = @unknown,
              unexplained_rows = @rows WHERE cluster = @cluster
            """,
            cancellationToken,
            ("polledAt", Micro(standing.PolledAt)), ("wholeAt", Micro(standing.ListedWholeAt)), ("completeTo", Micro(standing.CompleteTo)),
            ("system", standing.Apart.System.ToString(CultureInfo.InvariantCulture)), ("unknown", standing.Apart.Unknown.ToString(CultureInfo.InvariantCulture)),
            ("rows", standing.Apart.Rows), ("cluster", cluster));
        foreach (var broker in standing.Brokers)
        {
            await RunAsync(
                """
                INSERT INTO usage_brokers (cluster, broker, listed_since, last_good_at, silent_since, statistics_interval, topics, problem)
                VALUES (@cluster, @broker, @listedSince, @lastGoodAt, @silentSince, @interval, @topics, @problem)
                ON CONFLICT (cluster, broker) DO UPDATE SET listed_since = excluded.listed_since, last_good_at = excluded.last_good_at, silent_since = excluded.silent_since,
                  statistics_interval = excluded.statistics_interval, topics = excluded.topics, problem = excluded.problem
                """,
                cancellationToken,
                ("cluster", cluster), ("broker", broker.Broker), ("listedSince", Micro(broker.ListedSince)), ("lastGoodAt", Micro(broker.LastGoodAt)),
                ("silentSince", Micro(broker.SilentSince)), ("interval", broker.StatisticsInterval.Ticks / TimeSpan.TicksPerMicrosecond), ("topics", (long)broker.Topics),
                ("problem", broker.Problem ?? (object)DBNull.Value));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands.Values) await command.DisposeAsync();
    }

    /// <summary>A sample, and its hour if the sample is new or grew: written again it adds nothing.</summary>
    private async Task AddAsync(MeteredDelta delta, CancellationToken cancellationToken)
    {
        var hour = delta.ClosedAt.HourStart().ToUnixMicroseconds();
        var added = await RunAsync(
            """
            INSERT INTO usage_samples (organization_id, topic_id, meter, partition, broker, opened_at, closed_at, hour, opened_value, closed_value, quantity)
            VALUES (@organization, @topic, @meter, @partition, @broker, @openedAt, @closedAt, @hour, @openedValue, @closedValue, @quantity)
            ON CONFLICT (topic_id, meter, partition, broker, opened_at) DO UPDATE SET closed_at = excluded.closed_at, quantity = usage_samples.quantity + excluded.quantity
              WHERE usage_samples.meter = 'storage' AND usage_samples.closed_at < excluded.closed_at
            """,
            cancellationToken,
            ("organization", delta.Topic.Organization.Value), ("topic", delta.Topic.Id.Value), ("meter", delta.Meter.Text()), ("partition", delta.Partition), ("broker", delta.Broker),
            ("openedAt", delta.OpenedAt.ToUnixMicroseconds()), ("closedAt", delta.ClosedAt.ToUnixMicroseconds()), ("hour", hour), ("openedValue", delta.OpenedValue),
            ("closedValue", delta.ClosedValue), ("quantity", delta.Quantity));
        if (added == 0) return;
        await RunAsync(
            """
            INSERT INTO usage_hours (organization_id, hour, meter, topic_id, high, low) VALUES (@organization, @hour, @meter, @topic, @high, @low)
            ON CONFLICT (organization_id, hour, meter, topic_id) DO UPDATE SET high = usage_hours.high + excluded.high, low = usage_hours.low + excluded.low
            """,
            cancellationToken,
            ("organization", delta.Topic.Organization.Value), ("hour", hour), ("meter", delta.Meter.Text()), ("topic", delta.Topic.Id.Value),
            ("high", delta.Quantity >> 32), ("low", delta.Quantity & uint.MaxValue));
    }

    private static object Micro(DateTimeOffset? instant) => instant?.ToUnixMicroseconds() ?? (object)DBNull.Value;

    private async Task<int> RunAsync(string text, CancellationToken cancellationToken, params (string Name, object Value)[] values)
    {
        if (!_commands.TryGetValue(text, out var command))
        {
            command = Sql.Command(write.Connection, write.Transaction, text, [.. values.Select(value => (value.Name, (object?)value.Value))]);
            // PostgreSQL must be told what an empty value would be; SQLite takes what comes.
            foreach (DbParameter parameter in command.Parameters)
                if (parameter.Value is DBNull) parameter.DbType = parameter.ParameterName switch { "topic" => DbType.Guid, "problem" => DbType.String, _ => DbType.Int64 };
            _commands[text] = command;
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i].Value;
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
