using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>What is asked: a stretch of usage, and how it should differ.</summary>
/// <param name="Month">Null for the last 30 days.</param>
/// <param name="Plan">Null for the present one.</param>
/// <param name="PriceList">A version; null for the one in force.</param>
/// <param name="Traffic">Data in and out, in per cent of what it was; 100 is as it was.</param>
/// <param name="Storage">In per cent, like <paramref name="Partitions"/>; connectors stay as they were.</param>
public sealed record WhatIfWish(Month? Month, PlanCode? Plan, string? PriceList, int Traffic = 100, int Storage = 100, int Partitions = 100)
{
    public const int MostPercent = 10_000;

    /// <summary>Reads the words of the API and of an address.</summary>
    public static Outcome<WhatIfWish> Create(
        string? month,
        string? plan,
        string? priceList,
        string? traffic,
        string? storage,
        string? partitions
    )
    {
        Month? asked = null;
        if (!string.IsNullOrEmpty(month))
        {
            if (!Common.Month.TryParse(month, out var parsed))
                return new Problem.Invalid("month-malformed", "month is written yyyy-MM, for example 2026-11.", "month");
            asked = parsed;
        }
        PlanCode? wanted = null;
        if (!string.IsNullOrEmpty(plan))
        {
            if (!Plans.Plan.TryParse(plan, out var code))
                return new Problem.Invalid("plan-unknown", "Choose one of the plans free, payg or dedicated.", "plan");
            wanted = code;
        }
        if (!Percent(traffic, "traffic").TryGet(out var first, out var problem))
            return problem;
        if (!Percent(storage, "storage").TryGet(out var second, out problem))
            return problem;
        if (!Percent(partitions, "partitions").TryGet(out var third, out problem))
            return problem;
        return new WhatIfWish(asked, wanted, string.IsNullOrEmpty(priceList) ? null : priceList, first, second, third);
    }

    public int PercentOf(Meter meter) =>
        meter switch
        {
            Meter.Write or Meter.Read => Traffic,
            Meter.Storage => Storage,
            Meter.Partitions => Partitions,
            Meter.Connectors => 100,
        };

    private static Outcome<int> Percent(string? text, string field)
    {
        if (string.IsNullOrEmpty(text))
            return 100;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var percent) && percent <= MostPercent
            ? percent
            : new Problem.Invalid(
                "percent-out-of-range",
                $"Enter a whole percentage from 0 to {MostPercent}. 100 is the usage as it was, 200 is twice as much.",
                field
            );
    }
}

/// <summary>A meter as it was and as it would be.</summary>
/// <param name="Before">As it was, at the present plan and prices; null where that charges nothing for it.</param>
/// <param name="After">Null where nothing would be charged for it.</param>
public sealed record WhatIfLine(Meter Meter, decimal QuantityBefore, decimal QuantityAfter, RatedLine? Before, RatedLine? After);

/// <summary>A limit of the plan that what there is, or would be, passes.</summary>
public sealed record LimitPassed(LimitKind Kind, long Limit, long Used, string Where);

/// <param name="Book">Whose prices would hold; null where nothing would be charged.</param>
/// <param name="Present">The plan as it is.</param>
/// <param name="IsTaxed">Taxes come on top.</param>
/// <param name="PriceLists">Versions that can be asked for, newest first.</param>
public sealed record WhatIfResult(
    Organization Organization,
    WhatIfWish Wish,
    DateTimeOffset From,
    DateTimeOffset To,
    EffectivePlan Present,
    EffectivePlan Plan,
    PriceBook? BookBefore,
    PriceBook? Book,
    IReadOnlyList<WhatIfLine> Lines,
    Money Before,
    Money After,
    IReadOnlyList<LimitPassed> Passed,
    bool IsTaxed,
    IReadOnlyList<string> PriceLists
)
{
    /// <summary>Null where the two are in different currencies.</summary>
    public Money? Difference => Before.Currency == After.Currency ? After - Before : null;
}

/// <summary>What the last 30 days, or a month, would cost on another plan, at other prices, or with more or less used.</summary>
public sealed class GetWhatIf(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    public async Task<Outcome<WhatIfResult>> RunAsync(
        Actor actor,
        string organization,
        WhatIfWish wish,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "billing.what-if", organization),
            cancellationToken
        );
        // Prices that have not started may not be announced yet.
        return entered.TryGet(out var access, out var problem)
            ? await new WhatIfRating(database, ledger, clock).RateAsync(access.Organization, wish, withScheduled: false, cancellationToken)
            : problem;
    }
}

/// <summary>The same of a customer, for the operator; at any published prices, those that start later too.</summary>
public sealed class GetCustomerWhatIf(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    public async Task<Outcome<WhatIfResult>> RunAsync(
        Actor actor,
        string organization,
        WhatIfWish wish,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "operator.organizations.what-if", Operation.Brief(organization)),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        return
            await database.ReadAsync(session => session.Organizations.FindAsync(organization, cancellationToken), cancellationToken)
                is { } found
            ? await new WhatIfRating(database, ledger, clock).RateAsync(found, wish, withScheduled: true, cancellationToken)
            : OrganizationProblems.NoOrganization;
    }
}

