using System.Data.Common;
using System.Text.Json;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>Merges and cuts, in transactions so small that nobody notices them.</summary>
internal sealed class LedgerRetention(PortalConnections connections) : IUsageRetention
{
    private const long Hour = 3_600_000_000;
    private const int Rows = 2_000;
    private const int Raw = 0;
    private const int Merged = 1;
    private const int KeptRaw = 2;

    // A sample of storage may reach so far back: those of the hours after a bound are needed to cut the bound's own hour.
    private static readonly long Reach = (long)MeteredDelta.LongestSpread.TotalHours;

    public async Task<int?> MergeSamplesAsync(Lease? lease, DateTimeOffset before, CancellationToken cancellationToken)
    {
        (long Organization, long Hour) unit;
        List<(long Series, long ClosedAt)> keys;
        bool isCut;
        await using (var connection = await connections.OpenAsync(cancellationToken))
        {
            var oldest = await LedgerReading.ReadAsync(
                connection,
                $"SELECT organization_no, hour FROM usage_totals WHERE merged = {Raw} AND hour < @before ORDER BY hour, "
                    + "organization_no LIMIT 1",
                [("before", before.ToUnixMicroseconds() / Hour)],
                reader => (reader.GetInt64(0), reader.GetInt64(1)),
                cancellationToken
            );
            if (oldest is not [var found])
                return null;
            unit = found;
            isCut = await IsNearBoundAsync(connection, unit, cancellationToken);
            keys = isCut
                ? []
                : await LedgerReading.ReadAsync(
                    connection,
                    "SELECT series_no, closed_at FROM usage_samples WHERE organization_no = @organization AND closed_at >= @from "
                        + "AND closed_at < @to",
                    [("organization", unit.Organization), ("from", unit.Hour * Hour), ("to", (unit.Hour + 1) * Hour)],
                    reader => (reader.GetInt64(0), reader.GetInt64(1)),
                    cancellationToken
                );
        }
        var fewer = 0;
        foreach (var some in Some(keys))
            fewer += await MergeAsync(lease, unit.Organization, some, cancellationToken);
        await WriteAsync(
            lease,
            (connection, transaction) =>
                Sql.ExecuteAsync(
                    connection,
                    transaction,
                    "UPDATE usage_totals SET merged = @state WHERE organization_no = @organization AND hour = @hour",
                    [("state", (long)(isCut ? KeptRaw : Merged)), ("organization", unit.Organization), ("hour", unit.Hour)],
                    cancellationToken
                ),
            cancellationToken
        );
        return fewer;
    }

    public async Task<int> CutHoursAsync(Lease? lease, DateTimeOffset before, CancellationToken cancellationToken)
    {
        (long Organization, long Hour)? oldest = null;
        await using (var connection = await connections.OpenAsync(cancellationToken))
            foreach (var state in new[] { Raw, Merged, KeptRaw })
            foreach (
                var found in await LedgerReading.ReadAsync(
                    connection,
                    $"SELECT organization_no, hour FROM usage_totals WHERE merged = {state} AND hour < @before ORDER BY hour, "
                        + "organization_no LIMIT 1",
                    [("before", before.ToUnixMicroseconds() / Hour)],
                    reader => (reader.GetInt64(0), reader.GetInt64(1)),
                    cancellationToken
                )
            )
                oldest ??= found;
        if (oldest is not var (organization, hour))
        {
            return await WriteAsync(
                lease,
                (connection, transaction) =>
                    Sql.ExecuteAsync(
                        connection,
                        transaction,
                        """
                        DELETE FROM usage_spans WHERE (organization_no, closed_at, series_no) IN (
                          SELECT organization_no, closed_at, series_no FROM usage_spans WHERE closed_at < @before LIMIT @rows)
                        """,
                        [("before", before.ToUnixMicroseconds()), ("rows", (long)Rows)],
                        cancellationToken
                    ),
                cancellationToken
            );
        }
        (string, object?)[] parameters =
        [
            ("organization", organization),
            ("hour", hour),
            ("from", hour * Hour),
            ("to", (hour + 1) * Hour),
            ("rows", (long)Rows),
        ];
        return await WriteAsync(
            lease,
            async (connection, transaction) =>
            {
                // The total last: it says that the hour is still to be cut.
                foreach (
                    var statement in new[]
                    {
                        """
                            DELETE FROM usage_samples WHERE (organization_no, closed_at, series_no) IN (
                              SELECT organization_no, closed_at, series_no FROM usage_samples WHERE organization_no = @organization AND closed_at >= @from AND closed_at < @to LIMIT @rows)
                            """,
                        "DELETE FROM usage_recovered WHERE organization_no = @organization AND closed_at >= @from AND closed_at < @to",
                        """
                            DELETE FROM usage_hours WHERE (organization_no, hour, topic_no) IN (
                              SELECT organization_no, hour, topic_no FROM usage_hours WHERE organization_no = @organization AND hour = @hour LIMIT @rows)
                            """,
                    }
                )
                    if (await Sql.ExecuteAsync(connection, transaction, statement, parameters, cancellationToken) is > 0 and var cut)
                        return cut;
                return await Sql.ExecuteAsync(
                    connection,
                    transaction,
                    "DELETE FROM usage_totals WHERE organization_no = @organization AND hour = @hour",
                    parameters,
                    cancellationToken
                );
            },
            cancellationToken
        );
    }

