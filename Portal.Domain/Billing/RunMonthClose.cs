using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>
/// The worker's side of <see cref="CloseMonth"/>: carries a running job on, from wherever the last attempt stopped. While
/// Stripe is away the job says so and goes on later.
/// </summary>
public sealed class RunMonthClose(IPortalDatabase database, ClosePeriods periods, SettleInvoice settle, TimeProvider clock)
{
    private const int Batch = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>True when the job was brought to its end; false when there is none, or it has to go on later.</summary>
    public async Task<bool> RunAsync(Lease? lease, CancellationToken cancellationToken)
    {
        var job = await database.ReadAsync(session => session.Jobs.FindRunningAsync(MonthCloseParameters.Kind, null, cancellationToken), cancellationToken);
        if (job is null || !Month.TryParse(job.Subject, out var month)) return false;
        var early = MonthCloseParameters.Of(job).Early;
        // Of a close that ends the month, organisations that are through are not listed again.
        var (done, waiting, away) = (early ? 0 : job.Done, new List<string>(), (Problem?)null);
        for (OrganizationId? after = null; ;)
        {
            var batch = await database.ReadAsync(session => session.Invoices.NotClosedUpToAsync(month.End, after, Batch, cancellationToken), cancellationToken);
            foreach (var organization in batch)
            {
                var closed = await periods.RunAsync(organization.Id, month, early, job.CreatedAt, cancellationToken);
                if (closed.Waits is { } why) waiting.Add(why);
                foreach (var invoice in closed.Invoices)
                    if (away is null && await settle.RunAsync(invoice, lease, cancellationToken) is { IsOk: false } later) away = later.Problem;
                done++;
            }
            if (batch.Count > 0) await UpdateAsync(job.Id, lease, row => row.Progress(done, Math.Max(done, row.Total)), cancellationToken);
            if (batch.Count < Batch) break;
            after = batch[^1].Id;
        }
        var (left, blocked) = away is null ? await SettleRestAsync(lease, cancellationToken) : (away, []);
        if (left is not null && clock.Now() - job.CreatedAt < Patience)
        {
            await UpdateAsync(job.Id, lease, row => row.Note($"Waiting for Stripe: {left.Message}"), cancellationToken);
            return false;
        }
        await UpdateAsync(job.Id, lease, row =>
        {
            row.Progress(done, done);
            row.Note(waiting.Count == 0 ? null : $"{waiting.Count} wait for complete counters and follow by themselves. First: {waiting[0]}.");
            if (left is not null) row.Fail($"Stripe has not answered for an hour: {left.Message} All periods are closed; their invoices go on by themselves when it answers.", clock.Now());
            else if (blocked.Count > 0) row.Fail($"Stripe's draft differs from the books: {string.Join(", ", blocked.Take(10))}. Nothing was charged for them; the list of unsettled invoices says what differs.", clock.Now());
            else row.Succeed(clock.Now());
        }, cancellationToken);
        return true;
    }

    /// <summary>Carries on every invoice whose close is not through, with or without a job.</summary>
    /// <returns>Why it must go on later, and the numbers of blocked invoices.</returns>
    public async Task<(Problem? Left, IReadOnlyList<string> Blocked)> SettleRestAsync(Lease? lease, CancellationToken cancellationToken)
    {
        var unsettled = await database.ReadAsync(session => session.Invoices.UnsettledAsync(PageRequest.MaxLimit, cancellationToken), cancellationToken);
        var blocked = new List<string>();
        foreach (var invoice in unsettled)
        {
            var reached = await settle.RunAsync(invoice.Id, lease, cancellationToken);
            if (!reached.TryGet(out var stage, out var problem)) return (problem, blocked);
            if (stage == InvoiceStage.Mismatch) blocked.Add(invoice.Number);
        }
        return (null, blocked);
    }

    private Task<bool> UpdateAsync(JobId id, Lease? lease, Action<Job> change, CancellationToken cancellationToken) => database.UpdateAsync(lease, async session =>
    {
        if (await session.Jobs.FindAsync(id, cancellationToken) is { State: JobState.Running } row) change(row);
        return true;
    }, cancellationToken);
}

/// <summary>
/// Starts the automatic close of the month before: when 24 hours are over and counters are complete past its end. An
/// organisation whose cluster is away waits alone; it is found again at every look.
/// </summary>
public sealed class StartDueCloses(IPortalDatabase database, IUsageLedger ledger, BillingSettings settings, TimeProvider clock)
{
    private const int Batch = 100;

    /// <summary>True when a job was started.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var month = Month.Of(clock.Now()).Previous;
        if (clock.Now() < month.End + settings.CloseAfter) return false;
        var completeness = new Dictionary<string, DateTimeOffset?>(StringComparer.Ordinal);
        for (OrganizationId? after = null; ;)
        {
            var batch = await database.ReadAsync(async session =>
            {
                if (await session.Jobs.FindRunningAsync(MonthCloseParameters.Kind, null, cancellationToken) is not null) return [];
                var found = new List<(OrganizationId Id, IReadOnlyList<string> Clusters)>();
                foreach (var organization in await session.Invoices.NotClosedUpToAsync(month.End, after, Batch, cancellationToken))
                    found.Add((organization.Id, await session.Tenants.ClustersAsync(organization.Id, month.Start, cancellationToken)));
                return found;
            }, cancellationToken);
            foreach (var (_, clusters) in batch)
            {
                var key = string.Join('\n', clusters.Order(StringComparer.Ordinal));
                if (!completeness.TryGetValue(key, out var completeTo))
                    completeness[key] = completeTo = clusters.Count == 0 ? clock.Now() : await ledger.CompleteToAsync(clusters, cancellationToken);
                if (completeTo < month.End || completeTo is null) continue;
                var started = await database.WriteAsync<Job>(
                    Actor.Worker("month-close"), null, new Operation(Permission.OperatePlatform, "month.close", month.ToString()), async session =>
                        await session.Jobs.FindRunningAsync(MonthCloseParameters.Kind, month.ToString(), cancellationToken) ?? CloseMonth.Add(session, month, early: false, clock),
                    cancellationToken);
                return started.IsOk;
            }
            if (batch.Count < Batch) return false;
            after = batch[^1].Id;
        }
    }
}
