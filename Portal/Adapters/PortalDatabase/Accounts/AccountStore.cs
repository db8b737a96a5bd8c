using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Federation;

namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>Accounts in Identity's table. The one place that knows which column holds what.</summary>
internal sealed class AccountStore(PortalDbContext context, bool isSqlite) : IAccountStore
{
    public Task<bool> AnyAsync(CancellationToken cancellationToken) => context.Users.AnyAsync(cancellationToken);

    public async Task<AccountState?> FindAsync(EmailAddress email, CancellationToken cancellationToken)
    {
        var normalized = Normalize(email.Value);
        return State(await context.Users.SingleOrDefaultAsync(user => user.NormalizedUserName == normalized, cancellationToken));
    }

    public async Task<AccountState?> FindAsync(AccountId id, CancellationToken cancellationToken) =>
        State(await context.Users.SingleOrDefaultAsync(user => user.Id == id.Value, cancellationToken));

    public Task<bool> SignsInElsewhereAsync(AccountId id, CancellationToken cancellationToken) =>
        context.Set<ExternalLogin>().AnyAsync(login => login.AccountId == id, cancellationToken);

    /// <summary>SQLite has one writer.</summary>
    public async Task HoldAsync(AccountId id, CancellationToken cancellationToken)
    {
        if (!isSqlite)
            await context.Database.ExecuteSqlAsync(
                $"SELECT pg_advisory_xact_lock(hashtextextended({id.ToString()}, 0))",
                cancellationToken
            );
    }

    public void Add(AccountState account)
    {
        var user = new PortalUser
        {
            Id = account.Account.Id.Value,
            CreatedAt = account.Account.CreatedAt,
            LockoutEnabled = true,
        };
        Write(account, user);
        context.Add(user);
    }

    public void Save(AccountState account) =>
        Write(
            account,
            context.Users.Local.FindEntry(account.Account.Id.Value)?.Entity
                ?? throw new InvalidOperationException("Only what was found in this transaction can be saved.")
        );

    private static void Write(AccountState account, PortalUser user)
    {
        var (email, normalized) = (account.Account.Email, Normalize(account.Account.Email));
        (user.UserName, user.NormalizedUserName, user.Email, user.NormalizedEmail) = (email, normalized, email, normalized);
        (user.EmailConfirmed, user.IsOperator) = (account.Account.EmailVerified, account.Account.IsOperator);
        (user.PasswordHash, user.SecurityStamp) = (account.PasswordHash, account.SecurityStamp);
        (user.AccessFailedCount, user.LockoutEnd) = (account.WrongProofs, account.LockedUntil);
        (user.TwoFactorEnabled, user.TotpSecret, user.TotpLastStep) = (
            account.Totp is not null,
            account.Totp?.SealedSecret,
            account.Totp?.LastStep ?? 0
        );
        user.TimeZone = account.Account.TimeZone;
    }

    private static AccountState? State(PortalUser? user) =>
        user is null
            ? null
            : new(
                new(new(user.Id), user.Email ?? "", user.EmailConfirmed, user.IsOperator, user.CreatedAt) { TimeZone = user.TimeZone },
                user.SecurityStamp ?? "",
                user.PasswordHash,
                user.AccessFailedCount,
                user.LockoutEnd,
                user.TotpSecret is { } secret ? new(secret, user.TotpLastStep) : null
            );

    private static string Normalize(string email) => email.ToUpperInvariant();
}
