using System.Buffers.Binary;
using System.Data.Common;

namespace Portal.Adapters.PortalDatabase;

/// <summary>
/// By what other replicas see at once that this process is gone. On PostgreSQL an advisory lock of a connection of its
/// own, which the server drops with the connection; on SQLite one process has the data folder, so every other is gone.
/// </summary>
internal sealed class ProcessMark(PortalConnections connections) : IAsyncDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private DbConnection? _held;

    public string Name { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Makes sure that the mark is there, and answers the name under which it is.</summary>
    public async Task<string> HoldAsync(CancellationToken cancellationToken)
    {
        if (connections.IsSqlite)
            return Name;
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_held is not null && await AnswersAsync(_held, cancellationToken))
                return Name;
            if (_held is not null)
                await _held.DisposeAsync();
            _held = null;
            var connection = await connections.OpenAsync(cancellationToken);
            try
            {
                // Waits for nobody but a former connection of this very process whose end the server has not noticed.
                await Sql.ScalarAsync(connection, null, "SELECT pg_try_advisory_lock(@key)", [("key", KeyOf(Name))], cancellationToken);
                _held = connection;
            }
            finally
            {
                if (_held is null)
                    await connection.DisposeAsync();
            }
            return Name;
        }
        finally
        {
            _one.Release();
        }
    }

    public async Task<bool> IsGoneAsync(string process, CancellationToken cancellationToken)
    {
        if (connections.IsSqlite)
            return process != Name;
        await using var connection = await connections.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Of the transaction: it goes with it, whatever happens.
        return await Sql.ScalarAsync(
            connection,
            transaction,
            "SELECT pg_try_advisory_xact_lock(@key)",
            [("key", KeyOf(process))],
            cancellationToken
        )
            is true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_held is not null)
            await _held.DisposeAsync();
        _one.Dispose();
    }

    private static async Task<bool> AnswersAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await Sql.ScalarAsync(connection, null, "SELECT 1", [], cancellationToken) is not null;
        }
        catch (DbException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // Closed by the driver.
            return false;
        }
    }

    private static long KeyOf(string name)
    {
        Span<byte> bytes = stackalloc byte[16];
        return Guid.TryParseExact(name, "N", out var id) && id.TryWriteBytes(bytes) ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;
    }
}
