using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Domain.Accounts;

/// <summary>The one-time code printed at the start while there is no account: proves that a remote visitor runs the installation.</summary>
public interface IFirstRunCode
{
    bool Matches(string? typed);
}

/// <summary>The first account of an installation: its operator, verified without a mail. Only while there is none.</summary>
public sealed class CreateFirstAccount(
    IAccountDirectory accounts,
    IPasswords passwords,
    PasswordRules rules,
    IFirstRunCode printed,
    IAttemptLimiter limiter,
    IPortalDatabase database,
    TimeProvider clock
)
{
    private const string KeyName = "Portal:FirstRun:ApiKey";

    private static readonly Problem.Conflict TooLate = new(
        "first-run-over",
        "This installation already has an operator account. Sign in instead."
    );

    private static readonly Problem.Invalid WrongCode = new(
        "first-run-code-wrong",
        "This isn't the code that Portal printed when it started. Find the line in its output and copy the last word.",
        "code"
    );

    public async Task<bool> IsPossibleAsync(CancellationToken cancellationToken) => !await accounts.AnyAsync(cancellationToken);

    /// <param name="fromThisMachine">The settings, or a browser on the machine that the portal runs on: no code is asked for.</param>
    /// <param name="apiKey">The installer's own secret, taken as it is; null for none.</param>
    public async Task<Outcome<Account>> RunAsync(
        Actor actor,
        bool fromThisMachine,
        string? code,
        string? email,
        string? password,
        string? apiKey,
        CancellationToken cancellationToken
    )
    {
        if (!actor.IsWorker && limiter.Check(actor, Attempt.Other) is { } tooMany)
            return tooMany;
        if (!await IsPossibleAsync(cancellationToken))
            return TooLate;
        if (!fromThisMachine && !printed.Matches(code))
            return WrongCode;
        if (!EmailAddress.Create(email).TryGet(out var parsed, out var malformed))
            return malformed;
        if (rules.Check(password, parsed.Value) is { } weak)
            return weak;
        var hash = await passwords.HashAsync(actor, password!, cancellationToken);
        var fresh = AccountState.New(new(clock.NewUuid()), parsed, hash, clock.Now()).Verified();
        var first = fresh with { Account = fresh.Account with { IsOperator = true } };
        var operation = AccountOperations.Open("account.create-first", parsed.Value) with
        {
            Details = apiKey is null ? null : new Dictionary<string, string> { ["apiKey"] = KeyName },
        };
        return await database.WriteAccountAsync(
            actor.As(first.Account),
            operation,
            async session =>
            {
                // The platform's audit chain is locked: of two at once, the second finds the first.
                if (await session.Accounts.AnyAsync(cancellationToken))
                    return TooLate;
                session.Accounts.Add(first);
                if (apiKey is not null)
                    session.ApiKeys.Add(
                        ApiKey.OfAccount(new(clock.NewUuid()), first.Account, KeyName, apiKey, bound: null, clock.Now(), expiresAt: null)
                    );
                return Outcome.Of(first.Account);
            },
            cancellationToken
        );
    }
}
