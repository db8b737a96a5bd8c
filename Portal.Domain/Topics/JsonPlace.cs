using System.Globalization;
using System.Text.Json;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// A place in JSON, and what stands there: <c>$.a.b[0]</c> is there, <c>$.a['odd name'] = text</c> says that. A text is compared
/// without its quotes, numbers and words as they are written.
/// </summary>
public sealed class JsonPlace
{
    private readonly IReadOnlyList<object> _steps;
    private readonly string? _wanted;

    private JsonPlace(IReadOnlyList<object> steps, string? wanted) => (_steps, _wanted) = (steps, wanted);

    /// <summary>Invalid <c>path-malformed</c> with what is wrong.</summary>
    public static Outcome<JsonPlace> Parse(string text)
    {
        List<object> steps = [];
        var at = 0;
        if (!text.StartsWith('$'))
            return Malformed("It starts with $.");
        for (at = 1; at < text.Length && text[at] is '.' or '['; )
        {
            if (text[at] == '.')
            {
                var end = at + 1;
                while (end < text.Length && text[end] is not ('.' or '[' or '=' or ' '))
                    end++;
                if (end == at + 1)
                    return Malformed("A name is missing after a dot.");
                steps.Add(text[(at + 1)..end]);
                at = end;
            }
            else if (at + 1 < text.Length && text[at + 1] is '\'' or '"')
            {
                var end = text.IndexOf($"{text[at + 1]}]", at + 2, StringComparison.Ordinal);
                if (end < 0)
                    return Malformed("A bracket or quote isn't closed.");
                steps.Add(text[(at + 2)..end]);
                at = end + 2;
            }
            else
            {
                var end = text.IndexOf(']', at);
                if (end < 0)
                    return Malformed("A bracket isn't closed.");
                if (!int.TryParse(text.AsSpan(at + 1, end - at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                    return Malformed("Brackets hold a number from 0, or a name in quotes.");
                steps.Add(index);
                at = end + 1;
            }
        }
        var rest = text[at..].TrimStart();
        if (rest.Length == 0)
            return new JsonPlace(steps, null);
        return rest[0] == '='
            ? new JsonPlace(steps, Unquoted(rest[1..].TrimStart('=').Trim()))
            : Malformed("After the path comes = and a value, or nothing.");
    }

    public bool Matches(ReadOnlyMemory<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload.Span);
            using var document = JsonDocument.ParseValue(ref reader);
            if (reader.Read())
                return false; // something after it
            var here = document.RootElement;
            foreach (var step in _steps)
            {
                if (step is string name)
                {
                    if (here.ValueKind != JsonValueKind.Object || !here.TryGetProperty(name, out here))
                        return false;
                }
                else
                {
                    if (here.ValueKind != JsonValueKind.Array || (int)step >= here.GetArrayLength())
                        return false;
                    here = here[(int)step];
                }
            }
            return _wanted is null || (here.ValueKind == JsonValueKind.String ? here.GetString() : here.GetRawText()) == _wanted;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false; // no JSON, or a text in it that is no Unicode
        }
    }

    private static string Unquoted(string text) => text is ['"', .., '"'] or ['\'', .., '\''] ? text[1..^1] : text;

    private static Problem.Invalid Malformed(string why) =>
        new("path-malformed", $"Enter a path such as $.order.lines[0].sku, or $.order.id=7. {why}", "path");
}
