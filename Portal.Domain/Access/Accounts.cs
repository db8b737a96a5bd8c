using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>A person's account, as the rules see it. What protects it is <see cref="AccountState"/>.</summary>
public sealed record Account(AccountId Id, string Email, bool EmailVerified, bool IsOperator, DateTimeOffset CreatedAt)
{
    /// <summary>Of the browser that last signed in, an IANA id; null before one told it. Emails give times in it.</summary>
    public string? TimeZone { get; init; }
}

public interface IAccountDirectory
{
    /// <summary>False only before the first run: accounts are never all deleted.</summary>
    Task<bool> AnyAsync(CancellationToken cancellationToken);

    Task<Account?> FindAsync(AccountId id, CancellationToken cancellationToken);

    Task<IReadOnlyDictionary<AccountId, Account>> FindManyAsync(IReadOnlyCollection<AccountId> ids, CancellationToken cancellationToken);
}

internal static class AccountOperations
{
    public static readonly Problem.NotFound NoAccount = new(
        "account-not-found",
        "This account no longer exists. Sign in with another one."
    );

    /// <summary>Accounts belong to no organization: into the platform's log.</summary>
    public static Task<Outcome<T>> WriteAccountAsync<T>(
        this IPortalDatabase database,
        Actor actor,
        Operation operation,
        Func<IPortalSession, Task<Outcome<T>>> change,
        CancellationToken cancellationToken
    ) => database.WriteAsync(actor, null, operation, change, cancellationToken);

    /// <summary>Anybody's: the limiter stands before it, not the guard.</summary>
    public static Operation Open(string name, string subject) => new(Permission.HaveAccount, name, subject);

    /// <summary>Operations on the actor's own account.</summary>
    public static async Task<Outcome<AccountId>> CheckAccountAsync(
        this AccessGuard guard,
        Actor actor,
        Operation operation,
        CancellationToken cancellationToken
    )
    {
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        return actor.AccountId is { } id
            ? id
            : new Problem.Forbidden(
                "people-only",
                "This belongs to a person's account. Sign in as that person, or use one of the account's API keys."
            );
    }

    /// <summary>The actor once it is known whose account it is.</summary>
    public static Actor As(this Actor actor, Account account) => actor with { AccountId = account.Id, Name = account.Email };
}
