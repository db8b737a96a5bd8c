using Portal.Domain.Mails;

namespace Portal.Tests.Support;

/// <summary>Emails of no kind, for tests of what carries them.</summary>
public static class TestMail
{
    public static Mail To(string address, string subject = "Hello", MailAction? action = null) =>
        new("test", address, subject, [new MailPart.Paragraph("Hello.")], action);
}
