using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Accounts;

/// <summary>
/// What the portal writes to people about their accounts: addresses, links, and recoveries. <see cref="AccountNotices"/> has the rest.
/// </summary>
public static class AccountMails
{
    private static readonly MailTemplate<LinkMail> VerifyTemplate = new()
    {
        Kind = "account.verify",
        Title = "Confirm a new account",
        When = "To a new account's address, at sign-up and whenever the link is requested again.",
        Because = "somebody used this address to sign up",
        SampleOf = portal => new(new Uri(portal, "/verify?token=sample"), "24 hours"),
        Compose = (mail, _) =>
            new MailDraft(
                "Confirm your email address",
                $"Confirm this address to use your new account. The link is valid for {mail.ValidFor}.\n\nIf you open it in a "
                    + "different browser, you'll need the password you chose."
            )
                .Button("Confirm address", mail.Link)
                .Note("If you didn't ask for an account, ignore this email."),
    };

    private static readonly MailTemplate<Uri> AlreadyThereTemplate = new()
    {
        Kind = "account.already-there",
        Title = "Sign-up with a known address",
        When = "To an account's address, when somebody signs up with it again.",
        Because = "somebody used this address to sign up",
        SampleOf = portal => new Uri(portal, "/sign-in"),
        Compose = (signIn, _) =>
            new MailDraft(
                "You already have an account",
                "Somebody, probably you, tried to sign up with this address. You already have an account: "
                    + "sign in, or reset your password if you forgot it."
            )
                .Button("Sign in", signIn)
                .Note("If it wasn't you, ignore this email: nothing has changed."),
    };

    private static readonly MailTemplate<LinkMail> ResetTemplate = new()
    {
        Kind = "account.reset",
        Title = "Reset a password",
        When = "To an account's address, when somebody forgot its password.",
        Because = "somebody asked to reset the password of your account",
        SampleOf = portal => new(new Uri(portal, "/reset?token=sample"), "one hour"),
        Compose = (mail, _) =>
            new MailDraft(
                "Choose a new password",
                $"We received a request to reset your password. The link is valid for {mail.ValidFor} and works once."
            )
                .Button("Choose a new password", mail.Link)
                .Note("If it wasn't you, ignore this email: your password stays the same."),
    };

    private static readonly MailTemplate<PasswordResetMail> WasResetTemplate = new()
    {
        Kind = "account.was-reset",
        Title = "Password was reset",
        When = "To an account's address, after its password was reset with a link.",
        Because = "it's about the security of your account",
        SampleOf = portal => new(new MadeBefore(1, 1, 0, 0).Words, MailSamples.At, "192.0.2.7", new Uri(portal, "/account/security")),
        Compose = (mail, zone) =>
            new MailDraft(
                "Your password was changed",
                "Your password was reset with a link sent to this address, and you were signed out "
                    + $"everywhere.{(mail.Ended.Length == 0 ? "" : $" Also ended: {mail.Ended}.")}"
            )
                .Facts(("Time", zone.Minute(mail.At)), ("IP address", mail.From))
                .Button("Review your account", mail.Security)
                .Note("If it wasn't you, choose a new password at once: whoever did this can read your email."),
    };

    private static readonly MailTemplate<EmailChangeMail> LeaveEmailTemplate = new()
    {
        Kind = "account.email.leave",
        Title = "Change an address: old address",
        When = "To an account's present address, when somebody asks to change it.",
        Because = "somebody asked to change the email address of your account",
        SampleOf = portal => new(new Uri(portal, "/account/email/confirm?token=sample"), "24 hours", "ada@new.example.com"),
        Compose = (mail, _) =>
            new MailDraft(
                "Confirm your new email address",
                $"We received a request to change your account's email address to {mail.NewEmail}. "
                    + "The change takes effect once you open both this link and the one we sent to the new address. "
                    + $"Both are valid for {mail.ValidFor}."
            )
                .Button("Confirm change", mail.Link)
                .Note("If it wasn't you, don't open the link, and change your password."),
    };

    private static readonly MailTemplate<LinkMail> EnterEmailTemplate = new()
    {
        Kind = "account.email.enter",
        Title = "Change an address: new address",
        When = "To the new address, when somebody asks to change an account's address to it.",
        Because = "somebody asked to use this address for their account",
        SampleOf = portal => new(new Uri(portal, "/account/email/confirm?token=sample"), "24 hours"),
        Compose = (mail, _) =>
            new MailDraft(
                "Confirm your new address",
                "Confirm this address to use it for your account. The change takes effect once you open both this link and the "
                    + $"one we sent to your old address. Both are valid for {mail.ValidFor}."
            )
                .Button("Confirm address", mail.Link)
                .Note("If you didn't ask for this, ignore this email."),
    };

