using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using MimeKit;
using Portal.Adapters.Mail;
using Portal.Domain.Mails;

namespace Portal.Tests.Adapters.Smtp;

/// <summary>What goes to the mail server, read again as a mailbox reads it.</summary>
public sealed class SmtpMailerTests
{
    private static readonly Guid Id = Guid.Parse("0196f0c0-0000-7000-8000-000000000001");

    [Fact]
    public void Both_parts_are_alternatives_of_one_message()
    {
        var mail = new Mail(
            "test",
            "ada@example.com",
            "Zahlung über 5 €",
            [new MailPart.Paragraph("Grüße & <b>")],
            new("Open", new("https://portal.example.com/verify?token=a&b=c"))
        );
        var brand = new MailBrand("Acme Streams", "Acme Inc., 1 Main Street");
        var read = Read(Mailer("portal@acme.example", brand).Compose(Id, mail));
        var parts = Assert.IsType<MultipartAlternative>(read.Body).Cast<TextPart>().ToList();
        Assert.Equal(["text/plain", "text/html"], parts.Select(part => part.ContentType.MimeType));
        Assert.Equal(MailLayout.Text(mail, brand).ReplaceLineEndings("\n").Trim(), parts[0].Text.ReplaceLineEndings("\n").Trim());
        Assert.Equal(MailLayout.Html(mail, brand).ReplaceLineEndings("\n").Trim(), parts[1].Text.ReplaceLineEndings("\n").Trim());
        Assert.Equal(
            ("Zahlung über 5 €", "Acme Streams", "portal@acme.example"),
            (read.Subject, read.From.Mailboxes.Single().Name, read.From.Mailboxes.Single().Address)
        );
        Assert.Equal("auto-generated", read.Headers[HeaderId.AutoSubmitted]);
        Assert.Contains("Acme Inc., 1 Main Street", parts[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_try_is_the_same_message()
    {
        var mail = new Mail("test", "ada@example.com", "Hello", [], null);
        var mailer = Mailer("Acme <portal@acme.example>", MailBrand.Default, "help@acme.example");
        var (first, second) = (Read(mailer.Compose(Id, mail)), Read(mailer.Compose(Id, mail)));
        Assert.Equal($"{Id:N}@acme.example", first.MessageId);
        Assert.Equal(first.MessageId, second.MessageId);
        Assert.Equal(("Acme", "help@acme.example"), (first.From.Mailboxes.Single().Name, first.ReplyTo.Mailboxes.Single().Address));
    }

    [Fact]
    public void Nothing_in_an_email_becomes_a_header()
    {
        var mail = new MailTemplate<string>
        {
            Kind = "test",
            Title = "Test",
            When = "Never.",
            Because = "x",
            SampleOf = _ => "",
            Compose = (name, _) => new MailDraft(name, name),
        }.Write(new("ada@example.com", MailZone.Utc), "Hi\r\nBcc: eve@example.com\r\n\r\nBody");
        var read = Read(Mailer("portal@acme.example", MailBrand.Default).Compose(Id, mail));
        Assert.Empty(read.Bcc);
        Assert.DoesNotContain(read.Headers, header => header.Field.Equals("Bcc", StringComparison.OrdinalIgnoreCase));
        Assert.StartsWith("Hi", read.Subject, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("550 5.1.1 No such user", "mail-address-refused")]
    [InlineData("553 Mailbox name not allowed", "mail-address-refused")]
    [InlineData("550 5.7.1 Relaying denied", "mail-not-taken")]
    [InlineData("450 4.2.1 Try later", "mail-not-taken")]
    [InlineData("552 5.2.2 Mailbox full", "mail-not-taken")]
    public async Task A_server_that_refuses_an_address_is_told_from_one_that_is_away(string answer, string code)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, answer);
        var mailer = new SmtpMailer(
            new("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, null, null, "portal@acme.example", null, "None"),
            MailBrand.Default,
            NullLogger<SmtpMailer>.Instance
        );
        var sent = await mailer.SendAsync(
            Id,
            new Mail("test", "nobody@example.com", "Hello", [], null),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(code, sent.Problem?.Code);
        await serving;
    }

    /// <summary>A mail server for one connection.</summary>
    private static async Task ServeAsync(TcpListener listener, string ofRecipients)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { AutoFlush = true, NewLine = "\r\n" };
        await writer.WriteLineAsync("220 mail.example.com");
        while (await reader.ReadLineAsync() is { } line)
            await writer.WriteLineAsync(
                line.StartsWith("RCPT", StringComparison.Ordinal) ? ofRecipients
                : line.StartsWith("QUIT", StringComparison.Ordinal) ? "221 Bye"
                : "250 OK"
            );
    }

    private static SmtpMailer Mailer(string from, MailBrand brand, string? replyTo = null) =>
        new(new("localhost", 25, null, null, from, replyTo, "None"), brand, NullLogger<SmtpMailer>.Instance);

    private static MimeMessage Read(MimeMessage message)
    {
        using var bytes = new MemoryStream();
        message.WriteTo(bytes);
        bytes.Position = 0;
        return MimeMessage.Load(bytes);
    }
}
