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
        var text = connections.IsSqlite
            ? """
              INSERT INTO leases (name, holder, number, expires_at) VALUES (@name, @holder, 1, 0)
              ON CONFLICT (name) DO UPDATE SET number = leases.number + CASE WHEN leases.holder = @holder THEN 0 ELSE 1 END, holder = @holder
              RETURNING number
              """
            : $"""
              INSERT INTO leases (name, holder, number, expires_at) VALUES (@name, @holder, 1, {DatabaseNow} + @length)
              ON CONFLICT (name) DO UPDATE SET holder = @holder, expires_at = {DatabaseNow} + @length,
                number = leases.number + CASE WHEN leases.holder = @holder AND leases.expires_at > {DatabaseNow} THEN 0 ELSE 1 END
              WHERE leases.holder = @holder OR leases.expires_at <= {DatabaseNow}
              RETURNING number
              """;
        var number = await WriteAsync(text, name, 0, cancellationToken);
        return number is null ? null : new Lease(name, _holder, number.Value);
    }

    public async Task<bool> RenewAsync(Lease lease, CancellationToken cancellationToken)
    {
        var text = connections.IsSqlite
            ? "UPDATE leases SET expires_at = 0 WHERE name = @name AND holder = @holder AND number = @number RETURNING number"
            : $"UPDATE leases SET expires_at = {DatabaseNow} + @length WHERE name = @name AND holder = @holder AND number = @number AND expires_at > {DatabaseNow} RETURNING number";
        return await WriteAsync(text, lease.Name, lease.Number, cancellationToken) is not null;
    }

    public async Task ReleaseAsync(Lease lease, CancellationToken cancellationToken)
    {
        // The holder goes as well: whoever is next, and be it this process, gets the next number.
        const string Text = "UPDATE leases SET expires_at = 0, holder = '' WHERE name = @name AND holder = @holder AND number = @number RETURNING number";
        await WriteAsync(Text, lease.Name, lease.Number, cancellationToken);
    }

    /// <summary>
    /// Refuses a write under a lost lease. On PostgreSQL the row stays share-locked until the commit: nobody takes the
    /// lease over in between, while writes side by side under one lease go on.
    /// </summary>
    internal static async Task CheckAsync(DbConnection connection, DbTransaction? transaction, Lease lease, bool isSqlite, CancellationToken cancellationToken)
    {
        var text = "SELECT number FROM leases WHERE name = @name AND holder = @holder AND number = @number" + (isSqlite ? "" : " FOR SHARE");
        if (await Sql.ScalarAsync(connection, transaction, text, [("name", lease.Name), ("holder", lease.Holder), ("number", lease.Number)], cancellationToken) is null)
            throw new LeaseLostException(lease.Name);
    }

    private async Task<long?> WriteAsync(string text, string name, long number, CancellationToken cancellationToken)
    {
        await using var write = await connections.BeginWriteAsync(null, cancellationToken);
        var answer = await Sql.ScalarAsync(
            write.Connection, write.Transaction, text, [("name", name), ("holder", _holder), ("number", number), ("length", LengthInMicroseconds)], cancellationToken);
        await write.CommitAsync(cancellationToken);
        return (long?)answer;
    }
}