    private static readonly MailTemplate<Uri> EmailWantedTemplate = new()
    {
        Kind = "account.email.wanted",
        Title = "Change an address: taken",
        When = "To an account's address, when somebody asks to use it for another account.",
        Because = "somebody asked to use this address for another account",
        SampleOf = portal => new Uri(portal, "/sign-in"),
        Compose = (signIn, _) =>
            new MailDraft(
                "You already have an account",
                "Somebody, probably you, tried to use this address for another account. It already belongs to an account: "
                    + "sign in with that one."
            )
                .Button("Sign in", signIn)
                .Note("If it wasn't you, ignore this email: nothing has changed."),
    };

    private static readonly MailTemplate<RecoveryCodeMail> RecoveryCodeUsedTemplate = new()
    {
        Kind = "account.recovery-code-used",
        Title = "Recovery code used",
        When = "To an account's address, when somebody signs in with one of its recovery codes.",
        Because = "it's about the security of your account",
        SampleOf = portal => new(8, MailSamples.At, "192.0.2.7", new Uri(portal, "/account/security")),
        Compose = (mail, zone) =>
            new MailDraft(
                "A recovery code was used",
                "Somebody, probably you, signed in to your account with a recovery code. "
                    + $"You have {mail.Left.ToString(CultureInfo.InvariantCulture)} left."
            )
                .Facts(("Time", zone.Minute(mail.At)), ("IP address", mail.From))
                .Button("Review your account", mail.Security)
                .Note("If it wasn't you, change your password right away."),
    };

    public static IReadOnlyList<MailTemplate> Templates { get; } =
    [
        VerifyTemplate,
        AlreadyThereTemplate,
        ResetTemplate,
        WasResetTemplate,
        LeaveEmailTemplate,
        EnterEmailTemplate,
        EmailWantedTemplate,
        .. AccountNotices.Templates,
        RecoveryCodeUsedTemplate,
    ];

    internal static Mail Verify(AccountState account, AccountLinks links, string? browser = null) =>
        VerifyTemplate.Write(
            MailRecipient.Of(account.Account),
            new(
                links.Create(AccountLinkPurpose.VerifyEmail, account, browser: browser),
                AccountLinks.InWords(AccountLinkPurpose.VerifyEmail)
            )
        );

    internal static Mail AlreadyThere(AccountState account, IPublicAddress address) =>
        AlreadyThereTemplate.Write(MailRecipient.Of(account.Account), SignInPage(address));

    internal static Mail Reset(AccountState account, AccountLinks links) =>
        ResetTemplate.Write(
            MailRecipient.Of(account.Account),
            new(links.Create(AccountLinkPurpose.ResetPassword, account), AccountLinks.InWords(AccountLinkPurpose.ResetPassword))
        );

    /// <param name="ended">What the reset ended beside the sessions.</param>
    internal static Mail PasswordReset(Account account, MadeBefore ended, Actor by, IPublicAddress address, DateTimeOffset at) =>
        WasResetTemplate.Write(MailRecipient.Of(account), new(ended.IsNothing ? "" : ended.Words, at, by.Address, SecurityPage(address)));

    internal static Mail RecoveryCodeUsed(Account account, int left, Actor by, IPublicAddress address, DateTimeOffset at) =>
        RecoveryCodeUsedTemplate.Write(MailRecipient.Of(account), new(left, at, by.Address, SecurityPage(address)));

    internal static Mail LeaveEmail(AccountState account, EmailChange change, AccountLinks links) =>
        LeaveEmailTemplate.Write(
            MailRecipient.Of(account.Account),
            new(
                links.Create(AccountLinkPurpose.ConfirmOldEmail, account, change.Number),
                AccountLinks.InWords(AccountLinkPurpose.ConfirmOldEmail),
                change.NewEmail
            )
        );

    internal static Mail EnterEmail(AccountState account, EmailChange change, AccountLinks links) =>
        EnterEmailTemplate.Write(
            MailRecipient.Of(change.NewEmail),
            new(
                links.Create(AccountLinkPurpose.ConfirmNewEmail, account, change.Number),
                AccountLinks.InWords(AccountLinkPurpose.ConfirmNewEmail)
            )
        );

    internal static Mail EmailWanted(AccountState owner, IPublicAddress address) =>
        EmailWantedTemplate.Write(MailRecipient.Of(owner.Account), SignInPage(address));

    internal static Uri SecurityPage(IPublicAddress address) => new(address.Url, "/account/security");

    private static Uri SignInPage(IPublicAddress address) => new(address.Url, "/sign-in");

    /// <param name="ValidFor">In words.</param>
    private sealed record LinkMail(Uri Link, string ValidFor);

    private sealed record EmailChangeMail(Uri Link, string ValidFor, string NewEmail);

    /// <param name="Ended">In words, empty for nothing.</param>
    /// <param name="From">The network address of who did it.</param>
    private sealed record PasswordResetMail(string Ended, DateTimeOffset At, string? From, Uri Security);

    private sealed record RecoveryCodeMail(int Left, DateTimeOffset At, string? From, Uri Security);
}
