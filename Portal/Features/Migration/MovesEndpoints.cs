using System.Text.Json.Nodes;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Features.Api;

namespace Portal.Features.Migration;

/// <summary>Moving groups and producers, the cut-over, the way back, and the record.</summary>
internal static class MovesEndpoints
{
    internal static void MapMoves(this IEndpointRouteBuilder migration)
    {
        migration
            .MapPost("/subscriptions", MoveGroupsAsync)
            .WithName("MoveGroups")
            .WithSummary("Create the subscriptions of consumer groups at the groups' positions, or move them to the newest commits");
        migration
            .MapGet("/applications/groups", GroupsAsync)
            .WithName("ListGroupMoves")
            .WithSummary("List consumer groups with how each moves")
            .Searchable();
        migration
            .MapGet("/applications/groups/{group}", GroupAsync)
            .WithName("GetGroupMove")
            .WithSummary("Get how one consumer group moves and where it reads in Pulsar");
        migration
            .MapGet("/applications/groups/{group}/positions", PositionsAsync)
            .WithName("ListGroupPositions")
            .WithSummary("List where the subscription of a consumer group begins, by partition");
        migration
            .MapGet("/applications/producers", ProducersAsync)
            .WithName("ListProducerMoves")
            .WithSummary("List copied topics with what is seen of their producers")
            .Searchable();
        migration
            .MapPost("/applications/confirm", ConfirmAsync)
            .WithName("ConfirmMove")
            .WithSummary("Confirm that an application has moved which Portal can't see, or take that back");
        migration
            .MapGet("/cut-over", GetCutOverAsync)
            .WithName("GetCutOver")
            .WithSummary("Get what stands between a migration and its cut-over");
        migration
            .MapPost("/cut-over", CutOverAsync)
            .WithName("CutOver")
            .WithSummary("Verify everything once more and stop following Kafka");
        migration
            .MapGet("/way-back", PreviewAsync)
            .WithName("PreviewWayBack")
            .WithSummary("Count what is in Pulsar alone since the copy began, by topic; at most 10 topics a page");
        migration
            .MapGet("/way-back/partitions", WaysBackAsync)
            .WithName("ListWaysBack")
            .WithSummary("List the partitions that are or were copied back to Kafka");
        migration
            .MapPost("/way-back", StartWayBackAsync)
            .WithName("StartWayBack")
            .WithSummary("Copy what is in Pulsar alone to the named topics of Kafka");
        migration
            .MapPost("/way-back/groups", StartGroupsBackAsync)
            .WithName("StartGroupsBack")
            .WithSummary("Set consumer groups in Kafka to where their subscriptions stand; only groups without members");
        migration
            .MapPost("/finish", FinishAsync)
            .WithName("FinishMigration")
            .WithSummary("Finish a migration: sign its record and delete its Kafka credentials");
        migration.MapGet("/record", RecordAsync).WithName("GetMigrationRecord").WithSummary("Download the signed record of a migration");
    }

    private static Task<Answer<MovedGroupsBody>> MoveGroupsAsync(
        string org,
        string migration,
        MoveGroupsBody body,
        ApiContext context,
        MoveGroups move,
        CancellationToken cancellationToken
    ) =>
        context.OkAsync<int, MovedGroupsBody>(
            async () =>
            {
                var choices = new List<GroupChoice>();
                foreach (var group in body.Groups ?? [])
                {
                    if (!MoveBodies.Start(group.Start).TryGet(out var start, out var unknown))
                        return unknown;
                    choices.Add(new(group.Group ?? "", group.Subscription, start, group.Topics));
                }
                return await move.RunAsync(context.Actor, org, Id(migration), body.Groups is null ? null : choices, cancellationToken);
            },
            groups => new MovedGroupsBody(groups)
        );

