using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>Sends the link with which a password can be set anew. The answer, and the work for it, never tell whether there is such an account.</summary>
public sealed class RequestPasswordReset(AccountLinks links, IAttemptLimiter limiter, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? email, CancellationToken cancellationToken)
    {
        if (!EmailAddress.Create(email).TryGet(out var parsed, out var malformed)) return malformed;
        if (limiter.Check(actor, parsed.Value) is { } tooMany) return tooMany;
        return await database.WriteAccountAsync(actor, AccountOperations.Open("account.request-reset", parsed.Value), async session =>
        {
            if (await session.Accounts.FindAsync(parsed, cancellationToken) is { } account) session.Mails.Add(AccountMails.Reset(account, links));
            return Outcome.Done;
        }, cancellationToken);
    }
}

/// <summary>Sets a password with the link of a mail. Every browser signed in is signed out.</summary>
public sealed class ResetPassword(IPasswords passwords, PasswordRules rules, AccountLinks links, IAttemptLimiter limiter, IPortalDatabase database, IPublicAddress address)
{
    /// <summary>Whether the link would work, so that nobody types a password in vain.</summary>
    public async Task<Problem?> CheckLinkAsync(string? token, CancellationToken cancellationToken)
    {
        if (!links.Open(token, AccountLinkPurpose.ResetPassword).TryGet(out var link, out var problem)) return problem;
        return link.Opens(await database.ReadAsync(session => session.Accounts.FindAsync(link.Account, cancellationToken), cancellationToken)).Problem;
    }

    public async Task<Outcome<Done>> RunAsync(Actor actor, string? token, string? password, CancellationToken cancellationToken)
    {
        if (limiter.Check(actor) is { } tooMany) return tooMany;
        if (!links.Open(token, AccountLinkPurpose.ResetPassword).TryGet(out var link, out var problem)) return problem;
        var found = link.Opens(await database.ReadAsync(session => session.Accounts.FindAsync(link.Account, cancellationToken), cancellationToken));
        if (!found.TryGet(out var known, out problem)) return problem;
        if (rules.Check(password, known.Account.Email) is { } weak) return weak;
        var hash = await passwords.HashAsync(password!, cancellationToken);
        return await database.WriteAccountAsync(actor.As(known.Account), AccountOperations.Open("account.reset-password", known.Account.Email), async session =>
        {
            if (!link.Opens(await session.Accounts.FindAsync(link.Account, cancellationToken)).TryGet(out var account, out var used)) return used;
            // Whoever followed the link reads the mail of this address.
            session.Accounts.Save(account.WithPassword(hash).Verified());
            await session.Sessions.EndAllAsync(link.Account, except: null, cancellationToken);
            session.Mails.Add(AccountMails.Notice(account.Account, "The password of your account was changed", address));
            return Outcome.Done;
        }, cancellationToken);
    }
}
