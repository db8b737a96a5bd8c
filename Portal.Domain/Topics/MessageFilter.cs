using System.Text;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>Which messages somebody looks for: all that was given has to match, letter for letter.</summary>
public sealed class MessageFilter
{
    private const int Longest = 1000;

    private readonly string? _key;
    private readonly string? _property;
    private readonly string? _value;
    private readonly byte[] _text;

    private MessageFilter(string? key, string? property, string? value, string? text) => (_key, _property, _value, _text) = (key, property, value, Encoding.UTF8.GetBytes(text ?? ""));

    /// <summary>Null when nothing was given.</summary>
    /// <param name="key">The whole key; empty finds messages with an empty key.</param>
    /// <param name="property">A property's name, or <c>name=value</c>.</param>
    /// <param name="text">Somewhere in the payload, in UTF-8.</param>
    public static Outcome<MessageFilter?> Create(string? key, string? property, string? text)
    {
        foreach (var (given, field) in new[] { (key, "key"), (property, "property"), (text, "text") })
            if (given is { Length: > Longest }) return new Problem.Invalid("filter-too-long", $"What to look for has at most {Longest:N0} characters.", field);
        if (key is null && string.IsNullOrEmpty(property) && string.IsNullOrEmpty(text)) return Outcome.Of<MessageFilter?>(null);
        var parts = string.IsNullOrEmpty(property) ? [] : property.Split('=', 2);
        return new MessageFilter(key, parts.ElementAtOrDefault(0), parts.ElementAtOrDefault(1), text);
    }

    public bool Matches(Message message) =>
        (_key is null || message.Key == _key)
        && (_property is null || message.Properties.TryGetValue(_property, out var value) && (_value is null || value == _value))
        && message.Payload.Span.IndexOf(_text) >= 0;
}
