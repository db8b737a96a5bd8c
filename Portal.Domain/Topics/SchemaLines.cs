using System.Text.Encodings.Web;
using System.Text.Json;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>A line of two texts laid side by side: in both, only in the old one (<c>-</c>), only in the new one (<c>+</c>).</summary>
public sealed record SchemaLine(char Mark, string Text);

/// <summary>Definitions as lines for people.</summary>
public static class SchemaLines
{
    // Comparing takes as much time and room as both have lines, multiplied.
    private const int Longest = 1_000;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Indented where it is JSON, else as it is.</summary>
    public static string Pretty(string definition)
    {
        if (definition.Length == 0)
            return "";
        try
        {
            using var document = ForeignJson.Parse(definition);
            return JsonSerializer.Serialize(document.RootElement, Indented);
        }
        catch (JsonException)
        {
            return definition;
        }
    }

    /// <summary>Null where they are too long to be compared line by line.</summary>
    public static IReadOnlyList<SchemaLine>? Between(string old, string @new)
    {
        var (before, after) = (Lines(old), Lines(@new));
        if (before.Length > Longest || after.Length > Longest)
            return null;
        // The longest common run of lines from each pair of places on.
        var common = new int[before.Length + 1, after.Length + 1];
        for (var left = before.Length - 1; left >= 0; left--)
        for (var right = after.Length - 1; right >= 0; right--)
            common[left, right] =
                before[left] == after[right] ? common[left + 1, right + 1] + 1 : Math.Max(common[left + 1, right], common[left, right + 1]);
        List<SchemaLine> lines = [];
        var (from, to) = (0, 0);
        while (from < before.Length || to < after.Length)
        {
            if (from < before.Length && to < after.Length && before[from] == after[to])
                (from, to) = (Add(' ', before[from], from), to + 1);
            else if (to == after.Length || from < before.Length && common[from + 1, to] >= common[from, to + 1])
                from = Add('-', before[from], from);
            else
                to = Add('+', after[to], to);
        }
        return lines;

        int Add(char mark, string text, int at)
        {
            lines.Add(new(mark, text));
            return at + 1;
        }
    }

    private static string[] Lines(string definition) =>
        definition.Length == 0 ? [] : Pretty(definition).ReplaceLineEndings("\n").Split('\n');
}
