using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Accounts;

/// <summary>The second step of a sign-in: a code of the authenticator app, or a recovery code.</summary>
public sealed class FinishSignIn(
    IPortalDatabase database,
    CodeCheck codes,
    IAttemptLimiter limiter,
    IPublicAddress address,
    TimeProvider clock,
    SessionRule? sessionRule = null
)
{
    private static readonly Problem.Unauthenticated TooLate = new(
        "sign-in-expired",
        "Your sign-in took too long. Start again with your password."
    );

    private static readonly Problem.Invalid Wrong = new(
        "code-wrong",
        "This code is incorrect or has already been used. Wait for the next one, or enter a recovery code. "
            + "After ten failed attempts the account is locked for 15 minutes.",
        "code"
    );

    /// <param name="pending">What the first step left behind, null when its time is over.</param>
    public async Task<Outcome<SignedInAccount>> RunAsync(
        Actor actor,
        PendingSignIn? pending,
        string? code,
        string? userAgent,
        CancellationToken cancellationToken
    )
    {
        if (pending is null)
            return TooLate;
        var found = await database.ReadAsync(session => session.Accounts.FindAsync(pending.Account, cancellationToken), cancellationToken);
        if (found is null || found.SecurityStamp != pending.SecurityStamp)
            return TooLate;
        if (limiter.Check(actor, Attempt.Proof, found.Account.Email) is { } tooMany)
            return tooMany;
        var operation = AccountOperations.Open("account.sign-in", found.Account.Email) with
        {
            Details = new Dictionary<string, string> { ["step"] = "code" },
        };
        var outcome = await database.WriteAccountAsync(
            actor.As(found.Account),
            operation,
            async session =>
            {
                if (
                    await session.Accounts.FindAsync(pending.Account, cancellationToken) is not { } account
                    || account.SecurityStamp != pending.SecurityStamp
                )
                    return TooLate;
                if (await codes.AcceptAsync(session, account, code, cancellationToken) is not { Account: var accepted, Method: var method })
                    return Wrong;
                if (method == SignInMethod.PasswordAndRecoveryCode)
                    session.Mails.Add(
                        AccountMails.RecoveryCodeUsed(
                            account.Account,
                            await session.RecoveryCodes.CountAsync(pending.Account, cancellationToken),
                            actor,
                            address,
                            clock.Now()
                        )
                    );
                return Outcome.Of(
                    await session.BeginAsync(accepted, method, actor, userAgent, clock, cancellationToken, rule: sessionRule)
                );
            },
            cancellationToken
        );
        if (outcome.Problem == Wrong)
            await database.CountWrongProofAsync(actor, operation, pending.Account, Wrong, clock, cancellationToken);
        return outcome;
    }
}
