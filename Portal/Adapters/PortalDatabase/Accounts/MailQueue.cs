using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Work;

namespace Portal.Adapters.PortalDatabase.Accounts;

internal sealed class MailQueue(PortalDbContext context, IWorkStore work, TimeProvider clock) : IMailQueue
{
    internal static Domain.Mails.Mail Mail(MailRow row) => new(row.Recipient, row.Subject, row.Body, row.ActionUrl is null ? null : new Uri(row.ActionUrl), row.ActionText);

    public void Add(Domain.Mails.Mail mail)
    {
        if (NoMailbox.Is(mail.To)) return;
        var row = new MailRow
        {
            Id = clock.NewUuid(), At = clock.Now(), Recipient = mail.To, Subject = mail.Subject, Body = mail.Body, ActionUrl = mail.ActionUrl?.ToString(), ActionText = mail.ActionText,
        };
        context.Add(row);
        var sending = new SendMailWork(row.Id);
        work.Add(clock, sending, sending.Place());
    }

    public async Task<Domain.Mails.Mail?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await context.Set<MailRow>().AsNoTracking().SingleOrDefaultAsync(mail => mail.Id == id, cancellationToken) is { } row ? Mail(row) : null;

    public Task RemoveAsync(Guid id, CancellationToken cancellationToken) => context.Set<MailRow>().Where(mail => mail.Id == id).ExecuteDeleteAsync(cancellationToken);
}
