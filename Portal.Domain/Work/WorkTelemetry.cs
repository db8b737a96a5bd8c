using System.Diagnostics;

namespace Portal.Domain.Work;

/// <summary>
/// Traces of the engine: one span for each step, under which the calls to outside systems stand, in the trace of the
/// request that wanted the work. So one trace leads from a click to the broker's answer, however much later that came.
/// </summary>
internal static class WorkTelemetry
{
    private static readonly ActivitySource Source = new("Portal");

    /// <summary>The trace under way, to be kept with the work that it writes; null for none.</summary>
    public static string? TraceParent => Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : null;

    /// <summary>Begins a step's span. There is one even where nobody collects traces: log and page name its trace.</summary>
    public static Activity BeginStep(WorkHead head, string lane)
    {
        var span = Source.StartActivity($"work {head.Kind}", ActivityKind.Consumer, head.TraceParent) ?? Unsampled(head);
        return span.SetTag("portal.work.lane", lane).SetTag("portal.work.id", head.Id.ToString());
    }

    private static Activity Unsampled(WorkHead head)
    {
        var span = new Activity($"work {head.Kind}").SetIdFormat(ActivityIdFormat.W3C);
        if (head.TraceParent is { } parent)
            span.SetParentId(parent);
        return span.Start();
    }
}
