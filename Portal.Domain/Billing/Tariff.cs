using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Billing;

/// <summary>A published price book with its identity.</summary>
public sealed record PublishedBook(PriceBookId Id, PriceBook Prices);

/// <summary>
/// A stretch of time under one price book, or under none: then nothing is charged (the plan is free, the organization
/// suspended, or no book in force).
/// </summary>
public sealed record TariffSpan(DateTimeOffset From, DateTimeOffset To, PublishedBook? Book);

/// <summary>
/// What holds when: price books and one organization's plans. Both change at UTC hours only: a book is in force from the
/// first hour that begins no earlier than its start, a plan from the hour that its period names.
/// </summary>
public sealed class Tariff
{
    private readonly IReadOnlyList<PublishedBook> _books;
    private readonly IReadOnlyList<PlanPeriod> _plans;

    private Tariff(IReadOnlyList<PublishedBook> books, IReadOnlyList<PlanPeriod> plans) => (_books, _plans) = (books, plans);

    /// <param name="records">By start, then by publication.</param>
    /// <param name="plans">As the store lists them; empty where only prices are asked for.</param>
    public static Tariff Of(IEnumerable<PriceBookRecord> records, IEnumerable<PlanPeriod> plans) =>
        new(
            [.. records.OrderBy(record => record.StartsAt).ThenBy(record => record.PublishedAt).Select(Published)],
            [.. plans.OrderBy(plan => plan.From).ThenBy(plan => plan.Sequence)]
        );

    public static async Task<Tariff> LoadAsync(
        IPortalSession session,
        OrganizationId organization,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    ) =>
        Of(
            await session.PriceBooks.AllAsync(cancellationToken),
            await session.Organizations.PlansAsync(organization, from, to, cancellationToken)
        );

    /// <summary>The same plans with these prices in force all the time.</summary>
    public Tariff Under(PriceBook book) =>
        new([new(new PriceBookId(Guid.Empty), book with { StartsAt = DateTimeOffset.MinValue })], _plans);

    /// <summary>
    /// The book with the latest start not after the hour's start, of equal starts the last published; null before the first.
    /// </summary>
    public PublishedBook? BookAt(DateTimeOffset instant)
    {
        var hour = instant.HourStart();
        return _books.LastOrDefault(book => book.Prices.StartsAt <= hour);
    }

    public bool IsChargedAt(DateTimeOffset instant) => PeriodAt(instant) is { Suspended: false } period && period.Plan.IsCharged();

    /// <summary>[from, to) cut where the price book or its being charged changes; contiguous, in order.</summary>
    public IReadOnlyList<TariffSpan> Spans(DateTimeOffset from, DateTimeOffset to)
    {
        var spans = new List<TariffSpan>();
        if (from >= to)
            return spans;
        DateTimeOffset[] cuts =
        [
            from,
            .. _books
                .Select(book => HourAtOrAfter(book.Prices.StartsAt))
                .Concat(_plans.Select(plan => plan.From))
                .Where(cut => cut > from && cut < to)
                .Distinct()
                .Order(),
        ];
        for (var i = 0; i < cuts.Length; i++)
        {
            var end = i + 1 < cuts.Length ? cuts[i + 1] : to;
            var book = IsChargedAt(cuts[i]) ? BookAt(cuts[i]) : null;
            if (spans.Count > 0 && spans[^1].Book?.Id == book?.Id)
                spans[^1] = spans[^1] with { To = end };
            else
                spans.Add(new(cuts[i], end, book));
        }
        return spans;
    }

    /// <summary>The first instant in (from, to) at which prices are in another currency than before: an invoice cannot span it.</summary>
    public DateTimeOffset? CurrencyChange(DateTimeOffset from, DateTimeOffset to)
    {
        var currency = BookAt(from)?.Prices.Currency;
        foreach (var cut in _books.Select(book => HourAtOrAfter(book.Prices.StartsAt)).Where(cut => cut > from && cut < to).Order())
        {
            var next = BookAt(cut)?.Prices.Currency;
            if (currency is not null && next != currency)
                return cut;
            currency = next;
        }
        return null;
    }

    /// <summary>The currency of bills in the instant's hour.</summary>
    public Currency CurrencyAt(DateTimeOffset instant) => BookAt(instant)?.Prices.Currency ?? Currency.Usd;

    private PlanPeriod? PeriodAt(DateTimeOffset instant)
    {
        var hour = instant.HourStart();
        return _plans.LastOrDefault(plan => plan.From <= hour);
    }

    private static DateTimeOffset HourAtOrAfter(DateTimeOffset instant) =>
        instant.HourStart() is var hour && hour == instant ? hour : hour.AddHours(1);

    private static PublishedBook Published(PriceBookRecord record) => new(record.Id, PriceBook.Parse(record.Document).Value);
}
