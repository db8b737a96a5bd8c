using Portal.Domain.Common;

namespace Portal.Domain.Provisioning;

/// <summary>Writes the end of an intent into the portal's data, in the transaction that marks the intent done.</summary>
public delegate Task Settle(IPortalSession session, CancellationToken cancellationToken);

/// <summary>Carries out intents of some kinds. Carrying one out twice must do nothing more.</summary>
public interface IIntentHandler
{
    bool Handles(IntentKind kind);

    /// <summary>
    /// Asks the outside system. <see cref="Problem.Unavailable"/> means later; any other problem is final, and
    /// <see cref="RefuseAsync"/> is called in the transaction that ends the intent.
    /// </summary>
    Task<Outcome<Settle>> RunAsync(Intent intent, Lease lease, CancellationToken cancellationToken);

    Task RefuseAsync(IPortalSession session, Intent intent, Problem problem, CancellationToken cancellationToken);

    /// <summary>Says on the subject why it is not done yet; it is tried again by itself.</summary>
    Task DelayAsync(IPortalSession session, Intent intent, Problem problem, CancellationToken cancellationToken);
}

/// <summary>The outbox's work: due intents, lines side by side, one intent of a line at a time.</summary>
public sealed class CarryOutIntents(IPortalDatabase database, IEnumerable<IIntentHandler> handlers, TimeProvider clock)
{
    private const int LinesAtOnce = 8;
    private readonly IReadOnlyList<IIntentHandler> _handlers = [.. handlers];

    /// <summary>How many intents were looked at; 0 means that nothing is due.</summary>
    public async Task<int> RunAsync(Lease lease, CancellationToken cancellationToken)
    {
        var due = await database.ReadAsync(session => session.Outbox.DueAsync(clock.Now(), LinesAtOnce, cancellationToken), cancellationToken);
        await Task.WhenAll(due.Select(intent => CarryOutAsync(intent, lease, cancellationToken)));
        return due.Count;
    }

    private async Task CarryOutAsync(Intent intent, Lease lease, CancellationToken cancellationToken)
    {
        var handler = _handlers.First(candidate => candidate.Handles(intent.Kind));
        var outcome = await handler.RunAsync(intent, lease, cancellationToken);
        await database.UpdateAsync(lease, async session =>
        {
            var row = (await session.Outbox.FindAsync(intent.Id, cancellationToken))!;
            if (row.DoneAt is not null) return true;
            if (outcome.TryGet(out var settle, out var problem))
            {
                await settle(session, cancellationToken);
                row.Done(clock.Now());
            }
            else if (problem is Problem.Unavailable or Problem.TooMany)
            {
                await handler.DelayAsync(session, row, problem, cancellationToken);
                row.Postpone(problem, clock.Now());
            }
            else
            {
                await handler.RefuseAsync(session, row, problem, cancellationToken);
                row.Refuse(problem, clock.Now());
            }
            return true;
        }, cancellationToken);
    }
}
