using Npgsql;

namespace Portal.Adapters.PortalDatabase.Faults;

/// <summary>
/// PostgreSQL has no check of its own without an extension; reading every row to its last byte finds what cannot be read.
/// </summary>
internal static class PostgresIntegrity
{
    /// <summary>A line for each table that cannot be read to its end; empty when all can.</summary>
    public static async Task<IReadOnlyList<string>> CheckAsync(PortalConnections connections, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        var tables = new List<string>();
        await using var connection = await connections.OpenAsync(cancellationToken);
        await using (
            var list = Sql.Command(
                connection,
                null,
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename",
                []
            )
        )
        await using (var reader = await list.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
                tables.Add(reader.GetString(0));
        foreach (var table in tables)
        {
            try
            {
                // The whole row as text: compressed and out-of-line values are read too.
                await using var read = Sql.Command(
                    connection,
                    null,
                    $"SELECT count(*) FILTER (WHERE length(t::text) > 0) FROM {table} AS t",
                    []
                );
                read.CommandTimeout = 0;
                await read.ExecuteScalarAsync(cancellationToken);
            }
            catch (PostgresException damaged)
            {
                found.Add($"{table}: {damaged.MessageText}");
            }
        }
        return found;
    }
}
