using System.Data.Common;
using Npgsql;

namespace Portal.Adapters.PortalDatabase.Ledger;

internal sealed record Statement(string Text, (string Name, object? Value)[] Parameters);

/// <summary>Several statements at once: one journey to PostgreSQL, one after the other in SQLite, where a journey costs nothing.</summary>
internal static class Statements
{
    internal static DbBatch Batch(DbConnection connection, DbTransaction? transaction, IEnumerable<Statement> statements)
    {
        var batch = connection.CreateBatch();
        batch.Transaction = transaction;
        foreach (var statement in statements)
        {
            var command = batch.CreateBatchCommand();
#pragma warning disable CA2100 // Constants of this folder only; values go in as parameters.
            command.CommandText = statement.Text;
#pragma warning restore CA2100
            foreach (var (name, value) in statement.Parameters)
                command.Parameters.Add(new NpgsqlParameter(name, value is null ? DBNull.Value : StorableText.Clean(value)));
            batch.BatchCommands.Add(command);
        }
        return batch;
    }

    internal static async Task RunAsync(
        PortalTransaction write,
        bool isSqlite,
        IReadOnlyList<Statement> statements,
        CancellationToken cancellationToken
    )
    {
        if (isSqlite)
        {
            foreach (var statement in statements)
                await Sql.ExecuteAsync(write.Connection, write.Transaction, statement.Text, statement.Parameters, cancellationToken);
            return;
        }
        await using var batch = Batch(write.Connection, write.Transaction, statements);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
