using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>An organization whose close would wait, or is in trouble already.</summary>
/// <param name="Why">A sentence for the operator.</param>
/// <param name="IsWaiting">It waits for counters, and closes by itself later.</param>
public sealed record CloseConcern(Organization Organization, string Why, bool IsWaiting);

/// <summary>What closing a month now would do.</summary>
/// <param name="IsEarly">The month still runs: what is metered is invoiced now, the rest on a second invoice.</param>
/// <param name="UpTo">Early: the least far that an organization's counters are complete. Null before the first complete point.</param>
/// <param name="Organizations">With time that is not closed up to the month's end.</param>
/// <param name="Looked">Of them, those that were rated; fewer when time was up.</param>
/// <param name="Invoices">That would be issued to those looked at.</param>
/// <param name="CarriedOver">Organizations that used something, but too little to charge.</param>
/// <param name="Totals">Of the invoices, by currency, with taxes that are known, after credits.</param>
/// <param name="WithGaps">Organizations with time that was not metered and is not charged.</param>
/// <param name="Concerns">The first <see cref="PreviewMonthClose.MostNamed"/>.</param>
/// <param name="Mismatches">Invoices of any month that differ from Stripe's and are blocked.</param>
public sealed record MonthClosePreview(
    Month Month,
    bool IsEarly,
    DateTimeOffset? UpTo,
    int Organizations,
    int Looked,
    int Invoices,
    int CarriedOver,
    IReadOnlyList<Money> Totals,
    int WithGaps,
    int Waiting,
    int Troubled,
    IReadOnlyList<CloseConcern> Concerns,
    int Mismatches
);

