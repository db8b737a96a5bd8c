using System.Text.RegularExpressions;
using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>The domain of email addresses: lower case, two labels or more.</summary>
public static partial class EmailDomain
{
    public static string Of(string email) => email[(email.LastIndexOf('@') + 1)..].ToLowerInvariant();

    internal static Outcome<string> Check(string? text)
    {
        text = (text ?? "").Trim().TrimStart('@').ToLowerInvariant();
        return text.Length <= 253 && Pattern().IsMatch(text)
            ? text
            : new Problem.Invalid("domain-malformed", "Enter an email domain, for example northwind.example.", "domain");
    }

    [GeneratedRegex(@"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\z")]
    private static partial Regex Pattern();
}
