using System.Text.Json.Serialization;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>Frames of Pulsar's WebSocket API.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(SendFrame))]
[JsonSerializable(typeof(SentFrame))]
[JsonSerializable(typeof(MessageFrame))]
[JsonSerializable(typeof(AcknowledgeFrame))]
internal sealed partial class MessageFrames : JsonSerializerContext;

internal sealed record SendFrame(
    byte[] Payload,
    string? Key,
    IReadOnlyDictionary<string, string>? Properties,
    DateTimeOffset? EventTime,
    string Context
);

/// <param name="Result"><c>ok</c> or <c>send-error:N</c>.</param>
internal sealed record SentFrame(string? Result, string? MessageId, string? ErrorMsg, string? Context);

/// <param name="EventTime">Only where the producer set one.</param>
internal sealed record MessageFrame(
    string? MessageId,
    byte[]? Payload,
    Dictionary<string, string>? Properties,
    DateTimeOffset PublishTime,
    string? Key,
    DateTimeOffset? EventTime
)
{
    /// <summary>Null for a frame that is no message.</summary>
    public Message? ToMessage()
    {
        if (MessageId is not { } text)
            return null;
        var payload = Payload ?? [];
        return new Message(text, Key, Properties ?? [], payload, PublishTime.TruncateToMicroseconds(), payload.Length)
        {
            EventTime = EventTime?.TruncateToMicroseconds(),
        };
    }
}

internal sealed record AcknowledgeFrame(string MessageId);
