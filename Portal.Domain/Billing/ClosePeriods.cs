using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <param name="AskedAt">When the close was asked for: after a crash an early close does not bill the minutes since as well.</param>
public sealed record ClosePeriodsWork(OrganizationId Organization, string Month, bool Early, DateTimeOffset AskedAt) : IWorkPayload
{
    public static string Kind => "period.close";

    public static string LineOf(OrganizationId organization) => $"period:{organization}";

    public WorkPlace Place(string slug) => new(Lanes.Billing, LineOf(Organization), Organization, slug, WorkPriority.Background);
}

/// <summary>
/// Closes an organization's periods up to a month's end, or inside the month: each is rated and written with its invoice,
/// and the work that settles it, in one transaction. A period begins where the last one ended, so doing it again, or
/// twice at once, makes nothing more. While counters are incomplete it waits, alone.
/// </summary>
public sealed class ClosePeriods(IPortalDatabase database, IUsageLedger ledger, IKillPoints killPoints, TimeProvider clock)
    : IWorkStep<ClosePeriodsWork>
{
    private static readonly Actor Worker = Actor.Worker("month-close");
    private static readonly Problem.Conflict Moved = new("period-closed", "The period has already been closed.");
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(20);

    public async Task<StepResult> RunAsync(ClosePeriodsWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        if (!Month.TryParse(payload.Month, out var month))
            return new StepResult.Refused(new Problem.Invalid("month-malformed", $"{payload.Month} is not a month."));
        var (id, early) = (payload.Organization, payload.Early);
        var (organization, last, clusters, job) = await database.ReadAsync(
            async session =>
            {
                var closed = await session.Invoices.LastClosedAsync(id, cancellationToken);
                var found = await session.Organizations.FindAsync(id, cancellationToken);
                var row = await session.Work.FindAsync(turn.Id, cancellationToken);
                return (
                    found,
                    closed,
                    found is null ? [] : await session.Tenants.MeteredClustersAsync(id, closed?.To ?? found.CreatedAt, cancellationToken),
                    row?.ParentId
                );
            },
            cancellationToken
        );
        if (organization is null)
            return StepResult.Finished;
        var from = last?.To ?? organization.CreatedAt;
        if (from >= month.End)
            return StepResult.Finished;
        if (early && last is not null && last.MonthText == month.ToString() && last.ClosedAt >= payload.AskedAt)
            return StepResult.Finished;

        var current = Month.Of(from);
        var isEarly = early && current == month;
        // Without a tenant there is nothing to wait for.
        var completeTo = clusters.Count == 0 ? clock.Now() : await ledger.CompleteToAsync(clusters, cancellationToken);
        var complete =
            completeTo < clock.Now() ? completeTo
            : completeTo is null ? null
            : clock.Now();
        if (complete is null || !isEarly && complete < current.End)
        {
            var why =
                $"{organization.Slug}: the counters of {string.Join(", ", clusters)} are complete to "
                + $"{(complete is { } to ? Instants.Text(to) : "no point yet")}";
            return new StepResult.GoOn(null, LooksEvery, Progress: new(0, 0, null, why));
        }
        var end = isEarly && complete < current.End ? complete.Value : current.End;
        if (end <= from)
            return StepResult.Finished;
        var closing = await CloseAsync(organization, current, from, end, job, cancellationToken);
        // The next step finds the next period, or that there is none.
        return closing.IsOk || closing.Problem.Code == Moved.Code
            ? new StepResult.GoOn(null, Progress: new(0, 0, null, null))
            : StepResult.Of(closing.Problem);
    }

    private async Task<Outcome<InvoiceId?>> CloseAsync(
        Organization organization,
        Month month,
        DateTimeOffset from,
        DateTimeOffset end,
        WorkId? job,
        CancellationToken cancellationToken
    )
    {
        var records = await database.ReadAsync(
            session => MonthRecords.LoadAsync(session, organization, month, end, cancellationToken),
            cancellationToken
        );
        if (records.Tariff.CurrencyChange(from, end) is { } change)
            (end, records) = (
                change,
                await database.ReadAsync(
                    session => MonthRecords.LoadAsync(session, organization, month, change, cancellationToken),
                    cancellationToken
                )
            );
        if (records.Periods.Count == 0 || records.Periods[^1] != (from, end))
            return Moved;
        var rated = await records.RateAsync(new MonthRating(ledger), organization.Id, cancellationToken);
        var lines = rated[^1].Lines;
        var currency = records.Tariff.CurrencyAt(from);
        var discount = records.DiscountOf(rated, rated.Count - 1, currency);

        var operation = new Operation(
            Permission.ManageBilling,
            "period.close",
            month.ToString(),
            new Dictionary<string, string>
            {
                ["from"] = Instants.Text(from),
                ["to"] = Instants.Text(end),
                ["lines"] = lines.Count.ToString(CultureInfo.InvariantCulture),
                ["amount"] = lines.Aggregate(Money.Zero(currency), (sum, line) => sum + line.Amount).ToString(),
            }
        );
        var written = await database.WriteAsync<InvoiceId?>(
            Worker,
            organization.Id,
            operation,
            async session =>
            {
                var current = (await session.Organizations.FindAsync(organization.Id, cancellationToken))!;
                if (((await session.Invoices.LastClosedAsync(current.Id, cancellationToken))?.To ?? current.CreatedAt) != from)
                    return Moved;
                var number =
                    1
                    + (await session.Invoices.ClosedAsync(current.Id, month, cancellationToken)).Count(period =>
                        period.InvoiceId is not null
                    );
                var credits = await session.Credits.OpenAsync(current.Id, cancellationToken);
                var off =
                    discount == 0
                        ? null
                        : new InvoiceAdjustment(clock.NewUuid(), AdjustmentKind.Discount, -discount, MonthRecords.Words(records.Share!));
                var tax = await session.TaxOfAsync(current.Id, end, cancellationToken);
                var (invoice, parts) = Invoice(current, month, number, from, end, currency, lines, off, credits, tax);
                CreditUse.Book(session, credits, parts, invoice, end, Worker.Name, clock);
                if (invoice is not null)
                {
                    session.Invoices.Add(invoice);
                    var settle = new SettleInvoiceWork(invoice.Id);
                    session.Work.Add(clock, settle, settle.Place(invoice, job));
                }
                session.Invoices.Add(new ClosedPeriod(current.Id, month, from, end, invoice?.Id, clock.Now(), discount));
                return new Outcome<InvoiceId?>(invoice?.Id);
            },
            cancellationToken
        );
        if (written.IsOk)
            killPoints.Reached(KillPoint.CloseAfterRating);
        return written;
    }

    /// <summary>
    /// No invoice for nothing; below Stripe's smallest charge the balance is carried to the next. A promotion code's share
    /// comes off first, then taxes are added, then credits are used for what can be charged, down to nothing: then the invoice
    /// shows what was used and what paid for it. Taxes that are not known yet are not paid by credits.
    /// </summary>
    private (Invoice? Invoice, IReadOnlyList<CreditPart> Parts) Invoice(
        Organization organization,
        Month month,
        int number,
        DateTimeOffset from,
        DateTimeOffset to,
        Currency currency,
        IReadOnlyList<RatedLine> lines,
        InvoiceAdjustment? discount,
        IReadOnlyList<Credit> credits,
        TaxDecision tax
    )
    {
        // A balance of under one smallest charge in a currency that is not billed any more is let go.
        var carried = organization.CarriedCurrencyCode == currency.Code ? organization.CarriedMinor : 0;
        var smallest = SmallestCharge.Of(currency).Minor;
        var gross = lines.Aggregate(new Money(carried, currency), (sum, line) => sum + line.Amount);
        var total = gross + new Money(discount?.AmountMinor ?? 0, currency);
        if (total.Minor < smallest && (total.Minor != 0 || gross.Minor < smallest))
        {
            if (lines.Count > 0 || carried != 0)
                organization.Carry(total);
            return (null, []);
        }
        organization.Carry(Money.Zero(currency));
        var taxable = TaxMath.Less([.. lines.Select(line => line.Amount.Minor)], -(discount?.AmountMinor ?? 0), currency.Step);
        var taxes = TaxMath.Of(carried == 0 ? taxable : [.. taxable, carried], tax.Rates, currency, () => clock.NewUuid());
        var parts = CreditUse.Plan(
            total + new Money(taxes.Where(one => !one.IsInclusive).Sum(one => one.AmountMinor), currency),
            credits,
            to
        );
        return (
            new(
                new InvoiceId(clock.NewUuid()),
                organization.Id,
                $"{organization.Slug}-{month}-{number.ToString(CultureInfo.InvariantCulture)}",
                month,
                from,
                to,
                currency,
                organization.PayBy,
                lines.Select(line => new InvoiceLine(
                    clock.NewUuid(),
                    line.Meter,
                    line.Book.Id,
                    line.From,
                    line.To,
                    line.Quantity,
                    line.ExactAmount,
                    line.Amount.Minor,
                    line.Explanation
                )),
                carried,
                clock.Now(),
                (discount is null ? [] : new[] { discount }).Concat(
                    parts.Select(part => new InvoiceAdjustment(
                        clock.NewUuid(),
                        AdjustmentKind.Credit,
                        -part.Minor,
                        part.Credit.Reason,
                        part.Credit.Id
                    ))
                ),
                tax,
                taxes
            ),
            parts
        );
    }
}
