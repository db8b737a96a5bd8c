using System.ComponentModel;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Features.Api;

namespace Portal.Features.Topics;

public static class MessagesEndpoints
{
    private const string FromWords =
        "earliest, latest for what comes after this call (pass resume as after later), or a message id after which to begin.";
    private const string DetailsWords =
        "true: also ask the cluster who sent each message, one question for each. Fills producerName and sequenceId.";
    private const string SinceWords = "Begin with the first message published at that time or later. Ignored when from or after is given.";
    private const string KeyWords = "Only messages with exactly this key; empty finds an empty key.";
    private const string PropertyWords = "Only messages with this property: its name, or name=value.";
    private const string TextWords = "Only messages whose payload contains this text, letter for letter.";

    private const string PathWords =
        "Only JSON payloads with a value at this path, such as $.order.lines[0].sku, or with this value, such as $.order.id=7.";
    private const string DecodeWords =
        "true: decode each payload by the topic's schema. In Avro this asks the cluster for the version of each message.";

    private const string SecondsWords =
        "How long to wait, from 0 to 60; 30 by default. The answer comes as soon as there is something to tell.";
    private const string ResumeWords = "The resume of an earlier wait: messages sent since are found too. By default waiting begins now.";
    private const string AckIdWords = "Needed: the ID that sending the message answered, or one of the list of messages.";
    private const string AckSecondsWords = "How long to wait until every subscription has acknowledged it, from 0 to 60; 0 by default.";

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static IEndpointRouteBuilder MapMessages(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}/topics/{topic}/messages")
            .WithTags("Messages");
        group.MapPost("", SendAsync).WithName("SendMessage").WithSummary("Send a message; counts as data in");
        group
            .MapGet("", ReadAsync)
            .AddEndpointFilter(LargeAnswers.LimitAsync)
            .WithName("ReadMessages")
            .WithSummary("Read messages without moving a subscription; counts as data out");
        group
            .MapGet("/wait", WaitAsync)
            .WithName("AwaitClientMessage")
            .WithSummary("Wait for the next message that a client sends, but not Portal itself; counts as data out");
        group
            .MapGet("/acknowledgements", AcknowledgementsAsync)
            .WithName("WatchAcknowledgements")
            .WithSummary("List which subscriptions have acknowledged a message; not metered");
        api.MapGet("/o/{org}/tenants/{tenant}/{namespace}/{topic}/messages.jsonl", DownloadAsync)
            .ExcludeFromDescription()
            .RequireAuthorization();
        return api;
    }

    /// <param name="Payload">Text. For bytes, use payloadBase64 instead.</param>
    public sealed record SendMessageBody(string? Payload, string? PayloadBase64, string? Key, Dictionary<string, string>? Properties);

    public sealed record SentMessageBody(string MessageId);

    /// <param name="Next">Pass it as <c>after</c> to go on; null when the topic's end was reached, and only then.</param>
    /// <param name="EndedBy">
    /// <c>topic</c>: there were no more messages when the read began. <c>limit</c>: as many as you asked for. <c>size</c>: 8 MiB of
    /// messages with their keys and properties, or 64 MiB looked through.
    /// <c>time</c>: the cluster was too slow, 15 seconds were over. <c>connection</c>: the connection to the cluster broke.
    /// </param>
    /// <param name="Scanned">Messages that were read for this page, whether they matched or not.</param>
    /// <param name="ScannedBytes">Their payloads, in bytes. All of it counts as data out, and so do the next few messages of each
    /// partition, which the broker sends along.</param>
    /// <param name="Resume">Where this page ends. Pass it as <c>after</c> at any later time to get the messages that have come since. null
    /// for a non-persistent topic.</param>
    public sealed record MessagesBody(
        IReadOnlyList<MessageBody> Items,
        string? Next,
        [OneOf("topic", "limit", "size", "time", "connection")] string EndedBy,
        int Scanned,
        long ScannedBytes,
        string? Resume
    );

    /// <param name="Key">null if the message has no key; an empty key is "".</param>
    /// <param name="Payload">The payload if it is UTF-8 text; otherwise null, and payloadBase64 has it, unless nullValue is true.</param>
    /// <param name="Size">Of the payload, in bytes.</param>
    /// <param name="Value">With decode: the value if its schema says what the bytes mean, such as Avro. null if payload already says it, as
    /// JSON and text do.</param>
    /// <param name="SchemaVersion">With decode: the version that an Avro value was written with.</param>
    /// <param name="ValueProblem">With decode: why the payload can't be decoded.</param>
    /// <param name="EventTime">When it happened, if the producer said so.</param>
    /// <param name="ProducerName">With details: the producer's name.</param>
    /// <param name="NullValue">true: the message was sent without a value (a tombstone), so payload and payloadBase64 are null.</param>
    /// <param name="Masked">true: fields are masked for your role. What is masked reads ••• and can't be searched for; a payload that isn't
    /// JSON is then hidden whole.</param>
    /// <param name="SequenceId">With details: its number among that producer's messages. In a batch, brokers tell only the first
    /// message's.</param>
    public sealed record MessageBody(
        string MessageId,
        string? Key,
        IReadOnlyDictionary<string, string> Properties,
        string? Payload,
        string? PayloadBase64,
        DateTimeOffset PublishTime,
        int Size,
        JsonElement? Value,
        long? SchemaVersion,
        string? ValueProblem,
        DateTimeOffset? EventTime,
        string? ProducerName,
        long? SequenceId,
        bool NullValue,
        bool Masked
    );

    /// <param name="Message">null if no client sent a message in time.</param>
    /// <param name="PassedOver">Messages that were sent from Portal meanwhile.</param>
    /// <param name="Resume">If no message came: pass it as resume to go on waiting without missing one. null for a non-persistent
    /// topic.</param>
    public sealed record AwaitedMessageBody(MessageBody? Message, int PassedOver, string? Resume);

    /// <param name="Subscriptions">Every durable one of the topic.</param>
    public sealed record AcknowledgementsBody(IReadOnlyList<AcknowledgementBody> Subscriptions);

    public sealed record AcknowledgementBody(string Subscription, bool Acknowledged);

    private static async Task<Answer<AwaitedMessageBody>> WaitAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        [Description(SecondsWords)] int? seconds,
        [Description(ResumeWords)] string? resume,
        ApiContext context,
        AwaitClientMessage wait,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (!Patience(seconds ?? 30).TryGet(out var patience, out var problem))
            return problem;
        var begun = clock.GetTimestamp();
        if (
            !(
                await wait.RunAsync(
                    context.Actor,
                    org,
                    tenant,
                    @namespace,
                    topic,
                    string.IsNullOrEmpty(resume) ? null : resume,
                    cancellationToken
                )
            ).TryGet(out var waiting, out problem)
        )
            return problem;
        using (waiting)
        {
            while (true)
            {
                if (!(await waiting.NextAsync(patience - clock.GetElapsedTime(begun), cancellationToken)).TryGet(out var news, out problem))
                    return problem;
                // What is in the way now may pass: reading is tried again.
                if (news.Message is null && clock.GetElapsedTime(begun) < patience)
                    continue;
                if (news is { Message: null, Trouble: { } trouble })
                    return trouble;
                return Answer<AwaitedMessageBody>.Of(
                    new(news.Message is { } message ? Body(message) : null, news.PassedOver, news.Message is null ? waiting.Place : null)
                );
            }
        }
    }

    private static async Task<Answer<AcknowledgementsBody>> AcknowledgementsAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        [Description(AckIdWords)] string? messageId,
        [Description(AckSecondsWords)] int? seconds,
        ApiContext context,
        WatchAcknowledgements watch,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (!Patience(seconds ?? 0).TryGet(out var patience, out var problem))
            return problem;
        var begun = clock.GetTimestamp();
        if (
            !(await watch.RunAsync(context.Actor, org, tenant, @namespace, topic, messageId ?? "", cancellationToken)).TryGet(
                out var watching,
                out problem
            )
        )
            return problem;
        while (true)
        {
            var left = patience - clock.GetElapsedTime(begun);
            if (!(await watching.NextAsync(left, cancellationToken)).TryGet(out var found, out problem))
                return problem;
            if (clock.GetElapsedTime(begun) >= patience || found.Count > 0 && found.All(one => one.IsDone))
                return Answer<AcknowledgementsBody>.Of(
                    new([.. found.Select(one => new AcknowledgementBody(one.Subscription, one.IsDone))])
                );
        }
    }

    private static Outcome<TimeSpan> Patience(int seconds) =>
        seconds is >= 0 and <= 60
            ? TimeSpan.FromSeconds(seconds)
            : new Problem.Invalid("seconds-malformed", "Wait for 0 to 60 seconds.", "seconds");

    private static async Task<CreatedAnswer<SentMessageBody>> SendAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        SendMessageBody body,
        ApiContext context,
        SendMessage send,
        CancellationToken cancellationToken
    )
    {
        if (!Payload(body).TryGet(out var payload, out var problem))
            return problem;
        var sent = await send.RunAsync(
            context.Actor,
            org,
            tenant,
            @namespace,
            topic,
            new NewMessage(payload, body.Key, body.Properties ?? []),
            cancellationToken
        );
        return sent.TryGet(out var id, out problem) ? CreatedAnswer<SentMessageBody>.Of(null, new(id)) : problem;
    }

    private static async Task<ListAnswer<MessagesBody>> ReadAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        [Description(FromWords)] string? from,
        [Instant, Description(SinceWords)] string? since,
        [Description(KeyWords)] string? key,
        [Description(PropertyWords)] string? property,
        [Description(TextWords)] string? text,
        [Description(PathWords)] string? path,
        [Description(DecodeWords)] bool? decode,
        [Description(DetailsWords)] bool? details,
        ApiContext context,
        ReadMessages read,
        CancellationToken cancellationToken
    ) =>
        await context.ReportAsync(
            async page =>
                Wanted(page.After ?? from, since, key, property, text, path, decode, details).TryGet(out var wanted, out var problem)
                    ? await read.RunAsync(context.Actor, org, tenant, @namespace, topic, wanted, page.Limit, cancellationToken)
                    : problem,
            found => new MessagesBody(
                [.. found.Items.Select(Body)],
                found.Next,
                Word(found.End),
                found.Scanned,
                found.ScannedBytes,
                found.Place
            )
        );

    /// <summary>
    /// A page of messages as a file, one JSON document a line. Where it ends before the topic does, a header says from where to go on.
    /// </summary>
    private static async Task<IResult> DownloadAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        string? from,
        string? since,
        string? key,
        string? property,
        string? text,
        string? path,
        bool? decode,
        bool? details,
        ApiContext context,
        ReadMessages read,
        HttpResponse response,
        IOptions<JsonOptions> json,
        CancellationToken cancellationToken
    )
    {
        if (!Wanted(from, since, key, property, text, path, decode, details).TryGet(out var wanted, out var problem))
            return problem.ToResult();
        var found = await read.RunAsync(context.Actor, org, tenant, @namespace, topic, wanted, PageRequest.MaxLimit, cancellationToken);
        if (!found.TryGet(out var page, out problem))
            return problem.ToResult();
        response.Headers["Portal-Ended-By"] = Word(page.End);
        if (page.Next is { } next)
            response.Headers["Portal-Next"] = next;
        return TypedResults.Stream(
            async stream =>
            {
                foreach (var message in page.Items)
                {
                    await JsonSerializer.SerializeAsync(stream, Body(message), json.Value.SerializerOptions, cancellationToken);
                    await stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
                }
            },
            "application/x-ndjson; charset=utf-8",
            $"{topic}.jsonl"
        );
    }

    private static Outcome<ReadQuery> Wanted(
        string? from,
        string? since,
        string? key,
        string? property,
        string? text,
        string? path,
        bool? decode,
        bool? details
    )
    {
        if (!IsoInstant.Read(since, "since").TryGet(out var instant, out var problem))
            return problem;
        return MessageFilter.Create(key, property, text, path).TryGet(out var filter, out problem)
            ? new ReadQuery(string.IsNullOrEmpty(from) ? null : from, instant, filter, decode == true, details == true)
            : problem;
    }

    private static string Word(ReadEnd end) =>
        end switch
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
        if (body.Payload is { } text)
            return Encoding.UTF8.GetBytes(text);
        var bytes = new byte[body.PayloadBase64!.Length];
        return Convert.TryFromBase64String(body.PayloadBase64, bytes, out var length)
            ? bytes[..length]
            : new Problem.Invalid("payload-not-base64", "payloadBase64 is not base64.", "payloadBase64");
    }

    internal static MessageBody Body(Message message)
    {
        var text = message.IsNull ? null : Text(message.Payload.Span);
        var value = message.Decoded;
        return new(
            message.MessageId,
            message.Key,
            message.Properties,
            text,
            text is null && !message.IsNull ? Convert.ToBase64String(message.Payload.Span) : null,
            message.PublishTime,
            message.Size,
            value?.Json is { } json ? JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 500 }) : null,
            value?.Version,
            value?.Reason,
            message.EventTime,
            message.Origin?.Producer,
            message.Origin?.SequenceId,
            message.IsNull,
            message.IsMasked
        );
    }

    private static string? Text(ReadOnlySpan<byte> payload)
    {
        if (!System.Text.Unicode.Utf8.IsValid(payload))
            return null;
        return StrictUtf8.GetString(payload);
    }
}
