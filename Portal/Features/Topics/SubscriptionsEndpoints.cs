using System.ComponentModel;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Features.Api;

namespace Portal.Features.Topics;

/// <summary>
/// One subscription: how it stands, and what moves it. Every move may be looked at before it is made: the backlog by the
/// subscription itself, where a rewind leads by <c>GET …/rewind</c>.
/// </summary>
public static class SubscriptionsEndpoints
{
    private const string NameWords =
        "The subscription's name, if it doesn't fit in a path, such as .. or one with a slash that a proxy decodes. "
        + "Used instead of the name in the path.";
    private const string PartitionWords = "Required if the topic is partitioned.";
    private const string EntriesWords = "Entries to look at, from 1 to 20; 10 by default. A batch counts as one.";
    private const string TimeWords = "Rewind to the first message published at that time or later.";
    private const string IdWords =
        "Rewind to this message: an ID as the list of messages has it, or ledger:entry, with :partition on a partitioned topic.";

    public static IEndpointRouteBuilder MapSubscriptions(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup(
                "/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}/topics/{topic}/subscriptions/{subscription}"
            )
            .WithTags("Topics");
        group
            .MapGet("", GetAsync)
            .WithName("GetSubscription")
            .WithSummary("Get a subscription with its backlog, oldest unacknowledged message, partitions and consumers");
        group
            .MapGet("/peek", PeekAsync)
            .AddEndpointFilter(LargeAnswers.LimitAsync)
            .WithName("PeekMessages")
            .WithSummary("Look at a subscription's next messages without moving it; not metered");
        group.MapPost("/skip", SkipAsync).WithName("SkipMessages").WithSummary("Skip the oldest entries of a subscription's backlog");
        group.MapPost("/clear", ClearAsync).WithName("ClearBacklog").WithSummary("Skip all of a subscription's backlog");
        group
            .MapGet("/rewind", PreviewAsync)
            .WithName("PreviewRewind")
            .WithSummary("Count the entries that would be waiting after a rewind");
        group
            .MapPost("/rewind", RewindAsync)
            .WithName("RewindSubscription")
            .WithSummary("Move a subscription to a time or a message; its consumers reconnect");
        group
            .MapPost("/expire", ExpireAsync)
            .WithName("ExpireMessages")
            .WithSummary("Skip the messages in a subscription's backlog that are older than an age");
        group
            .MapPost("/analyze", AnalyzeAsync)
            .WithName("AnalyzeBacklog")
            .WithSummary("Have the brokers read a backlog and count its messages");
        return api;
    }

    /// <param name="Type">Exclusive, Shared, Failover or Key_Shared; null before the first consumer.</param>
    /// <param name="Backlog">In entries, as brokers count: a batch of messages is one entry.</param>
    /// <param name="BacklogBytes">The backlog as it is stored.</param>
    /// <param name="EstimatedMessages">Messages in the backlog, estimated from the batches that connected consumers were given lately. null
    /// without such consumers.</param>
    /// <param name="Unacknowledged">Messages that consumers have received and not acknowledged. Brokers count them on Shared and Key_Shared
    /// subscriptions.</param>
    /// <param name="Blocked">true: no consumer receives more until some of those are acknowledged.</param>
    /// <param name="OldestUnacknowledgedAt">When the oldest message in the backlog was published. null without a backlog, or if the brokers
    /// don't tell.</param>
    /// <param name="Partitions">Empty if the topic isn't partitioned.</param>
    public sealed record SubscriptionDetailBody(
        string Name,
        string? Type,
        bool Durable,
        long Backlog,
        long BacklogBytes,
        long? EstimatedMessages,
        long Unacknowledged,
        bool Blocked,
        double MessagesOutPerSecond,
        DateTimeOffset? OldestUnacknowledgedAt,
        IReadOnlyList<PartitionBacklogBody> Partitions,
        IReadOnlyList<SubscriptionConsumerBody> Consumers
    );

    public sealed record PartitionBacklogBody(
        int Partition,
        long Backlog,
        long BacklogBytes,
        long Unacknowledged,
        DateTimeOffset? OldestUnacknowledgedAt
    );

    /// <param name="Address">Host and port; null unless your role lets you manage the topic.</param>
    /// <param name="Blocked">true: it receives no more until it acknowledges some messages.</param>
    /// <param name="AvailablePermits">Messages it's ready to receive at once. Below zero if a batch held more than that.</param>
    public sealed record SubscriptionConsumerBody(
        string Name,
        string? Address,
        string? ClientVersion,
        DateTimeOffset? ConnectedSince,
        long Unacknowledged,
        bool Blocked,
        double MessagesOutPerSecond,
        long AvailablePermits
    );

