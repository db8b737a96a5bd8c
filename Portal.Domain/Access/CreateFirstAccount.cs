using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>The one-time code printed at the start while there is no account: proves that a remote visitor runs the installation.</summary>
public interface IFirstRunCode
{
    bool Matches(string? typed);
}

/// <summary>The first account of an installation: its operator, verified without a mail. Only while there is none.</summary>
public sealed class CreateFirstAccount(IIdentityStore identities, PasswordRules passwords, IFirstRunCode printed, IAttemptLimiter limiter, IPortalDatabase database)
{
    private static readonly Problem.Conflict TooLate = new("first-run-over", "This installation has its operator already. Sign in instead.");

    private static readonly Problem.Invalid WrongCode = new(
        "first-run-code-wrong", "This is not the code that the portal printed when it started. Look at its output and copy the last word of the line.", "code");

    public async Task<bool> IsPossibleAsync(CancellationToken cancellationToken) => !await identities.AnyAccountAsync(cancellationToken);

    /// <param name="fromThisMachine">The settings, or a browser on the machine that the portal runs on: no code is asked for.</param>
    public async Task<Outcome<Account>> RunAsync(Actor actor, bool fromThisMachine, string? code, string? email, string? password, CancellationToken cancellationToken)
    {
        if (!actor.IsWorker && limiter.Check(actor) is { } tooMany) return tooMany;
        if (!await IsPossibleAsync(cancellationToken)) return TooLate;
        if (!fromThisMachine && !printed.Matches(code)) return WrongCode;
        if (!EmailAddress.Create(email).TryGet(out var parsed, out var malformed)) return malformed;
        if (passwords.Check(password, parsed.Value) is { } weak) return weak;
        if (await identities.CreateFirstAsync(parsed, password!, cancellationToken) is not { } account) return TooLate;
        await database.RecordAsync(actor with { AccountId = account.Id, Name = account.Email }, "account.create-first", account.Email, cancellationToken);
        return account;
    }
}
