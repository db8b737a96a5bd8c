using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Notices;

namespace Portal.Domain.Billing;

/// <summary>What the portal writes about an invoice once it is issued. A card that was declined has <see cref="DunningMails"/>.</summary>
public static class InvoiceMails
{
    private static readonly MailTemplate<InvoiceMail> DueTemplate = new()
    {
        Kind = "billing.invoice-due",
        Title = "Invoice to pay",
        When = "To members who can see billing, when an invoice is issued that isn't charged to a card.",
        Because = Reason,
        SampleOf = portal => SampleOf(portal) with { DueAt = MailSamples.At.AddDays(30) },
        Compose = (mail, zone) =>
            Details(
                    new MailDraft(
                        $"Invoice {mail.Number} is ready",
                        $"The invoice of {mail.Organization} for {mail.Month} is ready. {MoneyFormat.Text(mail.Total)} is due."
                    ),
                    mail,
                    zone
                )
                .Button("View and pay invoice", mail.Page),
    };

    private static readonly MailTemplate<InvoiceMail> PaidTemplate = new()
    {
        Kind = "billing.invoice-paid",
        Title = "Invoice paid",
        When = "To members who can see billing, when an invoice is issued and charged to the card, or covered by credit.",
        Because = Reason,
        SampleOf = SampleOf,
        Compose = (mail, zone) =>
            Details(
                    new MailDraft(
                        $"Invoice {mail.Number} is paid",
                        $"The invoice of {mail.Organization} for {mail.Month} is ready. "
                            + (
                                mail.Total.Minor == 0
                                    ? "Credit covers all of it: there's nothing to pay."
                                    : $"We charged {MoneyFormat.Text(mail.Total)} to your card. There's nothing left to pay."
                            )
                    ),
                    mail,
                    zone
                )
                .Button("View invoice", mail.Page),
    };

    private const string Reason = "you can see billing in this organization";

    public static IReadOnlyList<MailTemplate> Templates { get; } = [DueTemplate, PaidTemplate];

    /// <summary>Writes to those who look after the bills, in the transaction that learns what became of the first payment.</summary>
    internal static async Task TellIssuedAsync(
        this IPortalSession session,
        Invoice invoice,
        IReadOnlyList<MailRecipient> people,
        IPublicAddress address,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var template = invoice switch
        {
            { Status: InvoiceStatus.Paid } => PaidTemplate,
            { Status: InvoiceStatus.Open, PayBy: PayBy.Invoice } => DueTemplate,
            _ => null,
        };
        if (template is null || await session.Organizations.FindAsync(invoice.OrganizationId, cancellationToken) is not { } organization)
            return;
        var currency = Currency.TryParse(invoice.CurrencyCode, out var known) ? known : Currency.Usd;
        var model = new InvoiceMail(
            organization.Name,
            invoice.Number,
            Month.Of(invoice.From).Name,
            new Money(invoice.TotalMinor, currency),
            invoice.FinalizedAt ?? invoice.CreatedAt,
            invoice.DueAt,
            new Uri(address.Url, $"/o/{organization.Slug}/billing/invoices/{invoice.Number}"),
            new Money(invoice.TaxMinor, currency),
            invoice.TaxNote
        );
        foreach (var person in people)
            session.Mails.Add(template.Write(person, model));
        session.Tell(
            clock,
            NoticeKind.Invoice,
            NoticeAudience.Of(organization.Id, Permission.ViewBilling),
            $"Invoice {invoice.Number} is {(template == PaidTemplate ? "paid" : "ready")}",
            $"{MoneyFormat.Text(model.Total)} for {model.Month}.",
            $"o/{organization.Slug}/billing/invoices/{invoice.Number}"
        );
    }

    private static MailDraft Details(MailDraft draft, InvoiceMail mail, MailZone zone) =>
        draft.Facts(
            ("Invoice", mail.Number),
            ("Amount", MoneyFormat.Text(mail.Total)),
            ("Of it tax", mail.Tax.Minor == 0 ? null : MoneyFormat.Text(mail.Tax)),
            ("Tax note", mail.TaxNote),
            ("Issued", zone.Day(mail.IssuedAt)),
            ("Due", mail.DueAt is { } due ? zone.Day(due) : null)
        );

    private static InvoiceMail SampleOf(Uri portal) =>
        new(
            "Northwind",
            "northwind-2026-10-1",
            "October",
            new Money(12_345, Currency.Usd),
            MailSamples.At,
            null,
            new Uri(portal, "/o/northwind/billing/invoices/northwind-2026-10-1"),
            new Money(1_971, Currency.Usd),
            null
        );

    /// <param name="DueAt">Null where there is nothing to pay.</param>
    private sealed record InvoiceMail(
        string Organization,
        string Number,
        string Month,
        Money Total,
        DateTimeOffset IssuedAt,
        DateTimeOffset? DueAt,
        Uri Page,
        Money Tax,
        string? TaxNote
    );
}
