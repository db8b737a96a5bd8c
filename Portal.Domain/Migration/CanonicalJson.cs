using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Domain.Migration;

/// <summary>
/// JSON as RFC 8785 writes it, for values of objects, arrays, texts, integers, booleans and null: the same value is the same bytes.
/// </summary>
public static class CanonicalJson
{
    /// <exception cref="FormatException">A number is no integer that JSON readers agree on.</exception>
    public static byte[] Of(JsonNode? value)
    {
        var text = new StringBuilder();
        Write(text, value);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(StringBuilder text, JsonNode? value)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject members:
                text.Append('{');
                var first = true;
                foreach (var (name, member) in members.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    if (!first)
                        text.Append(',');
                    first = false;
                    Write(text, name);
                    text.Append(':');
                    Write(text, member);
                }
                text.Append('}');
                break;
            case JsonArray items:
                text.Append('[');
                for (var index = 0; index < items.Count; index++)
                {
                    if (index > 0)
                        text.Append(',');
                    Write(text, items[index]);
                }
                text.Append(']');
                break;
            default:
                Write(text, value.AsValue());
                break;
        }
    }

    private static void Write(StringBuilder text, JsonValue value)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.True:
                text.Append("true");
                break;
            case JsonValueKind.False:
                text.Append("false");
                break;
            case JsonValueKind.String:
                Write(text, value.GetValue<string>());
                break;
            // Beyond 2^53 readers of JSON begin to differ.
            case JsonValueKind.Number
                when long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                    && number is >= -(1L << 53) and <= 1L << 53:
                text.Append(CultureInfo.InvariantCulture, $"{number}");
                break;
            default:
                throw new FormatException("A record holds whole numbers only.");
        }
    }

    private static void Write(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var letter in value)
        {
            switch (letter)
            {
                case '"':
                    text.Append("\\\"");
                    break;
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\b':
                    text.Append("\\b");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\f':
                    text.Append("\\f");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case < ' ':
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
                    break;
                default:
                    text.Append(letter);
                    break;
            }
        }
        text.Append('"');
    }
}
