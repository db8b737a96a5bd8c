using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace LocalPulsar.Functions;

/// <summary>
/// JSON as the functions of a cluster read and write it, which are Java's: what follows the first value is not looked at, of
/// fields with one name the last counts, and numbers are written as Java does.
/// </summary>
internal static class JavaJson
{
    private const string Source = "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: ";

    /// <summary>A value. Texts, true, false and null are kept as they are written.</summary>
    internal abstract record Value;

    internal sealed record Map(OrderedDictionary<string, Value> Fields) : Value;

    internal sealed record Items(List<Value> Values) : Value;

    internal sealed record Plain(string Json) : Value;

    internal sealed record Number(double Value, string Json) : Value
    {
        public static Number Of(double value) => new(value, double.IsFinite(value) ? Text(value) : $"\"{Text(value)}\"");
    }

    /// <summary>Null for nothing but blanks.</summary>
    /// <exception cref="FunctionException">It is not JSON.</exception>
    public static Value? Parse(byte[] json)
    {
        var reader = new Utf8JsonReader(json, isFinalBlock: true, default);
        try
        {
            return json.AsSpan().Trim(" \t\r\n"u8).IsEmpty || !reader.Read() ? null : Read(ref reader);
        }
        catch (JsonException e)
        {
            throw Refused(json, e);
        }
        catch (InvalidOperationException) // a text that is no Unicode
        {
            throw new FunctionException("com.fasterxml.jackson.core.JsonParseException", $"Invalid UTF-8{Source}1]");
        }
    }

    public static byte[] Write(Value value)
    {
        var text = new StringBuilder();
        Write(text, value);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>As <c>Double.toString</c>: plain from 0.001 to 10,000,000, else with an exponent, always with a fraction.</summary>
    public static string Text(double value)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "NaN"
                : value > 0 ? "Infinity"
                : "-Infinity";
        if (value == 0)
            return double.IsNegative(value) ? "-0.0" : "0.0";
        // The shortest digits that lead back to it, as 1.234E+005.
        var digits = value.ToString("R", CultureInfo.InvariantCulture).TrimStart('-');
        var exponent = 0;
        if (digits.IndexOf('E', StringComparison.Ordinal) is > 0 and var e)
            (exponent, digits) = (int.Parse(digits[(e + 1)..], CultureInfo.InvariantCulture), digits[..e]);
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        exponent += point < 0 ? digits.Length : point;
        digits = digits.Replace(".", "", StringComparison.Ordinal);
        var significant = digits.TrimStart('0');
        exponent -= digits.Length - significant.Length;
        significant = significant.TrimEnd('0');
        var sign = value < 0 ? "-" : "";
        if (exponent is > -3 and <= 7)
        {
            return exponent <= 0 ? $"{sign}0.{new string('0', -exponent)}{significant}"
                : significant.Length <= exponent ? $"{sign}{significant.PadRight(exponent, '0')}.0"
                : $"{sign}{significant[..exponent]}.{significant[exponent..]}";
        }
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{sign}{significant[0]}.{(significant.Length > 1 ? significant[1..] : "0")}E{exponent - 1}"
        );
    }

    private static Value Read(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var fields = new OrderedDictionary<string, Value>(StringComparer.Ordinal);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    reader.Read();
                    fields[name] = Read(ref reader);
                }
                return new Map(fields);
            case JsonTokenType.StartArray:
                var values = new List<Value>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    values.Add(Read(ref reader));
                return new Items(values);
            case JsonTokenType.String:
                return new Plain(Quoted(reader.GetString()!));
            case JsonTokenType.Number:
                var text = Encoding.UTF8.GetString(reader.ValueSpan);
                var number = double.Parse(text, CultureInfo.InvariantCulture);
                return text.AsSpan().IndexOfAny(".eE") < 0
                    ? new Number(number, BigInteger.Parse(text, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture))
                    : Number.Of(number);
            default:
                return new Plain(Encoding.UTF8.GetString(reader.ValueSpan));
        }
    }

    private static void Write(StringBuilder text, Value value)
    {
        switch (value)
        {
            case Map map:
                text.Append('{');
                foreach (var (name, field) in map.Fields)
                {
                    text.Append(text[^1] == '{' ? "" : ",").Append(Quoted(name)).Append(':');
                    Write(text, field);
                }
                text.Append('}');
                break;
            case Items items:
                text.Append('[');
                foreach (var (at, item) in items.Values.Index())
                {
                    text.Append(at == 0 ? "" : ",");
                    Write(text, item);
                }
                text.Append(']');
                break;
            case Number number:
                text.Append(number.Json);
                break;
            case Plain plain:
                text.Append(plain.Json);
                break;
        }
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append(@"\\"),
                '\b' => quoted.Append(@"\b"),
                '\t' => quoted.Append(@"\t"),
                '\n' => quoted.Append(@"\n"),
                '\f' => quoted.Append(@"\f"),
                '\r' => quoted.Append(@"\r"),
                < ' ' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => quoted.Append(c),
            };
        }
        return quoted.Append('"').ToString();
    }

    private static FunctionException Refused(byte[] json, JsonException wrong)
    {
        var at = (int)Math.Min(json.Length, wrong.BytePositionInLine ?? 0);
        // A word that begins like true, false or null is wrong as a whole.
        while (at > 0 && char.IsAsciiLetter((char)json[at - 1]))
            at--;
        var column = $"{Source}{at + 1}]";
        if (at >= json.Length)
            return new("com.fasterxml.jackson.core.io.JsonEOFException", $"Unexpected end-of-input within/between Object entries{column}");
        var token = Encoding.UTF8.GetString([.. json[at..].TakeWhile(b => char.IsAsciiLetterOrDigit((char)b) || b == (byte)'_')]);
        return token.Length > 0 && !char.IsAsciiDigit(token[0])
            ? new(
                "com.fasterxml.jackson.core.JsonParseException",
                $"Unrecognized token '{token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or "
                    + $"'false'){Source}{at + token.Length + 1}]"
            )
            : new(
                "com.fasterxml.jackson.core.JsonParseException",
                $"Unexpected character ('{(char)json[at]}' (code {json[at]})): was expecting double-quote to start field name{column}"
            );
    }
}
