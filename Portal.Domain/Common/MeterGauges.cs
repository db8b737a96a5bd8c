using System.Diagnostics.Metrics;

namespace Portal.Domain.Common;

/// <summary>Gauges that keep nobody alive.</summary>
public static class MeterGauges
{
    /// <summary>
    /// An observable gauge of what its owner knows. Exporters keep every instrument for as long as the process lives, a
    /// meter that was disposed of included: with the owner in the callback they would keep the whole portal.
    /// </summary>
    /// <param name="look">A static function: what it captured would be kept.</param>
    public static void ObserveGauge<TOwner, TValue>(
        this Meter meter,
        string name,
        TOwner owner,
        Func<TOwner, IEnumerable<Measurement<TValue>>> look,
        string? unit = null,
        string? description = null
    )
        where TOwner : class
        where TValue : struct
    {
        var known = new WeakReference<TOwner>(owner);
        meter.CreateObservableGauge(name, () => known.TryGetTarget(out var there) ? look(there) : [], unit, description);
    }
}
