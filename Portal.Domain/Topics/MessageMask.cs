using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Topics;

/// <summary>
/// Takes out of messages what somebody may not see, before they are searched, shown or written down. Where a place in JSON
/// is masked, a payload that is no JSON can't be looked into and is hidden whole.
/// </summary>
public sealed class MessageMask
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly IReadOnlyList<MaskField> _fields;
    private readonly bool _hidesPayload;

    private MessageMask(IReadOnlyList<MaskField> fields) =>
        (_fields, _hidesPayload) = (fields, fields.Any(field => field.Kind == MaskKind.Payload));

    /// <summary>Null for who sees everything of the topic.</summary>
    internal static MessageMask? Of(Namespace @namespace, string topic, OrganizationAccess access)
    {
        if (!@namespace.Masking.Concerns(access))
            return null;
        var rules = @namespace.Masking.Rules.Where(rule => Holds(rule, topic)).ToList();
        return rules.Count == 0
            ? null
            : new([.. rules.Select(rule => MaskField.Parse(rule.Field)).Where(field => field.IsOk).Select(field => field.Value)]);
    }

    internal static bool Holds(MaskRule rule, string topic) => rule.Topic is null || rule.Topic == topic || IsAside(topic, rule.Topic);

    /// <summary>What a topic's consumers gave up on or try again holds the same fields, and so does what they gave up on there.</summary>
    private static bool IsAside(string topic, string of) =>
        topic.StartsWith(of + "-", StringComparison.Ordinal)
        && (topic.EndsWith("-DLQ", StringComparison.Ordinal) || topic.EndsWith("-RETRY", StringComparison.Ordinal));

    public Message Apply(Message message)
    {
        if (message.IsMasked)
            return message;
        message = message with { IsMasked = true };
        if (_fields.Any(field => field.Kind == MaskKind.Key) && message.Key is not null)
            message = message with { Key = MaskField.Mask };
        var hidden = _fields
            .Where(field => field.Kind == MaskKind.Property && message.Properties.ContainsKey(field.Name!))
            .Select(field => field.Name!)
            .ToHashSet(StringComparer.Ordinal);
        if (hidden.Count > 0)
            message = message with
            {
                Properties = message.Properties.ToDictionary(
                    pair => pair.Key,
                    pair => hidden.Contains(pair.Key) ? MaskField.Mask : pair.Value
                ),
            };
        if (_hidesPayload)
            return HidePayload(message);
        var places = _fields.Where(field => field.Kind == MaskKind.Json).ToList();
        if (places.Count == 0 || message.IsNull)
            return message;
        var payload = Masked(message.Payload.Span, places);
        return message with
        {
            Payload = payload ?? Encoding.UTF8.GetBytes(MaskField.Mask),
            Decoded =
                message.Decoded is not { Json: { } json } decoded ? message.Decoded
                : Masked(Encoding.UTF8.GetBytes(json), places) is { } clean ? decoded with { Json = Encoding.UTF8.GetString(clean) }
                : null,
        };
    }

    /// <summary>Nothing of the payload, where what stands in it may have been made of anything.</summary>
    public static Message HidePayload(Message message) =>
        message.IsNull
            ? message with
            {
                IsMasked = true,
            }
            : message with
            {
                IsMasked = true,
                Payload = Encoding.UTF8.GetBytes(MaskField.Mask),
                Decoded = null,
            };

    /// <summary>Null for what is no JSON.</summary>
    private static byte[]? Masked(ReadOnlySpan<byte> payload, IReadOnlyList<MaskField> places)
    {
        try
        {
            var node = JsonNode.Parse(payload, documentOptions: Strict);
            if (node is not (JsonObject or JsonArray))
                return null;
            foreach (var place in places)
                place.Apply(node);
            return Encoding.UTF8.GetBytes(node.ToJsonString(Written));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static readonly JsonSerializerOptions Written = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
