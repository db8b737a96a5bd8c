using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Features.Api;

/// <summary>
/// What is wrong with a request is for those who may ask. Parameters and bodies are read before a use case learns who asks,
/// so every problem that speaks of them asks on its way out whether it goes to a stranger, who hears that instead.
/// </summary>
internal sealed class StrangersFirst(RequestDelegate next, AccessGuard guard)
{
    private const string OfOrganization = "/api/v1/organizations/{org}";
    private const string OfPlatform = "/api/v1/operator";

    /// <summary>Where the installation shows it, strangers see it too.</summary>
    private const string Open = "/api/v1/status";

    public Task InvokeAsync(HttpContext context)
    {
        if (
            context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } pattern }
            && pattern.StartsWith("/api/v1/", StringComparison.Ordinal)
            && pattern != Open
        )
        {
            // An exception takes the route away.
            var slug = pattern.StartsWith(OfOrganization, StringComparison.Ordinal) ? context.Request.RouteValues["org"] as string : null;
            var permission = pattern.StartsWith(OfPlatform, StringComparison.Ordinal) ? Permission.OperatePlatform : Permission.HaveAccount;
            context.Features.Set(new StrangerCheck(context, guard, slug, new(permission, "api.request", pattern)));
        }
        return next(context);
    }
}

internal sealed class StrangerCheck(HttpContext context, AccessGuard guard, string? slug, Operation operation)
{
    /// <summary>Statuses of what was sent, and not of who sent it.</summary>
    private static readonly int[] Telling =
    [
        StatusCodes.Status400BadRequest,
        StatusCodes.Status402PaymentRequired,
        StatusCodes.Status409Conflict,
        StatusCodes.Status413PayloadTooLarge,
        StatusCodes.Status415UnsupportedMediaType,
        StatusCodes.Status422UnprocessableEntity,
    ];

    /// <summary>What is said instead; null for whoever may hear the problem.</summary>
    public async Task<Problem?> InsteadOfAsync(int status) =>
        Telling.Contains(status)
            ? await guard.RefuseStrangerAsync(
                await context.RequestServices.GetRequiredService<IActorProvider>().CurrentAsync(),
                slug,
                operation,
                context.RequestAborted
            )
            : null;
}
