using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Billing;

/// <summary>What the portal writes about overdue invoices.</summary>
public static class DunningMails
{
    private static readonly MailTemplate<OverdueMail> PaymentFailedTemplate = Overdue(
        "billing.payment-failed",
        "Payment failed",
        "the first charge of an invoice fails",
        Arrears.Notice,
        mail => $"Payment failed for invoice {mail.Oldest}"
    );

    private static readonly MailTemplate<OverdueMail> ReminderTemplate = Overdue(
        "billing.reminder",
        "Invoice overdue",
        "an invoice is overdue, on the days set for reminders",
        Arrears.Notice,
        mail => $"Reminder: invoice {mail.Oldest} is overdue"
    );

    private static readonly MailTemplate<OverdueMail> RestrictedTemplate = Overdue(
        "billing.restricted",
        "Changes paused",
        "changes that can raise the bill are paused",
        Arrears.Restricted,
        mail => $"Changes that can raise your bill are paused: invoice {mail.Oldest} is overdue"
    );

    private static readonly MailTemplate<OverdueMail> PublishingBlockedTemplate = Overdue(
        "billing.publishing-blocked",
        "Publishing blocked",
        "publishing is blocked for an overdue invoice",
        Arrears.PublishingBlocked,
        mail => $"Publishing is blocked: invoice {mail.Oldest} is overdue"
    );

    private static readonly MailTemplate<OverdueMail> SuspendedTemplate = Overdue(
        "billing.suspended",
        "Organization suspended",
        "the organization is suspended for an overdue invoice",
        Arrears.Suspended,
        mail => $"{mail.Organization} is suspended: invoice {mail.Oldest} is overdue"
    );

    private static readonly MailTemplate<PaidMail> PaidTemplate = new()
    {
        Kind = "billing.paid",
        Title = "Overdue invoices paid",
        When = "To members who can see billing, when overdue invoices are paid.",
        Because = Reason,
        SampleOf = portal => new("Northwind", true, new Uri(portal, "/o/northwind/billing")),
        Compose = (mail, _) =>
            new MailDraft(
                mail.LimitsLifted ? "Thank you for your payment: everything works again" : "Thank you for your payment",
                $"{mail.Organization} has no overdue invoices "
                    + $"anymore.{(mail.LimitsLifted ? " All limits are lifted: keys and connectors get their access back within the next minutes." : "")}"
            ).Button("Open billing", mail.Page),
    };

    private static readonly MailTemplate<OverdueMail> ExtendedTemplate = new()
    {
        Kind = "billing.extended",
        Title = "More time to pay",
        When = "To members who can see billing, when an operator gives them more time to pay.",
        Because = Reason,
        SampleOf = portal => SampleOf(portal, Arrears.Notice) with { Until = MailSamples.At.AddDays(14) },
        Compose = (mail, zone) =>
            Details(
                new MailDraft(
                    $"You have until {zone.DayOfYear(mail.Until!.Value)} to pay",
                    $"{Owes(mail)}\n\nWe've extended the time to pay to {zone.Minute(mail.Until.Value)}. "
                        + $"Nothing is limited until then.\n\n{WayOut(mail)}"
                ),
                mail,
                zone
            ),
    };

    private const string Reason = "you can see billing in this organization";

    public static IReadOnlyList<MailTemplate> Templates { get; } =
    [
        PaymentFailedTemplate,
        ReminderTemplate,
        RestrictedTemplate,
        PublishingBlockedTemplate,
        SuspendedTemplate,
        PaidTemplate,
        ExtendedTemplate,
    ];

    /// <param name="isStep">A limit begins with it; else it is a reminder.</param>
    internal static Mail Of(MailRecipient to, DunningState state, bool isStep, IPublicAddress address) =>
        TemplateOf(state, isStep).Write(to, Model(state, null, address));

    private static MailTemplate<OverdueMail> TemplateOf(DunningState state, bool isStep)
    {
        if (!isStep)
            return
                state is { Standing: { Day: < 1 } begun }
                && !state.Overdue[0].AwaitsAddress
                && begun.CountsFrom == begun.OverdueSince
                && state.Overdue[0].PayBy == PayBy.Card
                ? PaymentFailedTemplate
                : ReminderTemplate;
        return state.Target switch
        {
            Arrears.Suspended => SuspendedTemplate,
            Arrears.PublishingBlocked => PublishingBlockedTemplate,
            _ => RestrictedTemplate,
        };
    }

    internal static Mail Paid(MailRecipient to, Organization organization, IPublicAddress address) =>
        PaidTemplate.Write(to, new(organization.Name, organization.Arrears >= Arrears.Restricted, Page(organization, address)));

    internal static Mail Extended(MailRecipient to, DunningState state, DateTimeOffset until, IPublicAddress address) =>
        ExtendedTemplate.Write(to, Model(state, until, address));

