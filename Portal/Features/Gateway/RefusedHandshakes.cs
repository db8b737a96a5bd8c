using System.Threading.RateLimiting;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Features.Gateway;

/// <summary>
/// Who shows tokens that no key has, again and again, is not looked at for a while: each look reads the database, and
/// nobody else should wait for that. By address, for a token that is none belongs to nobody. Per replica.
/// </summary>
public sealed class RefusedHandshakes : IDisposable
{
    private const int Burst = 120, PerSecond = 10;

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = Burst, TokensPerPeriod = PerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0,
    }));

    /// <summary>Null for whoever may try.</summary>
    public Problem.TooMany? Refuse(HttpContext context) => _limiter.GetStatistics(KeyOf(context)) is { CurrentAvailablePermits: 0 }
        ? new("rate-limit", "Too many connections with tokens that aren't valid came from your network. Check the token, then try again in a few seconds.", TimeSpan.FromSeconds(5))
        : null;

    /// <summary>One of them was refused for its token.</summary>
    public void Count(HttpContext context)
    {
        using var _ = _limiter.AttemptAcquire(KeyOf(context));
    }

    public void Dispose() => _limiter.Dispose();

    private static string KeyOf(HttpContext context) => ClientNetwork.Of(context.Connection.RemoteIpAddress?.ToString());
}
