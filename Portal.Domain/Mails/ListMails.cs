using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Mails;

/// <summary>A mail that the portal kept instead of sending it.</summary>
public sealed record KeptMail(Guid Id, DateTimeOffset At, Mail Mail);

/// <summary>Where mails are kept while no SMTP server is set.</summary>
public interface IMailOutbox
{
    /// <summary>Newest first.</summary>
    Task<PageOf<KeptMail>> ListAsync(PageRequest page, CancellationToken cancellationToken);
}

/// <summary>The mails on the outbox page. They hold links that open accounts: the operator's alone.</summary>
public sealed class ListMails(IMailOutbox outbox, IMailer mailer, AccessGuard guard)
{
    /// <summary>Emails wait in the outbox: no mail server is set up. For everybody who waits for an email.</summary>
    public bool KeepsMails => mailer.KeepsMails;

    public async Task<Outcome<PageOf<KeptMail>>> RunAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new(Permission.OperatePlatform, "mail.list", "outbox"), cancellationToken);
        return allowed.Problem is { } refused ? refused : await outbox.ListAsync(page, cancellationToken);
    }
}
