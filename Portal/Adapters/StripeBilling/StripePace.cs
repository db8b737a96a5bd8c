using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Portal.Adapters.StripeBilling;

/// <summary>
/// Keeps the portal below Stripe's limits (100 requests/s live, 25 in test mode) with room for other users of the account.
/// </summary>
public sealed class StripePace(IOptions<StripeOptions> options) : IDisposable
{
    private readonly TokenBucketRateLimiter limiter = Limiter(options.Value.IsLive ? 80 : 20, options.Value.IsStandIn);

    public async Task WaitAsync(CancellationToken cancellationToken) =>
        (await limiter.AcquireAsync(1, cancellationToken)).Dispose();

    public void Dispose() => limiter.Dispose();

    private static TokenBucketRateLimiter Limiter(int perSecond, bool standIn) => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = standIn ? 10_000 : perSecond,
        TokensPerPeriod = standIn ? 10_000 : Math.Max(1, perSecond / 10),
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
        QueueLimit = int.MaxValue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });
}

/// <summary>
/// Stripe.net does not try again after 429. Stripe keeps nothing of such a request, so the same one is sent again, after
/// half a second and then twice as long each time.
/// </summary>
public sealed class StripePaceHandler(StripePace pace, TimeProvider clock) : DelegatingHandler
{
    private const int MostTries = 5;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await pace.WaitAsync(cancellationToken);
            var response = await base.SendAsync(request, cancellationToken);
            if (response.StatusCode != HttpStatusCode.TooManyRequests || attempt == MostTries)
                return response;
            response.Dispose();
            await Task.Delay(TimeSpan.FromMilliseconds(250 << attempt), clock, cancellationToken);
        }
    }
}