/// <summary>
/// Rates a stretch of usage as one month, by the rater of invoices: tiers, fees, free quantities and minimums count once.
/// </summary>
internal sealed class WhatIfRating(IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    private const int Days = 30;

    internal async Task<Outcome<WhatIfResult>> RateAsync(
        Organization organization,
        WhatIfWish wish,
        bool withScheduled,
        CancellationToken cancellationToken
    )
    {
        var now = clock.Now();
        if (wish.Month is { } asked && asked.Start > now)
            return new Problem.Invalid("month-ahead", "Choose a month that has begun. Its usage is what is rated.", "month");
        var (records, present, plan, uses, taxing) = await database.ReadAsync(
            async session =>
                (
                    await session.PriceBooks.AllAsync(cancellationToken),
                    await session.PlanOfAsync(organization, cancellationToken),
                    await session.PlanOfAsync(organization.Id, wish.Plan ?? organization.Plan, cancellationToken),
                    await session.Plans.LargestUsesAsync(organization.Id, cancellationToken),
                    await session.TaxOfAsync(organization.Id, now.AddHours(1), cancellationToken)
                ),
            cancellationToken
        );
        var books = records
            .Select(record => PriceBook.Parse(record.Document).Value)
            .Where(book => withScheduled || book.StartsAt <= now)
            .OrderByDescending(book => book.StartsAt)
            .ToList();
        var inForce = Tariff.Of(records, []).BookAt(now)?.Prices;
        var chosen = wish.PriceList is { } version ? books.Find(book => book.Version == version) : inForce;
        if (wish.PriceList is not null && chosen is null)
            return new Problem.NotFound(
                "price-list-not-found",
                $"There is no price list '{Operation.Brief(wish.PriceList)}'. Choose "
                    + $"{(books.Count == 0 ? "none" : string.Join(", ", books.Select(book => book.Version)))}."
            );

        var (from, to) = wish.Month is { } month
            ? (month.Start, month.End < now ? month.End : now)
            : (now.HourStart().AddDays(-Days), now.HourStart());
        var used = await ledger.TotalsAsync(organization.Id, from, to, cancellationToken);
        var (bookBefore, bookAfter) = (present.IsCharged ? inForce : null, plan.IsCharged ? chosen : null);
        var lines = new List<WhatIfLine>();
        foreach (var meter in Meters.All)
        {
            var before = used.GetValueOrDefault(meter);
            var after = before * wish.PercentOf(meter) / 100;
            if (meter.Quantity(after) > meter.LargestMonth())
                return new Problem.Invalid(
                    "usage-too-large",
                    "That is more than any organization can use. Choose smaller percentages.",
                    "traffic"
                );
            var line = new WhatIfLine(
                meter,
                meter.Quantity(before),
                meter.Quantity(after),
                Line(bookBefore, meter, from, to, before),
                Line(bookAfter, meter, from, to, after)
            );
            if (line.QuantityBefore != 0 || line.Before?.Amount.Minor > 0 || line.After?.Amount.Minor > 0)
                lines.Add(line);
        }
        return new WhatIfResult(
            organization,
            wish,
            from,
            to,
            present,
            plan,
            bookBefore,
            bookAfter,
            lines,
            Total(bookBefore ?? bookAfter, lines.Select(line => line.Before)),
            Total(bookAfter ?? bookBefore, lines.Select(line => line.After)),
            Passed(plan, uses, wish),
            taxing.State != InvoiceTaxState.Off,
            [.. books.Select(book => book.Version).Distinct()]
        );
    }

    private static RatedLine? Line(PriceBook? book, Meter meter, DateTimeOffset from, DateTimeOffset to, Int128 baseUnits) =>
        book?.Meters.GetValueOrDefault(meter) is { } price
            ? MonthRating.Line(meter, price, new(new PriceBookId(Guid.Empty), book), from, to, baseUnits, null, endsMonth: true)
            : null;

    private static Money Total(PriceBook? book, IEnumerable<RatedLine?> lines) =>
        lines.OfType<RatedLine>().Aggregate(Money.Zero(book?.Currency ?? Currency.Usd), (sum, line) => sum + line.Amount);

    /// <summary>More partitions are taken to be more of them in each topic.</summary>
    private static IReadOnlyList<LimitPassed> Passed(EffectivePlan plan, IReadOnlyList<LimitUse> uses, WhatIfWish wish) =>
        [
            .. from use in uses
            let then = use.Kind == LimitKind.PartitionsPerTopic ? (use.Used * wish.Partitions + 99) / 100 : use.Used
            where plan.Limits[use.Kind] is { } limit && then > limit
            select new LimitPassed(use.Kind, plan.Limits[use.Kind]!.Value, then, use.Where),
        ];
}
