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

    private readonly JsonPlace? _place;

    private readonly MessageMask? _mask;

    private MessageFilter(MessageFilter other, MessageMask mask) =>
        (_key, _property, _value, _text, _place, _mask) = (other._key, other._property, other._value, other._text, other._place, mask);

    private MessageFilter(string? key, string? property, string? value, string? text, JsonPlace? place) =>
        (_key, _property, _value, _text, _place) = (key, property, value, Encoding.UTF8.GetBytes(text ?? ""), place);

    /// <summary>Null when nothing was given.</summary>
    /// <param name="key">The whole key; empty finds messages with an empty key.</param>
    /// <param name="property">A property's name, or <c>name=value</c>.</param>
    /// <param name="text">Somewhere in the payload, in UTF-8.</param>
    /// <param name="path">A place in payloads of JSON, see <see cref="JsonPlace"/>; other payloads do not match.</param>
    public static Outcome<MessageFilter?> Create(string? key, string? property, string? text, string? path = null)
    {
        foreach (var (given, field) in new[] { (key, "key"), (property, "property"), (text, "text"), (path, "path") })
            if (given is { Length: > Longest })
                return new Problem.Invalid("filter-too-long", $"Search for at most {Longest:N0} characters.", field);
        if (key is null && string.IsNullOrEmpty(property) && string.IsNullOrEmpty(text) && string.IsNullOrEmpty(path))
            return Outcome.Of<MessageFilter?>(null);
        JsonPlace? place = null;
        if (!string.IsNullOrEmpty(path) && !JsonPlace.Parse(path.Trim()).TryGet(out place, out var problem))
            return problem;
        var parts = string.IsNullOrEmpty(property) ? [] : property.Split('=', 2);
        return new MessageFilter(key, parts.ElementAtOrDefault(0), parts.ElementAtOrDefault(1), text, place);
    }

    /// <summary>The same search for somebody who doesn't see everything: what is masked for them is not found either.</summary>
    internal MessageFilter Through(MessageMask? mask) => mask is null ? this : new(this, mask);

    public bool Matches(Message message) => Fits(_mask?.Apply(message) ?? message);

    private bool Fits(Message message) =>
        (_key is null || message.Key == _key)
        && (_property is null || message.Properties.TryGetValue(_property, out var value) && (_value is null || value == _value))
        && message.Payload.Span.IndexOf(_text) >= 0
        && _place?.Matches(message.Payload) != false;
}
