using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Accounts;

/// <summary>
/// Sends the link with which a password can be set anew. The answer, and the work for it, never tell whether there is such an account.
/// </summary>
public sealed class RequestPasswordReset(AccountLinks links, IAttemptLimiter limiter, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? email, CancellationToken cancellationToken)
    {
        if (!EmailAddress.Create(email).TryGet(out var parsed, out var malformed))
            return malformed;
        if (limiter.Check(actor, Attempt.Email, parsed.Value) is { } tooMany)
            return tooMany;
        return await database.WriteAccountAsync(
            actor,
            AccountOperations.Open("account.request-reset", parsed.Value),
            async session =>
            {
                if (await session.Accounts.FindAsync(parsed, cancellationToken) is { } account)
                    session.Mails.Add(AccountMails.Reset(account, links));
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>
/// Sets a password with the link of a mail. Every browser signed in is signed out, and what was made before ends too
/// unless the person keeps it: a reset is what somebody does whose account another person got into.
/// </summary>
public sealed class ResetPassword(
    IPasswords passwords,
    PasswordRules rules,
    AccountLinks links,
    IAttemptLimiter limiter,
    IPortalDatabase database,
    IPublicAddress address,
    TimeProvider clock
)
{
    /// <summary>What the reset would end; a problem when the link would not work, so that nobody types a password in vain.</summary>
    public async Task<Outcome<MadeBefore>> CheckLinkAsync(string? token, CancellationToken cancellationToken)
    {
        if (!links.Open(token, AccountLinkPurpose.ResetPassword).TryGet(out var link, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<MadeBefore>>(
            async session =>
                link.Opens(await session.Accounts.FindAsync(link.Account, cancellationToken)).TryGet(out _, out var used)
                    ? await session.MadeBeforeAsync(link.Account, clock.Now(), cancellationToken)
                    : used,
            cancellationToken
        );
    }

    /// <param name="keep">Leaves API keys, passkeys, linked sign-in methods, authorized applications and what was created in organizations
    /// as they are.</param>
    /// <returns>What was ended.</returns>
    public async Task<Outcome<MadeBefore>> RunAsync(
        Actor actor,
        string? token,
        string? password,
        bool keep,
        CancellationToken cancellationToken
    )
    {
        if (limiter.Check(actor, Attempt.Other) is { } tooMany)
            return tooMany;
        if (!links.Open(token, AccountLinkPurpose.ResetPassword).TryGet(out var link, out var problem))
            return problem;
        var found = link.Opens(
            await database.ReadAsync(session => session.Accounts.FindAsync(link.Account, cancellationToken), cancellationToken)
        );
        if (!found.TryGet(out var known, out problem))
            return problem;
        if (rules.Check(password, known.Account.Email) is { } weak)
            return weak;
        var hash = await passwords.HashAsync(actor, password!, cancellationToken);
        var operation = AccountOperations.Open("account.reset-password", known.Account.Email) with
        {
            Details = new Dictionary<string, string> { ["madeBefore"] = keep ? "kept" : "ended" },
        };
        return await database.WriteAccountAsync(
            actor.As(known.Account),
            operation,
            async session =>
            {
                if (!link.Opens(await session.Accounts.FindAsync(link.Account, cancellationToken)).TryGet(out var account, out var used))
                    return used;
                // Whoever followed the link reads the mail of this address. What was made before that was shown is never kept.
                session.Accounts.Save(account.WithPassword(hash).Verified());
                await session.Sessions.EndAllAsync(link.Account, except: null, cancellationToken);
                var ended =
                    keep && account.Account.EmailVerified
                        ? new MadeBefore(0, 0, 0, 0)
                        : await session.EndMadeBeforeAsync(account.Account, clock, cancellationToken);
                session.Mails.Add(AccountMails.PasswordReset(account.Account, ended, actor, address, clock.Now()));
                return Outcome.Of(ended);
            },
            cancellationToken
        );
    }
}
