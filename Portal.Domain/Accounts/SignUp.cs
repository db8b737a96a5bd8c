using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Accounts;

/// <summary>
/// A new account, usable once its address is verified. The answer and the work for it are the same whether the address
/// has an account or not: what differs is the mail, which only its owner reads.
/// </summary>
public sealed class SignUp(
    IPasswords passwords,
    PasswordRules rules,
    AccountLinks links,
    IAttemptLimiter limiter,
    IPortalDatabase database,
    IPublicAddress address,
    TimeProvider clock
)
{
    /// <param name="browser">A mark that only the browser keeps: opened there, the confirmation link asks for no password.</param>
    public async Task<Outcome<Done>> RunAsync(
        Actor actor,
        string? email,
        string? password,
        string? browser,
        CancellationToken cancellationToken
    )
    {
        if (!EmailAddress.CreateNew(email).TryGet(out var parsed, out var malformed))
            return malformed;
        if (limiter.Check(actor, Attempt.Email, parsed.Value) is { } tooMany)
            return tooMany;
        if (rules.Check(password, parsed.Value) is { } weak)
            return weak;
        // Hashed before anybody looks whether the address is known.
        var hash = await passwords.HashAsync(actor, password!, cancellationToken);
        return await database.WriteAccountAsync(
            actor,
            AccountOperations.Open("account.sign-up", parsed.Value),
            async session =>
            {
                var known = await session.Accounts.FindAsync(parsed, cancellationToken);
                if (known is { Account.EmailVerified: true })
                {
                    session.Mails.Add(AccountMails.AlreadyThere(known, address));
                    return Outcome.Done;
                }
                // The new password is bound to the link that is sent for it: whoever opens it has to know it as well.
                var account = known?.WithPendingPassword(hash) ?? AccountState.New(new(clock.NewUuid()), parsed, hash, clock.Now());
                if (known is null)
                    session.Accounts.Add(account);
                else
                    session.Accounts.Save(account);
                session.Mails.Add(AccountMails.Verify(account, links, browser));
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>The verification mail once more. The answer, and the work for it, never tell whether there is such an account.</summary>
public sealed class ResendVerification(AccountLinks links, IAttemptLimiter limiter, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? email, CancellationToken cancellationToken)
    {
        if (!EmailAddress.Create(email).TryGet(out var parsed, out var malformed))
            return malformed;
        if (limiter.Check(actor, Attempt.Email, parsed.Value) is { } tooMany)
            return tooMany;
        return await database.WriteAccountAsync(
            actor,
            AccountOperations.Open("account.resend-verification", parsed.Value),
            async session =>
            {
                var account = await session.Accounts.FindAsync(parsed, cancellationToken);
                if (account is { Account.EmailVerified: false })
                    session.Mails.Add(AccountMails.Verify(account, links));
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <param name="SignedIn">Set where this browser is signed in by it.</param>
public sealed record VerifiedEmail(Account Account, SignedInAccount? SignedIn);

/// <summary>
/// Opens the link of a verification mail. Reading the mail proves the address, and the password, or the browser of the
/// sign-up, proves that the link belongs to one's own: anybody can have a mail sent to somebody else, and the password chosen then must not
/// become the account's because its owner clicked. Whoever confirms ends all that was made before. In the browser that signed
/// up a short time ago it signs in as well: see adr/0048.
/// </summary>
public sealed class VerifyEmail(
    AccountLinks links,
    IPasswords passwords,
    IAttemptLimiter limiter,
    IPortalDatabase database,
    TimeProvider clock,
    SessionRule? sessionRule = null
)
{
    /// <summary>For so long after the sign-up its password counts as just typed in that browser.</summary>
    private static readonly TimeSpan SignsInFor = TimeSpan.FromHours(1);

    private static readonly Problem.Invalid NotOfThisLink = new(
        "password-wrong",
        "This isn't the password chosen when this email was sent. Try again. "
            + "If somebody else used your address to sign up, set a password of your own with \"Forgot your password?\" instead.",
        "password"
    );

    /// <summary>Whether this link, opened in this browser, asks for the password; null for a link that is not good.</summary>
    public bool? AsksForPassword(string? token, string? browser) =>
        links.Open(token, AccountLinkPurpose.VerifyEmail).TryGet(out var link, out _) ? !link.IsOf(browser) : null;

    /// <param name="password">Of the sign-up that the link was sent for; not looked at in the browser of that sign-up.</param>
    public async Task<Outcome<VerifiedEmail>> RunAsync(
        Actor actor,
        string? token,
        string? password,
        string? browser,
        string? userAgent,
        CancellationToken cancellationToken
    )
    {
        if (!links.Open(token, AccountLinkPurpose.VerifyEmail).TryGet(out var link, out var problem))
            return problem;
        var known = await database.ReadAsync(session => session.Accounts.FindAsync(link.Account, cancellationToken), cancellationToken);
        // A second click on the same link is no error.
        if (known is { Account.EmailVerified: true } && link.PasswordHash is not null && known.PasswordHash == link.PasswordHash)
            return new VerifiedEmail(known.Account, null);
        if (!link.Opens(known).TryGet(out known, out problem))
            return problem;
        var isOwn = link.IsOf(browser);
        if (!isOwn && string.IsNullOrEmpty(password))
            return new Problem.Invalid("password-missing", "Enter the password that you chose when you signed up.", "password");
        if (limiter.Check(actor, Attempt.Proof, known.Account.Email) is { } tooMany)
            return tooMany;
        var operation = AccountOperations.Open("account.verify", known.Account.Email);
        if (
            !isOwn
            && (
                password!.Length > PasswordRules.Longest
                || !await passwords.VerifyAsync(actor, link.PasswordHash, password, cancellationToken)
            )
        )
        {
            await database.RefuseAsync(actor, null, operation, NotOfThisLink, _ => Task.CompletedTask, cancellationToken);
            return NotOfThisLink;
        }
        var signsIn = SignsIn(actor, link, known, isOwn);
        if (signsIn)
            operation = operation with { Details = new Dictionary<string, string> { ["signedIn"] = "yes" } };
        return await database.WriteAccountAsync(
            actor.As(known.Account),
            operation,
            async session =>
            {
                if (!link.Opens(await session.Accounts.FindAsync(link.Account, cancellationToken)).TryGet(out var account, out var used))
                    return used;
                var verified = account.WithPassword(link.PasswordHash!).Verified();
                session.Accounts.Save(verified);
                await session.Sessions.EndAllAsync(link.Account, except: null, cancellationToken);
                await session.EndMadeBeforeAsync(verified.Account, clock, cancellationToken);
                if (!signsIn || !SignsIn(actor, link, account, isOwn))
                    return Outcome.Of(new VerifiedEmail(verified.Account, null));
                // The password was typed when the link was sent: a fresh proof is as old as that.
                var signedIn = await session.BeginAsync(
                    verified,
                    SignInMethod.Password,
                    actor,
                    userAgent,
                    clock,
                    cancellationToken,
                    rule: sessionRule,
                    provedAt: link.SentAt
                );
                return Outcome.Of(new VerifiedEmail(verified.Account, signedIn));
            },
            cancellationToken
        );
    }

    /// <summary>
    /// Only the newest sign-up's own browser, and soon: after another sign-up of the same address, whoever opens the link
    /// shows once more that they know the password. Nobody is taken out of another account that they are in.
    /// </summary>
    private bool SignsIn(Actor actor, AccountLink link, AccountState before, bool isOwn) =>
        isOwn
        && actor.AccountId is null
        && before.PasswordHash == link.PasswordHash
        && before is { Totp: null, Account.EmailVerified: false }
        && clock.Now() - link.SentAt < SignsInFor;
}
