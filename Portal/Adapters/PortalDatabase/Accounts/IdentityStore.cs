using System.Data;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>Passwords, stamps and lock-out in Identity's tables, hashed by Identity's hasher.</summary>
internal sealed class IdentityStore(PortalConnections connections, IPasswordHasher<PortalUser> hasher, HashGate gate, TimeProvider clock) : IIdentityStore
{
    private const int MostFailures = 10;
    private const long FirstAccountLock = 0x506f7274616c;
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(15);

    // What an unknown account's password is checked against, so that it takes as long as a known one's.
    private readonly string _decoy = hasher.HashPassword(new PortalUser(), Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));

    private volatile bool _anyAccount;

    public async Task<bool> AnyAccountAsync(CancellationToken cancellationToken)
    {
        // Accounts are never all deleted: once true, always true.
        if (_anyAccount) return true;
        await using var context = connections.CreateDbContext();
        return _anyAccount = await context.Users.AnyAsync(cancellationToken);
    }

    public async Task<Account?> CreateFirstAsync(EmailAddress email, string password, CancellationToken cancellationToken)
    {
        var user = await NewUserAsync(email, password, cancellationToken);
        (user.IsOperator, user.EmailConfirmed) = (true, true);
        await using var context = connections.CreateDbContext();
        // Serializable is BEGIN IMMEDIATE in SQLite; PostgreSQL takes a lock of its own.
        await using var transaction = await context.Database.BeginTransactionAsync(connections.IsSqlite ? IsolationLevel.Serializable : IsolationLevel.ReadCommitted, cancellationToken);
        if (!connections.IsSqlite) await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({FirstAccountLock})", cancellationToken);
        if (await context.Users.AnyAsync(cancellationToken)) return null;
        context.Users.Add(user);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ToAccount(user);
    }

    public async Task<StampedAccount?> CreateUnverifiedAsync(EmailAddress email, string password, CancellationToken cancellationToken)
    {
        // Hashed before anybody looks whether the address is known: both answers take as long.
        var fresh = await NewUserAsync(email, password, cancellationToken);
        await using var context = connections.CreateDbContext();
        var known = await ByEmail(context, email).SingleOrDefaultAsync(cancellationToken);
        if (known is { EmailConfirmed: true }) return null;
        if (known is null) context.Users.Add(fresh);
        else (known.PasswordHash, known.SecurityStamp) = (fresh.PasswordHash, fresh.SecurityStamp);
        await context.SaveChangesAsync(cancellationToken);
        return Stamped(known ?? fresh);
    }

    public async Task<StampedAccount?> FindAsync(EmailAddress email, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        return await ByEmail(context, email).AsNoTracking().SingleOrDefaultAsync(cancellationToken) is { } user ? Stamped(user) : null;
    }

    public async Task<StampedAccount?> FindAsync(AccountId id, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        return await context.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id.Value, cancellationToken) is { } user ? Stamped(user) : null;
    }

    public async Task<PasswordCheck> CheckPasswordAsync(EmailAddress email, string password, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        var user = await ByEmail(context, email).SingleOrDefaultAsync(cancellationToken);
        var result = await gate.RunAsync(() => hasher.VerifyHashedPassword(user ?? new PortalUser(), user?.PasswordHash ?? _decoy, password), cancellationToken);
        if (user is null) return new(null);
        var now = clock.Now();
        // Locked: the right password is refused like a wrong one, and neither counts.
        if (user.LockoutEnd > now) return new(null);
        if (result == PasswordVerificationResult.Failed)
        {
            user.AccessFailedCount++;
            if (user.AccessFailedCount >= MostFailures) (user.AccessFailedCount, user.LockoutEnd) = (0, now + Rest);
        }
        else
        {
            user.AccessFailedCount = 0;
        }
        await context.SaveChangesAsync(cancellationToken);
        return new(result == PasswordVerificationResult.Failed ? null : ToAccount(user));
    }

    public async Task MarkVerifiedAsync(AccountId id, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        await context.Users.Where(user => user.Id == id.Value).ExecuteUpdateAsync(set => set.SetProperty(user => user.EmailConfirmed, true), cancellationToken);
    }

    public async Task SetPasswordAsync(AccountId id, string password, CancellationToken cancellationToken)
    {
        var hash = await HashAsync(password, cancellationToken);
        await using var context = connections.CreateDbContext();
        var user = await context.Users.SingleAsync(user => user.Id == id.Value, cancellationToken);
        (user.PasswordHash, user.SecurityStamp, user.AccessFailedCount, user.LockoutEnd) = (hash, NewStamp(), 0, null);
        await context.SaveChangesAsync(cancellationToken);
    }

    public async Task RenewStampAsync(AccountId id, CancellationToken cancellationToken)
    {
        var stamp = NewStamp();
        await using var context = connections.CreateDbContext();
        await context.Users.Where(user => user.Id == id.Value).ExecuteUpdateAsync(set => set.SetProperty(user => user.SecurityStamp, stamp), cancellationToken);
    }

    private async Task<PortalUser> NewUserAsync(EmailAddress email, string password, CancellationToken cancellationToken) => new()
    {
        Id = clock.NewUuid(),
        UserName = email.Value,
        NormalizedUserName = Normalize(email),
        Email = email.Value,
        NormalizedEmail = Normalize(email),
        PasswordHash = await HashAsync(password, cancellationToken),
        SecurityStamp = NewStamp(),
        ConcurrencyStamp = NewStamp(),
        LockoutEnabled = true,
        CreatedAt = clock.Now(),
    };

    private Task<string> HashAsync(string password, CancellationToken cancellationToken) =>
        gate.RunAsync(() => hasher.HashPassword(new PortalUser(), password), cancellationToken);

    private static IQueryable<PortalUser> ByEmail(PortalDbContext context, EmailAddress email)
    {
        var normalized = Normalize(email);
        return context.Users.Where(user => user.NormalizedUserName == normalized);
    }

    private static string Normalize(EmailAddress email) => email.Value.ToUpperInvariant();

    private static string NewStamp() => Convert.ToHexString(RandomNumberGenerator.GetBytes(20));

    private static StampedAccount Stamped(PortalUser user) => new(ToAccount(user), user.SecurityStamp ?? "");

    private static Account ToAccount(PortalUser user) => new(new(user.Id), user.Email ?? "", user.EmailConfirmed, user.IsOperator, user.CreatedAt);
}
