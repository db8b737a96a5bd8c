using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>
/// A new account, usable once its address is verified. The answer is the same whether the address has an account or
/// not: what differs is the mail, which only its owner reads.
/// </summary>
public sealed class SignUp(IIdentityStore identities, PasswordRules passwords, AccountLinks links, IAttemptLimiter limiter, IMailer mailer, IPublicAddress address)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? email, string? password, CancellationToken cancellationToken)
    {
        if (!EmailAddress.Create(email).TryGet(out var parsed, out var malformed)) return malformed;
        if (limiter.Check(actor, parsed.Value) is { } tooMany) return tooMany;
        if (passwords.Check(password, parsed.Value) is { } weak) return weak;
        var created = await identities.CreateUnverifiedAsync(parsed, password!, cancellationToken);
        await mailer.SendAsync(created is null ? AlreadyThere(parsed) : AccountMails.Verify(created, links), cancellationToken);
        return Outcome.Done;
    }

    private Mail AlreadyThere(EmailAddress email) => new(
        email.Value, "You already have an account",
        "Somebody, probably you, asked for an account with this address. There is one already: sign in, or choose a new password if it slipped your mind. If it was not you, nothing has changed and nothing needs doing.",
        new Uri(address.Url, "/sign-in"), "Sign in");
}

/// <summary>The verification mail once more. The answer never tells whether there is such an account.</summary>
public sealed class ResendVerification(IIdentityStore identities, AccountLinks links, IAttemptLimiter limiter, IMailer mailer)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? email, CancellationToken cancellationToken)
    {
        if (!EmailAddress.Create(email).TryGet(out var parsed, out var malformed)) return malformed;
        if (limiter.Check(actor, parsed.Value) is { } tooMany) return tooMany;
        var account = await identities.FindAsync(parsed, cancellationToken);
        if (account is { Account.EmailVerified: false }) await mailer.SendAsync(AccountMails.Verify(account, links), cancellationToken);
        return Outcome.Done;
    }
}

/// <summary>Opens the link of a verification mail.</summary>
public sealed class VerifyEmail(IIdentityStore identities, AccountLinks links)
{
    public async Task<Outcome<Account>> RunAsync(string? token, CancellationToken cancellationToken)
    {
        if (!(await links.OpenAsync(AccountLinkPurpose.VerifyEmail, token, cancellationToken)).TryGet(out var found, out var problem)) return problem;
        // A second click on the same link is no error.
        if (!found.Account.EmailVerified) await identities.MarkVerifiedAsync(found.Account.Id, cancellationToken);
        return found.Account with { EmailVerified = true };
    }
}

internal static class AccountMails
{
    public static Mail Verify(StampedAccount account, AccountLinks links) => new(
        account.Account.Email, "Confirm your e-mail address",
        $"Confirm this address to use your new account. The link is good for {AccountLinks.InWords(AccountLinkPurpose.VerifyEmail)}. If you did not ask for an account, leave this mail alone.",
        links.Create(AccountLinkPurpose.VerifyEmail, account), "Confirm the address");
}
