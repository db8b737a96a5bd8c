using System.Globalization;
using System.Text;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Features.Topics;

/// <summary>A message and how its value was read, for people.</summary>
public static class DecodedText
{
    // Of a payload as long as the page is open: far less than a page of the largest messages.
    private const int KeptOfPayload = PayloadText.LargestShown;

    // Of a key, or of a property's name or value, in characters: clients may put as much there as into a payload.
    private const int KeptOfText = 1000;
    private const int KeptProperties = 50;

    /// <summary>What stands in place of a payload where a message was sent without one.</summary>
    public const string NullValue = "null value (tombstone)";

    /// <summary>For a row: <c> · AVRO version 3</c>, <c> · not decoded</c>, or nothing.</summary>
    public static string Of(DecodedValue? value) =>
        value switch
        {
            null => "",
            { Json: null } => " · not decoded",
            { Version: { } version } => string.Create(CultureInfo.InvariantCulture, $" · {value.Type} version {version}"),
            _ => $" · {value.Type}",
        };

    /// <summary>What a row has room for: the decoded value where there is one.</summary>
    public static string Brief(Message message) =>
        message.IsNull
            ? NullValue
            : PayloadText.Brief(message.Decoded?.Json is { } json ? Encoding.UTF8.GetBytes(json) : message.Payload.Span);

    /// <summary>As much of it as a page holds while it is open.</summary>
    public static Message Shortened(Message message)
    {
        if (
            message.Properties.Count > KeptProperties
            || message
                .Properties.Append(new("", message.Key ?? ""))
                .Any(text => text.Key.Length > KeptOfText || text.Value.Length > KeptOfText)
        )
        {
            // Two long names may begin alike.
            var kept = new Dictionary<string, string>();
            foreach (var (name, value) in message.Properties.Take(KeptProperties))
                kept[Start(name)] = Start(value);
            message = message with { Key = message.Key is { } key ? Start(key) : null, Properties = kept };
        }
        if (message.Decoded?.Json is { Length: > KeptOfPayload })
            message = message with
            {
                Decoded = message.Decoded with
                {
                    Json = null,
                    Reason = $"Its decoded value is longer than {ByteSize.Text(KeptOfPayload)}. Read it with the API.",
                },
            };
        if (message.Payload.Length <= KeptOfPayload)
            return message;
        var end = KeptOfPayload;
        // Not inside a character of UTF-8, or text would no longer be text.
        while (end > KeptOfPayload - 4 && (message.Payload.Span[end] & 0xC0) == 0x80)
            end--;
        return message with { Payload = message.Payload[..end].ToArray() };
    }

    private static string Start(string text) =>
        text.Length <= KeptOfText ? text : text[..(char.IsHighSurrogate(text[KeptOfText - 1]) ? KeptOfText - 1 : KeptOfText)] + "…";
}
