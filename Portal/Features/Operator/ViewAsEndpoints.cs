using Portal.Domain.Access;
using Portal.Features.Api;

namespace Portal.Features.Operator;

public static class ViewAsEndpoints
{
    public static IEndpointRouteBuilder MapViewAs(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/operator/organizations/{org}/view-as").WithTags("Operator");
        group.MapPost("", StartAsync).WithName("StartViewAs").WithSummary("Opens an organisation for reading, for a reason and a time; it stands in the customer's audit log");
        group.MapDelete("", EndAsync).WithName("EndViewAs").WithSummary("Ends the caller's look at an organisation");
        return api;
    }

    /// <param name="Reason">5 to 300 characters; the customer reads it.</param>
    /// <param name="Minutes">1 to 240.</param>
    public sealed record ViewAsBody(string? Reason, int? Minutes);

    /// <param name="Token">Sent as <c>Authorization: Bearer</c>; opens this organisation only. Shown here only.</param>
    public sealed record StartedBody(string Token, DateTimeOffset ExpiresAt);

    private static async Task<IResult> StartAsync(string org, ViewAsBody body, ApiContext context, StartViewAs start, CancellationToken cancellationToken) =>
        (await start.RunAsync(context.Actor, org, body.Reason, body.Minutes, cancellationToken))
            .ToCreated(made => $"/api/v1/organizations/{org}", made => new StartedBody(made.Token, made.Look.ExpiresAt));

    private static async Task<IResult> EndAsync(string org, ApiContext context, EndViewAs end, CancellationToken cancellationToken) =>
        (await end.RunAsync(context.Actor, org, cancellationToken)).ToNoContent();
}
