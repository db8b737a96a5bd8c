using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>
/// A new account, usable once its address is verified. The answer and the work for it are the same whether the address
/// has an account or not: what differs is the mail, which only its owner reads.
/// </summary>
public sealed class SignUp(IPasswords passwords, PasswordRules rules, AccountLinks links, IAttemptLimiter limiter, IPortalDatabase database, IPublicAddress address, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? email, string? password, CancellationToken cancellationToken)
    {
        if (!EmailAddress.Create(email).TryGet(out var parsed, out var malformed)) return malformed;
        if (limiter.Check(actor, parsed.Value) is { } tooMany) return tooMany;
        if (rules.Check(password, parsed.Value) is { } weak) return weak;
        // Hashed before anybody looks whether the address is known.
        var hash = await passwords.HashAsync(password!, cancellationToken);
        return await database.WriteAccountAsync(actor, AccountOperations.Open("account.sign-up", parsed.Value), async session =>
        {
            var known = await session.Accounts.FindAsync(parsed, cancellationToken);
            if (known is { Account.EmailVerified: true })
            {
                session.Mails.Add(AccountMails.AlreadyThere(known, address));
                return Outcome.Done;
            }
            // One that was never verified gets the new password: whoever can read the mail decides.
            var account = known?.WithPassword(hash) ?? AccountState.New(new(clock.NewUuid()), parsed, hash, clock.Now());
            if (known is null) session.Accounts.Add(account);
            else session.Accounts.Save(account);
            session.Mails.Add(AccountMails.Verify(account, links));
            return Outcome.Done;
        }, cancellationToken);
    }
}

/// <summary>The verification mail once more. The answer, and the work for it, never tell whether there is such an account.</summary>
public sealed class ResendVerification(AccountLinks links, IAttemptLimiter limiter, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? email, CancellationToken cancellationToken)
    {
        if (!EmailAddress.Create(email).TryGet(out var parsed, out var malformed)) return malformed;
        if (limiter.Check(actor, parsed.Value) is { } tooMany) return tooMany;
        return await database.WriteAccountAsync(actor, AccountOperations.Open("account.resend-verification", parsed.Value), async session =>
        {
            var account = await session.Accounts.FindAsync(parsed, cancellationToken);
            if (account is { Account.EmailVerified: false }) session.Mails.Add(AccountMails.Verify(account, links));
            return Outcome.Done;
        }, cancellationToken);
    }
}

/// <summary>Opens the link of a verification mail.</summary>
public sealed class VerifyEmail(AccountLinks links, IPortalDatabase database)
{
    public async Task<Outcome<Account>> RunAsync(Actor actor, string? token, CancellationToken cancellationToken)
    {
        if (!links.Open(token, AccountLinkPurpose.VerifyEmail).TryGet(out var link, out var problem)) return problem;
        var found = link.Opens(await database.ReadAsync(session => session.Accounts.FindAsync(link.Account, cancellationToken), cancellationToken));
        if (!found.TryGet(out var known, out problem)) return problem;
        // A second click on the same link is no error.
        if (known.Account.EmailVerified) return known.Account;
        return await database.WriteAccountAsync(actor.As(known.Account), AccountOperations.Open("account.verify", known.Account.Email), async session =>
        {
            if (!link.Opens(await session.Accounts.FindAsync(link.Account, cancellationToken)).TryGet(out var account, out var used)) return used;
            session.Accounts.Save(account.Verified());
            return Outcome.Of(account.Verified().Account);
        }, cancellationToken);
    }
}
