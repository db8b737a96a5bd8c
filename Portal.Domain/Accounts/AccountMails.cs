using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Accounts;

/// <summary>What the portal writes to people about their accounts.</summary>
internal static class AccountMails
{
    public static Mail Verify(AccountState account, AccountLinks links, string? browser = null) => new(
        account.Account.Email, "Confirm your e-mail address",
        $"Confirm this address to use your new account. The link is good for {AccountLinks.InWords(AccountLinkPurpose.VerifyEmail)}. In another browser than the one you signed up in, you'll need the password you chose. If you didn't ask for an account, ignore this email.",
        links.Create(AccountLinkPurpose.VerifyEmail, account, browser: browser), "Confirm the address");

    public static Mail Reset(AccountState account, AccountLinks links) => new(
        account.Account.Email, "Choose a new password",
        $"Somebody, probably you, asked for a new password. The link is good for {AccountLinks.InWords(AccountLinkPurpose.ResetPassword)} and works once. If it was not you, leave this mail alone: the old password stays.",
        links.Create(AccountLinkPurpose.ResetPassword, account), "Choose a new password");

    /// <summary>What happened to the protection of an account, told to its owner, who may not have been the one.</summary>
    public static Mail Notice(Account account, string what, IPublicAddress address) => new(
        account.Email, what, $"{what}. If it was you, nothing needs doing. If it was not, choose a new password at once and look through your account's sign-ins.",
        new Uri(address.Url, "/account/security"), "Look at your account");

    /// <param name="ended">What the reset ended beside the sessions.</param>
    public static Mail PasswordReset(Account account, MadeBefore ended, IPublicAddress address) => new(
        account.Email, "The password of your account was changed",
        $"The password of your account was reset with a link sent to this address, and every session was ended. {(ended.IsNothing ? "" : $"Also ended: {ended.Words}. ")}If it was not you, choose a new password at once: whoever did this reads your mail.",
        new Uri(address.Url, "/account/security"), "Look at your account");

    public static Mail RecoveryCodeUsed(Account account, int left) => new(
        account.Email, "A recovery code was used",
        $"Somebody, probably you, signed in to your account with a recovery code; {left} are left. If it was not you, choose a new password at once.", null, null);

    public static Mail LeaveEmail(AccountState account, EmailChange change, AccountLinks links) => new(
        account.Account.Email, "Confirm the change of your address",
        $"Somebody, probably you, wants the address of your account to be {change.NewEmail}. It changes when this link and the one sent to the new address have been opened; both are good for {AccountLinks.InWords(AccountLinkPurpose.ConfirmOldEmail)}. If it was not you, leave this mail alone and choose a new password.",
        links.Create(AccountLinkPurpose.ConfirmOldEmail, account, change.Number), "Confirm the change");

    public static Mail EnterEmail(AccountState account, EmailChange change, AccountLinks links) => new(
        change.NewEmail, "Confirm your new address",
        $"Confirm this address to use it for your account. It changes when this link and the one sent to the old address have been opened; both are good for {AccountLinks.InWords(AccountLinkPurpose.ConfirmNewEmail)}. If you did not ask for this, leave this mail alone.",
        links.Create(AccountLinkPurpose.ConfirmNewEmail, account, change.Number), "Confirm the address");

    public static Mail EmailWanted(AccountState owner, IPublicAddress address) => new(
        owner.Account.Email, "You already have an account",
        "Somebody, probably you, wants to use this address for another account. It has one already: sign in with it. If it was not you, nothing has changed and nothing needs doing.",
        new Uri(address.Url, "/sign-in"), "Sign in");

    public static Mail AlreadyThere(AccountState account, IPublicAddress address) => new(
        account.Account.Email, "You already have an account",
        "Somebody, probably you, asked for an account with this address. There is one already: sign in, or choose a new password if it slipped your mind. If it was not you, nothing has changed and nothing needs doing.",
        new Uri(address.Url, "/sign-in"), "Sign in");
}
