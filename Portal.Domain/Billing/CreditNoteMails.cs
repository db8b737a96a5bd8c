using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Notices;

namespace Portal.Domain.Billing;

/// <summary>What the portal writes when an issued invoice was corrected.</summary>
public static class CreditNoteMails
{
    private static readonly MailTemplate<CreditNoteMail> IssuedTemplate = new()
    {
        Kind = "billing.credit-note",
        Title = "Credit note issued",
        When = "To members who can see billing, when a credit note is issued over an invoice.",
        Because = "you can see billing in this organization",
        SampleOf = portal =>
            new(
                "Northwind",
                "northwind-2026-10-1-CN-01",
                "northwind-2026-10-1",
                "Storage was counted twice on October 4",
                Usd(4_500),
                Usd(0),
                Usd(4_500),
                Usd(0),
                MailSamples.At,
                new Uri(portal, "/o/northwind/billing/invoices/northwind-2026-10-1"),
                Usd(718)
            ),
        Compose = (mail, zone) =>
            new MailDraft(
                $"Credit note {mail.Number}",
                $"We issued a credit note over invoice {mail.Invoice} of {mail.Organization}. {Sentence(mail)}"
            )
                .Facts(
                    ("Credit note", mail.Number),
                    ("Invoice", mail.Invoice),
                    ("Reason", mail.Reason),
                    ("Amount", MoneyFormat.Text(mail.Total)),
                    ("Of it tax", mail.Tax.Minor == 0 ? null : MoneyFormat.Text(mail.Tax)),
                    ("Issued", zone.Day(mail.IssuedAt))
                )
                .Button("View invoice", mail.Page),
    };

    public static IReadOnlyList<MailTemplate> Templates { get; } = [IssuedTemplate];

    internal static async Task TellCreditNoteAsync(
        this IPortalSession session,
        TimeProvider clock,
        CreditNote note,
        IReadOnlyList<MailRecipient> people,
        IPublicAddress address,
        CancellationToken cancellationToken
    )
    {
        if (await session.Organizations.FindAsync(note.OrganizationId, cancellationToken) is not { } organization)
            return;
        Money Minor(long minor) => note.Amount with { Minor = minor };
        var model = new CreditNoteMail(
            organization.Name,
            note.Number!,
            note.InvoiceNumber,
            note.Reason,
            note.Amount,
            Minor(note.OpenMinor),
            Minor(note.RefundMinor),
            Minor(note.OutsideMinor),
            note.IssuedAt ?? note.CreatedAt,
            new Uri(address.Url, $"/o/{organization.Slug}/billing/invoices/{note.InvoiceNumber}"),
            Minor(note.TaxMinor)
        );
        foreach (var person in people)
            session.Mails.Add(IssuedTemplate.Write(person, model));
        session.Tell(
            clock,
            NoticeKind.Invoice,
            NoticeAudience.Of(organization.Id, Permission.ViewBilling),
            $"Credit note {note.Number} for invoice {note.InvoiceNumber}",
            Sentence(model),
            $"o/{organization.Slug}/billing/invoices/{note.InvoiceNumber}"
        );
    }

    private static string Sentence(CreditNoteMail mail) => string.Join(" ", Sentences(mail));

    private static IEnumerable<string> Sentences(CreditNoteMail mail)
    {
        if (mail.TakenOff.Minor > 0)
            yield return $"You owe {MoneyFormat.Text(mail.TakenOff)} less.";
        if (mail.Refunded.Minor > 0)
            yield return $"{MoneyFormat.Text(mail.Refunded)} goes back to the card you paid with. Banks take 5 to 10 business days.";
        if (mail.Kept.Minor > 0)
            yield return $"{MoneyFormat.Text(mail.Kept)} is credit for your next invoices.";
    }

    private static Money Usd(long minor) => new(minor, Currency.Usd);

    private sealed record CreditNoteMail(
        string Organization,
        string Number,
        string Invoice,
        string Reason,
        Money Total,
        Money TakenOff,
        Money Refunded,
        Money Kept,
        DateTimeOffset IssuedAt,
        Uri Page,
        Money Tax
    );
}