    public Task<int> CutGapsAsync(Lease? lease, DateTimeOffset before, CancellationToken cancellationToken) =>
        WriteAsync(
            lease,
            (connection, transaction) =>
                Sql.ExecuteAsync(
                    connection,
                    transaction,
                    """
                    DELETE FROM usage_gaps WHERE (topic_id, from_at, cause, broker) IN (
                      SELECT topic_id, from_at, cause, broker FROM usage_gaps WHERE to_at < @before LIMIT @rows)
                    """,
                    [("before", before.ToUnixMicroseconds()), ("rows", (long)Rows)],
                    cancellationToken
                ),
            cancellationToken
        );

    public async Task<int> CutReadingsAsync(Lease? lease, DateTimeOffset before, CancellationToken cancellationToken)
    {
        List<long> numbers;
        await using (var connection = await connections.OpenAsync(cancellationToken))
        {
            numbers = await LedgerReading.ReadAsync(
                connection,
                """
                SELECT r.no FROM usage_readings r LEFT JOIN topics t ON t.id = r.topic_id
                WHERE r.until_at < @before AND (t.id IS NULL OR t.deleted_at < @before) LIMIT @rows
                """,
                [("before", before.ToUnixMicroseconds()), ("rows", (long)Rows)],
                reader => reader.GetInt64(0),
                cancellationToken
            );
        }
        if (numbers.Count == 0)
            return 0;
        var among = connections.IsSqlite ? "IN (SELECT value FROM json_each(@numbers))" : "= ANY(@numbers)";
        return await WriteAsync(
            lease,
            async (connection, transaction) =>
            {
                // A collector that has read them already compares again, without them.
                await Sql.ExecuteAsync(connection, transaction, "UPDATE usage_clusters SET version = version + 1", [], cancellationToken);
                return await Sql.ExecuteAsync(
                    connection,
                    transaction,
                    $"DELETE FROM usage_readings WHERE no {among} AND until_at < @before",
                    [
                        ("numbers", connections.IsSqlite ? JsonSerializer.Serialize(numbers) : numbers.ToArray()),
                        ("before", before.ToUnixMicroseconds()),
                    ],
                    cancellationToken
                );
            },
            cancellationToken
        );
    }

    /// <summary>
    /// Whether a period of the organization ends, or its first begins, inside this hour or so shortly before that a sample of this hour
    /// reaches back to it.
    /// </summary>
    private static async Task<bool> IsNearBoundAsync(
        DbConnection connection,
        (long Organization, long Hour) unit,
        CancellationToken cancellationToken
    ) =>
        await Sql.ScalarAsync(
            connection,
            null,
            $"""
            SELECT 1 FROM (
              SELECT p."to" AS at FROM closed_periods p JOIN usage_organizations n ON n.organization_id = p.organization_id WHERE n.no = @organization
              UNION ALL SELECT o.created_at FROM organizations o JOIN usage_organizations n ON n.organization_id = o.id WHERE n.no = @organization) bounds
            WHERE at % {Hour} <> 0 AND at > @from AND at < @to LIMIT 1
            """,
            [("organization", unit.Organization), ("from", (unit.Hour - Reach) * Hour), ("to", (unit.Hour + 1) * Hour)],
            cancellationToken
        )
            is not null;

