using Portal.Domain.Clusters;
using Portal.Domain.Topics;
using Portal.Features.Api;

namespace Portal.Features.Topics;

public static class TopicsEndpoints
{
    public static IEndpointRouteBuilder MapTopics(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}/topics").WithTags("Topics");
        group.MapGet("", ListAsync).WithName("ListTopics").WithSummary("A namespace's topics, by name");
        group.MapPost("", CreateAsync).WithName("CreateTopic").WithSummary("Makes a topic");
        group.MapGet("/{topic}", GetAsync).WithName("GetTopic").WithSummary("One topic");
        group.MapDelete("/{topic}", DeleteAsync).WithName("DeleteTopic").WithSummary("Deletes a topic with its messages");
        group.MapGet("/{topic}/stats", StatsAsync).WithName("GetTopicStats").WithSummary("Live figures from the broker");
        group.MapGet("/{topic}/subscriptions", SubscriptionsAsync).WithName("ListSubscriptions").WithSummary("The topic's subscriptions with their backlog");
        group.MapPost("/{topic}/subscriptions", SubscribeAsync).WithName("CreateSubscription").WithSummary("Makes a durable subscription");
        group.MapDelete("/{topic}/subscriptions/{subscription}", UnsubscribeAsync).WithName("DeleteSubscription").WithSummary("Deletes a subscription with its backlog");
        return api;
    }

    /// <param name="Persistent">true unless said.</param>
    /// <param name="Partitions">0 = not partitioned.</param>
    public sealed record CreateBody(string? Name, bool? Persistent, int? Partitions);

    /// <param name="Position"><c>earliest</c> or <c>latest</c> (unless said).</param>
    public sealed record SubscribeBody(string? Name, string? Position);

    public sealed record TopicBody(string Name, bool Persistent, int Partitions, string State, DateTimeOffset CreatedAt, ProblemBody? Problem);

    public sealed record SubscriptionBody(string Name, string? Type, int Consumers, long Backlog, long Unacknowledged, double MessagesOutPerSecond, bool Durable);

    public sealed record StatsBody(
        double MessagesInPerSecond, double BytesInPerSecond, double MessagesOutPerSecond, double BytesOutPerSecond, long StorageBytes, long BacklogBytes, int Producers, int Consumers);

    private static Task<IResult> ListAsync(string org, string tenant, string @namespace, ApiContext context, ListTopics list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, org, tenant, @namespace, page, cancellationToken), Body);

    private static async Task<IResult> CreateAsync(
        string org, string tenant, string @namespace, CreateBody body, ApiContext context, CreateTopic create, CancellationToken cancellationToken) =>
        (await create.RunAsync(context.Actor, org, tenant, @namespace, body.Name, body.Persistent ?? true, body.Partitions ?? 0, cancellationToken))
            .ToAccepted(made => Address(org, tenant, @namespace, made.Name), Body);

    private static async Task<IResult> GetAsync(string org, string tenant, string @namespace, string topic, ApiContext context, GetTopic get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, org, tenant, @namespace, topic, cancellationToken)).ToOk(Body);

    private static async Task<IResult> DeleteAsync(
        string org, string tenant, string @namespace, string topic, bool? force, ApiContext context, DeleteTopic delete, CancellationToken cancellationToken) =>
        (await delete.RunAsync(context.Actor, org, tenant, @namespace, topic, force ?? false, cancellationToken))
            .ToAccepted(going => Address(org, tenant, @namespace, going.Name), Body);

    private static async Task<IResult> StatsAsync(string org, string tenant, string @namespace, string topic, ApiContext context, GetTopicLive live, CancellationToken cancellationToken) =>
        (await live.RunAsync(context.Actor, org, tenant, @namespace, topic, cancellationToken)).ToOk(stats => new StatsBody(
            stats.MessagesInPerSecond, stats.BytesInPerSecond, stats.MessagesOutPerSecond, stats.BytesOutPerSecond, stats.StorageBytes, stats.BacklogBytes, stats.Producers, stats.Consumers));

    private static async Task<IResult> SubscriptionsAsync(
        string org, string tenant, string @namespace, string topic, ApiContext context, GetTopicLive live, CancellationToken cancellationToken) =>
        (await live.RunAsync(context.Actor, org, tenant, @namespace, topic, cancellationToken))
            .ToOk(stats => new { items = stats.Subscriptions.Select(Body).ToList(), next = (string?)null });

    private static async Task<IResult> SubscribeAsync(
        string org, string tenant, string @namespace, string topic, SubscribeBody body, ApiContext context, CreateSubscription create, CancellationToken cancellationToken)
    {
        if (body.Position is not (null or "earliest" or "latest"))
            return new Portal.Domain.Common.Problem.Invalid("position-unknown", "A subscription begins at earliest or latest.", "position").ToResult();
        var made = await create.RunAsync(context.Actor, org, tenant, @namespace, topic, body.Name, body.Position == "earliest", cancellationToken);
        return made.ToCreated(_ => $"{Address(org, tenant, @namespace, topic)}/subscriptions", _ => new { name = body.Name });
    }

    private static async Task<IResult> UnsubscribeAsync(
        string org, string tenant, string @namespace, string topic, string subscription, bool? force, ApiContext context, DeleteSubscription delete, CancellationToken cancellationToken) =>
        (await delete.RunAsync(context.Actor, org, tenant, @namespace, topic, subscription, force ?? false, cancellationToken)).ToNoContent();

    private static string Address(string org, string tenant, string @namespace, string topic) =>
        $"/api/v1/organizations/{org}/tenants/{Uri.EscapeDataString(tenant)}/namespaces/{Uri.EscapeDataString(@namespace)}/topics/{Uri.EscapeDataString(topic)}";

    private static TopicBody Body(Topic topic) => new(
        topic.Name, topic.Persistent, topic.Partitions, topic.State.Text(), topic.CreatedAt, States.Problem(topic.State, topic.ProblemCode, topic.ProblemMessage));

    private static SubscriptionBody Body(SubscriptionStats stats) => new(
        stats.Name, stats.Type, stats.Consumers, stats.Backlog, stats.Unacknowledged, stats.MessagesOutPerSecond, stats.Durable);
}
