using Stripe;

namespace Portal.Adapters.StripeBilling;

/// <summary>
/// Does a thing once, for ever, although Stripe's idempotency keys last a day and repeat a failure as faithfully as a
/// success. Before the call the outcome is looked for; the call then walks along a row of keys, <c>key</c>, <c>key:2</c>,
/// <c>key:3</c>…, past those whose answer of an earlier attempt Stripe merely repeats, to the first under which it acts now.
/// So the number of failed attempts needs no place of ours: it is written at Stripe, and outlives every crash
/// (docs/adr/0009).
/// </summary>
internal static class StripeOnce
{
    /// <param name="key">The same for the same thing, however often it is asked for.</param>
    /// <param name="look">What is there if the thing was done, else null.</param>
    public static async Task<T> EnsureAsync<T>(string key, Func<Task<T?>> look, Func<RequestOptions, Task<T>> act)
        where T : StripeEntity<T> => await look() ?? await ActAsync(key, look, act);

    /// <summary>For a caller that has just looked.</summary>
    public static async Task<T> ActAsync<T>(string key, Func<Task<T?>> look, Func<RequestOptions, Task<T>> act)
        where T : StripeEntity<T>
    {
        // Ends: every answer that is passed over was kept by an earlier attempt, and each attempt adds one at most.
        for (var generation = 1; ; generation++)
        {
            try
            {
                var done = await act(new RequestOptions { IdempotencyKey = generation == 1 ? key : $"{key}:{generation}" });
                if (!StripeProblems.IsReplay(done.StripeResponse))
                    return done;
                // Done before, by us or by another replica a moment ago; or done and undone since, as by a deletion at Stripe.
                if (await look() is { } there)
                    return there;
            }
            catch (StripeException kept) when (StripeProblems.IsKept(kept))
            {
                // It says how things were, not how they are.
            }
            catch (StripeException failure) when (StripeProblems.MayHaveActed(failure))
            {
                if (await look() is { } made)
                    return made;
                throw;
            }
        }
    }

    /// <summary>From when on an object of ours can exist: our ids carry their time; a day covers clocks that differ.</summary>
    public static DateRangeOptions? Since(Guid id)
    {
        if (id.Version != 7)
            return null;
        var bytes = id.ToByteArray(bigEndian: true);
        var milliseconds = bytes.Take(6).Aggregate(0L, (sum, next) => (sum << 8) | next);
        return new DateRangeOptions { GreaterThanOrEqual = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime.AddDays(-1) };
    }
}
