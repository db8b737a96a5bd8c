using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>A mail to one person; plain text with an HTML twin made by the adapter.</summary>
/// <param name="ActionUrl">The one link the mail is about, or null.</param>
public sealed record Mail(string To, string Subject, string Body, Uri? ActionUrl, string? ActionText);

/// <summary>Hands a mail to the outside. Use cases queue mails instead: nobody waits for a mail server.</summary>
public interface IMailer
{
    Task<Outcome<Done>> SendAsync(Mail mail, CancellationToken cancellationToken);
}

/// <summary>A mail that waits to be sent.</summary>
public sealed record QueuedMail(Guid Id, Mail Mail, int Attempts);

/// <summary>Mails commit with the change that they tell of; a worker sends them afterwards.</summary>
public interface IMailQueue
{
    void Add(Mail mail);

    /// <summary>Longest waiting first.</summary>
    Task<IReadOnlyList<QueuedMail>> DueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>It was sent, or will never be.</summary>
    Task RemoveAsync(Guid id, CancellationToken cancellationToken);

    Task PostponeAsync(Guid id, DateTimeOffset dueAt, CancellationToken cancellationToken);
}

/// <summary>Sends what waits. A mail that the server refuses is tried again later and later, for a day.</summary>
public sealed class SendMails(IPortalDatabase database, IMailer mailer, TimeProvider clock)
{
    private const int AtOnce = 20;
    private const int MostAttempts = 12;

    /// <summary>How many were due.</summary>
    public async Task<int> RunAsync(Lease lease, CancellationToken cancellationToken)
    {
        var due = await database.ReadAsync(session => session.Mails.DueAsync(clock.Now(), AtOnce, cancellationToken), cancellationToken);
        foreach (var queued in due)
        {
            var sent = await mailer.SendAsync(queued.Mail, cancellationToken);
            await database.UpdateAsync(lease, async session =>
            {
                if (sent.IsOk || queued.Attempts + 1 >= MostAttempts) await session.Mails.RemoveAsync(queued.Id, cancellationToken);
                else await session.Mails.PostponeAsync(queued.Id, clock.Now() + Pause(queued.Attempts), cancellationToken);
                return true;
            }, cancellationToken);
        }
        return due.Count;
    }

    // 30 s, 1 min, 2 min … at most four hours.
    private static TimeSpan Pause(int attempts) => TimeSpan.FromSeconds(Math.Min(30 << attempts, 4 * 3600));
}
