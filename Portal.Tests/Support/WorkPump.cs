using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Tests.Support;

/// <summary>
/// The engine by hand: carries out what is due now, one step after another, in the order in which a lane with one slot
/// would. With a fake clock a test decides when the rest is due.
/// </summary>
public sealed class WorkPump(IPortalDatabase database, TimeProvider clock, params object[] steps) : IWorkObserver
{
    private readonly WorkHandlers _handlers = new(steps.SelectMany(WorkHandler.Of));

    /// <summary>What went wrong, in order: the kind and the problem's code or the exception's name.</summary>
    public List<(string Kind, string What)> Failures { get; } = [];

    public WorkHandlers Handlers => _handlers;

    /// <summary>Until nothing is due that is known here. How many steps were taken.</summary>
    public async Task<int> RunAsync(Lease? lease = null, int atMost = 10_000)
    {
        var taken = 0;
        while (taken < atMost)
        {
            var heads = await database.ReadAsync(
                async session =>
                {
                    var all = new List<(string Lane, WorkHead Head)>();
                    foreach (var lane in await session.Work.OpenLanesAsync(default))
                    foreach (var head in await session.Work.HeadsAsync(lane, clock.Now(), [], 1000, 1000, default))
                        all.Add((lane, head));
                    return all.Where(one => _handlers.Find(one.Head.Kind) is not null).ToList();
                },
                default
            );
            if (heads.Count == 0)
                return taken;
            foreach (var (lane, head) in heads.OrderBy(one => (one.Head.Priority, one.Head.Sequence)).Take(atMost - taken))
            {
                await new StepRunner(lane, lease!, database, _handlers, this, WorkSettings.Default, clock).CarryOutAsync(head, default);
                taken++;
            }
        }
        return taken;
    }

    void IWorkObserver.Stepped(string lane, string kind, string outcome, TimeSpan took) { }

    void IWorkObserver.Failed(WorkItem item, Problem problem, Exception? exception) =>
        Failures.Add((item.Kind, exception?.GetType().Name ?? problem.Code));

    void IWorkObserver.Refused(WorkItem item, Problem problem) => Failures.Add((item.Kind, problem.Code));

    void IWorkObserver.LaneFailed(string lane, Exception exception) => throw exception;

    void IWorkObserver.LeaseLost(string lane) { }
}