    /// <param name="Entries">How many to skip; if there are fewer, all are skipped.</param>
    /// <param name="Partition">Required if the topic is partitioned.</param>
    /// <param name="SeenBacklog">The backlog you decided on, in entries. It's recorded in the audit log and changes nothing.</param>
    public sealed record SkipBody([Needed] long? Entries, int? Partition, long? SeenBacklog);

    /// <param name="SeenBacklog">The backlog you decided on, in entries. It's recorded in the audit log and changes nothing.</param>
    public sealed record ClearBody(long? SeenBacklog);

    /// <param name="Time">Either this or messageId: the first message published at that time or later is delivered next.</param>
    /// <param name="MessageId">The message to deliver next: an ID as the list of messages has it, or ledger:entry, with :partition on a
    /// partitioned topic.</param>
    /// <param name="SeenBacklog">The backlog you decided on, in entries. It's recorded in the audit log and changes nothing.</param>
    public sealed record RewindBody(DateTimeOffset? Time, string? MessageId, long? SeenBacklog);

    /// <param name="OlderThanSeconds">Messages published longer ago than this are skipped.</param>
    /// <param name="SeenBacklog">The backlog you decided on, in entries. It's recorded in the audit log and changes nothing.</param>
    public sealed record ExpireBody([Needed] long? OlderThanSeconds, long? SeenBacklog);

    /// <param name="Messages">In the order in which they are delivered next; decoded by the topic's schema. A batch comes whole.</param>
    public sealed record PeekedBody(IReadOnlyList<MessagesEndpoints.MessageBody> Messages);

    /// <param name="BacklogBefore">In entries.</param>
    /// <param name="BacklogAfter">In entries. null if the cluster didn't answer afterwards; what you asked for was done.</param>
    /// <param name="Finished">false: the brokers are still working on it.</param>
    public sealed record SubscriptionChangeBody(
        long BacklogBefore,
        long BacklogBytesBefore,
        long? BacklogAfter,
        long? BacklogBytesAfter,
        bool Finished
    );

    /// <param name="BacklogAfter">Entries that would be waiting.</param>
    /// <param name="Partition">The partition that both figures are about, for a message ID on a partitioned topic. Otherwise null: they are
    /// about the whole topic.</param>
    public sealed record RewindPreviewBody(
        long BacklogBefore,
        long BacklogBytesBefore,
        long BacklogAfter,
        long BacklogBytesAfter,
        int? Partition
    );

    /// <param name="MarkerEntries">Entries that aren't messages, such as the marks of transactions. null if the brokers don't tell.</param>
    /// <param name="Complete">false: a broker stopped at its limit, and there is more.</param>
    /// <param name="FirstMessageId">The oldest message in the backlog, as ledger:entry, with :partition on a partitioned topic.</param>
    /// <param name="LastMessageId">The newest one; on a partitioned topic, in the last partition with a backlog.</param>
    public sealed record BacklogAnalysisBody(
        long Entries,
        long Messages,
        long? MarkerEntries,
        bool Complete,
        string? FirstMessageId,
        string? LastMessageId
    );

