using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Portal.Features.Topics;

/// <summary>A payload for people: as text where it is text, as JSON where it is JSON, and always as bytes.</summary>
public static class PayloadText
{
    /// <summary>Bytes of a payload that a page shows; whoever needs more downloads it.</summary>
    public const int LargestShown = 64 * 1024;

    private const int Longest = 2_000;
    private const int LongestInList = 200;
    private const int BytesInLine = 16;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Text where it is text, else the first bytes in hex.</summary>
    public static string Of(ReadOnlySpan<byte> payload) => Of(payload, Longest);

    /// <summary>The same, as much as a row of a list has room for.</summary>
    public static string Brief(ReadOnlySpan<byte> payload) => Of(payload, LongestInList);

    /// <summary>Null where it is no text of UTF-8.</summary>
    public static string? Text(ReadOnlySpan<byte> payload) => IsText(payload, out var text) ? text : null;

    /// <summary>Null where it is no JSON document, or only a number or text. Whoever asked disposes it.</summary>
    public static JsonDocument? Json(ReadOnlySpan<byte> payload)
    {
        JsonDocument? document = null;
        try
        {
            var reader = new Utf8JsonReader(payload);
            document = JsonDocument.ParseValue(ref reader);
            // Nothing but blanks after it.
            if (document.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array && !reader.Read())
                return document;
        }
        catch (JsonException)
        {
            // It is something else.
        }
        document?.Dispose();
        return null;
    }

    /// <summary>Lines of offset, sixteen bytes in hex and the letters among them, as a hex editor shows them.</summary>
    public static string Hex(ReadOnlySpan<byte> payload)
    {
        var lines = new StringBuilder();
        for (var offset = 0; offset < payload.Length; offset += BytesInLine)
        {
            var line = payload[offset..Math.Min(offset + BytesInLine, payload.Length)];
            lines.Append(CultureInfo.InvariantCulture, $"{offset:x6} ");
            for (var index = 0; index < BytesInLine; index++)
            {
                if (index == BytesInLine / 2)
                    lines.Append(' ');
                lines.Append(index < line.Length ? $" {line[index]:x2}" : "   ");
            }
            lines.Append("  ");
            foreach (var one in line)
                lines.Append(one is >= 0x20 and < 0x7f ? (char)one : '.');
            lines.Append('\n');
        }
        return lines.ToString();
    }

    private static string Of(ReadOnlySpan<byte> payload, int longest)
    {
        if (payload.IsEmpty)
            return "(empty)";
        if (IsText(payload, out var text))
            return text.Length <= longest ? text : text[..longest] + "…";
        var shown = payload[..Math.Min(payload.Length, longest / 4)];
        return string.Join(' ', Convert.ToHexStringLower(shown).Chunk(2).Select(pair => new string(pair)))
            + (shown.Length < payload.Length ? " …" : "");
    }

    private static bool IsText(ReadOnlySpan<byte> payload, out string text)
    {
        text = "";
        if (!System.Text.Unicode.Utf8.IsValid(payload))
            return false;
        text = Strict.GetString(payload);
        return !text.Any(character => char.IsControl(character) && character is not ('\n' or '\r' or '\t'));
    }
}
