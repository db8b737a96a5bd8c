using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Features.Api;

namespace Portal.Features.Topics;

public static class TopicsEndpoints
{
    public static IEndpointRouteBuilder MapTopics(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}/topics").WithTags("Topics");
        group.MapGet("", ListAsync).WithName("ListTopics").WithSummary("List topics by name").Searchable();
        group.MapPost("", CreateAsync).WithName("CreateTopic").WithSummary("Create a topic, with its schema and first subscriptions");
        group.MapGet("/{topic}", GetAsync).WithName("GetTopic").WithSummary("Get a topic");
        group.MapDelete("/{topic}", DeleteAsync).WithName("DeleteTopic").WithSummary("Delete a topic and its messages");
        group.MapGet("/{topic}/stats", StatsAsync).WithName("GetTopicStats").WithSummary("Get a topic's live statistics from the broker");
        group.MapGet("/{topic}/producers", ProducersAsync).WithName("ListProducers").WithSummary("List the producers connected to a topic");
        group
            .MapGet("/{topic}/partitions", PartitionsAsync)
            .WithName("ListPartitions")
            .WithSummary("List a topic's partitions with their live figures; empty if it isn't partitioned");
        group
            .MapGet("/{topic}/subscriptions", SubscriptionsAsync)
            .WithName("ListSubscriptions")
            .WithSummary("List a topic's subscriptions with their backlog");
        group.MapPost("/{topic}/subscriptions", SubscribeAsync).WithName("CreateSubscription").WithSummary("Create a durable subscription");
        group
            .MapDelete("/{topic}/subscriptions/{subscription}", UnsubscribeAsync)
            .WithName("DeleteSubscription")
            .WithSummary("Delete a subscription and its backlog");
        group
            .MapDelete("/{topic}/subscriptions", UnsubscribeNamedAsync)
            .WithName("DeleteSubscriptionByName")
            .WithSummary("Delete a subscription whose name doesn't fit in a path, such as .. or one with a slash that a proxy decodes");
        return api;
    }

    /// <param name="Persistent">true by default.</param>
    /// <param name="Partitions">0, the default, means not partitioned.</param>
    /// <param name="Schema">Registered before the topic is ready.</param>
    /// <param name="Subscriptions">Created before the topic is ready, so that they miss no message. Persistent topics only.</param>
    public sealed record CreateTopicBody(
        [Needed] string? Name,
        bool? Persistent,
        int? Partitions,
        NewTopicSchemaBody? Schema,
        IReadOnlyList<NewTopicSubscriptionBody>? Subscriptions
    );

    /// <param name="Type">JSON, AVRO, PROTOBUF, PROTOBUF_NATIVE, or a primitive type such as STRING or INT64.</param>
    /// <param name="Definition">An Avro record for JSON, AVRO and PROTOBUF; Pulsar's descriptor document for PROTOBUF_NATIVE; nothing for
    /// primitive types. At most 256 KiB.</param>
    public sealed record NewTopicSchemaBody([Needed] string? Type, string? Definition);

    /// <param name="Position">earliest by default: it keeps every message from the first on.</param>
    /// <param name="DeadLetters">true: also create the topic {topic}-{subscription}-DLQ, with the subscription dead-letters, for messages
    /// that its consumers give up on. Keys that can consume the topic cover it. false by default.</param>
    /// <param name="Retries">true: also create the topic {topic}-{subscription}-RETRY, for messages that its consumers want again later.
    /// false by default.</param>
    public sealed record NewTopicSubscriptionBody(
        [Needed] string? Name,
        [OneOf("earliest", "latest")] string? Position,
        bool? DeadLetters,
        bool? Retries
    );

    /// <param name="Position">latest by default. Leave it out with time or messageId.</param>
    /// <param name="Time">Start with the first message published at that time or later.</param>
    /// <param name="MessageId">Start with this message: an ID as the list of messages has it, or ledger:entry, with :partition on a
    /// partitioned topic, whose other partitions start at their earliest.</param>
    /// <param name="DeadLetters">true: also create the topic {topic}-{subscription}-DLQ, with the subscription dead-letters. Keys that can
    /// consume the topic cover it. false by default.</param>
    /// <param name="Retries">true: also create the topic {topic}-{subscription}-RETRY. Keys that can consume the topic cover it. false by
    /// default.</param>
    public sealed record CreateSubscriptionBody(
        [Needed] string? Name,
        [OneOf("earliest", "latest")] string? Position,
        DateTimeOffset? Time,
        string? MessageId,
        bool? DeadLetters,
        bool? Retries
    );

    public sealed record NewSubscriptionBody(string Name);

    public sealed record TopicBody(
        string Name,
        bool Persistent,
        int Partitions,
        [OneOf<StateWords>] string State,
        DateTimeOffset CreatedAt,
        StateProblemBody? Problem
    );

    /// <param name="Backlog">In entries, as brokers count: a batch of messages is one entry.</param>
    /// <param name="BacklogBytes">The backlog as it is stored.</param>
    /// <param name="EstimatedMessages">Messages in the backlog, estimated from the batches that connected consumers were given lately. null
    /// without such consumers.</param>
    /// <param name="Unacknowledged">Messages that consumers have received and not acknowledged. Brokers count them on Shared and Key_Shared
    /// subscriptions.</param>
    /// <param name="Blocked">true: no consumer receives more until some of those are acknowledged.</param>
    /// <param name="BlockedConsumers">Consumers that receive no more until they acknowledge some messages.</param>
    public sealed record SubscriptionBody(
        string Name,
        string? Type,
        int Consumers,
        long Backlog,
        long BacklogBytes,
        long? EstimatedMessages,
        long Unacknowledged,
        double MessagesOutPerSecond,
        bool Durable,
        bool Blocked,
        int BlockedConsumers
    );

    /// <param name="Partitions">That the cluster has now; 0 for a topic without partitions.</param>
    public sealed record TopicStatsBody(
        double MessagesInPerSecond,
        double BytesInPerSecond,
        double MessagesOutPerSecond,
        double BytesOutPerSecond,
        long StorageBytes,
        long BacklogBytes,
        int Producers,
        int Consumers,
        int Partitions
    );

    /// <param name="Address">Host and port; null unless your role lets you manage the topic.</param>
    public sealed record ProducerBody(
        string Name,
        string? Address,
        string? ClientVersion,
        DateTimeOffset? ConnectedSince,
        double MessagesInPerSecond,
        double BytesInPerSecond
    );

    /// <param name="BacklogBytes">Of all subscriptions, as it is stored.</param>
    public sealed record PartitionBody(
        int Partition,
        double MessagesInPerSecond,
        double BytesInPerSecond,
        double MessagesOutPerSecond,
        double BytesOutPerSecond,
        long StorageBytes,
        long BacklogBytes
    );

    private static Task<ListAnswer<PageOf<TopicBody>>> ListAsync(
        string org,
        string tenant,
        string @namespace,
        ApiContext context,
        ListTopics list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, tenant, @namespace, page, cancellationToken), Body);

    private static async Task<AcceptedAnswer<TopicBody>> CreateAsync(
        string org,
        string tenant,
        string @namespace,
        CreateTopicBody body,
        ApiContext context,
        CreateTopic create,
        CancellationToken cancellationToken
    )
    {
        if (body.Subscriptions?.Any(one => one.Position is not (null or "earliest" or "latest")) == true)
            return new Problem.Invalid("position-unknown", "A subscription starts at earliest or latest.", "subscriptions");
        var wanted = new NewTopic(body.Name, body.Persistent ?? true, body.Partitions ?? 0)
        {
            Schema = body.Schema is { } schema ? new(schema.Type, schema.Definition) : null,
            Subscriptions =
            [
                .. (body.Subscriptions ?? []).Select(one => new NewTopicSubscription(
                    one.Name,
                    one.Position != "latest",
                    one.DeadLetters ?? false,
                    one.Retries ?? false
                )),
            ],
        };
        return await context.AcceptedAsync(
            () => create.RunAsync(context.Actor, org, tenant, @namespace, wanted, cancellationToken),
            made => Address(org, tenant, @namespace, made.Name),
            Body
        );
    }

    private static async Task<Answer<TopicBody>> GetAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        ApiContext context,
        GetTopic get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, tenant, @namespace, topic, cancellationToken)).ToOk(Body);

    private static async Task<AcceptedAnswer<TopicBody>> DeleteAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        bool? force,
        ApiContext context,
        DeleteTopic delete,
        CancellationToken cancellationToken
    ) =>
        (await delete.RunAsync(context.Actor, org, tenant, @namespace, topic, force ?? false, cancellationToken)).ToAccepted(
            going => Address(org, tenant, @namespace, going.Name),
            Body
        );

    private static async Task<Answer<TopicStatsBody>> StatsAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        ApiContext context,
        GetTopicLive live,
        CancellationToken cancellationToken
    ) =>
        (await live.RunAsync(context.Actor, org, tenant, @namespace, topic, cancellationToken)).ToOk(stats => new TopicStatsBody(
            stats.MessagesInPerSecond,
            stats.BytesInPerSecond,
            stats.MessagesOutPerSecond,
            stats.BytesOutPerSecond,
            stats.StorageBytes,
            stats.BacklogBytes,
            stats.Producers,
            stats.Consumers,
            stats.Partitions
        ));

    private static Task<ListAnswer<PageOf<ProducerBody>>> ProducersAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        ApiContext context,
        GetTopicLive live,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            async () =>
                (await live.RunAsync(context.Actor, org, tenant, @namespace, topic, cancellationToken)).Map(stats =>
                    stats.ConnectedProducers
                ),
            one => one.Name,
            one => new ProducerBody(one.Name, one.Address, one.ClientVersion, one.ConnectedSince, one.MessagesPerSecond, one.BytesPerSecond)
        );

    private static Task<ListAnswer<PageOf<PartitionBody>>> PartitionsAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        ApiContext context,
        GetTopicLive live,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            async () =>
                (await live.RunAsync(context.Actor, org, tenant, @namespace, topic, cancellationToken)).Map(stats =>
                    stats.PartitionFigures
                ),
            one => one.Partition.ToString("D6", System.Globalization.CultureInfo.InvariantCulture),
            one => new PartitionBody(
                one.Partition,
                one.MessagesInPerSecond,
                one.BytesInPerSecond,
                one.MessagesOutPerSecond,
                one.BytesOutPerSecond,
                one.StorageBytes,
                one.BacklogBytes
            )
        );

    private static Task<ListAnswer<PageOf<SubscriptionBody>>> SubscriptionsAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        ApiContext context,
        GetTopicLive live,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            async () =>
                (await live.RunAsync(context.Actor, org, tenant, @namespace, topic, cancellationToken)).Map(stats => stats.Subscriptions),
            one => one.Name,
            Body
        );

    private static async Task<CreatedAnswer<NewSubscriptionBody>> SubscribeAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        CreateSubscriptionBody body,
        ApiContext context,
        CreateSubscription create,
        CancellationToken cancellationToken
    )
    {
        if (body.Position is not (null or "earliest" or "latest"))
            return new Problem.Invalid("position-unknown", "A subscription starts at earliest or latest.", "position");
        var target = body.Time is null && body.MessageId is null ? null : new RewindTarget(body.Time, body.MessageId);
        if (target is not null && body.Position is not null)
            return new Problem.Invalid(
                "position-unknown",
                "A subscription starts at a position, a time or a message. Send only one of them.",
                "position"
            );
        var start = new SubscriptionStart(body.Position == "earliest", target)
        {
            DeadLetters = body.DeadLetters ?? false,
            Retries = body.Retries ?? false,
        };
        var made = await create.RunAsync(context.Actor, org, tenant, @namespace, topic, body.Name, start, cancellationToken);
        // The cluster is no part of the transaction: an attempt that died may have made it, and then it is what was asked for.
        return made.Problem is { } problem && !(context.WasBegun && problem.Code == "subscription-exists")
            ? problem
            : CreatedAnswer<NewSubscriptionBody>.Of($"{Address(org, tenant, @namespace, topic)}/subscriptions", new(body.Name!));
    }

    private static async Task<EmptyAnswer> UnsubscribeAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        string subscription,
        bool? force,
        ApiContext context,
        DeleteSubscription delete,
        CancellationToken cancellationToken
    ) =>
        (
            await delete.RunAsync(
                context.Actor,
                org,
                tenant,
                @namespace,
                topic,
                context.LastSegment(subscription),
                force ?? false,
                cancellationToken
            )
        ).ToNoContent();

    private static async Task<EmptyAnswer> UnsubscribeNamedAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        string? name,
        bool? force,
        ApiContext context,
        DeleteSubscription delete,
        CancellationToken cancellationToken
    ) => (await delete.RunAsync(context.Actor, org, tenant, @namespace, topic, name, force ?? false, cancellationToken)).ToNoContent();

    private static string Address(string org, string tenant, string @namespace, string topic) =>
        $"/api/v1/organizations/{org}/tenants/{Uri.EscapeDataString(tenant)}/namespaces/{Uri.EscapeDataString(@namespace)}/topics/{Uri.EscapeDataString(topic)}";

    private static TopicBody Body(Topic topic) =>
        new(
            topic.Name,
            topic.Persistent,
            topic.Partitions,
            topic.State.Text(),
            topic.CreatedAt,
            States.Problem(topic.State, topic.ProblemCode, topic.ProblemMessage)
        );

    private static SubscriptionBody Body(SubscriptionStats stats) =>
        new(
            stats.Name,
            stats.Type,
            stats.Consumers,
            stats.Backlog,
            stats.BacklogBytes,
            stats.EstimatedMessages,
            stats.Unacknowledged,
            stats.MessagesOutPerSecond,
            stats.Durable,
            stats.IsBlocked,
            stats.BlockedConsumers
        );
}