/// <summary>
/// Shows what closing a month would come to before it is done: the same periods, rated by the same rater. It looks at as
/// many organizations as a few seconds allow, and says how many those are.
/// </summary>
public sealed class PreviewMonthClose(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    public const int MostNamed = 10;
    private const int Batch = 100;
    private const int MostLooked = 1000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);

    public async Task<Outcome<MonthClosePreview>> RunAsync(Actor actor, Month month, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "month.preview-close", month.ToString()),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        var (now, began) = (clock.Now(), clock.GetTimestamp());
        if (month.Start > now)
            return CloseMonth.NotBegun(month);
        var (count, mismatches) = await database.ReadAsync(
            async session =>
                (
                    await session.Invoices.CountNotClosedUpToAsync(month.End, cancellationToken),
                    await session.Invoices.CountMismatchesAsync(cancellationToken)
                ),
            cancellationToken
        );
        var sums = new Sums(month.End > now);
        for (OrganizationId? after = null; sums.Looked < MostLooked && clock.GetElapsedTime(began) < Longest; )
        {
            var from = after;
            var batch = await database.ReadAsync(
                session => session.Invoices.NotClosedUpToAsync(month.End, from, Batch, cancellationToken),
                cancellationToken
            );
            foreach (var organization in batch)
            {
                if (clock.GetElapsedTime(began) > Longest)
                    break;
                try
                {
                    await LookAsync(organization, month, now, sums, cancellationToken);
                }
                catch (Exception failure) when (OddRow.IsCauseOf(failure))
                {
                    sums.Trouble(
                        new(
                            organization,
                            "Its usage couldn't be rated. Its close will fail until the cause is found; other organizations close.",
                            IsWaiting: false
                        )
                    );
                }
            }
            if (batch.Count < Batch)
                break;
            after = batch[^1].Id;
        }
        return new MonthClosePreview(
            month,
            sums.IsEarly,
            sums.UpTo,
            count,
            sums.Looked,
            sums.Invoices,
            sums.CarriedOver,
            [.. sums.Totals.Values.OrderBy(total => total.Currency.Code, StringComparer.Ordinal)],
            sums.WithGaps,
            sums.Waiting,
            sums.Troubled,
            sums.Concerns,
            mismatches
        );
    }

    private async Task LookAsync(Organization organization, Month month, DateTimeOffset now, Sums sums, CancellationToken cancellationToken)
    {
        var (last, clusters, closing) = await database.ReadAsync(
            async session =>
            {
                var closed = await session.Invoices.LastClosedAsync(organization.Id, cancellationToken);
                return (
                    closed,
                    await session.Tenants.MeteredClustersAsync(organization.Id, closed?.To ?? organization.CreatedAt, cancellationToken),
                    await session.Work.FindLastAsync(ClosePeriodsWork.LineOf(organization.Id), ClosePeriodsWork.Kind, cancellationToken)
                );
            },
            cancellationToken
        );
        sums.Looked++;
        var start = last?.To ?? organization.CreatedAt;
        var complete = clusters.Count == 0 ? now : await ledger.CompleteToAsync(clusters, cancellationToken);
        if (complete > now)
            complete = now;
        if (sums.IsEarly && clusters.Count > 0 && complete is { } to && !(sums.UpTo < to))
            sums.UpTo = to;
        if (closing is { State: WorkState.Open, NeedsPerson: true } or { State: WorkState.Refused })
            sums.Trouble(
                new(organization, closing.ProblemMessage ?? "An earlier close needs attention. See its entry below Jobs.", IsWaiting: false)
            );
        else if (complete is null || !sums.IsEarly && complete < month.End)
            sums.Wait(
                new(
                    organization,
                    complete is { } far
                        ? $"Metering is complete only to {Instants.Text(far)}. It closes by itself once it is complete to the end "
                            + "of the month."
                        : "Nothing is metered yet.",
                    IsWaiting: true
                )
            );
        // What waits is still shown with what is known of it now.
        var until =
            sums.IsEarly && complete < month.End ? complete.Value
            : complete is null ? start
            : month.End;
        if (until <= start)
            return;
        if ((await ledger.GapsAsync(organization.Id, start, until, 1, cancellationToken)).Count > 0)
            sums.WithGaps++;
        var owed = await UnbilledUsage.SumAsync(database, ledger, organization, until, cancellationToken);
        var (credits, tax) = await database.ReadAsync(
            async session =>
                (
                    await session.Credits.OpenAsync(organization.Id, cancellationToken),
                    await session.TaxOfAsync(organization.Id, until, cancellationToken)
                ),
            cancellationToken
        );
        if (owed.Minor >= SmallestCharge.Of(owed.Currency).Minor)
        {
            // Of the sum, not of each line: a cent for each line at most.
            var taxed =
                owed
                + new Money(
                    TaxMath
                        .Of([owed.Minor], tax.Rates, owed.Currency, () => Guid.Empty)
                        .Where(one => !one.IsInclusive)
                        .Sum(one => one.AmountMinor),
                    owed.Currency
                );
            sums.Add(taxed - new Money(CreditUse.Plan(taxed, credits, until).Sum(), owed.Currency));
            if (tax.State == InvoiceTaxState.LocationMissing)
                sums.Wait(
                    new(
                        organization,
                        "Its billing address is missing, so its invoice waits: the tax depends on where it is.",
                        IsWaiting: true
                    )
                );
        }
        else if (owed.Minor != 0)
            sums.CarriedOver++;
    }

    /// <summary>What has been found so far.</summary>
    private sealed class Sums(bool isEarly)
    {
        public bool IsEarly { get; } = isEarly;
        public DateTimeOffset? UpTo { get; set; }
        public int Looked { get; set; }
        public int Invoices { get; private set; }
        public int CarriedOver { get; set; }
        public int WithGaps { get; set; }
        public int Waiting { get; private set; }
        public int Troubled { get; private set; }
        public Dictionary<string, Money> Totals { get; } = new(StringComparer.Ordinal);
        public List<CloseConcern> Concerns { get; } = [];

        public void Add(Money owed)
        {
            Invoices++;
            Totals[owed.Currency.Code] = Totals.GetValueOrDefault(owed.Currency.Code, Money.Zero(owed.Currency)) + owed;
        }

        public void Wait(CloseConcern concern)
        {
            Waiting++;
            Name(concern);
        }

        public void Trouble(CloseConcern concern)
        {
            Troubled++;
            Name(concern);
        }

        private void Name(CloseConcern concern)
        {
            if (Concerns.Count < MostNamed)
                Concerns.Add(concern);
        }
    }
}
