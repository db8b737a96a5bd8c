using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>Without an SMTP server: queued emails stay where they are and the outbox page lists them.</summary>
internal sealed class KeptMails(PortalConnections connections) : IMailer, IMailOutbox
{
    public bool KeepsMails => true;

    public Task<Outcome<Done>> SendAsync(Guid id, Domain.Mails.Mail mail, CancellationToken cancellationToken) =>
        Task.FromResult(Outcome.Done);

    public async Task<PageOf<KeptMail>> ListAsync(PageRequest page, CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        var rows = context.Set<MailRow>().AsNoTracking().Matching(page.Search);
        if (Guid.TryParse(page.After, out var after))
        {
            var last = await context
                .Set<MailRow>()
                .Where(mail => mail.Id == after)
                .Select(mail => mail.At)
                .SingleOrDefaultAsync(cancellationToken);
            rows = rows.Where(mail => mail.At < last);
        }
        var found = await rows.OrderByDescending(mail => mail.At)
            .ThenByDescending(mail => mail.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancellationToken);
        var shown = found.Take(page.Limit).ToList();
        return new([.. shown.Select(ToMail)], found.Count > page.Limit ? shown[^1].Id.ToString() : null);
    }

    private static KeptMail ToMail(MailRow row) => new(row.Id, row.At, MailQueue.Mail(row));
}
