using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>A closed month, rated again under other prices. Organizations with the largest invoices are looked at first.</summary>
/// <param name="Looked">Organizations that were rated again.</param>
/// <param name="Organizations">Those that closed the month; more than <paramref name="Looked"/> when time was up.</param>
/// <param name="Before">What those looked at came to, as it was rated then, in the currency of the new list.</param>
/// <param name="InAnotherCurrency">Of those looked at, the ones that were billed in another currency: they are in no total.</param>
public sealed record ReRating(
    Month Month,
    int Looked,
    int Organizations,
    int PayMore,
    int PayLess,
    int PaySame,
    int InAnotherCurrency,
    Money Before,
    Money After
)
{
    /// <summary>What comes on top of <see cref="Before"/>, at the rates that hold for each organization at the month's end.</summary>
    public Money TaxBefore { get; init; } = Money.Zero(After.Currency);

    /// <summary>The same of <see cref="After"/>.</summary>
    public Money TaxAfter { get; init; } = Money.Zero(After.Currency);

    /// <summary>Of those looked at, the ones whose tax Stripe works out when an invoice is made: it is in neither.</summary>
    public int TaxedAtStripe { get; init; }

    /// <summary>Who would pay the most more, and by how much; null when nobody would.</summary>
    public (Organization Organization, Money By)? MostRaised { get; init; }
}

/// <summary>What publishing a price list would mean.</summary>
/// <param name="Replaces">The list that is in force when this one starts; null for none.</param>
/// <param name="NotPriced">Meters that would cost nothing.</param>
/// <param name="BecomeFree">Of them, the ones that the replaced list prices: publishing wants consent.</param>
/// <param name="Affected">Organizations on plans that are charged.</param>
/// <param name="ReRating">Null when no month is closed yet.</param>
public sealed record PriceBookPreview(
    PriceBook Book,
    PriceBook? Replaces,
    bool StartsAtOnce,
    IReadOnlyList<PriceMove> Moves,
    IReadOnlyList<Meter> NotPriced,
    IReadOnlyList<Meter> BecomeFree,
    int Affected,
    ReRating? ReRating
);

/// <summary>
/// Shows what a price list changes before it is published. It rates the last closed month again with the rater that
/// invoices are made with, as many organizations as a few seconds allow.
/// </summary>
public sealed class PreviewPriceBook(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    /// <summary>No preview looks at more organizations, or longer, however many there are.</summary>
    public const int MostLooked = 500;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);

    /// <param name="document">The price book's JSON.</param>
    public async Task<Outcome<PriceBookPreview>> RunAsync(Actor actor, string document, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "price-book.preview", ""), cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (!PriceBook.Parse(document).TryGet(out var book, out var problem))
            return problem;
        var (refusal, records, affected) = await database.ReadAsync(
            async session =>
                (
                    await PublishPriceBook.RefuseAsync(session, book, cancellationToken),
                    await session.PriceBooks.AllAsync(cancellationToken),
                    await session.Plans.CountAsync(PlanCode.Payg, cancellationToken)
                        + await session.Plans.CountAsync(PlanCode.Dedicated, cancellationToken)
                ),
            cancellationToken
        );
        if (refusal is not null)
            return refusal;
        var replaces = Tariff.Of(records, []).BookAt(book.StartsAt)?.Prices;
        return new PriceBookPreview(
            book,
            replaces,
            book.StartsAt <= clock.Now(),
            PriceMove.Between(replaces, book),
            [.. Meters.All.Where(meter => !book.Meters.ContainsKey(meter))],
            BecomeFree(replaces, book),
            affected,
            await ReRateAsync(book, cancellationToken)
        );
    }

    internal static IReadOnlyList<Meter> BecomeFree(PriceBook? replaces, PriceBook book) =>
        replaces is null ? [] : [.. Meters.All.Where(meter => replaces.Meters.ContainsKey(meter) && !book.Meters.ContainsKey(meter))];

    private async Task<ReRating?> ReRateAsync(PriceBook book, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var (closed, count, organizations) = await database.ReadAsync(
            async session =>
                await session.Invoices.LastClosedMonthAsync(Month.Of(clock.Now()), cancellationToken) is { } last
                    ? (
                        last,
                        await session.Invoices.CountClosedAsync(last, cancellationToken),
                        await session.Invoices.LargestClosedAsync(last, MostLooked, cancellationToken)
                    )
                    : ((Month?)null, 0, (IReadOnlyList<Organization>)[]),
            cancellationToken
        );
        if (closed is not { } month)
            return null;
        var found = new ReRating(month, 0, count, 0, 0, 0, 0, Money.Zero(book.Currency), Money.Zero(book.Currency));
        foreach (var organization in organizations)
        {
            if (clock.GetElapsedTime(began) > Longest)
                break;
            try
            {
                found = await WithAsync(found, organization, book, cancellationToken);
            }
            catch (Exception failure) when (OddRow.IsCauseOf(failure))
            {
                // Not among those looked at; how many those are is said.
            }
        }
        return found;
    }

    private async Task<ReRating> WithAsync(ReRating sum, Organization organization, PriceBook book, CancellationToken cancellationToken)
    {
        var (records, tax) = await database.ReadAsync(
            async session =>
                (
                    await MonthRecords.LoadAsync(session, organization, sum.Month, sum.Month.End, cancellationToken),
                    await session.TaxOfAsync(organization.Id, sum.Month.End, cancellationToken)
                ),
            cancellationToken
        );
        var found = sum with { Looked = sum.Looked + 1 };
        if (!records.IsCharged)
            return found with { PaySame = found.PaySame + 1 };
        var lines = Lines(await records.RateAsync(new MonthRating(ledger), organization.Id, cancellationToken));
        if (lines.Any(line => line.Amount.Currency != book.Currency))
            return found with { InAnotherCurrency = found.InAnotherCurrency + 1 };
        var under = records with { Tariff = records.Tariff.Under(book) };
        var then = Lines(await under.RateAsync(new MonthRating(ledger), organization.Id, cancellationToken));
        var (before, after) = (Total(lines, book.Currency), Total(then, book.Currency));
        return found with
        {
            Before = found.Before + before,
            After = found.After + after,
            PayMore = found.PayMore + (after.Minor > before.Minor ? 1 : 0),
            PayLess = found.PayLess + (after.Minor < before.Minor ? 1 : 0),
            PaySame = found.PaySame + (after.Minor == before.Minor ? 1 : 0),
            TaxBefore = found.TaxBefore + Tax(lines, tax, book.Currency),
            TaxAfter = found.TaxAfter + Tax(then, tax, book.Currency),
            TaxedAtStripe = found.TaxedAtStripe + (tax.ByStripe ? 1 : 0),
            MostRaised = after.Minor - before.Minor > (found.MostRaised?.By.Minor ?? 0) ? (organization, after - before) : found.MostRaised,
        };
    }

    private static List<RatedLine> Lines(IReadOnlyList<RatedPeriod> periods) => [.. periods.SelectMany(period => period.Lines)];

    /// <summary>Of each line by itself, as invoices have it; what prices contain already is not added.</summary>
    private static Money Tax(IReadOnlyList<RatedLine> lines, TaxDecision tax, Currency currency) =>
        new(
            TaxMath
                .Of([.. lines.Select(line => Math.Max(0, line.Amount.Minor))], tax.Rates, currency, () => Guid.Empty)
                .Where(one => !one.IsInclusive)
                .Sum(one => one.AmountMinor),
            currency
        );

    private static Money Total(IEnumerable<RatedLine> lines, Currency currency) =>
        lines.Aggregate(Money.Zero(currency), (sum, line) => sum + line.Amount);
}
