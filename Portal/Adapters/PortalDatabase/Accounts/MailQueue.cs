using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Accounts;

internal sealed class MailQueue(PortalDbContext context, TimeProvider clock) : IMailQueue
{
    internal static MailRow Row(Domain.Access.Mail mail, TimeProvider clock) => new()
    {
        Id = clock.NewUuid(), At = clock.Now(), Recipient = mail.To, Subject = mail.Subject, Body = mail.Body, ActionUrl = mail.ActionUrl?.ToString(), ActionText = mail.ActionText,
        DueAt = clock.Now(),
    };

    internal static Domain.Access.Mail Mail(MailRow row) => new(row.Recipient, row.Subject, row.Body, row.ActionUrl is null ? null : new Uri(row.ActionUrl), row.ActionText);

    public void Add(Domain.Access.Mail mail) => context.Add(Row(mail, clock));

    public async Task<IReadOnlyList<QueuedMail>> DueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var rows = await context.Set<MailRow>().AsNoTracking().Where(mail => mail.DueAt <= now).OrderBy(mail => mail.DueAt).Take(limit).ToListAsync(cancellationToken);
        return [.. rows.Select(row => new QueuedMail(row.Id, Mail(row), row.Attempts))];
    }

    public Task RemoveAsync(Guid id, CancellationToken cancellationToken) => context.Set<MailRow>().Where(mail => mail.Id == id).ExecuteDeleteAsync(cancellationToken);

    public Task PostponeAsync(Guid id, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        context.Set<MailRow>().Where(mail => mail.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(mail => mail.Attempts, mail => mail.Attempts + 1).SetProperty(mail => mail.DueAt, dueAt), cancellationToken);
}
