using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>
/// A fresh proof by the person at this browser: the password, or a code of the second factor. What asks for one
/// (<see cref="Proof"/>) is open for a quarter of an hour.
/// </summary>
public sealed class ConfirmIdentity(
    AccessGuard guard,
    IPortalDatabase database,
    IPasswords passwords,
    CodeCheck codes,
    IAttemptLimiter limiter,
    TimeProvider clock
)
{
    internal static readonly Problem.Forbidden NoBrowser = new(
        "people-only",
        "Only a person signed in with a browser can confirm who they are."
    );

    private static readonly Problem.Invalid Wrong = new(
        "proof-wrong",
        "That is incorrect. Enter your password, a code from your authenticator app, or a recovery code. "
            + "After ten failed attempts the account is locked for 15 minutes.",
        "proof"
    );

    /// <param name="proof">Six digits and recovery codes are tried as codes, and then as the password they may be.</param>
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? proof, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.confirm-identity", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var id, out var refused))
            return refused;
        if (actor.Session is not { } present)
            return NoBrowser;
        if (string.IsNullOrEmpty(proof) || proof.Length > PasswordRules.Longest)
            return Wrong;
        var found = await database.ReadAsync(session => session.Accounts.FindAsync(id, cancellationToken), cancellationToken);
        if (limiter.Check(actor, Attempt.Proof, found?.Account.Email) is { } tooMany)
            return tooMany;
        var matches = await passwords.VerifyAsync(actor, found?.PasswordHash, proof, cancellationToken);
        var outcome = await database.WriteAccountAsync(
            actor,
            operation,
            async session =>
            {
                if (await session.Accounts.FindAsync(id, cancellationToken) is not { } account || account.IsLocked(clock.Now()))
                    return Wrong;
                SignInMethod? code = null;
                if (!matches || account.PasswordHash != found?.PasswordHash)
                {
                    if (await codes.AcceptAsync(session, account, proof, cancellationToken) is not { } taken)
                        return Wrong;
                    (account, code) = taken;
                }
                session.Accounts.Save(account.WithRightProof());
                return await session.ConfirmAsync(id, present, clock.Now(), cancellationToken, code);
            },
            cancellationToken
        );
        if (outcome.Problem == Wrong)
            await database.CountWrongProofAsync(actor, operation, id, Wrong, clock, cancellationToken);
        return outcome;
    }
}

internal static class SessionConfirmation
{
    private static readonly Problem.Unauthenticated Ended = new("sign-in-required", "Your session has ended. Sign in again.");

    /// <param name="with">The second factor that was shown; null for the password.</param>
    public static async Task<Outcome<Done>> ConfirmAsync(
        this IPortalSession session,
        AccountId account,
        SessionId id,
        DateTimeOffset now,
        CancellationToken cancellationToken,
        SignInMethod? with = null
    )
    {
        if (await session.Sessions.FindAsync(account, id, now, cancellationToken) is not { } present)
            return Ended;
        present.Confirm(now);
        if (with is { } factor)
            present.AlsoProved(factor);
        return Outcome.Done;
    }

    /// <summary>The second factor was just set up in this browser, with a first answer of it.</summary>
    public static async Task AlsoProvedAsync(
        this IPortalSession session,
        Actor actor,
        AccountId account,
        SignInMethod with,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (actor.Session is { } id && await session.Sessions.FindAsync(account, id, now, cancellationToken) is { } present)
            present.AlsoProved(with);
    }

    /// <summary>A wrong password or code: counted and recorded together.</summary>
    public static Task CountWrongProofAsync(
        this IPortalDatabase database,
        Actor actor,
        Operation operation,
        AccountId id,
        Problem problem,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        database.RefuseAsync(
            actor,
            null,
            operation,
            problem,
            async session =>
            {
                if (await session.Accounts.FindAsync(id, cancellationToken) is { } account)
                    session.Accounts.Save(account.WithWrongProof(clock.Now()));
            },
            cancellationToken
        );
}
