using System.Text.RegularExpressions;
using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>An organization's name in addresses: a–z, 0–9 and dashes, 3 to 40 characters, a letter or digit at both ends.</summary>
public readonly partial record struct Slug
{
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "new",
        "api",
        "operator",
        "admin",
        "portal",
        "public",
        "pulsar",
    };

    private Slug(string value) => Value = value;

    public string Value { get; }

    public static Outcome<Slug> Create(string? text)
    {
        text ??= "";
        if (!Pattern().IsMatch(text))
            return new Problem.Invalid(
                "slug-malformed",
                "Use 3 to 40 characters: a–z, 0–9 and dashes, starting and ending with a letter or digit. Example: northwind-2.",
                "slug"
            );
        return Reserved.Contains(text)
            ? new Problem.Invalid("slug-reserved", $"'{text}' is reserved. Choose another URL name.", "slug")
            : new Slug(text);
    }

    /// <summary>A proposal made from a name: <c>Northwind Ltd.</c> gives <c>northwind-ltd</c>. May still be malformed or taken.</summary>
    public static string Suggest(string name)
    {
        var dashed = NotAllowed().Replace(CanonicalText.WithoutMarks(name).ToLowerInvariant(), "-").Trim('-');
        return dashed.Length > 40 ? dashed[..40].Trim('-') : dashed;
    }

    public override string ToString() => Value;

    [GeneratedRegex(@"^[a-z0-9](?:[a-z0-9-]{1,38})[a-z0-9]\z")]
    private static partial Regex Pattern();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotAllowed();
}
