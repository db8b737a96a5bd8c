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
            .WithSummary("Post an incident; everybody with a tenant on the cluster is notified");
        group
            .MapPut("/incidents/{id:guid}", ChangeAsync)
            .WithName("ChangeIncident")
            .WithSummary("Change what an incident says and whether it is public");
        group.MapPost("/incidents/{id:guid}/end", EndAsync).WithName("EndIncident").WithSummary("Mark an incident as resolved");
    }

    /// <param name="Cluster">Null for every cluster.</param>
    /// <param name="IsPublic">Also shown to people who aren't signed in, where the status page is public.</param>
    /// <param name="EndedAt">Null while it lasts.</param>
    public sealed record IncidentBody(
        Guid Id,
        string? Cluster,
        string Title,
        string Text,
        bool IsPublic,
        DateTimeOffset StartedAt,
        DateTimeOffset? EndedAt,
        DateTimeOffset ChangedAt
    );

    /// <param name="Cluster">Leave it out for every cluster.</param>
    /// <param name="StartedAt">Now unless given.</param>
    public sealed record PostIncidentBody(
        string? Cluster,
        [Needed] string? Title,
        [Needed] string? Text,
        bool? IsPublic,
        DateTimeOffset? StartedAt
    );

    public sealed record ChangeIncidentBody([Needed] string? Text, bool? IsPublic);

    internal static IncidentBody Body(Incident incident) =>
        new(
            incident.Id.Value,
            incident.Cluster,
            incident.Title,
            incident.Text,
            incident.IsPublic,
            incident.StartedAt,
            incident.EndedAt,
            incident.ChangedAt
        );

    private static Task<ListAnswer<PageOf<IncidentBody>>> ListAsync(
        ApiContext context,
        ListIncidents list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, page, cancellationToken), Body);

    private static Task<CreatedAnswer<IncidentBody>> PostAsync(
        PostIncidentBody body,
        ApiContext context,
        PostIncident post,
        CancellationToken cancellationToken
    ) =>
        context.CreatedAsync(
            () =>
                post.RunAsync(
                    context.Actor,
                    new(body.Cluster, body.Title, body.Text, body.IsPublic == true, body.StartedAt),
                    cancellationToken
                ),
            incident => $"/api/v1/operator/incidents/{incident.Id}",
            Body
        );

    private static async Task<Answer<IncidentBody>> ChangeAsync(
        Guid id,
        ChangeIncidentBody body,
        ApiContext context,
        ChangeIncident change,
        CancellationToken cancellationToken
    ) => (await change.RunAsync(context.Actor, new IncidentId(id), body.Text, body.IsPublic == true, cancellationToken)).ToOk(Body);

    private static Task<Answer<IncidentBody>> EndAsync(Guid id, ApiContext context, EndIncident end, CancellationToken cancellationToken) =>
        context.OkAsync(() => end.RunAsync(context.Actor, new IncidentId(id), cancellationToken), Body);
}
