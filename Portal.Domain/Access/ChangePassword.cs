using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>Sets a new password for who is signed in and knows the present one. Other browsers are signed out.</summary>
public sealed class ChangePassword(IIdentityStore identities, PasswordRules passwords, IAttemptLimiter limiter, AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? current, string? password, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.change-password", actor.Name);
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused) return refused;
        if (actor.AccountId is not { } id || await identities.FindAsync(id, cancellationToken) is not { } found)
            return new Problem.Forbidden("people-only", "Only a person signed in can change a password.");
        var email = EmailAddress.Create(found.Account.Email).Value;
        if (limiter.Check(actor, email.Value) is { } tooMany) return tooMany;
        if (passwords.Check(password, email.Value) is { } weak) return weak;
        if ((await identities.CheckPasswordAsync(email, current ?? "", cancellationToken)).Account is null)
            return new Problem.Invalid("password-wrong", "The present password is not right. After ten wrong ones the account rests for 15 minutes.", "current");
        await identities.SetPasswordAsync(id, password!, cancellationToken);
        return await database.RecordAsync(actor, operation.Name, operation.Subject, cancellationToken);
    }
}

/// <summary>Ends every sign-in of the account, this browser's included.</summary>
public sealed class SignOutEverywhere(IIdentityStore identities, AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.sign-out-everywhere", actor.Name);
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused) return refused;
        if (actor.AccountId is { } id) await identities.RenewStampAsync(id, cancellationToken);
        return await database.RecordAsync(actor, operation.Name, operation.Subject, cancellationToken);
    }
}

internal static class AccountAudit
{
    /// <summary>Into the platform's log: accounts belong to no organisation.</summary>
    public static Task<Outcome<Done>> RecordAsync(this IPortalDatabase database, Actor actor, string operation, string subject, CancellationToken cancellationToken) =>
        database.WriteAsync(actor, null, new(Permission.ManageAccount, operation, subject), _ => Task.FromResult(Outcome.Done), cancellationToken);
}
