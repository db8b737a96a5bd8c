using System.Globalization;

namespace Portal.Domain.Common;

/// <summary>A name for people (of an organization, of a key): 1 to 100 characters of one line, trimmed.</summary>
public readonly record struct Label
{
    private Label(string value) => Value = value;

    public string Value { get; }

    public static Outcome<Label> Create(string? text, string field)
    {
        text = text?.Trim();
        if (string.IsNullOrEmpty(text) || text.Length > 100)
            return new Problem.Invalid("name-length", "Use 1 to 100 characters.", field);
        // Control and format characters (line ends, right-to-left marks) make one name look like another.
        return text.Where((_, at) => !IsJoiner(text, at))
            .Any(character =>
                char.GetUnicodeCategory(character)
                    is UnicodeCategory.Control
                        or UnicodeCategory.Format
                        or UnicodeCategory.LineSeparator
                        or UnicodeCategory.ParagraphSeparator
            )
            ? new Problem.Invalid("name-malformed", "Use one line of ordinary characters, without control or text direction marks.", field)
            : new Label(text);
    }

    /// <summary>Indic scripts, Persian and emoji spell with these between two characters; ASCII has no use for them.</summary>
    private static bool IsJoiner(string text, int at) =>
        text[at] is '\u200c' or '\u200d'
        && at > 0
        && at < text.Length - 1
        && text[at - 1] > '\u02ff'
        && text[at + 1] > '\u02ff'
        && text[at - 1] is not ('\u200c' or '\u200d');

    public override string ToString() => Value;
}
