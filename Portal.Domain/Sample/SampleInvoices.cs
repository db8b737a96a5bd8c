using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Domain.Sample;

/// <summary>
/// Closes the sample company's months for it alone, by the step that closes a month for everybody, as it would have been
/// taken a day after the month's end. Every call may be repeated.
/// </summary>
public sealed class SampleInvoices(
    IPortalDatabase database,
    IUsageLedger ledger,
    CreateStripeCustomer customers,
    ITestPayments payments,
    IKillPoints killPoints,
    TimeProvider clock
)
{
    /// <summary>The counters are in up to the end of the closed months.</summary>
    public async Task<bool> CanCloseAsync(OrganizationId sample, SamplePast past, CancellationToken cancellationToken)
    {
        var clusters = await database.ReadAsync(
            session => session.Tenants.ClustersAsync(sample, past.Start, cancellationToken),
            cancellationToken
        );
        return await ledger.CompleteToAsync(clusters, cancellationToken) >= past.Running.Start;
    }

    public Task<Outcome<Done>> UseCardAsync(OrganizationId sample, TestCard card, CancellationToken cancellationToken) =>
        customers.WithAsync(sample, customer => payments.UseCardAsync(customer, card, cancellationToken), cancellationToken);

    /// <summary>True when the month is closed; false when the next call goes on.</summary>
    public async Task<Outcome<bool>> CloseAsync(OrganizationId sample, Month month, WorkTurn turn, CancellationToken cancellationToken)
    {
        var closed = await database.ReadAsync(session => session.Invoices.LastClosedAsync(sample, cancellationToken), cancellationToken);
        if (closed?.To >= month.End)
            return true;
        var then = new StandingClock(clock, month.End.AddDays(1) < clock.Now() ? month.End.AddDays(1) : clock.Now());
        var step = await new ClosePeriods(database, ledger, killPoints, then).RunAsync(
            new(sample, month.ToString(), Early: false, then.Now()),
            turn,
            cancellationToken
        );
        return step switch
        {
            StepResult.Refused refused => refused.Problem,
            StepResult.Later later => later.Problem,
            _ => false,
        };
    }

    /// <summary>True when the gateway has all invoices and each was paid or declined; false while one is on its way.</summary>
    public async Task<Outcome<bool>> AreSettledAsync(OrganizationId sample, CancellationToken cancellationToken)
    {
        var invoices = await database.ReadAsync(
            session => session.Invoices.ListAsync(sample, new PageRequest(100), cancellationToken),
            cancellationToken
        );
        if (invoices.Items.FirstOrDefault(invoice => invoice.Stage == InvoiceStage.Mismatch) is { } wrong)
            return new Problem.Conflict("sample-invoice-differs", $"Invoice {wrong.Number}: {wrong.ProblemMessage}");
        return invoices.Items.All(invoice => invoice.Stage == InvoiceStage.Settled);
    }

    /// <summary>A clock that shows one instant; its timers are the real one's.</summary>
    private sealed class StandingClock(TimeProvider inner, DateTimeOffset at) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => at;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            inner.CreateTimer(callback, state, dueTime, period);
    }
}
