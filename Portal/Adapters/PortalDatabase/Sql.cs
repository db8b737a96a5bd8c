using System.Data.Common;

namespace Portal.Adapters.PortalDatabase;

/// <summary>Plain SQL in one line each, for both databases: parameters are <c>@name</c>.</summary>
internal static class Sql
{
    internal static void Execute(DbConnection connection, string text)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this folder only.
        command.CommandText = text;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    internal static async Task<int> ExecuteAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string text,
        (string Name, object? Value)[] parameters,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(connection, transaction, text, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first column of the first row; null when there is none.</summary>
    internal static async Task<object?> ScalarAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string text,
        (string Name, object? Value)[] parameters,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(connection, transaction, text, parameters);
        return await command.ExecuteScalarAsync(cancellationToken) is { } value and not DBNull ? value : null;
    }

    internal static DbCommand Command(
        DbConnection connection,
        DbTransaction? transaction,
        string text,
        (string Name, object? Value)[] parameters
    )
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Constants of this folder only; values go in as parameters.
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value is null ? DBNull.Value : StorableText.Clean(value));
            command.Parameters.Add(parameter);
        }
        return command;
    }

    /// <summary>The inside of an IN list: a parameter for each value, added to those that are there.</summary>
    internal static string Among(IEnumerable<Guid> ids, string name, List<(string Name, object? Value)> parameters)
    {
        var names = new List<string>();
        foreach (var (index, id) in ids.Index())
        {
            parameters.Add(($"{name}{index}", id));
            names.Add($"@{name}{index}");
        }
        return string.Join(", ", names);
    }
}
