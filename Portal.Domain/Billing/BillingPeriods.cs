using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>An organization's billing periods of one month with what they are rated by.</summary>
/// <param name="Periods">Contiguous: the closed ones, then the open one if the month is not closed to its end.</param>
/// <param name="ClosedCount">How many of them are closed.</param>
/// <param name="Share">The promotion code that takes a share off the month's usage; null for none.</param>
/// <param name="Discounts">What it took off each closed period, in minor units.</param>
internal sealed record MonthRecords(
    Month Month,
    Tariff Tariff,
    IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> Periods,
    int ClosedCount,
    PromotionRedemption? Share,
    IReadOnlyList<long> Discounts
)
{
    /// <param name="openTo">Where the open period ends for this look, at most the month's end.</param>
    public static async Task<MonthRecords> LoadAsync(
        IPortalSession session,
        Organization organization,
        Month month,
        DateTimeOffset openTo,
        CancellationToken cancellationToken
    )
    {
        var closed = await session.Invoices.ClosedAsync(organization.Id, month, cancellationToken);
        closed = [.. closed.OrderBy(period => period.From)];
        var periods = closed.OrderBy(period => period.From).Select(period => (period.From, period.To)).ToList();
        var from = periods.Count > 0 ? periods[^1].To : Start(organization, month);
        var to = openTo < month.End ? openTo : month.End;
        if (from < to)
            periods.Add((from, to));
        return new(
            month,
            await Tariff.LoadAsync(session, organization.Id, month.Start, month.End, cancellationToken),
            periods,
            closed.Count,
            await session.Promotions.ShareAsync(organization.Id, month, cancellationToken) is { } share
            && string.CompareOrdinal(share.FromMonth, month.ToString()) <= 0
                ? share
                : null,
            [.. closed.Select(period => period.DiscountMinor)]
        );
    }

    /// <summary>Where a look at running months ends: the hour that runs counts, later ones have neither usage nor fees.</summary>
    public static DateTimeOffset Until(DateTimeOffset now) => now.HourStart().AddHours(1);

    /// <summary>Where the organization's time in the month begins.</summary>
    public static DateTimeOffset Start(Organization organization, Month month) =>
        organization.CreatedAt > month.Start ? organization.CreatedAt : month.Start;

    /// <summary>Whether any hour of it so far is charged. Where none is, nothing has to be rated.</summary>
    public bool IsCharged => Periods.Any(period => Tariff.Spans(period.From, period.To).Any(span => span.Book is not null));

    /// <summary>
    /// What a promotion code takes off one period: its share of what the month has come to since it was redeemed, less what
    /// earlier periods had of it. So closes that cut a month change nothing of the whole.
    /// </summary>
    /// <param name="rated">The month's periods, up to this one at least.</param>
    /// <param name="index">Of the period.</param>
    public long DiscountOf(IReadOnlyList<RatedPeriod> rated, int index, Currency currency)
    {
        if (Share is not { PercentOff: { } percent } share || rated[index].To <= share.RedeemedAt)
            return 0;
        long Used(RatedPeriod period) => period.Lines.Where(line => line.Amount.Currency == currency).Sum(line => line.Amount.Minor);
        var (used, had) = (0L, 0L);
        for (var at = 0; at <= index; at++)
        {
            if (rated[at].To <= share.RedeemedAt)
                continue;
            used = checked(used + Used(rated[at]));
            if (at < index && at < ClosedCount && Tariff.CurrencyAt(rated[at].From) == currency)
                had += Discounts[at];
        }
        var whole = Money.Round(new Money(used, currency).Major * percent / 100, currency).Minor;
        return Math.Clamp(whole - had, 0, Used(rated[index]));
    }

    /// <summary>For the line of an invoice, and the bill so far.</summary>
    public static string Words(PromotionRedemption share) => $"Promotion code {share.Code}: {share.PercentOff}% off";

    public Task<IReadOnlyList<RatedPeriod>> RateAsync(
        MonthRating rating,
        OrganizationId organization,
        CancellationToken cancellationToken
    ) => rating.RateAsync(organization, Month, Periods, Tariff, cancellationToken);
}
