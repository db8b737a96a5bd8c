using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;

namespace Portal.Domain.Accounts;

/// <summary>
/// An account for the invited address, verified, since the link came by its mail. Accepting is a step of its own, so that a
/// failure there leaves an account that can sign in and accept.
/// </summary>
public sealed class SignUpInvited(
    IPasswords passwords,
    PasswordRules rules,
    IAttemptLimiter limiter,
    IPortalDatabase database,
    TimeProvider clock,
    SessionRule? sessionRule = null
)
{
    public async Task<Outcome<SignedInAccount>> RunAsync(
        Actor actor,
        string? token,
        string? password,
        string? userAgent,
        CancellationToken cancellationToken
    )
    {
        if (limiter.Check(actor, Attempt.Other) is { } tooMany)
            return tooMany;
        var found = await database.ReadAsync(
            session => OpenInvitation.FindAsync(session, token, clock.Now(), cancellationToken),
            cancellationToken
        );
        if (!found.TryGet(out var opened, out var problem))
            return problem;
        var email = EmailAddress.Create(opened.Invitation.Email).Value;
        if (rules.Check(password, email.Value) is { } weak)
            return weak;
        var hash = await passwords.HashAsync(actor, password!, cancellationToken);
        var fresh = AccountState.New(new(clock.NewUuid()), email, hash, clock.Now()).Verified();
        return await database.WriteAccountAsync(
            actor with
            {
                AccountId = null,
                Name = email.Value,
            },
            AccountOperations.Open("account.sign-up", email.Value),
            async session =>
            {
                if ((await OpenInvitation.FindAsync(session, token, clock.Now(), cancellationToken)).Problem is { } over)
                    return over;
                var known = await session.Accounts.FindAsync(email, cancellationToken);
                if (known is { Account.EmailVerified: true })
                    return new Problem.Conflict("account-exists", "This address already has an account. Sign in to accept the invitation.");
                // One that was never verified gets the new password: whoever can read the mail decides.
                var account = known?.WithPassword(hash).Verified() ?? fresh;
                if (known is null)
                    session.Accounts.Add(account);
                else
                {
                    session.Accounts.Save(account);
                    await session.EndMadeBeforeAsync(account.Account, clock, cancellationToken);
                }
                return Outcome.Of(
                    await session.BeginAsync(account, SignInMethod.Password, actor, userAgent, clock, cancellationToken, rule: sessionRule)
                );
            },
            cancellationToken
        );
    }
}
