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

    public async Task WaitAsync(CancellationToken cancellationToken) => (await limiter.AcquireAsync(1, cancellationToken)).Dispose();

    public void Dispose() => limiter.Dispose();

    private static TokenBucketRateLimiter Limiter(int perSecond, bool standIn) =>
        new(
            new TokenBucketRateLimiterOptions
            {
                TokenLimit = standIn ? 10_000 : perSecond,
                TokensPerPeriod = standIn ? 10_000 : Math.Max(1, perSecond / 10),
                ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
                QueueLimit = int.MaxValue,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }
        );
}

/// <summary>
/// Paces requests and repeats those that a repetition can help, in place of Stripe.net's own retries: reads that failed,
/// and what was turned away before it began, of which Stripe keeps nothing. A change that failed is not repeated here. Stripe
/// would repeat its answer, and <see cref="StripeOnce"/> has to know whether an answer is of this attempt or of an earlier.
/// </summary>
public sealed class StripePaceHandler(StripePace pace, TimeProvider clock) : DelegatingHandler
{
    private const int MostTries = 5;
    private const int MostTriesOfReads = 3;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isRead = request.Method == HttpMethod.Get;
        for (var attempt = 1; ; attempt++)
        {
            await pace.WaitAsync(cancellationToken);
            PeerTag.Set(request, "stripe");
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                var again =
                    isRead && (int)response.StatusCode >= 500 && attempt < MostTriesOfReads
                    || attempt < MostTries && await IsTurnedAwayAsync(response, cancellationToken);
                if (!again)
                    return response;
                response.Dispose();
            }
            catch (HttpRequestException) when (isRead && attempt < MostTriesOfReads)
            {
                // Asked again below.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250 << attempt), clock, cancellationToken);
        }
    }

    /// <summary>
    /// By the rate limiter, which stands in front of the keys, or because a request with the same key is under way, whose
    /// answer comes next. The other 429, <c>lock_timeout</c>, comes from behind the keys and may be kept.
    /// </summary>
    private static async Task<bool> IsTurnedAwayAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.Conflict)
            return true;
        if (response.StatusCode != HttpStatusCode.TooManyRequests || response.Headers.Contains("Idempotent-Replayed"))
            return false;
        // Into a buffer, for Stripe.net reads it once more.
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        return !(await response.Content.ReadAsStringAsync(cancellationToken)).Contains("lock_timeout", StringComparison.Ordinal);
    }
}
