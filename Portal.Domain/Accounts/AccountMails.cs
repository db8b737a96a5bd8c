using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Accounts;

/// <summary>What the portal writes to people about their accounts.</summary>
internal static class AccountMails
{
    public static Mail Verify(AccountState account, AccountLinks links, string? browser = null) => new(
        account.Account.Email, "Confirm your email address",
        $"Confirm this address to use your new account. The link is valid for {AccountLinks.InWords(AccountLinkPurpose.VerifyEmail)}. If you open it in a different browser, you'll need the password you chose. If you didn't ask for an account, ignore this email.",
        links.Create(AccountLinkPurpose.VerifyEmail, account, browser: browser), "Confirm the address");

    public static Mail Reset(AccountState account, AccountLinks links) => new(
        account.Account.Email, "Choose a new password",
        $"We received a request to reset your password. The link is valid for {AccountLinks.InWords(AccountLinkPurpose.ResetPassword)} and works once. If it wasn't you, ignore this email: your password stays the same.",
        links.Create(AccountLinkPurpose.ResetPassword, account), "Choose a new password");

    /// <summary>What happened to the protection of an account, told to its owner, who may not have been the one.</summary>
    public static Mail Notice(Account account, string what, IPublicAddress address) => new(
        account.Email, what, $"{what}. If it was you, nothing needs doing. If it was not, choose a new password at once and look through your account's sign-ins.",
        new Uri(address.Url, "/account/security"), "Look at your account");

    /// <param name="ended">What the reset ended beside the sessions.</param>
    public static Mail PasswordReset(Account account, MadeBefore ended, IPublicAddress address) => new(
        account.Email, "Your password was changed",
        $"Your password was reset with a link sent to this address, and you were signed out everywhere. {(ended.IsNothing ? "" : $"Also ended: {ended.Words}. ")}If it was not you, choose a new password at once: whoever did this reads your mail.",
        new Uri(address.Url, "/account/security"), "Look at your account");

    public static Mail RecoveryCodeUsed(Account account, int left) => new(
        account.Email, "A recovery code was used",
        $"Somebody, probably you, signed in to your account with a recovery code. You have {left} left. If it wasn't you, change your password right away.", null, null);

    public static Mail LeaveEmail(AccountState account, EmailChange change, AccountLinks links) => new(
        account.Account.Email, "Confirm your new email address",
        $"We received a request to change your account's email address to {change.NewEmail}. The change takes effect once you open both this link and the one we sent to the new address. Both are valid for {AccountLinks.InWords(AccountLinkPurpose.ConfirmOldEmail)}. If it wasn't you, don't open the link, and change your password.",
        links.Create(AccountLinkPurpose.ConfirmOldEmail, account, change.Number), "Confirm the change");

    public static Mail EnterEmail(AccountState account, EmailChange change, AccountLinks links) => new(
        change.NewEmail, "Confirm your new address",
        $"Confirm this address to use it for your account. The change takes effect once you open both this link and the one we sent to your old address. Both are valid for {AccountLinks.InWords(AccountLinkPurpose.ConfirmNewEmail)}. If you didn't ask for this, ignore this email.",
        links.Create(AccountLinkPurpose.ConfirmNewEmail, account, change.Number), "Confirm the address");

    public static Mail EmailWanted(AccountState owner, IPublicAddress address) => new(
        owner.Account.Email, "You already have an account",
        "Somebody, probably you, tried to use this address for another account. It already belongs to an account: sign in with that one. If it wasn't you, ignore this email: nothing has changed.",
        new Uri(address.Url, "/sign-in"), "Sign in");

    public static Mail AlreadyThere(AccountState account, IPublicAddress address) => new(
        account.Account.Email, "You already have an account",
        "Somebody, probably you, tried to sign up with this address. You already have an account: sign in, or reset your password if you forgot it. If it wasn't you, ignore this email: nothing has changed.",
        new Uri(address.Url, "/sign-in"), "Sign in");
}
