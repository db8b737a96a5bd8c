using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Federation;
using Portal.Domain.Mails;

namespace Portal.Domain.Accounts;

/// <summary>What happened to the protection of an account, told to its owner, who may not have been the one.</summary>
public static class AccountNotices
{
    private static readonly MailTemplate<NoticeMail> PasswordChangedTemplate = Notice(
        "account.password-changed",
        "Password changed",
        "its password is changed",
        _ => "Your password was changed"
    );

    private static readonly MailTemplate<NoticeMail> PasskeyAddedTemplate = Notice(
        "account.passkey-added",
        "Passkey added",
        "a passkey is added",
        name => $"A passkey was added to your account: {name}",
        "Blue laptop"
    );

    private static readonly MailTemplate<NoticeMail> PasskeyRemovedTemplate = Notice(
        "account.passkey-removed",
        "Passkey removed",
        "a passkey is removed",
        name => $"A passkey was removed from your account: {name}",
        "Blue laptop"
    );

    private static readonly MailTemplate<NoticeMail> TwoFactorOnTemplate = Notice(
        "account.two-factor-on",
        "Two-factor authentication on",
        "two-factor authentication is turned on",
        _ => "Two-factor authentication was turned on"
    );

    private static readonly MailTemplate<NoticeMail> TwoFactorOffTemplate = Notice(
        "account.two-factor-off",
        "Two-factor authentication off",
        "two-factor authentication is turned off",
        _ => "Two-factor authentication was turned off"
    );

    private static readonly MailTemplate<NoticeMail> RecoveryCodesTemplate = Notice(
        "account.recovery-codes",
        "New recovery codes",
        "new recovery codes are generated",
        _ => "New recovery codes were generated for your account"
    );

    private static readonly MailTemplate<NoticeMail> SignInLinkedTemplate = Notice(
        "account.sign-in-linked",
        "Sign-in method linked",
        "an external sign-in method is linked",
        name => $"A sign-in method was linked to your account: {name}",
        "Example ID, as ada@id.example.com"
    );

    private static readonly MailTemplate<NoticeMail> EmailChangedTemplate = Notice(
        "account.email-changed",
        "Email address changed",
        "its email address has changed; to the old and the new address",
        email => $"Your account's email address is now {email}",
        "ada@new.example.com"
    );

    public static IReadOnlyList<MailTemplate> Templates { get; } =
    [
        EmailChangedTemplate,
        PasswordChangedTemplate,
        PasskeyAddedTemplate,
        PasskeyRemovedTemplate,
        SignInLinkedTemplate,
        TwoFactorOnTemplate,
        TwoFactorOffTemplate,
        RecoveryCodesTemplate,
    ];

    internal static Mail PasswordChanged(Account account, NoticeOf notice) =>
        PasswordChangedTemplate.Write(MailRecipient.Of(account), notice.Mail(""));

    internal static Mail PasskeyAdded(Account account, string name, NoticeOf notice) =>
        PasskeyAddedTemplate.Write(MailRecipient.Of(account), notice.Mail(name));

    internal static Mail PasskeyRemoved(Account account, string name, NoticeOf notice) =>
        PasskeyRemovedTemplate.Write(MailRecipient.Of(account), notice.Mail(name));

    internal static Mail TwoFactorOn(Account account, NoticeOf notice) =>
        TwoFactorOnTemplate.Write(MailRecipient.Of(account), notice.Mail(""));

    internal static Mail TwoFactorOff(Account account, NoticeOf notice) =>
        TwoFactorOffTemplate.Write(MailRecipient.Of(account), notice.Mail(""));

    internal static Mail RecoveryCodesRenewed(Account account, NoticeOf notice) =>
        RecoveryCodesTemplate.Write(MailRecipient.Of(account), notice.Mail(""));

    internal static Mail SignInLinked(Account account, ExternalIdentity identity, NoticeOf notice) =>
        SignInLinkedTemplate.Write(
            MailRecipient.Of(account),
            notice.Mail($"{identity.ProviderName}, as {identity.Email ?? identity.Subject}")
        );

    /// <param name="side">The account with its old address, or with the new one.</param>
    internal static Mail EmailChanged(Account side, string email, NoticeOf notice) =>
        EmailChangedTemplate.Write(MailRecipient.Of(side), notice.Mail(email));

    private static MailTemplate<NoticeMail> Notice(
        string kind,
        string title,
        string happens,
        Func<string, string> says,
        string sampleName = ""
    ) =>
        new()
        {
            Kind = kind,
            Title = title,
            When = $"To an account's address, when {happens}.",
            Because = "it's about the security of your account",
            SampleOf = portal => new(sampleName, MailSamples.At, "192.0.2.7", new Uri(portal, "/account/security")),
            Compose = (mail, zone) =>
                new MailDraft(says(mail.Name), $"{says(mail.Name)}. If it was you, there's nothing to do.")
                    .Facts(("Time", zone.Minute(mail.At)), ("IP address", mail.From))
                    .Button("Review your account", mail.Security)
                    .Note("If it wasn't you, choose a new password right away and review your account's sessions."),
        };

    /// <param name="Name">Of what changed, empty where there is only one.</param>
    internal sealed record NoticeMail(string Name, DateTimeOffset At, string? From, Uri Security);
}

/// <summary>Who did something to an account, and when.</summary>
internal sealed record NoticeOf(Actor By, DateTimeOffset At, IPublicAddress Address)
{
    internal AccountNotices.NoticeMail Mail(string name) => new(name, At, By.Address, AccountMails.SecurityPage(Address));
}
