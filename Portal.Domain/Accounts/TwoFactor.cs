using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Accounts;

/// <summary>What an authenticator app needs to know, before a code has shown that it does.</summary>
/// <param name="Secret">In base32, for typing.</param>
/// <param name="Address">The same for a QR code.</param>
/// <param name="Token">The secret sealed: comes back with the code that confirms it.</param>
public sealed record TotpSetup(string Secret, string Address, string Token);

/// <summary>Whether the second factor is on, and how many recovery codes are left.</summary>
public sealed record TwoFactorState(bool IsOn, int RecoveryCodesLeft);

public sealed class GetTwoFactor(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<TwoFactorState>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (
            !(
                await guard.CheckAccountAsync(
                    actor,
                    new(Permission.ManageAccount, "account.two-factor.read", actor.Name),
                    cancellationToken
                )
            ).TryGet(out var id, out var refused)
        )
            return refused;
        return await database.ReadAsync(
            async session => new TwoFactorState(
                await session.Accounts.FindAsync(id, cancellationToken) is { Totp: not null },
                await session.RecoveryCodes.CountAsync(id, cancellationToken)
            ),
            cancellationToken
        );
    }
}

/// <summary>Offers a secret. Nothing is kept: it counts once <see cref="ConfirmTotp"/> has seen a code of it.</summary>
public sealed class BeginTotp(AccessGuard guard, IPortalDatabase database, ISecretSeal seal)
{
    private const string Issuer = "Portal";

    /// <param name="token">Of an earlier offer, so that a wrong code does not change the secret; null for a new one.</param>
    public async Task<Outcome<TotpSetup>> RunAsync(Actor actor, string? token, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.two-factor.begin", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var id, out var refused))
            return refused;
        var account = await database.ReadAsync(session => session.Accounts.FindAsync(id, cancellationToken), cancellationToken);
        if (account is null or { Totp: not null })
            return TwoFactorProblems.OnAlready;
        var secret = (token is null ? null : seal.Open(TwoFactorProblems.OfferPurpose(id), token)) ?? TotpCodes.NewSecret();
        return new TotpSetup(
            secret,
            TotpCodes.Address(secret, Issuer, account.Account.Email),
            seal.Seal(TwoFactorProblems.OfferPurpose(id), secret)
        );
    }
}

/// <summary>Switches the second factor on with a first code, and answers the recovery codes: this once.</summary>
public sealed class ConfirmTotp(
    AccessGuard guard,
    IPortalDatabase database,
    ISecretSeal seal,
    IAttemptLimiter limiter,
    IPublicAddress address,
    TimeProvider clock
)
{
    private static readonly Problem.Invalid Wrong = new(
        "code-wrong",
        "This code is incorrect. Enter the six digits your app shows now, and make sure your phone's clock is right.",
        "code"
    );

    public async Task<Outcome<IReadOnlyList<string>>> RunAsync(
        Actor actor,
        string? token,
        string? code,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ManageAccount, "account.two-factor.on", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var id, out var refused))
            return refused;
        if (limiter.Check(actor, Attempt.Proof, actor.Name) is { } tooMany)
            return tooMany;
        if (string.IsNullOrEmpty(token) || seal.Open(TwoFactorProblems.OfferPurpose(id), token) is not { } secret)
            return new Problem.Invalid("form-stale", "This page has expired. Reload it and try again.");
        if (TotpCodes.Match(secret, code, clock.Now(), lastStep: 0) is not { } step)
            return Wrong;
        var fresh = RecoveryCodes.New();
        return await database.WriteAccountAsync(
            actor,
            operation,
            async session =>
            {
                if (await session.Accounts.FindAsync(id, cancellationToken) is not { Totp: null } account)
                    return Outcome.Refused<IReadOnlyList<string>>(TwoFactorProblems.OnAlready);
                session.Accounts.Save(account.WithTotp(new(seal.Seal(CodeCheck.SecretPurpose, secret), step)));
                await session.RecoveryCodes.ReplaceAsync(id, [.. fresh.Select(RecoveryCodes.Hash)], cancellationToken);
                await session.AlsoProvedAsync(actor, id, SignInMethod.PasswordAndCode, clock.Now(), cancellationToken);
                session.Mails.Add(AccountNotices.TwoFactorOn(account.Account, new(actor, clock.Now(), address)));
                return Outcome.Of(fresh);
            },
            cancellationToken
        );
    }
}

/// <summary>Ten new recovery codes, answered this once; the old ones are void.</summary>
public sealed class RenewRecoveryCodes(AccessGuard guard, IPortalDatabase database, IPublicAddress address, TimeProvider clock)
{
    public async Task<Outcome<IReadOnlyList<string>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.recovery-codes.renew", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var id, out var refused))
            return refused;
        var fresh = RecoveryCodes.New();
        return await database.WriteAccountAsync(
            actor,
            operation,
            async session =>
            {
                if (await session.Accounts.FindAsync(id, cancellationToken) is not { Totp: not null } account)
                    return Outcome.Refused<IReadOnlyList<string>>(TwoFactorProblems.Off);
                await session.RecoveryCodes.ReplaceAsync(id, [.. fresh.Select(RecoveryCodes.Hash)], cancellationToken);
                session.Mails.Add(AccountNotices.RecoveryCodesRenewed(account.Account, new(actor, clock.Now(), address)));
                return Outcome.Of(fresh);
            },
            cancellationToken
        );
    }
}

/// <summary>Switches the second factor off; its recovery codes go with it.</summary>
public sealed class DisableTotp(AccessGuard guard, IPortalDatabase database, IPublicAddress address, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.two-factor.off", actor.Name);
        if (!(await guard.CheckAccountAsync(actor, operation, cancellationToken)).TryGet(out var id, out var refused))
            return refused;
        return await database.WriteAccountAsync(
            actor,
            operation,
            async session =>
            {
                if (await session.Accounts.FindAsync(id, cancellationToken) is not { Totp: not null } account)
                    return TwoFactorProblems.Off;
                session.Accounts.Save(account.WithTotp(null));
                await session.RecoveryCodes.ReplaceAsync(id, [], cancellationToken);
                session.Mails.Add(AccountNotices.TwoFactorOff(account.Account, new(actor, clock.Now(), address)));
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

internal static class TwoFactorProblems
{
    public static readonly Problem.Conflict OnAlready = new(
        "two-factor-on",
        "Two-factor authentication is already on. Turn it off first to set it up with another app."
    );

    public static readonly Problem.Conflict Off = new("two-factor-off", "Two-factor authentication is off. Set it up first.");

    /// <summary>An offer to one account is none to another.</summary>
    public static string OfferPurpose(AccountId account) => $"totp-offer:{account}";
}
