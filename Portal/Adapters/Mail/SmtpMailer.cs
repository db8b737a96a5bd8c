using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Adapters.Mail;

/// <param name="From">An address, with or without a name.</param>
/// <param name="ReplyTo">Null for the sender.</param>
/// <param name="Security">StartTls, Tls or None. StartTls is demanded, never silently left out.</param>
public sealed record SmtpOptions(string Host, int Port, string? User, string? Password, string From, string? ReplyTo, string Security);

/// <summary>Sends through the operator's SMTP server; a connection per mail.</summary>
internal sealed partial class SmtpMailer(SmtpOptions options, MailBrand brand, ILogger<SmtpMailer> log) : IMailer
{
    public bool KeepsMails => false;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public async Task<Outcome<Done>> SendAsync(Guid id, Domain.Mails.Mail mail, CancellationToken cancellationToken)
    {
        try
        {
            await HandOverAsync(id, mail, cancellationToken);
            return Outcome.Done;
        }
        catch (SmtpCommandException refusal) when (IsAboutAddress(refusal))
        {
            // Somebody mistyped it, or the mailbox is gone: no outage, and nothing that asking again would change.
            AddressRefused(log, (int)refusal.StatusCode);
            return new Problem.Invalid("mail-address-refused", "The mail server refused the recipient's address.");
        }
        catch (Exception refusal)
            when (refusal
                    is ServiceNotConnectedException
                        or ServiceNotAuthenticatedException
                        or CommandException
                        or ProtocolException
                        or AuthenticationException
                        or SslHandshakeException
                        or SocketException
                        or IOException
                        or TimeoutException
            )
        {
            NotTaken(log, refusal);
            return new Problem.Unavailable("mail-not-taken", "The mail server did not take the mail.");
        }
    }

    // A relay that refuses to relay (5.7.x) says the same of every address: that is the operator's to mend.
    private static bool IsAboutAddress(SmtpCommandException refusal) =>
        refusal
            is {
                ErrorCode: SmtpErrorCode.RecipientNotAccepted,
                StatusCode: SmtpStatusCode.MailboxUnavailable
                    or SmtpStatusCode.UserNotLocalTryAlternatePath
                    or SmtpStatusCode.MailboxNameNotAllowed
            }
        && !refusal.Message.Contains("5.7.", StringComparison.Ordinal);

    private async Task HandOverAsync(Guid id, Domain.Mails.Mail mail, CancellationToken cancellationToken)
    {
        using var message = Compose(id, mail);
        using var client = new SmtpClient { Timeout = (int)Patience.TotalMilliseconds };
        await client.ConnectAsync(options.Host, options.Port, Socket(options.Security), cancellationToken);
        if (options.User is not null)
            await client.AuthenticateAsync(options.User, options.Password ?? "", cancellationToken);
        await client.SendAsync(message, cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
    }

    internal MimeMessage Compose(Guid id, Domain.Mails.Mail mail)
    {
        var message = new MimeMessage { Subject = mail.Subject };
        var from = MailboxAddress.Parse(options.From);
        message.From.Add(string.IsNullOrEmpty(from.Name) ? new MailboxAddress(brand.Name, from.Address) : from);
        if (options.ReplyTo is { } answers)
            message.ReplyTo.Add(MailboxAddress.Parse(answers));
        message.To.Add(new MailboxAddress("", mail.To));
        // The same each time it is tried, so that mailboxes tell a second copy from a second email.
        message.MessageId = $"{id:N}@{from.Domain}";
        // No out-of-office notes to what a program wrote.
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        message.Body = new BodyBuilder { TextBody = MailLayout.Text(mail, brand), HtmlBody = MailLayout.Html(mail, brand) }.ToMessageBody();
        return message;
    }

    private static SecureSocketOptions Socket(string security) =>
        security.Equals("Tls", StringComparison.OrdinalIgnoreCase) ? SecureSocketOptions.SslOnConnect
        : security.Equals("None", StringComparison.OrdinalIgnoreCase) ? SecureSocketOptions.None
        : SecureSocketOptions.StartTls;

    [LoggerMessage(LogLevel.Information, "The mail server refused the address of a mail with {Status}; it is not tried again.")]
    private static partial void AddressRefused(ILogger log, int status);

    [LoggerMessage(LogLevel.Warning, "The mail server did not take a mail; it is tried again.")]
    private static partial void NotTaken(ILogger log, Exception refusal);
}

/// <summary>With SMTP nothing is kept: the outbox page is empty.</summary>
internal sealed class NoKeptMails : IMailOutbox
{
    public Task<PageOf<KeptMail>> ListAsync(PageRequest page, CancellationToken cancellationToken) =>
        Task.FromResult(new PageOf<KeptMail>([], null));
}

public static class MailServices
{
    public static IServiceCollection AddSmtpMail(this IServiceCollection services, SmtpOptions options) =>
        services.AddSingleton(options).AddSingleton<IMailer, SmtpMailer>().AddSingleton<IMailOutbox, NoKeptMails>();
}
