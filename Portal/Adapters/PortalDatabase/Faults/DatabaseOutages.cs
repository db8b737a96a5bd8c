using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Faults;

/// <summary>What customers hear of the database's faults.</summary>
internal sealed class DatabaseOutages(PortalConnections connections) : IOutages
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    public Problem.Unavailable? Explain(Exception exception)
    {
        connections.Damage.Note(exception);
        return DatabaseFault.Of(exception)?.Kind switch
        {
            null => null,
            DatabaseFaultKind.Full
            or DatabaseFaultKind.ReadOnly
            or DatabaseFaultKind.Corrupt
            or DatabaseFaultKind.NotADatabase
            or DatabaseFaultKind.Unreadable => new Problem.Unavailable(
                "database-unavailable",
                "We can't save or read data right now because of a problem with our database. Try again in a few minutes.",
                Pause
            ),
            _ => new Problem.Unavailable(
                "database-unavailable",
                "We can't reach our database right now. Try again in a few seconds.",
                Pause
            ),
        };
    }
}

/// <summary>
/// Remembers that the file is damaged. SQLite goes on writing into a damaged file, which spreads the damage: from the
/// first sign on nothing more is written until the portal starts again with a whole file.
/// </summary>
internal sealed class DatabaseDamage(bool isFile)
{
    private volatile string? _reason;

    /// <summary>Null while nothing is known to be wrong.</summary>
    public string? Reason => _reason;

    public void Note(Exception exception)
    {
        if (!isFile || exception is DatabaseCorruptException || _reason is not null)
            return;
        if (DatabaseFault.Of(exception) is { Kind: DatabaseFaultKind.Corrupt or DatabaseFaultKind.NotADatabase } fault)
            _reason = fault.Reason;
    }

    public void Note(string reason) => _reason ??= reason;

    /// <exception cref="DatabaseCorruptException">It is damaged.</exception>
    public void ThrowIfAny()
    {
        if (_reason is { } reason)
            throw new DatabaseCorruptException(reason);
    }
}

/// <summary>Notes damage where EF Core meets it, and stops what it would save after that.</summary>
internal sealed class DamageWatch(DatabaseDamage damage) : DbCommandInterceptor, ISaveChangesInterceptor
{
    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => damage.Note(eventData.Exception);

    public override Task CommandFailedAsync(
        DbCommand command,
        CommandErrorEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        damage.Note(eventData.Exception);
        return Task.CompletedTask;
    }

    public InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        damage.ThrowIfAny();
        return result;
    }

    public ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    )
    {
        damage.ThrowIfAny();
        return ValueTask.FromResult(result);
    }
}
