using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>Checks a code of the second factor inside the transaction that acts on it, so that none is accepted twice.</summary>
public sealed class CodeCheck(ISecretSeal seal, TimeProvider clock)
{
    internal const string SecretPurpose = "totp";

    /// <summary>The account afterwards and what the code was, or null when it is none of the account's.</summary>
    public async Task<(AccountState Account, SignInMethod Method)?> AcceptAsync(
        IPortalSession session,
        AccountState account,
        string? code,
        CancellationToken cancellationToken
    )
    {
        if (account.Totp is not { } totp || account.IsLocked(clock.Now()))
            return null;
        if (RecoveryCodes.Resembles(code))
        {
            return await session.RecoveryCodes.UseAsync(account.Account.Id, RecoveryCodes.Hash(code), cancellationToken)
                ? (account, SignInMethod.PasswordAndRecoveryCode)
                : null;
        }
        var secret =
            seal.Open(SecretPurpose, totp.SealedSecret)
            ?? throw new InvalidOperationException($"The second factor of {account} cannot be opened: the key ring is another one.");
        return TotpCodes.Match(secret, code, clock.Now(), totp.LastStep) is { } step
            ? (account.WithTotp(totp with { LastStep = step }), SignInMethod.PasswordAndCode)
            : null;
    }
}
