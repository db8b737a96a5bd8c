using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>An organization's billing periods of one month with what they are rated by.</summary>
/// <param name="Periods">Contiguous: the closed ones, then the open one if the month is not closed to its end.</param>
/// <param name="ClosedCount">How many of them are closed.</param>
internal sealed record MonthRecords(Month Month, Tariff Tariff, IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> Periods, int ClosedCount)
{
    /// <param name="openTo">Where the open period ends for this look, at most the month's end.</param>
    public static async Task<MonthRecords> LoadAsync(
        IPortalSession session, Organization organization, Month month, DateTimeOffset openTo, CancellationToken cancellationToken)
    {
        var closed = await session.Invoices.ClosedAsync(organization.Id, month, cancellationToken);
        var periods = closed.OrderBy(period => period.From).Select(period => (period.From, period.To)).ToList();
        var from = periods.Count > 0 ? periods[^1].To : Start(organization, month);
        var to = openTo < month.End ? openTo : month.End;
        if (from < to) periods.Add((from, to));
        return new(month, await Tariff.LoadAsync(session, organization.Id, month.Start, month.End, cancellationToken), periods, closed.Count);
    }

    /// <summary>Where a look at running months ends: the hour that runs counts, later ones have neither usage nor fees.</summary>
    public static DateTimeOffset Until(DateTimeOffset now) => now.HourStart().AddHours(1);

    /// <summary>Where the organization's time in the month begins.</summary>
    public static DateTimeOffset Start(Organization organization, Month month) => organization.CreatedAt > month.Start ? organization.CreatedAt : month.Start;

    /// <summary>Whether any hour of it so far is charged. Where none is, nothing has to be rated.</summary>
    public bool IsCharged => Periods.Any(period => Tariff.Spans(period.From, period.To).Any(span => span.Book is not null));

    public Task<IReadOnlyList<RatedPeriod>> RateAsync(MonthRating rating, OrganizationId organization, CancellationToken cancellationToken) =>
        rating.RateAsync(organization, Month, Periods, Tariff, cancellationToken);
}