    /// <summary>Samples of whole series, some thousands at a time; a series with one sample has nothing to merge.</summary>
    private static IEnumerable<List<(long Series, long ClosedAt)>> Some(List<(long Series, long ClosedAt)> keys)
    {
        var some = new List<(long, long)>();
        foreach (var series in keys.GroupBy(key => key.Series).Where(group => group.Count() > 1))
        {
            some.AddRange(series);
            if (some.Count < Rows)
                continue;
            yield return some;
            some = [];
        }
        if (some.Count > 0)
            yield return some;
    }

    /// <summary>Takes the samples out and puts fewer back: what was added to one meanwhile is merged with it.</summary>
    private Task<int> MergeAsync(
        Lease? lease,
        long organization,
        List<(long Series, long ClosedAt)> keys,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            lease,
            async (connection, transaction) =>
            {
                var json = JsonSerializer.Serialize(keys.Select(key => new[] { key.Series, key.ClosedAt }));
                var among = connections.IsSqlite
                    ? "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(@keys)"
                    : "SELECT * FROM unnest(@series, @closed)";
                (string, object?)[] parameters = connections.IsSqlite
                    ? [("organization", organization), ("keys", json)]
                    :
                    [
                        ("organization", organization),
                        ("series", keys.Select(key => key.Series).ToArray()),
                        ("closed", keys.Select(key => key.ClosedAt).ToArray()),
                    ];
                var taken = new List<MergedSample>(keys.Count);
                await using (
                    var command = Sql.Command(
                        connection,
                        transaction,
                        $"DELETE FROM usage_samples WHERE organization_no = @organization AND (series_no, closed_at) IN ({among}) "
                            + $"RETURNING {MergedSample.Columns}",
                        parameters
                    )
                )
                await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
                    while (await reader.ReadAsync(cancellationToken))
                        taken.Add(MergedSample.Read(reader));
                var kept = taken.GroupBy(sample => sample.SeriesNo).SelectMany(MergedSample.Merge).ToList();
                foreach (var sample in kept)
                    await PutAsync(connection, transaction, organization, sample, cancellationToken);
                return taken.Count - kept.Count;
            },
            cancellationToken
        );

    private static Task<int> PutAsync(
        DbConnection connection,
        DbTransaction transaction,
        long organization,
        MergedSample sample,
        CancellationToken cancellationToken
    ) =>
        Sql.ExecuteAsync(
            connection,
            transaction,
            $"""
            INSERT INTO usage_samples (organization_no, {MergedSample.Columns})
            VALUES (@organization, @series, @closed, @opened, @inFrom, @inTo, @outFrom, @outTo, @since, @from, @to, @high, @low)
            """,
            [
                ("organization", organization),
                ("series", sample.SeriesNo),
                ("closed", sample.ClosedAt),
                ("opened", sample.OpenedAt),
                ("inFrom", sample.In?.From),
                ("inTo", sample.In?.To),
                ("outFrom", sample.Out?.From),
                ("outTo", sample.Out?.To),
                ("since", sample.Storage?.Since),
                ("from", sample.Storage?.From),
                ("to", sample.Storage?.To),
                ("high", sample.Storage is { } kept ? Sums.High(kept.Quantity) : null),
                ("low", sample.Storage is { } low ? Sums.Low(low.Quantity) : null),
            ],
            cancellationToken
        );

    private async Task<int> WriteAsync(Lease? lease, Func<DbConnection, DbTransaction, Task<int>> work, CancellationToken cancellationToken)
    {
        await using var write = await connections.BeginWriteAsync(null, cancellationToken);
        var rows = await work(write.Connection, write.Transaction);
        if (lease is not null)
            await Leases.CheckAsync(write.Connection, write.Transaction, lease, connections.IsSqlite, cancellationToken);
        await write.CommitAsync(cancellationToken);
        return rows;
    }
}
