using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Work;

/// <summary>
/// Works one lane under its lease. Slots free themselves one by one, so a slow step holds up its own line and nobody
/// else; among what is due, priority goes first, then the organization that was served longest ago.
/// </summary>
internal sealed class LaneRunner(
    string lane,
    Lease lease,
    IPortalDatabase database,
    IChanges changes,
    WorkHandlers handlers,
    IWorkObserver observer,
    WorkSettings settings,
    TimeProvider clock
)
{
    /// <summary>Slots that only the taking away of access may use: it never waits behind steps that hang.</summary>
    private const int ReservedSlots = 2;

    private const int HeadsAtOnce = 64;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    private readonly StepRunner _steps = new(lane, lease, database, handlers, observer, settings, clock);
    private readonly Dictionary<string, (Task Step, OrganizationId Owner)> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<OrganizationId, long> _served = [];
    private readonly Dictionary<OrganizationId, int> _atWork = [];
    private long _turn;
    private DateTimeOffset? _withoutWorkSince;

    /// <summary>Ends when the lane has had no open row for a while; the first row that comes opens it again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var news = changes.Listen([Change.Lane(lane)]);
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                TimeSpan wait;
                try
                {
                    if (await IsOverAsync(cancellationToken))
                        return;
                    wait = await StartDueAsync(cancellationToken);
                }
                catch (Exception exception) when (exception is not OperationCanceledException and not LeaseLostException)
                {
                    observer.LaneFailed(lane, exception);
                    wait = Rest;
                }
                await AnyAsync(news, wait, cancellationToken);
            }
        }
        finally
        {
            // Each step notes what it came to, or leaves its row as it was; it is repeated then, which does nothing twice.
            await Task.WhenAll(_running.Values.Select(line => line.Step));
        }
    }

    /// <summary>Starts what is due while there are slots. How long nothing more can become due by itself.</summary>
    private async Task<TimeSpan> StartDueAsync(CancellationToken cancellationToken)
    {
        foreach (var (line, (_, owner)) in _running.Where(line => line.Value.Step.IsCompleted).ToList())
        {
            _running.Remove(line);
            if (--_atWork[owner] == 0)
                _atWork.Remove(owner);
        }
        if (_steps.LeaseLost)
            throw new LeaseLostException(lease.Name);
        var free = settings.Slots - _running.Count;
        if (free <= 0)
            return settings.LooksEvery;
        var now = clock.Now();
        var (heads, next) = await database.ReadAsync(
            async session =>
                (
                    await session.Work.HeadsAsync(
                        lane,
                        now,
                        [.. _running.Keys, .. _steps.Resting(now)],
                        settings.Slots,
                        HeadsAtOnce,
                        cancellationToken
                    ),
                    await session.Work.NextDueAsync(lane, now, cancellationToken)
                ),
            cancellationToken
        );
        if (_running.Count > 0 || heads.Count > 0 || next is not null)
            _withoutWorkSince = null;
        else
            _withoutWorkSince ??= now;
        foreach (var head in Ordered(heads))
        {
            if (_running.Count >= (head.Priority == WorkPriority.TakeAway ? settings.Slots : settings.Slots - ReservedSlots))
                break;
            Start(head, cancellationToken);
        }
        return next is { } due && due - now < settings.LooksEvery ? due - now : settings.LooksEvery;
    }

    /// <summary>Rows that are paused, or that rest, are neither due nor becoming due, so the rows are asked for themselves.</summary>
    private async Task<bool> IsOverAsync(CancellationToken cancellationToken)
    {
        if (_withoutWorkSince is not { } since || clock.Now() - since < settings.KeepsIdleLanes)
            return false;
        if (!(await database.ReadAsync(session => session.Work.OpenLanesAsync(cancellationToken), cancellationToken)).Contains(lane))
            return true;
        _withoutWorkSince = null;
        return false;
    }

    // Picked one at a time: each pick changes whose turn is next.
    private IEnumerable<WorkHead> Ordered(IReadOnlyList<WorkHead> heads)
    {
        var left = heads.ToList();
        while (left.Count > 0)
        {
            var next = left.MinBy(head => (head.Priority, AtWork(head.Owner), Served(head.Owner), head.Sequence))!;
            left.Remove(next);
            yield return next;
        }
    }

    private int AtWork(OrganizationId? owner) => _atWork.GetValueOrDefault(owner ?? default);

    private long Served(OrganizationId? owner) => _served.GetValueOrDefault(owner ?? default);

    private void Start(WorkHead head, CancellationToken cancellationToken)
    {
        var owner = head.Owner ?? default;
        // Turns are for those who wait now. Starting over once in a while keeps the table small and costs nobody a turn twice.
        if (_served.Count > 10_000)
            _served.Clear();
        _served[owner] = ++_turn;
        _atWork[owner] = _atWork.GetValueOrDefault(owner) + 1;
        // Off this loop: what a step does before its first wait is not the lane's time.
        _running[head.Line] = (Task.Run(() => _steps.CarryOutAsync(head, cancellationToken), CancellationToken.None), owner);
    }

    /// <summary>Until a step ends, something is told, or the time is over.</summary>
    private async Task AnyAsync(IChangeListener news, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait <= TimeSpan.Zero)
            return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var told = news.WaitAsync(wait, stop.Token);
        await Task.WhenAny([told, .. _running.Values.Select(line => line.Step)]);
        await stop.CancelAsync();
        await ((Task)told).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