    private static Task<ListAnswer<PageOf<GroupMoveBody>>> GroupsAsync(
        string org,
        string migration,
        ApiContext context,
        ListGroupMoves list,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, org, Id(migration), page, cancellationToken),
            standing => MoveBodies.Of(standing, clock.Now())
        );

    private static async Task<Answer<GroupMoveDetailBody>> GroupAsync(
        string org,
        string migration,
        string group,
        ApiContext context,
        GetGroupMove get,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, Id(migration), group, cancellationToken)).ToOk(view => new GroupMoveDetailBody(
            MoveBodies.Of(view.Standing, clock.Now()),
            [.. view.Targets.Select(target => new MoveTargetBody(target.Source, target.Address, target.Partitions))]
        ));

    private static Task<ListAnswer<PageOf<GroupPositionBody>>> PositionsAsync(
        string org,
        string migration,
        string group,
        ApiContext context,
        ListGroupPositions list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, Id(migration), group, page, cancellationToken), MoveBodies.Of);

    private static Task<ListAnswer<PageOf<ProducerMoveBody>>> ProducersAsync(
        string org,
        string migration,
        ApiContext context,
        ListProducerMoves list,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, org, Id(migration), page, cancellationToken),
            standing => MoveBodies.Of(standing, clock.Now())
        );

    private static Task<Answer<ConfirmedMoveBody>> ConfirmAsync(
        string org,
        string migration,
        ConfirmMoveBody body,
        ApiContext context,
        ConfirmMove confirm,
        CancellationToken cancellationToken
    ) =>
        context.OkAsync(
            () =>
                confirm.RunAsync(
                    context.Actor,
                    org,
                    Id(migration),
                    body.Group,
                    body.Topic,
                    body.Moved ?? true,
                    body.Note,
                    cancellationToken
                ),
            _ => new ConfirmedMoveBody(body.Group, body.Topic, body.Moved ?? true)
        );

    private static async Task<Answer<CutOverBody>> GetCutOverAsync(
        string org,
        string migration,
        ApiContext context,
        GetCutOver get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, Id(migration), cancellationToken)).ToOk(MoveBodies.Of);

    private static Task<AcceptedAnswer<MigrationBody>> CutOverAsync(
        string org,
        string migration,
        StartCutOverBody body,
        ApiContext context,
        CutOver cutOver,
        CancellationToken cancellationToken
    ) =>
        context.AcceptedAsync(
            () => cutOver.RunAsync(context.Actor, org, Id(migration), body.AcceptOpen ?? false, cancellationToken),
            begun => $"/api/v1/organizations/{org}/migrations/{begun.Id}/cut-over",
            begun => MigrationBodies.Of(begun)
        );

    private static Task<ListAnswer<PageOf<WayBackTopicBody>>> PreviewAsync(
        string org,
        string migration,
        ApiContext context,
        PreviewWayBack preview,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => preview.RunAsync(context.Actor, org, Id(migration), page, cancellationToken), MoveBodies.Of);

    private static Task<ListAnswer<PageOf<BackPartitionBody>>> WaysBackAsync(
        string org,
        string migration,
        ApiContext context,
        ListWaysBack list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, Id(migration), page, cancellationToken), MoveBodies.Of);

    private static Task<Answer<SteeredBody>> StartWayBackAsync(
        string org,
        string migration,
        StartWayBackBody body,
        ApiContext context,
        StartWayBack start,
        CancellationToken cancellationToken
    ) =>
        context.OkAsync(
            () => start.RunAsync(context.Actor, org, Id(migration), body.Topics, body.LeaveOutUnreadable ?? false, cancellationToken),
            partitions => new SteeredBody(partitions)
        );

    private static Task<Answer<StartedGroupsBody>> StartGroupsBackAsync(
        string org,
        string migration,
        StartGroupsBackBody body,
        ApiContext context,
        StartGroupsBack start,
        CancellationToken cancellationToken
    ) =>
        context.OkAsync(
            () => start.RunAsync(context.Actor, org, Id(migration), body.Groups, cancellationToken),
            groups => new StartedGroupsBody(groups)
        );

    private static Task<Answer<MigrationBody>> FinishAsync(
        string org,
        string migration,
        ApiContext context,
        FinishMigration finish,
        CancellationToken cancellationToken
    ) =>
        context.OkAsync(
            () => finish.RunAsync(context.Actor, org, Id(migration), cancellationToken),
            finished => MigrationBodies.Of(finished)
        );

    private static async Task<Answer<JsonObject>> RecordAsync(
        string org,
        string migration,
        ApiContext context,
        GetMigrationRecord get,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, Id(migration), cancellationToken)).ToOk(record =>
            ForeignJson.ParseNode(record.Document)!.AsObject()
        );

    private static MigrationId Id(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);
}
