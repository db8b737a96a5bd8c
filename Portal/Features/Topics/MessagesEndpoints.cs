using System.Text;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Features.Api;

namespace Portal.Features.Topics;

public static class MessagesEndpoints
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static IEndpointRouteBuilder MapMessages(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}/topics/{topic}/messages").WithTags("Messages");
        group.MapPost("", SendAsync).WithName("SendMessage").WithSummary("Send a message; counts as data in");
        group.MapGet("", ReadAsync).WithName("ReadMessages").WithSummary("Read messages without moving a subscription; counts as data out");
        return api;
    }

    /// <param name="Payload">Text. For bytes, use payloadBase64 instead.</param>
    public sealed record SendMessageBody(string? Payload, string? PayloadBase64, string? Key, Dictionary<string, string>? Properties);

    public sealed record SentMessageBody(string MessageId);

    /// <param name="Next">Pass it as <c>after</c> to go on; null when the topic's end was reached, and only then.</param>
    /// <param name="EndedBy">
    /// <c>topic</c>: there were no more messages when the read began. <c>limit</c>: as many as you asked for. <c>size</c>: 8 MiB of payloads.
    /// <c>time</c>: the cluster was too slow, 15 seconds were over. <c>connection</c>: the connection to the cluster broke.
    /// </param>
    public sealed record MessagesBody(
        IReadOnlyList<MessageBody> Items, string? Next, [property: OneOf("topic", "limit", "size", "time", "connection")] string EndedBy);

    /// <param name="Key">null if the message has no key; an empty key is "".</param>
    /// <param name="Payload">The payload if it is UTF-8 text; otherwise null, and payloadBase64 has it.</param>
    /// <param name="Size">Of the payload, in bytes.</param>
    public sealed record MessageBody(string MessageId, string? Key, IReadOnlyDictionary<string, string> Properties, string? Payload, string? PayloadBase64, DateTimeOffset PublishTime, int Size);

    private static async Task<CreatedAnswer<SentMessageBody>> SendAsync(
        string org, string tenant, string @namespace, string topic, SendMessageBody body, ApiContext context, SendMessage send, CancellationToken cancellationToken)
    {
        if (!Payload(body).TryGet(out var payload, out var problem)) return problem;
        var sent = await send.RunAsync(context.Actor, org, tenant, @namespace, topic, new NewMessage(payload, body.Key, body.Properties ?? []), cancellationToken);
        return sent.TryGet(out var id, out problem) ? CreatedAnswer<SentMessageBody>.Of(null, new(id)) : problem;
    }

    private static Task<ListAnswer<MessagesBody>> ReadAsync(
        string org, string tenant, string @namespace, string topic, string? from, ApiContext context, ReadMessages read, CancellationToken cancellationToken) =>
        context.ReportAsync(
            page => read.RunAsync(context.Actor, org, tenant, @namespace, topic, page.After ?? from, page.Limit, cancellationToken),
            found => new MessagesBody([.. found.Items.Select(Body)], found.Next, Word(found.End)));

    private static string Word(ReadEnd end) => end switch
    {
        ReadEnd.Topic => "topic",
        ReadEnd.Limit => "limit",
        ReadEnd.Size => "size",
        ReadEnd.Time => "time",
        ReadEnd.Connection => "connection",
    };

    private static Outcome<byte[]> Payload(SendMessageBody body)
    {
        if (body.Payload is null == body.PayloadBase64 is null)
            return new Problem.Invalid("payload-missing", "Send either payload (text) or payloadBase64 (bytes).", "payload");
        if (body.Payload is { } text) return Encoding.UTF8.GetBytes(text);
        var bytes = new byte[body.PayloadBase64!.Length];
        return Convert.TryFromBase64String(body.PayloadBase64, bytes, out var length)
            ? bytes[..length]
            : new Problem.Invalid("payload-not-base64", "payloadBase64 is not base64.", "payloadBase64");
    }

    private static MessageBody Body(Message message)
    {
        var text = Text(message.Payload.Span);
        return new(message.MessageId, message.Key, message.Properties, text, text is null ? Convert.ToBase64String(message.Payload.Span) : null, message.PublishTime, message.Size);
    }

    private static string? Text(ReadOnlySpan<byte> payload)
    {
        if (!System.Text.Unicode.Utf8.IsValid(payload)) return null;
        return StrictUtf8.GetString(payload);
    }
}
