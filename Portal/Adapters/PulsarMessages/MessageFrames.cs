using System.Text.Json.Serialization;

namespace Portal.Adapters.PulsarMessages;

/// <summary>Frames of Pulsar's WebSocket API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SendFrame))]
[JsonSerializable(typeof(SentFrame))]
[JsonSerializable(typeof(MessageFrame))]
[JsonSerializable(typeof(AcknowledgeFrame))]
internal sealed partial class MessageFrames : JsonSerializerContext;

internal sealed record SendFrame(byte[] Payload, string? Key, IReadOnlyDictionary<string, string>? Properties, string Context);

/// <param name="Result"><c>ok</c> or <c>send-error:N</c>.</param>
internal sealed record SentFrame(string? Result, string? MessageId, string? ErrorMsg, string? Context);

internal sealed record MessageFrame(string? MessageId, byte[]? Payload, Dictionary<string, string>? Properties, DateTimeOffset PublishTime, string? Key);

internal sealed record AcknowledgeFrame(string MessageId);
