using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Features.Api;

/// <summary>
/// Answers of megabytes that are under way. Each is in memory until its client has fetched it, and a client decides how long
/// that takes: so many at once of one caller and of all, and each no slower than a poor line.
/// </summary>
public sealed class LargeAnswers
{
    private const int MostOfCaller = 4;
    private const int Most = 32;

    // An answer of 26 MiB, the largest there is, takes nine minutes at this rate.
    private static readonly MinDataRate Slowest = new(bytesPerSecond: 50 * 1024, gracePeriod: TimeSpan.FromSeconds(10));

    private static readonly Problem.TooMany Busy = new(
        "answers-busy",
        "Too many large answers are still being sent. Fetch the ones that you asked for, then try again.",
        TimeSpan.FromSeconds(5)
    );

    private readonly ConcurrentDictionary<string, int> _underWay = new(StringComparer.Ordinal);
    private int _all;

    internal static async ValueTask<object?> LimitAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var http = invocation.HttpContext;
        var answers = http.RequestServices.GetRequiredService<LargeAnswers>();
        var actor = await http.RequestServices.GetRequiredService<IActorProvider>().CurrentAsync();
        // Whoever is behind it: one person makes as many keys as there are places.
        var caller = $"{actor.Maker}";
        if (!answers.Begin(caller))
            return Busy.ToResult();
        http.Response.OnCompleted(() =>
        {
            answers.End(caller);
            return Task.CompletedTask;
        });
        // HTTP/2 has one rate for a connection, Kestrel's own.
        if (HttpProtocol.IsHttp11(http.Request.Protocol) && http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = Slowest;
        return await next(invocation);
    }

    /// <summary>False while as many as there may be are being fetched.</summary>
    internal bool Begin(string caller)
    {
        if (Interlocked.Increment(ref _all) <= Most && _underWay.AddOrUpdate(caller, 1, (_, count) => count + 1) is var own)
        {
            if (own <= MostOfCaller)
                return true;
            Forget(caller);
        }
        Interlocked.Decrement(ref _all);
        return false;
    }

    internal void End(string caller)
    {
        Forget(caller);
        Interlocked.Decrement(ref _all);
    }

    private void Forget(string caller)
    {
        // Who has none under way is not remembered.
        if (_underWay.AddOrUpdate(caller, 0, (_, count) => count - 1) == 0)
            _underWay.TryRemove(new(caller, 0));
    }
}
