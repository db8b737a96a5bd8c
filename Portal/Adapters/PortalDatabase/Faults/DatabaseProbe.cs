using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Faults;

/// <summary>
/// Whether the database works: writes a row of its own and reads it back. Anybody may ask, as often as they like: an
/// answer is kept for a second, and only one probe is under way at a time.
/// </summary>
public sealed class DatabaseProbe(PortalConnections connections, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _one = new(1, 1);
    private (long At, DatabaseFault? Fault)? _last;

    internal static Task EnsureAsync(PortalTransaction write, CancellationToken cancellationToken) =>
        Sql.ExecuteAsync(
            write.Connection,
            write.Transaction,
            "CREATE TABLE IF NOT EXISTS database_probes (id BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL)",
            [],
            cancellationToken
        );

    /// <summary>What is wrong; null when it took the write and gave it back within three seconds.</summary>
    public async Task<DatabaseFault?> FaultAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_last is { } last && clock.GetElapsedTime(last.At) < Fresh)
                return last.Fault;
            var fault = await ProbeAsync();
            _last = (clock.GetTimestamp(), fault);
            return fault;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    // Not bound to whoever asked: others wait for the same answer.
    private async Task<DatabaseFault?> ProbeAsync()
    {
        if (connections.Damage.Reason is { } reason)
            return new(DatabaseFaultKind.Corrupt, reason);
        using var patience = new CancellationTokenSource(Patience, clock);
        try
        {
            // The driver of SQLite blocks its thread, and a server that hangs may not hear of a cancellation.
            return await Task.Run(() => WriteAndReadAsync(patience.Token), patience.Token).WaitAsync(Patience, clock)
                ? null
                : new(DatabaseFaultKind.Unreadable, "What was written was not read back.");
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            return new(DatabaseFaultKind.Away, $"No answer within {Patience.TotalSeconds:0} s.");
        }
        catch (Exception exception) when (DatabaseFault.Of(exception) is not null)
        {
            connections.Damage.Note(exception);
            return DatabaseFault.Of(exception);
        }
    }

    private async Task<bool> WriteAndReadAsync(CancellationToken cancellationToken)
    {
        // A writer of our own that has the file for long is at work: that it can be read is enough then.
        if (await connections.TryWriteTurnAsync(Patience / 3, cancellationToken) is not { } turn)
            return await ReadAsync(cancellationToken) is not null;
        var now = clock.Now().ToUnixMicroseconds();
        await using (var write = await connections.BeginWriteAsync(turn, null, cancellationToken))
        {
            // One row per replica, so that none waits for another.
            await Sql.ExecuteAsync(
                write.Connection,
                write.Transaction,
                "INSERT INTO database_probes (id, at) VALUES (@id, @now) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
                [("id", Id), ("now", now)],
                cancellationToken
            );
            await write.CommitAsync(cancellationToken);
        }
        return await ReadAsync(cancellationToken) == now;
    }

    private async Task<long?> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        return (long?)
            await Sql.ScalarAsync(connection, null, "SELECT at FROM database_probes WHERE id = @id", [("id", Id)], cancellationToken);
    }

    private long Id => connections.IsSqlite ? 0 : _id;

    private readonly long _id = Random.Shared.NextInt64(1, long.MaxValue);
}
