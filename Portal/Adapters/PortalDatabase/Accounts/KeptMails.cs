using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>Keeps mails for the outbox page instead of sending them.</summary>
internal sealed class KeptMails(PortalConnections connections, TimeProvider clock) : IMailer, IMailOutbox
{
    public async Task SendAsync(Domain.Access.Mail mail, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        context.Add(new KeptMailRow
        {
            Id = clock.NewUuid(), At = clock.Now(), Recipient = mail.To, Subject = mail.Subject, Body = mail.Body,
            ActionUrl = mail.ActionUrl?.ToString(), ActionText = mail.ActionText,
        });
        await context.SaveChangesAsync(cancellationToken);
    }

    public async Task<PageOf<KeptMail>> ListAsync(PageRequest page, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        var rows = context.Set<KeptMailRow>().AsNoTracking();
        if (page.Search is { } search) rows = rows.Where(mail => mail.Recipient.Contains(search) || mail.Subject.Contains(search));
        if (Guid.TryParse(page.After, out var after))
        {
            var last = await context.Set<KeptMailRow>().Where(mail => mail.Id == after).Select(mail => mail.At).SingleOrDefaultAsync(cancellationToken);
            rows = rows.Where(mail => mail.At < last);
        }
        var found = await rows.OrderByDescending(mail => mail.At).ThenByDescending(mail => mail.Id).Take(page.Limit + 1).ToListAsync(cancellationToken);
        var shown = found.Take(page.Limit).ToList();
        return new([.. shown.Select(ToMail)], found.Count > page.Limit ? shown[^1].Id.ToString() : null);
    }

    private static KeptMail ToMail(KeptMailRow row) =>
        new(row.Id, row.At, new(row.Recipient, row.Subject, row.Body, row.ActionUrl is null ? null : new Uri(row.ActionUrl), row.ActionText));
}
