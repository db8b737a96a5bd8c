using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Hosting.Settings;

namespace Portal.Hosting.Api;

/// <summary>
/// So many requests a second with bursts, per account, or per address without one. Headers as in
/// draft-ietf-httpapi-ratelimit-headers. Held in memory: each replica counts for itself. A service, for nobody disposes of
/// a middleware made by convention, and a limiter's timer goes on until it is disposed of.
/// </summary>
internal sealed class ApiRateLimit : IMiddleware, IDisposable
{
    private readonly PartitionedRateLimiter<string> _limiter;
    private readonly string _policy;

    public ApiRateLimit(PortalSettings settings)
    {
        var (perSecond, burst) = (settings.Limits.ApiRequestsPerSecond, settings.Limits.ApiBurst);
        _policy = string.Create(CultureInfo.InvariantCulture, $"\"api\";q={burst};w={Math.Max(1, burst / perSecond)}");
        _limiter = PartitionedRateLimiter.Create<string, string>(key =>
            RateLimitPartition.GetTokenBucketLimiter(
                key,
                _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = burst,
                    TokensPerPeriod = perSecond,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                    QueueLimit = 0,
                }
            )
        );
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Path.StartsWithSegments("/api"))
        {
            await next(context);
            return;
        }
        var sender =
            context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? ClientNetwork.Of(context.Connection.RemoteIpAddress?.ToString());
        using var lease = _limiter.AttemptAcquire(sender);
        // Answers are one caller's own, and some hold a secret that is shown once: no cache on the way keeps any of them.
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["RateLimit-Policy"] = _policy;
        context.Response.Headers["RateLimit"] = string.Create(
            CultureInfo.InvariantCulture,
            $"\"api\";r={_limiter.GetStatistics(sender)?.CurrentAvailablePermits ?? 0};t=1"
        );
        if (lease.IsAcquired)
        {
            await next(context);
            return;
        }
        context.Response.Headers.RetryAfter = "1";
        await new Problem.TooMany("rate-limit", "Too many requests. Wait a second, then go on at a lower rate.", TimeSpan.FromSeconds(1))
            .ToResult()
            .ExecuteAsync(context);
    }

    public void Dispose() => _limiter.Dispose();
}