    private static MailTemplate<OverdueMail> Overdue(
        string kind,
        string title,
        string happens,
        Arrears stage,
        Func<OverdueMail, string> subject
    ) =>
        new()
        {
            Kind = kind,
            Title = title,
            When = $"To members who can see billing, when {happens}.",
            Because = Reason,
            SampleOf = portal => SampleOf(portal, stage),
            Compose = (mail, zone) =>
                Details(
                    new MailDraft(
                        subject(mail),
                        string.Join(
                            "\n\n",
                            new[]
                            {
                                $"{Owes(mail)} {Why(mail)}".TrimEnd(),
                                ArrearsWords.InForce(mail.Stage),
                                Ahead(mail.Ahead, zone),
                                WayOut(mail),
                            }.Where(words => words.Length > 0)
                        )
                    ),
                    mail,
                    zone
                ),
        };

    private static MailDraft Details(MailDraft draft, OverdueMail mail, MailZone zone) =>
        draft
            .Facts(
                ("Amount due", Total(mail)),
                (mail.Count == 1 ? "Invoice" : "Oldest invoice", mail.Oldest),
                ("Overdue since", zone.Day(mail.Since))
            )
            .Button(mail.AwaitsAddress ? "Add your address" : "Pay now", mail.Page);

    private static string Owes(OverdueMail mail) =>
        mail.Count == 1
            ? $"{mail.Organization} has an overdue invoice: {mail.Oldest}, {Total(mail)}."
            : $"{mail.Organization} has {mail.Count.ToString(CultureInfo.InvariantCulture)} overdue invoices, {Total(mail)} in "
                + $"total. The oldest is {mail.Oldest}.";

    private static string Total(OverdueMail mail) => string.Join(" and ", mail.Owed.Select(MoneyFormat.Text));

    private static string Why(OverdueMail mail) =>
        mail.AwaitsAddress ? "It can't be issued, because your billing address is missing and the tax depends on it."
        : mail.Failure is { } problem ? $"The last payment attempt failed: {problem}"
        : "";

    private static string Ahead(IReadOnlyList<DunningStep> steps, MailZone zone) =>
        steps.Count == 0
            ? ""
            : $"If it isn't paid, {string.Join("; ", steps.Select(step => $"on {zone.DayOfYear(step.At)}, {ArrearsWords.Comes(step.Stage)}"))}.";

    private static string WayOut(OverdueMail mail) =>
        mail.AwaitsAddress ? "Add your billing address on the Billing page. The invoice is issued right after, and is then due as usual."
        : mail.PayBy == PayBy.Card ? "Add or change your card on the Billing page, and we charge what is open right away."
        : "Pay it on the invoice page. If you've just paid, you can ignore this email.";

    private static OverdueMail Model(DunningState state, DateTimeOffset? until, IPublicAddress address)
    {
        var oldest = state.Overdue[0];
        return new(
            state.Organization.Name,
            state.Overdue.Count,
            oldest.Number,
            state.Owed,
            state.Standing!.OverdueSince,
            oldest.PayBy,
            oldest is { PayBy: PayBy.Card, AwaitsAddress: false, ProblemMessage: { } problem } ? problem : null,
            state.Target,
            state.Standing.Ahead,
            until,
            Page(state.Organization, address),
            oldest.AwaitsAddress
        );
    }

    private static OverdueMail SampleOf(Uri portal, Arrears stage) =>
        new(
            "Northwind",
            1,
            "northwind-2026-10-1",
            [new Money(12_345, Currency.Usd)],
            MailSamples.At,
            PayBy.Card,
            "Your card was declined.",
            stage,
            [
                .. DunningSettings
                    .Default.Steps.Where(step => step.Stage > stage)
                    .Select(step => new DunningStep(step.Stage, MailSamples.At.AddDays(step.Days))),
            ],
            null,
            new Uri(portal, "/o/northwind/billing")
        );

    private static Uri Page(Organization organization, IPublicAddress address) => new(address.Url, $"/o/{organization.Slug}/billing");

    /// <param name="Count">Of overdue invoices.</param>
    /// <param name="Oldest">Number of the oldest one.</param>
    /// <param name="Owed">By currency.</param>
    /// <param name="Failure">Why the card was not charged, a sentence; null where none was tried.</param>
    /// <param name="Stage">In force with this email.</param>
    /// <param name="Until">What an operator extended the time to.</param>
    /// <param name="AwaitsAddress">The oldest can't be issued before the customer says where it is.</param>
    private sealed record OverdueMail(
        string Organization,
        int Count,
        string Oldest,
        IReadOnlyList<Money> Owed,
        DateTimeOffset Since,
        PayBy PayBy,
        string? Failure,
        Arrears Stage,
        IReadOnlyList<DunningStep> Ahead,
        DateTimeOffset? Until,
        Uri Page,
        bool AwaitsAddress = false
    );

    private sealed record PaidMail(string Organization, bool LimitsLifted, Uri Page);
}
