using System.Diagnostics;

namespace Portal.Domain.Work;

/// <summary>Traces of the engine: one span for each step, under which the calls to outside systems stand.</summary>
public static class WorkTelemetry
{
    public static ActivitySource Source { get; } = new("Portal");
}
