using System.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Portal.Adapters.PortalDatabase.Accounts;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Provisioning;

namespace Portal.Adapters.PortalDatabase;

/// <summary>The portal's data through EF Core: a context and a transaction per operation, so nothing is shared between circuits or workers.</summary>
internal sealed class EfPortalDatabase(PortalConnections connections, IOutboxBell bell, TimeProvider clock) : IPortalDatabase
{
    private const int Attempts = 5;
    private const int SqliteConstraintUnique = 2067;
    private const int SqliteConstraintPrimaryKey = 1555;

    // A write inside a write would wait for itself.
    private static readonly AsyncLocal<bool> Writing = new();

    public async Task<T> ReadAsync<T>(Func<IPortalSession, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        await using var snapshot = await connections.BeginReadAsync(context, cancellationToken);
        return await read(new PortalSession(context, clock));
    }

    public Task<Outcome<T>> WriteAsync<T>(
        Actor actor, OrganizationId? organization, Operation operation, Func<IPortalSession, Task<Outcome<T>>> change, CancellationToken cancellationToken) =>
        TransactAsync(async context =>
        {
            var head = await AuditChain.LockAsync(context, organization, cancellationToken);
            var outcome = await change(new PortalSession(context, clock));
            if (outcome.IsOk)
            {
                AuditChain.Append(context, head, actor, operation, AuditOutcome.Allowed, null, clock);
                await KeptAnswers.KeepWithChangeAsync(context, outcome.Value, cancellationToken);
            }
            return (outcome, outcome.IsOk);
        }, cancellationToken);

    public Task<T> UpdateAsync<T>(Lease? lease, Func<IPortalSession, Task<T>> change, CancellationToken cancellationToken) =>
        TransactAsync(async context =>
        {
            if (lease is not null) await CheckAsync(context, lease, cancellationToken);
            return (await change(new PortalSession(context, clock)), true);
        }, cancellationToken);

    /// <exception cref="LeaseLostException">Another replica holds it now.</exception>
    internal Task CheckAsync(PortalDbContext context, Lease lease, CancellationToken cancellationToken) => Leases.CheckAsync(
        context.Database.GetDbConnection(), context.Database.CurrentTransaction!.GetDbTransaction(), lease, connections.IsSqlite, cancellationToken);

    public Task RefuseAsync(Actor actor, OrganizationId? organization, Operation operation, Problem problem, Func<IPortalSession, Task> change, CancellationToken cancellationToken) =>
        TransactAsync(async context =>
        {
            var head = await AuditChain.LockAsync(context, organization, cancellationToken);
            await change(new PortalSession(context, clock));
            AuditChain.Append(context, head, actor, operation, AuditOutcome.Refused, problem, clock);
            return (Outcome.Done, true);
        }, cancellationToken);

    internal async Task<T> TransactAsync<T>(Func<PortalDbContext, Task<(T Result, bool Commit)>> work, CancellationToken cancellationToken)
    {
        if (Writing.Value) throw new InvalidOperationException("A write was begun inside another one; it would wait for itself. Finish the outer one first.");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await OnceAsync(work, cancellationToken);
            }
            catch (Exception exception) when (attempt < Attempts && MayBeTriedAgain(exception))
            {
                // Another organisation's writer was first, or PostgreSQL chose this transaction to break a deadlock.
            }
        }
    }

    private async Task<T> OnceAsync<T>(Func<PortalDbContext, Task<(T Result, bool Commit)>> work, CancellationToken cancellationToken)
    {
        var rings = false;
        T result;
        using (await connections.WriteTurnAsync(cancellationToken))
        {
            await using var context = connections.CreateDbContext();
            await using var transaction = await context.Database.BeginTransactionAsync(
                connections.IsSqlite ? IsolationLevel.Serializable : IsolationLevel.ReadCommitted, cancellationToken);
            // Set in this asynchronous method only: it is gone when the method returns, on every way out.
            Writing.Value = true;
            (result, var commit) = await work(context);
            if (!commit) return result;
            rings = context.ChangeTracker.Entries().Any(entry => entry is { State: EntityState.Added, Entity: Intent or MailRow });
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        if (rings) bell.Ring();
        return result;
    }

    private static bool MayBeTriedAgain(Exception exception) => (exception is DbUpdateException update ? update.InnerException : exception) switch
    {
        PostgresException postgres => postgres.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected,
        SqliteException sqlite => sqlite.SqliteExtendedErrorCode is SqliteConstraintUnique or SqliteConstraintPrimaryKey,
        _ => false,
    };
}