    private static async Task<Answer<SubscriptionDetailBody>> GetAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        string subscription,
        [Description(NameWords)] string? name,
        ApiContext context,
        GetSubscription get,
        CancellationToken cancellationToken
    ) =>
        (
            await get.RunAsync(context.Actor, org, tenant, @namespace, topic, name ?? context.LastSegment(subscription), cancellationToken)
        ).ToOk(Body);

    private static async Task<Answer<PeekedBody>> PeekAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        string subscription,
        [Description(NameWords)] string? name,
        [Description(PartitionWords)] int? partition,
        [Description(EntriesWords)] int? entries,
        ApiContext context,
        PeekMessages peek,
        CancellationToken cancellationToken
    ) =>
        (
            await peek.RunAsync(
                context.Actor,
                org,
                tenant,
                @namespace,
                topic,
                Name(context, subscription, name),
                partition,
                entries,
                cancellationToken
            )
        ).ToOk(found => new PeekedBody([.. found.Select(MessagesEndpoints.Body)]));

    private static async Task<Answer<SubscriptionChangeBody>> SkipAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        string subscription,
        [Description(NameWords)] string? name,
        SkipBody body,
        ApiContext context,
        SkipMessages skip,
        CancellationToken cancellationToken
    ) =>
        (
            await skip.RunAsync(
                context.Actor,
                org,
                tenant,
                @namespace,
                topic,
                Name(context, subscription, name),
                new(body.Entries, body.Partition, body.SeenBacklog, context.WasBegun),
                cancellationToken
            )
        ).ToOk(Body);

    private static async Task<Answer<SubscriptionChangeBody>> ClearAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        string subscription,
        [Description(NameWords)] string? name,
        ClearBody? body,
        ApiContext context,
        ClearBacklog clear,
        CancellationToken cancellationToken
    ) =>
        (
            await clear.RunAsync(
                context.Actor,
                org,
                tenant,
                @namespace,
                topic,
                Name(context, subscription, name),
                body?.SeenBacklog,
                cancellationToken
            )
        ).ToOk(Body);

    private static async Task<Answer<RewindPreviewBody>> PreviewAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        string subscription,
        [Description(NameWords)] string? name,
        [Instant, Description(TimeWords)] string? time,
        [Description(IdWords)] string? messageId,
        ApiContext context,
        PreviewRewind preview,
        CancellationToken cancellationToken
    )
    {
        if (!IsoInstant.Read(time, "time").TryGet(out var instant, out var problem))
            return problem;
        var foreseen = await preview.RunAsync(
            context.Actor,
            org,
            tenant,
            @namespace,
            topic,
            Name(context, subscription, name),
            new(instant, messageId),
            cancellationToken
        );
        return foreseen.ToOk(Body);
    }

    private static async Task<Answer<SubscriptionChangeBody>> RewindAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        string subscription,
        [Description(NameWords)] string? name,
        RewindBody body,
        ApiContext context,
        RewindSubscription rewind,
        CancellationToken cancellationToken
    ) =>
        (
            await rewind.RunAsync(
                context.Actor,
                org,
                tenant,
                @namespace,
                topic,
                Name(context, subscription, name),
                new(body.Time, body.MessageId),
                body.SeenBacklog,
                cancellationToken
            )
        ).ToOk(Body);

    private static async Task<Answer<SubscriptionChangeBody>> ExpireAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        string subscription,
        [Description(NameWords)] string? name,
        ExpireBody body,
        ApiContext context,
        ExpireMessages expire,
        CancellationToken cancellationToken
    ) =>
        (
            await expire.RunAsync(
                context.Actor,
                org,
                tenant,
                @namespace,
                topic,
                Name(context, subscription, name),
                body.OlderThanSeconds,
                body.SeenBacklog,
                cancellationToken
            )
        ).ToOk(Body);

    private static async Task<Answer<BacklogAnalysisBody>> AnalyzeAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        string subscription,
        [Description(NameWords)] string? name,
        ApiContext context,
        AnalyzeBacklog analyze,
        CancellationToken cancellationToken
    ) =>
        (await analyze.RunAsync(context.Actor, org, tenant, @namespace, topic, Name(context, subscription, name), cancellationToken)).ToOk(
            found => new BacklogAnalysisBody(found.Entries, found.Messages, found.Markers, found.IsComplete, found.First, found.Last)
        );

    /// <summary>Of an address that goes on after it.</summary>
    private static string Name(ApiContext context, string routed, string? given) => given ?? context.Segment(routed, fromEnd: 2);

    private static SubscriptionDetailBody Body(SubscriptionDetail detail) =>
        new(
            detail.Figures.Name,
            detail.Figures.Type,
            detail.Figures.Durable,
            detail.Figures.Backlog,
            detail.Figures.BacklogBytes,
            detail.Figures.EstimatedMessages,
            detail.Figures.Unacknowledged,
            detail.Figures.IsBlocked,
            detail.Figures.MessagesOutPerSecond,
            detail.OldestUnacknowledged,
            [
                .. detail.Partitions.Select(one => new PartitionBacklogBody(
                    one.Partition,
                    one.Backlog,
                    one.BacklogBytes,
                    one.Unacknowledged,
                    one.OldestUnacknowledged
                )),
            ],
            [
                .. detail.Consumers.Select(one => new SubscriptionConsumerBody(
                    one.Name,
                    one.Address,
                    one.ClientVersion,
                    one.ConnectedSince,
                    one.Unacknowledged,
                    one.IsBlocked,
                    one.MessagesPerSecond,
                    one.Permits
                )),
            ]
        );

    private static RewindPreviewBody Body(RewindPreview found) =>
        new(found.BacklogBefore.Entries, found.BacklogBefore.Bytes, found.Backlog.Entries, found.Backlog.Bytes, found.Partition);

    private static SubscriptionChangeBody Body(SubscriptionChange change) =>
        new(
            change.Before.Figures.Backlog,
            change.Before.Figures.BacklogBytes,
            change.After?.Figures.Backlog,
            change.After?.Figures.BacklogBytes,
            change.IsFinished
        );
}
