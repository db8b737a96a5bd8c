using System.Globalization;
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
            : Malformed;
    }

    /// <summary>One that nobody here has yet, and that mail is about to go to: as <see cref="Create"/>, in its one spelling.</summary>
    public static Outcome<EmailAddress> CreateNew(string? text) =>
        Create(text).TryGet(out var address, out var problem)
            ? IsOneSpelling(address.Value)
                ? address
                : Malformed
            : problem;

    private static Problem.Invalid Malformed =>
        new("email-malformed", "Enter a valid email address, for example ada@example.com.", "email");

    /// <summary>
    /// Mail to a host that ends with a dot, holds invisible characters or is written in full-width and other dressed-up
    /// letters arrives at the host without: limits by address would count each spelling apart.
    /// </summary>
    private static bool IsOneSpelling(string address)
    {
        if (address.Any(character => char.GetUnicodeCategory(character) == UnicodeCategory.Format))
            return false;
        foreach (var character in address.AsSpan(address.LastIndexOf('@') + 1))
        {
            if (
                char.IsSurrogate(character)
                || character
                    is '\u3002'
                        or (>= '\uff00' and <= '\uffef')
                        or (>= '\u2070' and <= '\u214f')
                        or (>= '\u2460' and <= '\u24ff')
                        or '\u00aa'
                        or '\u00ba'
            )
                return false;
        }
        return !address.EndsWith('.');
    }

    public override string ToString() => Value;
}
