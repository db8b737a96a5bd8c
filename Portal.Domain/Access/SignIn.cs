using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>
/// E-mail and password. One sentence for every refusal, so that nobody learns who has an account; only who knows the
/// password hears that the address is still to be confirmed.
/// </summary>
public sealed class SignIn(IIdentityStore identities, IAttemptLimiter limiter, IAuditTrail audit)
{
    private static readonly Problem.Unauthenticated NoMatch = new(
        "sign-in-refused", "E-mail and password do not match. Try again, or choose a new password. After ten wrong ones an account rests for 15 minutes.");

    private static readonly Problem.Forbidden NotVerified = new(
        "email-not-verified", "This address is not confirmed yet. Open the link in the mail we sent, or have it sent again.");

    public async Task<Outcome<Account>> RunAsync(Actor actor, string? email, string? password, CancellationToken cancellationToken)
    {
        if (!EmailAddress.Create(email).TryGet(out var parsed, out var malformed)) return malformed;
        if (string.IsNullOrEmpty(password) || password.Length > PasswordRules.Longest) return new Problem.Invalid("password-missing", "Enter your password.", "password");
        if (limiter.Check(actor, parsed.Value) is { } tooMany) return tooMany;
        var check = await identities.CheckPasswordAsync(parsed, password, cancellationToken);
        var refusal = check.Account switch { null => NoMatch, { EmailVerified: false } => NotVerified, _ => (Problem?)null };
        if (refusal is null) return check.Account!;
        await audit.RecordRefusalAsync(actor, null, new(Permission.HaveAccount, "account.sign-in", parsed.Value), refusal, cancellationToken);
        return refusal;
    }
}
