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
        group.MapPost("", SendAsync).WithName("SendMessage").WithSummary("Sends one message; it counts on the write meter");
        group.MapGet("", ReadAsync).WithName("ReadMessages").WithSummary("Reads without moving a subscription; it counts on the read meter");
        return api;
    }

    /// <param name="Payload">Text; or <paramref name="PayloadBase64"/> for bytes. One of the two.</param>
    public sealed record SendBody(string? Payload, string? PayloadBase64, string? Key, Dictionary<string, string>? Properties);

    /// <param name="Payload">When the bytes are UTF-8 text, else null and <paramref name="PayloadBase64"/> holds them.</param>
    /// <param name="Size">Of the payload, in bytes.</param>
    public sealed record MessageBody(string MessageId, string? Key, IReadOnlyDictionary<string, string> Properties, string? Payload, string? PayloadBase64, DateTimeOffset PublishTime, int Size);

    private static async Task<IResult> SendAsync(
        string org, string tenant, string @namespace, string topic, SendBody body, ApiContext context, SendMessage send, CancellationToken cancellationToken)
    {
        if (!Payload(body).TryGet(out var payload, out var problem)) return problem.ToResult();
        var sent = await send.RunAsync(context.Actor, org, tenant, @namespace, topic, new NewMessage(payload, body.Key, body.Properties ?? []), cancellationToken);
        return sent.TryGet(out var id, out problem) ? TypedResults.Created((string?)null, new { messageId = id }) : problem.ToResult();
    }

    private static Task<IResult> ReadAsync(
        string org, string tenant, string @namespace, string topic, string? from, ApiContext context, ReadMessages read, CancellationToken cancellationToken) =>
        context.ListAsync(page => read.RunAsync(context.Actor, org, tenant, @namespace, topic, page.After ?? from, page.Limit, cancellationToken), Body);

    private static Outcome<byte[]> Payload(SendBody body)
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
