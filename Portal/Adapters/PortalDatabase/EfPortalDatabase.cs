using System.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Portal.Adapters.PortalDatabase.Accounts;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Notices;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Adapters.PortalDatabase;

/// <summary>
/// The portal's data through EF Core: a context and a transaction per operation, so nothing is shared between circuits or workers.
/// </summary>
internal sealed class EfPortalDatabase(PortalConnections connections, Changes changes, TimeProvider clock) : IPortalDatabase
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
        return await read(Session(context));
    }

    public async Task<Outcome<T>> WriteAsync<T>(
        Actor actor,
        OrganizationId? organization,
        Operation operation,
        Func<IPortalSession, Task<Outcome<T>>> change,
        CancellationToken cancellationToken
    )
    {
        LostStanding? lost = null;
        var written = await TransactAsync<Outcome<T>>(
            async context =>
            {
                var head = await AuditChain.LockAsync(context, organization, cancellationToken);
                var session = Session(context);
                lost = await Standing.LostAsync(session, actor, organization, operation, clock.Now(), cancellationToken);
                if (lost is not null)
                    return (lost.Problem, false);
                var outcome = await change(session);
                if (outcome.IsOk)
                {
                    AuditChain.Append(context, head, actor, operation, AuditOutcome.Allowed, null, clock);
                    await KeptAnswers.KeepWithChangeAsync(context, outcome.Value, cancellationToken);
                }
                return (outcome, outcome.IsOk);
            },
            Of(organization),
            cancellationToken
        );
        // In a transaction of its own: of a stranger it stands in another log than the one whose turn this was.
        if (lost is not null)
            await RefuseAsync(actor, lost.Log, operation, lost.Problem, _ => Task.CompletedTask, cancellationToken);
        return written;
    }

    public Task<T> UpdateAsync<T>(
        Lease? lease,
        OrganizationId? organization,
        Func<IPortalSession, Task<T>> change,
        CancellationToken cancellationToken
    ) =>
        TransactAsync(
            async context =>
            {
                if (lease is not null)
                    await CheckAsync(context, lease, cancellationToken);
                if (organization is not null)
                    await AuditChain.LockAsync(context, organization, cancellationToken);
                return (await change(Session(context)), true);
            },
            organization is null ? null : Of(organization),
            cancellationToken
        );

    /// <exception cref="LeaseLostException">Another replica holds it now.</exception>
    internal Task CheckAsync(PortalDbContext context, Lease lease, CancellationToken cancellationToken) =>
        Leases.CheckAsync(
            context.Database.GetDbConnection(),
            context.Database.CurrentTransaction!.GetDbTransaction(),
            lease,
            connections.IsSqlite,
            cancellationToken
        );

    public Task RefuseAsync(
        Actor actor,
        OrganizationId? organization,
        Operation operation,
        Problem problem,
        Func<IPortalSession, Task> change,
        CancellationToken cancellationToken
    ) =>
        TransactAsync(
            async context =>
            {
                var head = await AuditChain.LockAsync(context, organization, cancellationToken);
                await change(Session(context));
                AuditChain.Append(context, head, actor, operation, AuditOutcome.Refused, problem, clock);
                return (Outcome.Done, true);
            },
            Of(organization),
            cancellationToken
        );

    private PortalSession Session(PortalDbContext context) => new(context, connections.IsSqlite, clock);

    private static string Of(OrganizationId? organization) => organization is { } id ? Change.Organization(id) : Change.Platform;

    /// <param name="subject">What the commit changes beside the work it writes: who listens is told.</param>
    internal async Task<T> TransactAsync<T>(
        Func<PortalDbContext, Task<(T Result, bool Commit)>> work,
        string? subject,
        CancellationToken cancellationToken
    )
    {
        if (Writing.Value)
            throw new InvalidOperationException(
                "A write was begun inside another one; it would wait for itself. Finish the outer one first."
            );
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await OnceAsync(work, subject, cancellationToken);
            }
            catch (Exception exception) when (attempt < Attempts && MayBeTriedAgain(exception))
            {
                // Another organization's writer was first, or PostgreSQL chose this transaction to break a deadlock.
            }
        }
    }

    private async Task<T> OnceAsync<T>(
        Func<PortalDbContext, Task<(T Result, bool Commit)>> work,
        string? subject,
        CancellationToken cancellationToken
    )
    {
        HashSet<string> told = [];
        T result;
        using (await connections.WriteTurnAsync(cancellationToken))
        {
            await using var context = connections.CreateDbContext();
            await using var transaction = await context.Database.BeginTransactionAsync(
                connections.IsSqlite ? IsolationLevel.Serializable : IsolationLevel.ReadCommitted,
                cancellationToken
            );
            // A failure ends the whole transaction; a savepoint before each save would cost two round trips and save nothing.
            context.Database.AutoSavepointsEnabled = false;
            // Set in this asynchronous method only: it is gone when the method returns, on every way out.
            Writing.Value = true;
            (result, var commit) = await work(context);
            if (!commit)
                return result;
            Subjects(context, subject, told);
            await context.SaveChangesAsync(cancellationToken);
            // With the commit, so that nobody hears of what is not there yet.
            if (!connections.IsSqlite && told.Count > 0)
            {
                await Sql.ExecuteAsync(
                    context.Database.GetDbConnection(),
                    transaction.GetDbTransaction(),
                    "SELECT pg_notify(@channel, @subjects)",
                    [("channel", Changes.Channel), ("subjects", changes.Payload(told))],
                    cancellationToken
                );
            }
            await transaction.CommitAsync(cancellationToken);
        }
        changes.Told(told);
        return result;
    }

    /// <summary>What the transaction changes: the subject, the lanes that got work or moved on, and what owners see of it.</summary>
    private static void Subjects(PortalDbContext context, string? subject, HashSet<string> told)
    {
        if (subject is not null)
            told.Add(subject);
        told.UnionWith(context.AlsoTold);
        if (context.ChangeTracker.Entries<RegisteredCluster>().Any(entry => entry.State is EntityState.Added or EntityState.Modified))
            told.Add(Change.Clusters);
        // How they do is seen by the portal's own work, which stands for nobody.
        foreach (var entry in context.ChangeTracker.Entries<Connector>().Where(entry => entry.State == EntityState.Modified))
            told.Add(Change.Organization(entry.Entity.OrganizationId));
        foreach (var entry in context.ChangeTracker.Entries<Topic>().Where(entry => entry.State == EntityState.Modified))
            told.Add(Change.Organization(entry.Entity.OrganizationId));
        foreach (var entry in context.ChangeTracker.Entries<PulsarKey>().Where(entry => entry.Property(key => key.State).IsModified))
            told.Add(Change.Organization(entry.Entity.OrganizationId));
        foreach (var entry in context.ChangeTracker.Entries<Notice>().Where(entry => entry.State == EntityState.Added))
            told.Add(
                entry.Entity switch
                {
                    { OrganizationId: { } organization } => Change.NoticesOf(organization),
                    { AccountId: { } account } => Change.NoticesOf(account),
                    _ => Change.Notices,
                }
            );
        // Who reads in one window has read in the others, and whoever loses access loses its notifications at once.
        foreach (var entry in context.ChangeTracker.Entries<NoticeRead>())
            told.Add(Change.NoticesOf(entry.Entity.AccountId));
        foreach (var entry in context.ChangeTracker.Entries<NoticeSettings>().Where(entry => entry.State != EntityState.Unchanged))
            told.Add(Change.NoticesOf(entry.Entity.AccountId));
        foreach (var entry in context.ChangeTracker.Entries<Membership>().Where(entry => entry.State != EntityState.Unchanged))
            told.Add(Change.NoticesOf(entry.Entity.AccountId));
        foreach (var entry in context.ChangeTracker.Entries<WorkItem>())
        {
            if (entry.State is not (EntityState.Added or EntityState.Modified))
                continue;
            told.Add(Change.Lane(entry.Entity.Lane));
            told.Add(Change.Work);
            if (entry.Entity.Owner is { } owner && IsSeen(entry))
                told.Add(Change.Organization(owner));
        }
    }

    /// <summary>Pages show how work ended, why it waits and how far it has come; that a step was taken is seen nowhere.</summary>
    private static bool IsSeen(EntityEntry<WorkItem> entry) =>
        entry.State == EntityState.Added
        || entry.Property(item => item.State).IsModified
        || entry.Property(item => item.Wish).IsModified
        || entry.Property(item => item.NeedsPerson).IsModified
        || entry.Property(item => item.ProblemCode).IsModified
        || entry.Property(item => item.Done).IsModified
        || entry.Property(item => item.Total).IsModified
        || entry.Property(item => item.Note).IsModified;

    private static bool MayBeTriedAgain(Exception exception) =>
        (exception is DbUpdateException update ? update.InnerException : exception) switch
        {
            PostgresException postgres => postgres.SqlState
                is PostgresErrorCodes.UniqueViolation
                    or PostgresErrorCodes.SerializationFailure
                    or PostgresErrorCodes.DeadlockDetected,
            SqliteException sqlite => sqlite.SqliteExtendedErrorCode is SqliteConstraintUnique or SqliteConstraintPrimaryKey,
            _ => false,
        };
}
