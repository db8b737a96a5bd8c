using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>Sends the link with which a password can be set anew. The answer never tells whether there is such an account.</summary>
public sealed class RequestPasswordReset(IIdentityStore identities, AccountLinks links, IAttemptLimiter limiter, IMailer mailer)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? email, CancellationToken cancellationToken)
    {
        if (!EmailAddress.Create(email).TryGet(out var parsed, out var malformed)) return malformed;
        if (limiter.Check(actor, parsed.Value) is { } tooMany) return tooMany;
        if (await identities.FindAsync(parsed, cancellationToken) is { } account)
        {
            await mailer.SendAsync(
                new(account.Account.Email, "Choose a new password",
                    $"Somebody, probably you, asked for a new password. The link is good for {AccountLinks.InWords(AccountLinkPurpose.ResetPassword)} and works once. If it was not you, leave this mail alone: the old password stays.",
                    links.Create(AccountLinkPurpose.ResetPassword, account), "Choose a new password"),
                cancellationToken);
        }
        return Outcome.Done;
    }
}

/// <summary>Sets a password with the link of a mail. Every browser signed in is signed out.</summary>
public sealed class ResetPassword(IIdentityStore identities, PasswordRules passwords, AccountLinks links, IAttemptLimiter limiter, IPortalDatabase database)
{
    /// <summary>Whether the link would work, so that nobody types a password in vain.</summary>
    public async Task<Problem?> CheckLinkAsync(string? token, CancellationToken cancellationToken) =>
        (await links.OpenAsync(AccountLinkPurpose.ResetPassword, token, cancellationToken)).Problem;

    public async Task<Outcome<Done>> RunAsync(Actor actor, string? token, string? password, CancellationToken cancellationToken)
    {
        if (limiter.Check(actor) is { } tooMany) return tooMany;
        if (!(await links.OpenAsync(AccountLinkPurpose.ResetPassword, token, cancellationToken)).TryGet(out var found, out var problem)) return problem;
        if (passwords.Check(password, found.Account.Email) is { } weak) return weak;
        await identities.SetPasswordAsync(found.Account.Id, password!, cancellationToken);
        // Whoever followed the link reads the mail of this address.
        if (!found.Account.EmailVerified) await identities.MarkVerifiedAsync(found.Account.Id, cancellationToken);
        return await database.RecordAsync(actor with { AccountId = found.Account.Id, Name = found.Account.Email }, "account.reset-password", found.Account.Email, cancellationToken);
    }
}
