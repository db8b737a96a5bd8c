using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Organizations;

/// <summary>What the portal writes about who belongs to an organization.</summary>
public static class MemberMails
{
    private static readonly MailTemplate<InvitationMail> InvitationTemplate = new()
    {
        Kind = "member.invitation",
        Title = "Invitation",
        When = "To an invited address, when the invitation is created and whenever it is resent.",
        Because = "somebody entered this address to invite you",
        SampleOf = portal =>
            new(
                "elena@northwind.example.com",
                "Northwind",
                "Developer in shop",
                MailSamples.At.AddDays(7),
                new Uri(portal, "/invitations/sample")
            ),
        // No words of the sender's in the subject: whoever gets it never asked for anything.
        Compose = (mail, zone) =>
            new MailDraft("You are invited to join an organization", $"{mail.InvitedBy} invites you to join an organization.")
                .Facts(("Organization", mail.Organization), ("Your role", mail.Role), ("Expires", zone.Minute(mail.ExpiresAt)))
                .Button("Open invitation", mail.Link)
                .Note("If you don't know the sender, ignore this email."),
    };

    private static readonly MailTemplate<MemberMail> RoleChangedTemplate = OfMember(
        "member.role-changed",
        "Role changed",
        "a member's role becomes too small for keys to topics that they created",
        "A member's role changed",
        mail => $"{mail.Email} is now {mail.Role} in {mail.Organization}.",
        "viewer"
    );

    private static readonly MailTemplate<MemberMail> LeftTemplate = OfMember(
        "member.left",
        "Member left",
        "a member leaves or is removed",
        "A member left your organization",
        mail => $"{mail.Email} is no longer a member of {mail.Organization}."
    );

    private static readonly MailTemplate<MemberMail> RecoveredTemplate = OfMember(
        "member.recovered",
        "Member's account recovered",
        "a member takes back an account that somebody else may have used",
        "A member's account was recovered",
        mail => $"{mail.Email} took back their account, which somebody else may have used in {mail.Organization}."
    );

    public static IReadOnlyList<MailTemplate> Templates { get; } =
    [InvitationTemplate, RoleChangedTemplate, LeftTemplate, RecoveredTemplate];

    internal static Mail Invitation(Invitation invitation, Organization organization, string token, IPublicAddress address) =>
        InvitationTemplate.Write(
            MailRecipient.Of(invitation.Email, organization),
            new(
                invitation.InvitedBy,
                organization.Name,
                invitation.Scope.IsWhole ? $"{invitation.Role}" : $"{invitation.Role} in {invitation.Scope}",
                invitation.ExpiresAt,
                new Uri(address.Url, $"/invitations/{token}")
            )
        );

    internal static Mail RoleChanged(
        MailRecipient owner,
        Organization organization,
        string email,
        string role,
        IReadOnlyList<string> credentials,
        bool keep,
        IPublicAddress address
    ) => RoleChangedTemplate.Write(owner, new(email, role, organization.Name, credentials, keep, MembersPage(organization, address)));

    internal static Mail Left(
        MailRecipient owner,
        Organization organization,
        string email,
        IReadOnlyList<string> credentials,
        bool keep,
        IPublicAddress address
    ) => LeftTemplate.Write(owner, new(email, "", organization.Name, credentials, keep, MembersPage(organization, address)));

    internal static Mail Recovered(
        MailRecipient owner,
        Organization organization,
        string email,
        IReadOnlyList<string> credentials,
        IPublicAddress address
    ) => RecoveredTemplate.Write(owner, new(email, "", organization.Name, credentials, false, MembersPage(organization, address)));

    private static MailTemplate<MemberMail> OfMember(
        string kind,
        string title,
        string happens,
        string subject,
        Func<MemberMail, string> says,
        string sampleRole = ""
    ) =>
        new()
        {
            Kind = kind,
            Title = title,
            When = $"To the owners of an organization, when {happens}.",
            Because = "you own this organization",
            SampleOf = portal =>
                new(
                    "max@northwind.example.com",
                    sampleRole,
                    "Northwind",
                    ["Key orders-service of shop/default", "Application secret of Reports"],
                    false,
                    new Uri(portal, "/o/northwind/settings/members")
                ),
            Compose = (mail, _) => new MailDraft(
                    subject,
                    $"{says(mail)}\n\n"
                        + (
                            mail.Credentials.Count == 0 ? "They had created no credentials that outlive them."
                            : mail.Keep ? "These credentials that they created still work. Replace them:"
                            : "These credentials that they created were revoked:"
                        )
                ).Items(mail.Credentials).Button("Open members", mail.Members),
        };

    private static Uri MembersPage(Organization organization, IPublicAddress address) =>
        new(address.Url, $"/o/{organization.Slug}/settings/members");

    private sealed record InvitationMail(string InvitedBy, string Organization, string Role, DateTimeOffset ExpiresAt, Uri Link);

    /// <param name="Credentials">What they created: revoked, or, if <paramref name="Keep"/>, still good.</param>
    private sealed record MemberMail(
        string Email,
        string Role,
        string Organization,
        IReadOnlyList<string> Credentials,
        bool Keep,
        Uri Members
    );
}
