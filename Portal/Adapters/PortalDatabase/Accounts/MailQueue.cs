using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Work;

namespace Portal.Adapters.PortalDatabase.Accounts;

internal sealed class MailQueue(PortalDbContext context, IWorkStore work, TimeProvider clock) : IMailQueue
{
    internal static Domain.Mails.Mail Mail(MailRow row) =>
        new(
            row.Kind,
            row.Recipient,
            row.Subject,
            JsonSerializer.Deserialize<IReadOnlyList<MailPart>>(row.Parts)!,
            row.ActionUrl is null ? null : new MailAction(row.ActionText ?? "", new Uri(row.ActionUrl))
        );

    public void Add(Domain.Mails.Mail mail)
    {
        if (NoMailbox.Is(mail.To))
            return;
        var row = new MailRow
        {
            Id = clock.NewUuid(),
            At = clock.Now(),
            Kind = mail.Kind,
            Recipient = mail.To,
            Subject = mail.Subject,
            Parts = JsonSerializer.Serialize(mail.Parts),
            ActionUrl = mail.ActionUrl?.AbsoluteUri,
            ActionText = mail.ActionText,
        };
        context.Add(row);
        var sending = new SendMailWork(row.Id);
        work.Add(clock, sending, sending.Place(mail.Kind));
    }

    public async Task<Domain.Mails.Mail?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await context.Set<MailRow>().AsNoTracking().SingleOrDefaultAsync(mail => mail.Id == id, cancellationToken) is { } row
            ? Mail(row)
            : null;

    public Task RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        context.Set<MailRow>().Where(mail => mail.Id == id).ExecuteDeleteAsync(cancellationToken);
}
