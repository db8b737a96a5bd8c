using Stripe;

namespace Portal.Adapters.StripeBilling;

/// <summary>
/// Makes an object once, for ever. Stripe's idempotency keys last 24 hours and repeat a failure as faithfully as a success,
/// so the object is looked for by our id in its metadata before it is made and whenever the answer leaves doubt.
/// </summary>
internal static class StripeOnce
{
    private const int MostKeys = 3;

    /// <param name="key">The same for the same object, however often it is asked for.</param>
    public static async Task<T> EnsureAsync<T>(string key, Func<Task<T?>> find, Func<RequestOptions, Task<T>> make) where T : class
    {
        if (await find() is { } present)
            return present;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await make(new RequestOptions { IdempotencyKey = attempt == 1 ? key : $"{key}:{attempt}" });
            }
            catch (StripeException refusal) when (StripeProblems.MayHaveActed(refusal))
            {
                if (await find() is { } made)
                    return made;
                // A kept failure without an object would be repeated all day: only a key of its own gets past it.
                if (!StripeProblems.WasReplayed(refusal) || attempt == MostKeys)
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
