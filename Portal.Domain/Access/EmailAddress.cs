using System.Net.Mail;
using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>An email address as people type it, trimmed: one @, a dotted host, at most 254 characters (RFC 5321 §4.5.3.1.3).</summary>
public readonly record struct EmailAddress
{
    private EmailAddress(string value) => Value = value;

    public string Value { get; }

    public static Outcome<EmailAddress> Create(string? text)
    {
        text = text?.Trim() ?? "";
        var whole = MailAddress.TryCreate(text, out var address) && address.Address == text;
        return whole && text.Length <= 254 && !text.Any(character => char.IsControl(character) || char.IsWhiteSpace(character))
            ? new EmailAddress(text)
            : new Problem.Invalid("email-malformed", "Enter a valid email address, for example ada@example.com.", "email");
    }

    public override string ToString() => Value;
}
