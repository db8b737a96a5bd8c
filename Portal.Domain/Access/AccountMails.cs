using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>What the portal writes to people about their accounts.</summary>
internal static class AccountMails
{
    public static Mail Verify(AccountState account, AccountLinks links) => new(
        account.Account.Email, "Confirm your e-mail address",
        $"Confirm this address to use your new account. The link is good for {AccountLinks.InWords(AccountLinkPurpose.VerifyEmail)}. If you did not ask for an account, leave this mail alone.",
        links.Create(AccountLinkPurpose.VerifyEmail, account), "Confirm the address");

    public static Mail Reset(AccountState account, AccountLinks links) => new(
        account.Account.Email, "Choose a new password",
        $"Somebody, probably you, asked for a new password. The link is good for {AccountLinks.InWords(AccountLinkPurpose.ResetPassword)} and works once. If it was not you, leave this mail alone: the old password stays.",
        links.Create(AccountLinkPurpose.ResetPassword, account), "Choose a new password");

    public static Mail AlreadyThere(AccountState account, IPublicAddress address) => new(
        account.Account.Email, "You already have an account",
        "Somebody, probably you, asked for an account with this address. There is one already: sign in, or choose a new password if it slipped your mind. If it was not you, nothing has changed and nothing needs doing.",
        new Uri(address.Url, "/sign-in"), "Sign in");
}
