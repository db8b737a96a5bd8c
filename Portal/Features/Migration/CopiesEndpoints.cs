using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Features.Api;

namespace Portal.Features.Migration;

/// <summary>Copying a migration's topics and proving the copy.</summary>
internal static class CopiesEndpoints
{
    internal static void MapCopies(this IEndpointRouteBuilder migration)
    {
        migration.MapGet("/copy", GetAsync).WithName("GetCopy").WithSummary("Get how far the copy of a migration is");
        migration
            .MapPost("/copy", StartAsync)
            .WithName("StartCopying")
            .WithSummary("Create target topics that are missing and start copying into them");
        migration.MapPost("/copy/pause", PauseAsync).WithName("PauseCopying").WithSummary("Pause the copy of a migration or of one topic");
        migration
            .MapPost("/copy/resume", ResumeAsync)
            .WithName("ResumeCopying")
            .WithSummary("Resume the copy of a migration or of one topic");
        migration
            .MapPost("/copy/stop", StopAsync)
            .WithName("StopCopying")
            .WithSummary("Stop the copy of a migration or of one topic for good; what was copied stays");
        migration.MapPut("/copy/rate", RateAsync).WithName("SetCopyRate").WithSummary("Set how fast a migration may copy");
        migration
            .MapGet("/copy/topics", ListTopicsAsync)
            .WithName("ListCopiedTopics")
            .WithSummary("List the topics of a copy, all partitions of each together");
        migration
            .MapGet("/copy/partitions", ListAsync)
            .WithName("ListCopiedPartitions")
            .WithSummary("List the partitions of a copy with how each was verified");
        migration
            .MapGet("/copy/partitions/{partition}", GetPartitionAsync)
            .WithName("GetCopiedPartition")
            .WithSummary("Get one partition of a copy with what was left out and every difference that its verification lists");
        migration
            .MapPost("/proof", ProveAsync)
            .WithName("ProveMigration")
            .WithSummary("Verify what was copied: compare it with Kafka, record by record");
    }

    private static async Task<Answer<CopyBody>> GetAsync(
        string org,
        string migration,
        ApiContext context,
        GetCopyOverview get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, Id(migration), cancellationToken)).ToOk(CopyBodies.Of);

    private static Task<Answer<StartedCopiesBody>> StartAsync(
        string org,
        string migration,
        StartCopyingBody body,
        ApiContext context,
        StartCopying start,
        CancellationToken cancellationToken
    ) =>
        context.OkAsync(
            async () =>
                CopyBodies.Tombstones(body.Tombstones) is var tombstones && tombstones.Problem is { } wrong ? wrong
                : CopyBodies.TooLarge(body.TooLarge) is var tooLarge && tooLarge.Problem is { } unknown ? unknown
                : await start.RunAsync(
                    context.Actor,
                    org,
                    Id(migration),
                    body.Topics,
                    new(body.BytesPerSecond, body.MessagesPerSecond, tombstones.Value, tooLarge.Value, body.OneKeyPerEntry, body.Compress),
                    cancellationToken
                ),
            started => new StartedCopiesBody(started.Topics, started.Partitions, started.Created, started.Left)
        );

    private static Task<Answer<SteeredBody>> PauseAsync(
        string org,
        string migration,
        CopyTopicBody body,
        ApiContext context,
        SteerCopying steer,
        CancellationToken cancellationToken
    ) => SteerAsync(org, migration, body, CopyWish.Pause, context, steer, cancellationToken);

    private static Task<Answer<SteeredBody>> ResumeAsync(
        string org,
        string migration,
        CopyTopicBody body,
        ApiContext context,
        SteerCopying steer,
        CancellationToken cancellationToken
    ) => SteerAsync(org, migration, body, CopyWish.Copy, context, steer, cancellationToken);

    private static Task<Answer<SteeredBody>> StopAsync(
        string org,
        string migration,
        CopyTopicBody body,
        ApiContext context,
        SteerCopying steer,
        CancellationToken cancellationToken
    ) => SteerAsync(org, migration, body, CopyWish.Stop, context, steer, cancellationToken);

    private static Task<Answer<SteeredBody>> SteerAsync(
        string org,
        string migration,
        CopyTopicBody body,
        CopyWish wish,
        ApiContext context,
        SteerCopying steer,
        CancellationToken cancellationToken
    ) =>
        context.OkAsync(
            () => steer.RunAsync(context.Actor, org, Id(migration), body.Topic, wish, cancellationToken),
            partitions => new SteeredBody(partitions)
        );

    private static async Task<Answer<CopyRateBody>> RateAsync(
        string org,
        string migration,
        CopyRateBody body,
        ApiContext context,
        SetCopyRate set,
        CancellationToken cancellationToken
    ) =>
        (await set.RunAsync(context.Actor, org, Id(migration), body.BytesPerSecond, body.MessagesPerSecond, cancellationToken)).ToOk(
            rate => new CopyRateBody(rate.BytesPerSecond, rate.MessagesPerSecond)
        );

    private static Task<ListAnswer<PageOf<CopiedPartitionBody>>> ListAsync(
        string org,
        string migration,
        string? topic,
        ApiContext context,
        ListCopies list,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, org, Id(migration), topic, page, cancellationToken),
            standing => CopyBodies.Of(standing, clock)
        );

    private static Task<ListAnswer<PageOf<CopiedTopicBody>>> ListTopicsAsync(
        string org,
        string migration,
        ApiContext context,
        ListCopiedTopics list,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, org, Id(migration), page, cancellationToken),
            topic => CopyBodies.Of(topic, clock)
        );

    private static async Task<Answer<CopiedPartitionDetailBody>> GetPartitionAsync(
        string org,
        string migration,
        string partition,
        ApiContext context,
        GetCopy get,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        (
            await get.RunAsync(
                context.Actor,
                org,
                Id(migration),
                new(Guid.TryParse(partition, out var id) ? id : Guid.Empty),
                cancellationToken
            )
        ).ToOk(standing => CopyBodies.Detail(standing, clock));

    private static Task<Answer<SteeredBody>> ProveAsync(
        string org,
        string migration,
        CopyTopicBody body,
        ApiContext context,
        ProveMigration prove,
        CancellationToken cancellationToken
    ) =>
        context.OkAsync(
            () => prove.RunAsync(context.Actor, org, Id(migration), body.Topic, cancellationToken),
            partitions => new SteeredBody(partitions)
        );

    private static MigrationId Id(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);
}
