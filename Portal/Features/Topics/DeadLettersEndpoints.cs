using System.ComponentModel;
using Portal.Domain.Topics;
using Portal.Features.Api;

namespace Portal.Features.Topics;

/// <summary>What a subscription's consumers put aside, and dead letters that go back to the topic they come from.</summary>
public static class DeadLettersEndpoints
{
    private const string NameWords =
        "The subscription's name, if it doesn't fit in a path, such as .. or one with a slash that a proxy decodes. "
        + "Used instead of the name in the path.";

    public static IEndpointRouteBuilder MapDeadLetters(this IEndpointRouteBuilder api)
    {
        const string topic = "/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}/topics/{topic}";
        var group = api.MapGroup(topic).WithTags("Topics");
        group
            .MapGet("/subscriptions/{subscription}/aside", AsideAsync)
            .WithName("ListAsideTopics")
            .WithSummary("List a subscription's dead letter and retry topics with what waits there");
        group.MapGet("/send-back", GetAsync).WithName("GetSendBack").WithSummary("Get how sending a topic's dead letters back stands");
        group
            .MapPost("/send-back", SendAsync)
            .WithName("SendBack")
            .WithSummary("Send dead letters back to the topic they come from; counts as data in and data out");
        group.MapPost("/send-back/pause", PauseAsync).WithName("PauseSendBack").WithSummary("Pause sending dead letters back");
        group.MapPost("/send-back/resume", ResumeAsync).WithName("ResumeSendBack").WithSummary("Resume sending dead letters back");
        group
            .MapPost("/send-back/stop", StopAsync)
            .WithName("StopSendBack")
            .WithSummary("Stop sending dead letters back; what was sent stays sent");
        return api;
    }

    /// <param name="Topics">At most one of each kind.</param>
    public sealed record AsideBody(IReadOnlyList<AsideTopicBody> Topics);

    /// <param name="Waiting">Entries that nobody has dealt with: the backlog of the subscription dead-letters, or of the consumer's own one
    /// on a retry topic. null if the cluster doesn't tell.</param>
    public sealed record AsideTopicBody([OneOf("dead-letters", "retries")] string Kind, string Topic, long? Waiting, long? WaitingBytes);

    /// <param name="MessageIds">1 to 100 IDs as the list of messages has them. Without it, everything is sent that the subscription
    /// dead-letters has not acknowledged when you ask.</param>
    public sealed record SendBackBody(IReadOnlyList<string>? MessageIds);

    /// <param name="Source">The topic that the dead letters come from, and go back to.</param>
    /// <param name="Subscription">Whose consumers gave up on them.</param>
    /// <param name="Last">The run that is under way, or the last one; null before the first.</param>
    public sealed record DeadLettersBody(string Source, string Subscription, SendBackRunBody? Last);

    /// <param name="Sent">Messages sent so far. They stay in the dead letter topic until you skip them there.</param>
    /// <param name="Left">Messages that can't be sent from here: larger than 750 KiB, without a value, or gone since.</param>
    /// <param name="Problem">Why it's waiting or failed.</param>
    public sealed record SendBackRunBody(
        [OneOf("running", "paused", "waiting", "done", "stopped", "failed")] string State,
        long Sent,
        long Left,
        bool Selection,
        DateTimeOffset BegunAt,
        DateTimeOffset? EndedAt,
        string? Problem
    );

    private static async Task<Answer<AsideBody>> AsideAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        string subscription,
        [Description(NameWords)] string? name,
        ApiContext context,
        ListAsideTopics list,
        CancellationToken cancellationToken
    ) =>
        (
            await list.RunAsync(
                context.Actor,
                org,
                tenant,
                @namespace,
                topic,
                name ?? context.Segment(subscription, fromEnd: 2),
                cancellationToken
            )
        ).ToOk(found => new AsideBody([
            .. found.Select(one => new AsideTopicBody(
                one.Kind == AsideKind.DeadLetters ? "dead-letters" : "retries",
                one.Topic.Name,
                one.Waiting,
                one.WaitingBytes
            )),
        ]));

    private static async Task<Answer<DeadLettersBody>> GetAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        ApiContext context,
        GetSendBack get,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, tenant, @namespace, topic, cancellationToken)).ToOk(found => new DeadLettersBody(
            found.Source.Name,
            found.Subscription,
            found.Last is { } last ? Body(last) : null
        ));

    private static Task<AcceptedAnswer<SendBackRunBody>> SendAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        SendBackBody? body,
        ApiContext context,
        SendBack send,
        CancellationToken cancellationToken
    ) =>
        context.AcceptedAsync(
            () => send.RunAsync(context.Actor, org, tenant, @namespace, topic, body?.MessageIds, cancellationToken),
            _ => Address(org, tenant, @namespace, topic),
            Body
        );

    private static Task<Answer<SendBackRunBody>> PauseAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        ApiContext context,
        SteerSendBack steer,
        CancellationToken cancellationToken
    ) => context.OkAsync(() => steer.RunAsync(context.Actor, org, tenant, @namespace, topic, SendBackWish.Pause, cancellationToken), Body);

    private static Task<Answer<SendBackRunBody>> ResumeAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        ApiContext context,
        SteerSendBack steer,
        CancellationToken cancellationToken
    ) => context.OkAsync(() => steer.RunAsync(context.Actor, org, tenant, @namespace, topic, SendBackWish.Resume, cancellationToken), Body);

    private static Task<Answer<SendBackRunBody>> StopAsync(
        string org,
        string tenant,
        string @namespace,
        string topic,
        ApiContext context,
        SteerSendBack steer,
        CancellationToken cancellationToken
    ) => context.OkAsync(() => steer.RunAsync(context.Actor, org, tenant, @namespace, topic, SendBackWish.Stop, cancellationToken), Body);

    private static string Address(string org, string tenant, string @namespace, string topic) =>
        $"/api/v1/organizations/{Uri.EscapeDataString(org)}/tenants/{Uri.EscapeDataString(tenant)}/namespaces/{Uri.EscapeDataString(@namespace)}/topics/{Uri.EscapeDataString(topic)}/send-back";

    private static SendBackRunBody Body(SendBackStanding one) =>
        new(
            one.State switch
            {
                SendBackState.Running => "running",
                SendBackState.Paused => "paused",
                SendBackState.Waiting => "waiting",
                SendBackState.Done => "done",
                SendBackState.Stopped => "stopped",
                SendBackState.Failed => "failed",
            },
            one.Sent,
            one.Left,
            one.IsSelection,
            one.BegunAt,
            one.EndedAt,
            one.Problem
        );
}
