using Portal.Domain.Access;
using Portal.Features.Api;

namespace Portal.Features.Operator;

public static class ViewAsEndpoints
{
    public static IEndpointRouteBuilder MapViewAs(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/operator/organizations/{org}/view-as").WithTags("Operator");
        group
            .MapPost("", StartAsync)
            .WithName("StartViewAs")
            .WithSummary("View an organization as its members do, read-only and for a limited time; recorded in its audit log");
        group.MapDelete("", EndAsync).WithName("EndViewAs").WithSummary("Stop viewing an organization");
        return api;
    }

    /// <param name="Reason">5 to 300 characters. The customer can read it.</param>
    /// <param name="Minutes">1 to 240.</param>
    public sealed record StartViewAsBody([Needed] string? Reason, [Needed] int? Minutes);

    /// <param name="Token">Send it as a bearer token. It opens this organization only, and is in this response only.</param>
    public sealed record StartedViewAsBody(string Token, DateTimeOffset ExpiresAt);

    private static async Task<CreatedAnswer<StartedViewAsBody>> StartAsync(
        string org,
        StartViewAsBody body,
        ApiContext context,
        StartViewAs start,
        CancellationToken cancellationToken
    ) =>
        await context.CreatedAsync(
            () => start.RunAsync(context.Actor, org, body.Reason, body.Minutes, cancellationToken),
            made => $"/api/v1/organizations/{org}",
            made => new StartedViewAsBody(made.Token, made.Look.ExpiresAt)
        );

    private static async Task<EmptyAnswer> EndAsync(string org, ApiContext context, EndViewAs end, CancellationToken cancellationToken) =>
        (await end.RunAsync(context.Actor, org, cancellationToken)).ToNoContent();
}
