using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Operator;

/// <summary>What operators tell customers about trouble with clusters.</summary>
public static class IncidentsEndpoints
{
    internal static void MapIncidents(this RouteGroupBuilder group)
    {
        group.MapGet("/incidents", ListAsync).WithName("ListIncidents").WithSummary("List incidents, newest first");
        group
            .MapPost("/incidents", PostAsync)
            .WithName("PostIncident")
            .WithSummary("Post an incident or maintenance; everybody with a tenant on the cluster is notified");
        group
            .MapPost("/incidents/{id:guid}/updates", UpdateAsync)
            .WithName("UpdateIncident")
            .WithSummary("Say more about an incident; everybody with a tenant on the cluster is notified");
        group
            .MapPut("/incidents/{id:guid}", ChangeAsync)
            .WithName("ChangeIncident")
            .WithSummary("Correct what an incident says last and whether it is public; nobody is notified");
        group.MapPost("/incidents/{id:guid}/end", EndAsync).WithName("EndIncident").WithSummary("Mark an incident as resolved");
    }

    /// <param name="Text">Null where there was nothing to say but the stage.</param>
    public sealed record IncidentUpdateBody([OneOf<IncidentStageWords>] string Stage, string? Text, DateTimeOffset PostedAt);

    /// <param name="Cluster">Null for every cluster.</param>
    /// <param name="Text">What was said last.</param>
    /// <param name="IsPublic">Also shown to people who aren't signed in, where the status page is public.</param>
    /// <param name="StartedAt">In the future for maintenance that has not begun.</param>
    /// <param name="EndedAt">Null while it lasts.</param>
    /// <param name="PlannedEndAt">When maintenance should be over; null where that isn't known, and for incidents.</param>
    /// <param name="Updates">All that was said, oldest first.</param>
    public sealed record IncidentBody(
        Guid Id,
        string? Cluster,
        string Title,
        string Text,
        bool IsPublic,
        DateTimeOffset StartedAt,
        DateTimeOffset? EndedAt,
        DateTimeOffset ChangedAt,
        [OneOf<IncidentImpactWords>] string Impact,
        [OneOf<IncidentStageWords>] string Stage,
        DateTimeOffset? PlannedEndAt,
        IReadOnlyList<IncidentUpdateBody> Updates
    );

    /// <param name="Cluster">Leave it out for every cluster.</param>
    /// <param name="StartedAt">Now unless given; in the future for maintenance only.</param>
    /// <param name="Impact">degraded unless given.</param>
    /// <param name="PlannedEndAt">Of maintenance; leave it out where it isn't known.</param>
    public sealed record PostIncidentBody(
        string? Cluster,
        [Needed] string? Title,
        [Needed] string? Text,
        bool? IsPublic,
        DateTimeOffset? StartedAt,
        [OneOf<IncidentImpactWords>] string? Impact,
        DateTimeOffset? PlannedEndAt
    );

    public sealed record UpdateIncidentBody([Needed, OneOf<IncidentStageWords>] string? Stage, [Needed] string? Text);

    public sealed record ChangeIncidentBody([Needed] string? Text, bool? IsPublic);

    internal static IncidentBody Body(Incident incident, DateTimeOffset now) =>
        new(
            incident.Id.Value,
            incident.Cluster,
            incident.Title,
            incident.Text,
            incident.IsPublic,
            incident.StartedAt,
            incident.EndedAt,
            incident.ChangedAt,
            incident.Impact.Text(),
            incident.StageAt(now).Text(),
            incident.PlannedEndAt,
            [
                .. incident.Updates.Select(update => new IncidentUpdateBody(
                    update.Stage.Text(),
                    update.Text.Length > 0 ? update.Text : null,
                    update.PostedAt
                )),
            ]
        );

    private static Task<ListAnswer<PageOf<IncidentBody>>> ListAsync(
        ApiContext context,
        ListIncidents list,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, page, cancellationToken), incident => Body(incident, clock.GetUtcNow()));

    private static Task<CreatedAnswer<IncidentBody>> PostAsync(
        PostIncidentBody body,
        ApiContext context,
        PostIncident post,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        context.CreatedAsync(
            () => post.RunAsync(context.Actor, Input(body), cancellationToken),
            incident => $"/api/v1/operator/incidents/{incident.Id}",
            incident => Body(incident, clock.GetUtcNow())
        );

    private static IncidentInput Input(PostIncidentBody body) =>
        new(body.Cluster, body.Title, body.Text, body.IsPublic == true, body.StartedAt)
        {
            Impact = IncidentWords.Impact(body.Impact) ?? IncidentImpact.Degraded,
            PlannedEndAt = body.PlannedEndAt,
            Unreadable =
                body.Impact is null || IncidentWords.Impact(body.Impact) is not null
                    ? null
                    : new(
                        "incident-impact-unknown",
                        $"Choose one of these impacts: {string.Join(", ", IncidentImpactWords.All)}.",
                        "impact"
                    ),
        };

    private static Task<Answer<IncidentBody>> UpdateAsync(
        Guid id,
        UpdateIncidentBody body,
        ApiContext context,
        UpdateIncident update,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        context.OkAsync(
            () => update.RunAsync(context.Actor, new IncidentId(id), IncidentWords.Stage(body.Stage), body.Text, cancellationToken),
            incident => Body(incident, clock.GetUtcNow())
        );

    private static async Task<Answer<IncidentBody>> ChangeAsync(
        Guid id,
        ChangeIncidentBody body,
        ApiContext context,
        ChangeIncident change,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        (await change.RunAsync(context.Actor, new IncidentId(id), body.Text, body.IsPublic == true, cancellationToken)).ToOk(incident =>
            Body(incident, clock.GetUtcNow())
        );

    private static Task<Answer<IncidentBody>> EndAsync(
        Guid id,
        ApiContext context,
        EndIncident end,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        context.OkAsync(
            () => end.RunAsync(context.Actor, new IncidentId(id), cancellationToken),
            incident => Body(incident, clock.GetUtcNow())
        );
}

internal sealed class IncidentImpactWords : IWords
{
    public static string[] All => [.. Enum.GetValues<IncidentImpact>().Select(IncidentWords.Text)];
}

internal sealed class IncidentStageWords : IWords
{
    public static string[] All => [.. Enum.GetValues<IncidentStage>().Select(IncidentWords.Text)];
}
