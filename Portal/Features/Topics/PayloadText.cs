using System.Text;

namespace Portal.Features.Topics;

/// <summary>A payload for people: text where it is text, else the first bytes in hex.</summary>
public static class PayloadText
{
    private const int Longest = 2_000;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static string Of(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) return "(empty)";
        if (IsText(payload, out var text)) return text.Length <= Longest ? text : text[..Longest] + "…";
        var shown = payload[..Math.Min(payload.Length, Longest / 4)];
        return string.Join(' ', Convert.ToHexStringLower(shown).Chunk(2).Select(pair => new string(pair))) + (shown.Length < payload.Length ? " …" : "");
    }

    private static bool IsText(ReadOnlySpan<byte> payload, out string text)
    {
        text = "";
        if (!System.Text.Unicode.Utf8.IsValid(payload)) return false;
        text = Strict.GetString(payload);
        return !text.Any(character => char.IsControl(character) && character is not ('\n' or '\r' or '\t'));
    }
}
