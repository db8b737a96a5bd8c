using System.Data.Common;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase;

/// <summary>
/// Leases in a table. PostgreSQL: 10 s by the database's clock. SQLite: this process has the data folder to itself, so
/// every lease is free; a new process takes it with the next number, which fences off what an old one left behind.
/// </summary>
internal sealed class Leases(PortalConnections connections) : ILeases
{
    internal const string DatabaseNow = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";
    private const long LengthInMicroseconds = 10_000_000;

    // One holder per process, or per service provider in tests.
    private readonly string _holder = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";

    public async Task<Lease?> AcquireAsync(string name, CancellationToken cancellationToken)
    {
        if (connections.IsSqlite)
        {
            const string Text = """
                INSERT INTO leases (name, holder, number, expires_at) VALUES (@name, @holder, 1, 0)
                ON CONFLICT (name) DO UPDATE SET number = leases.number + CASE WHEN leases.holder = @holder THEN 0 ELSE 1 END, holder = @holder
                RETURNING number
                """;
            return Of(name, await WriteAsync(Text, name, 0, cancellationToken));
        }
        await using var write = await connections.BeginWriteAsync(null, cancellationToken);
        (string, object?)[] parameters = [("name", name), ("holder", _holder), ("length", LengthInMicroseconds)];
        await Sql.ExecuteAsync(
            write.Connection,
            write.Transaction,
            "INSERT INTO leases (name, holder, number, expires_at) VALUES (@name, '', 0, 0) ON CONFLICT (name) DO NOTHING",
            parameters,
            cancellationToken
        );
        // Looked at without a lock first: whoever holds it is not held up by those who ask.
        var isFree = await Sql.ScalarAsync(
            write.Connection,
            write.Transaction,
            $"SELECT 1 FROM leases WHERE name = @name AND (holder = @holder OR expires_at <= {DatabaseNow})",
            parameters,
            cancellationToken
        );
        if (isFree is null)
            return null;
        // FOR UPDATE waits for what the old holder is committing (FOR KEY SHARE); a plain update, as a renewal is, would not.
        await Sql.ScalarAsync(
            write.Connection,
            write.Transaction,
            "SELECT 1 FROM leases WHERE name = @name FOR UPDATE",
            parameters,
            cancellationToken
        );
        var number = await Sql.ScalarAsync(
            write.Connection,
            write.Transaction,
            $"""
            UPDATE leases SET holder = @holder, expires_at = {DatabaseNow} + @length,
              number = number + CASE WHEN holder = @holder AND expires_at > {DatabaseNow} THEN 0 ELSE 1 END
            WHERE name = @name AND (holder = @holder OR expires_at <= {DatabaseNow}) RETURNING number
            """,
            parameters,
            cancellationToken
        );
        await write.CommitAsync(cancellationToken);
        return Of(name, (long?)number);
    }

    public async Task<IReadOnlySet<string>> FreeAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var free = names.ToHashSet(StringComparer.Ordinal);
        // On SQLite nobody else may hold any.
        if (connections.IsSqlite || free.Count == 0)
            return free;
        await using var connection = await connections.OpenAsync(cancellationToken);
        await using var command = Sql.Command(
            connection,
            null,
            $"SELECT name FROM leases WHERE name = ANY (@names) AND holder <> @holder AND expires_at > {DatabaseNow}",
            [("names", names.ToArray()), ("holder", _holder)]
        );
        await using var held = await command.ExecuteReaderAsync(cancellationToken);
        while (await held.ReadAsync(cancellationToken))
            free.Remove(held.GetString(0));
        return free;
    }

    private Lease? Of(string name, long? number) => number is null ? null : new Lease(name, _holder, number.Value);

    public async Task<bool> RenewAsync(Lease lease, CancellationToken cancellationToken)
    {
        var text = connections.IsSqlite
            ? "UPDATE leases SET expires_at = 0 WHERE name = @name AND holder = @holder AND number = @number RETURNING number"
            : $"UPDATE leases SET expires_at = {DatabaseNow} + @length WHERE name = @name AND holder = @holder AND number = @number "
                + $"AND expires_at > {DatabaseNow} RETURNING number";
        return await WriteAsync(text, lease.Name, lease.Number, cancellationToken) is not null;
    }

    public async Task ReleaseAsync(Lease lease, CancellationToken cancellationToken)
    {
        // The holder goes as well: whoever is next, and be it this process, gets the next number.
        const string Text =
            "UPDATE leases SET expires_at = 0, holder = '' WHERE name = @name AND holder = @holder AND number = @number RETURNING number";
        await WriteAsync(Text, lease.Name, lease.Number, cancellationToken);
    }

    /// <summary>
    /// Refuses a write under a lost lease. On PostgreSQL the row stays locked <c>FOR KEY SHARE</c> until the commit: nobody
    /// takes the lease over in between, while renewals and writes side by side under the lease go on.
    /// </summary>
    internal static async Task CheckAsync(
        DbConnection connection,
        DbTransaction? transaction,
        Lease lease,
        bool isSqlite,
        CancellationToken cancellationToken
    )
    {
        var text =
            "SELECT number FROM leases WHERE name = @name AND holder = @holder AND number = @number" + (isSqlite ? "" : " FOR KEY SHARE");
        if (
            await Sql.ScalarAsync(
                connection,
                transaction,
                text,
                [("name", lease.Name), ("holder", lease.Holder), ("number", lease.Number)],
                cancellationToken
            )
            is null
        )
            throw new LeaseLostException(lease.Name);
    }

    private async Task<long?> WriteAsync(string text, string name, long number, CancellationToken cancellationToken)
    {
        await using var write = await connections.BeginWriteAsync(null, cancellationToken);
        var answer = await Sql.ScalarAsync(
            write.Connection,
            write.Transaction,
            text,
            [("name", name), ("holder", _holder), ("number", number), ("length", LengthInMicroseconds)],
            cancellationToken
        );
        await write.CommitAsync(cancellationToken);
        return (long?)answer;
    }
}
