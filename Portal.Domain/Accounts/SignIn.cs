using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>What a browser's cookie is made of.</summary>
/// <param name="ProvedHere">As <see cref="AccountSession.ProvedHere"/>.</param>
public sealed record SignedInAccount(Account Account, SessionId Session, bool ProvedHere = true);

/// <summary>The password was right and a code is still wanted; kept in a cookie for some minutes.</summary>
/// <param name="SecurityStamp">A new one, for example of a new password, makes it void.</param>
public sealed record PendingSignIn(AccountId Account, string SecurityStamp);

/// <summary>What a right password leads to.</summary>
public abstract record SignInStep
{
    public sealed record Done(SignedInAccount SignedIn) : SignInStep;

    public sealed record CodeWanted(PendingSignIn Pending) : SignInStep;
}

/// <summary>
/// Email and password. One sentence for every refusal, and the same work, so that nobody learns who has an account;
/// only who knows the password hears that the address is still to be confirmed.
/// </summary>
public sealed class SignIn(
    IPortalDatabase database,
    IPasswords passwords,
    IAttemptLimiter limiter,
    TimeProvider clock,
    SessionRule? sessionRule = null
)
{
    private static readonly Problem.Unauthenticated NoMatch = new(
        "sign-in-refused",
        "Incorrect email or password. Try again, or reset your password. After ten failed attempts, the account is locked for 15 minutes."
    );

    private static readonly Problem.Forbidden NotVerified = new(
        "email-not-verified",
        "This email address isn't confirmed yet. Open the link in the email we sent you, or have it resent."
    );

    public async Task<Outcome<SignInStep>> RunAsync(
        Actor actor,
        string? email,
        string? password,
        string? userAgent,
        CancellationToken cancellationToken
    )
    {
        if (!EmailAddress.Create(email).TryGet(out var parsed, out var malformed))
            return malformed;
        if (string.IsNullOrEmpty(password) || password.Length > PasswordRules.Longest)
            return new Problem.Invalid("password-missing", "Enter your password.", "password");
        if (limiter.Check(actor, Attempt.SignIn, parsed.Value) is { } tooMany)
            return tooMany;
        var operation = AccountOperations.Open("account.sign-in", parsed.Value);
        var found = await database.ReadAsync(session => session.Accounts.FindAsync(parsed, cancellationToken), cancellationToken);
        var matches = await passwords.VerifyAsync(actor, found?.PasswordHash, password, cancellationToken);
        if (!matches || found is null)
            return await RefuseAsync(actor, operation, parsed, cancellationToken);
        if (!found.Account.EmailVerified)
        {
            await database.RefuseAsync(actor, null, operation, NotVerified, _ => Task.CompletedTask, cancellationToken);
            return NotVerified;
        }
        // Kept with the sign-in: an address that moves to another secret of the settings does so while its password is at hand.
        var renewed = passwords.IsOutdated(found.PasswordHash!) ? await passwords.HashAsync(actor, password, cancellationToken) : null;
        if (found.Totp is not null)
            operation = operation with { Details = new Dictionary<string, string> { ["step"] = "password" } };
        return await database.WriteAccountAsync<SignInStep>(
            actor.As(found.Account),
            operation,
            async session =>
            {
                // The password was changed while the present one was checked; hashed anew by another sign-in it keeps its stamp.
                if (
                    await session.Accounts.FindAsync(parsed, cancellationToken) is not { } account
                    || account.PasswordHash != found.PasswordHash && account.SecurityStamp != found.SecurityStamp
                )
                    return NoMatch;
                if (renewed is not null)
                    session.Accounts.Save(account = account with { PasswordHash = renewed });
                // Wrong proofs go on counting: the password alone must not buy more guesses at the code.
                if (account.Totp is not null)
                    return new SignInStep.CodeWanted(new(account.Account.Id, account.SecurityStamp));
                return new SignInStep.Done(
                    await session.BeginAsync(account, SignInMethod.Password, actor, userAgent, clock, cancellationToken, rule: sessionRule)
                );
            },
            cancellationToken
        );
    }

    private async Task<Outcome<SignInStep>> RefuseAsync(
        Actor actor,
        Operation operation,
        EmailAddress email,
        CancellationToken cancellationToken
    )
    {
        // Not counted at the account: whoever types wrong passwords would lock its owner out.
        limiter.Failed(actor, email.Value);
        await database.RefuseAsync(actor, null, operation, NoMatch, _ => Task.CompletedTask, cancellationToken);
        return NoMatch;
    }
}

/// <summary>The beginning of every sign-in, whatever the proof was.</summary>
public static class SessionBeginning
{
    /// <summary>Clears the count of wrong proofs, notes the browser's time zone, and ends the sign-in that this browser had.</summary>
    /// <param name="provedAt">When the person proved who they are, where that was not just now.</param>
    public static async Task<SignedInAccount> BeginAsync(
        this IPortalSession session,
        AccountState account,
        SignInMethod method,
        Actor actor,
        string? userAgent,
        TimeProvider clock,
        CancellationToken cancellationToken,
        string? provider = null,
        SessionRule? rule = null,
        DateTimeOffset? provedAt = null
    )
    {
        var (id, now) = (account.Account.Id, clock.Now());
        // An organization's provider proves nothing about the account's own password and code: guesses at them go on counting.
        session.Accounts.Save((ProviderLink.OrganizationOf(provider) is null ? account.WithRightProof() : account).In(actor.TimeZone));
        await session.Sessions.ForgetExpiredAsync(id, now, cancellationToken);
        if (actor.Session is { } present && actor.AccountId == id)
            await session.Sessions.EndAsync(id, present, cancellationToken);
        var begun = new AccountSession(new(clock.NewUuid()), id, method, actor.Address, userAgent, now, provider, rule);
        if (provedAt is { } proved)
            begun.Confirm(proved);
        session.Sessions.Add(begun);
        return new(account.Account, begun.Id, begun.ProvedHere);
    }
}
