using System.Net;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Adapters.Mail;

/// <param name="Security">StartTls, Tls or None. StartTls is demanded, never silently left out.</param>
public sealed record SmtpOptions(string Host, int Port, string? User, string? Password, string From, string Security);

/// <summary>Sends through the operator's SMTP server; a connection per mail.</summary>
internal sealed partial class SmtpMailer(SmtpOptions options, ILogger<SmtpMailer> log) : IMailer
{
    public bool KeepsMails => false;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public async Task<Outcome<Done>> SendAsync(Domain.Mails.Mail mail, CancellationToken cancellationToken)
    {
        try
        {
            await HandOverAsync(mail, cancellationToken);
            return Outcome.Done;
        }
        catch (Exception refusal) when (refusal is ServiceNotConnectedException or ServiceNotAuthenticatedException or CommandException or ProtocolException or AuthenticationException
            or SslHandshakeException or SocketException or IOException or TimeoutException)
        {
            NotTaken(log, refusal);
            return new Problem.Unavailable("mail-not-taken", "The mail server did not take the mail.");
        }
    }

    private async Task HandOverAsync(Domain.Mails.Mail mail, CancellationToken cancellationToken)
    {
        using var message = Compose(mail);
        using var client = new SmtpClient { Timeout = (int)Patience.TotalMilliseconds };
        await client.ConnectAsync(options.Host, options.Port, Socket(options.Security), cancellationToken);
        if (options.User is not null) await client.AuthenticateAsync(options.User, options.Password ?? "", cancellationToken);
        await client.SendAsync(message, cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
    }

    internal MimeMessage Compose(Domain.Mails.Mail mail)
    {
        var message = new MimeMessage { Subject = mail.Subject };
        message.From.Add(MailboxAddress.Parse(options.From));
        message.To.Add(new MailboxAddress("", mail.To));
        message.Body = new BodyBuilder { TextBody = Text(mail), HtmlBody = Html(mail) }.ToMessageBody();
        return message;
    }

    private static string Text(Domain.Mails.Mail mail) => mail.ActionUrl is null ? mail.Body : $"{mail.Body}\n\n{mail.ActionText}:\n{mail.ActionUrl}\n";

    private static string Html(Domain.Mails.Mail mail)
    {
        var link = mail.ActionUrl is null ? "" : $"<p><a href=\"{WebUtility.HtmlEncode(mail.ActionUrl.ToString())}\">{WebUtility.HtmlEncode(mail.ActionText)}</a></p>";
        return $"<!DOCTYPE html><html lang=\"en\"><body><p>{WebUtility.HtmlEncode(mail.Body).Replace("\n", "<br>", StringComparison.Ordinal)}</p>{link}</body></html>";
    }

    private static SecureSocketOptions Socket(string security) =>
        security.Equals("Tls", StringComparison.OrdinalIgnoreCase) ? SecureSocketOptions.SslOnConnect
        : security.Equals("None", StringComparison.OrdinalIgnoreCase) ? SecureSocketOptions.None
        : SecureSocketOptions.StartTls;

    [LoggerMessage(LogLevel.Warning, "The mail server did not take a mail; it is tried again.")]
    private static partial void NotTaken(ILogger log, Exception refusal);
}

/// <summary>With SMTP nothing is kept: the outbox page is empty.</summary>
internal sealed class NoKeptMails : IMailOutbox
{
    public Task<PageOf<KeptMail>> ListAsync(PageRequest page, CancellationToken cancellationToken) => Task.FromResult(new PageOf<KeptMail>([], null));
}

public static class MailServices
{
    public static IServiceCollection AddSmtpMail(this IServiceCollection services, SmtpOptions options) =>
        services.AddSingleton(options).AddSingleton<IMailer, SmtpMailer>().AddSingleton<IMailOutbox, NoKeptMails>();
}
