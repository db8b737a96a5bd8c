using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Accounts;

/// <summary>Sets a new password for who is signed in and knows the present one. Other browsers are signed out; this one goes on.</summary>
public sealed class ChangePassword(
    IPasswords passwords,
    PasswordRules rules,
    IAttemptLimiter limiter,
    AccessGuard guard,
    IPortalDatabase database,
    IPublicAddress address,
    TimeProvider clock
)
{
    private static readonly Problem.Invalid Wrong = new(
        "password-wrong",
        "The current password is incorrect. After ten failed attempts the account is locked for 15 minutes.",
        "current"
    );

    public async Task<Outcome<Done>> RunAsync(Actor actor, string? current, string? password, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.change-password", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var id, out var refused))
            return refused;
        var found = await database.ReadAsync(session => session.Accounts.FindAsync(id, cancellationToken), cancellationToken);
        if (limiter.Check(actor, Attempt.Proof, found?.Account.Email) is { } tooMany)
            return tooMany;
        if (rules.Check(password, found?.Account.Email ?? "") is { } weak)
            return weak;
        var matches =
            current is { Length: <= PasswordRules.Longest }
            && await passwords.VerifyAsync(actor, found?.PasswordHash, current, cancellationToken);
        if (!matches || found is null || found.IsLocked(clock.Now()))
        {
            await database.CountWrongProofAsync(actor, operation, id, Wrong, clock, cancellationToken);
            return Wrong;
        }
        var hash = await passwords.HashAsync(actor, password!, cancellationToken);
        return await database.WriteAccountAsync(
            actor,
            operation,
            async session =>
            {
                if (
                    await session.Accounts.FindAsync(id, cancellationToken) is not { } account
                    || account.PasswordHash != found.PasswordHash
                )
                    return Wrong;
                session.Accounts.Save(account.WithPassword(hash));
                await session.Sessions.EndAllAsync(id, except: actor.Session, cancellationToken);
                if (
                    actor.Session is { } present
                    && await session.Sessions.FindAsync(id, present, clock.Now(), cancellationToken) is { } here
                )
                    here.Confirm(clock.Now());
                session.Mails.Add(AccountNotices.PasswordChanged(account.Account, new(actor, clock.Now(), address)));
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}
