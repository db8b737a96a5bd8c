using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>
/// Shares of lines: a slice of usage costs the part of its line's exact amount that its quantity is of the line's. Sums
/// of all slices of a line are the line's exact amount.
/// </summary>
internal sealed class UsagePricing
{
    /// <summary>Topics that are looked up one by one; for more than that reading all is quicker.</summary>
    private const int MostLookedUp = 200;

    private readonly IUsageLedger _ledger;
    private readonly IReadOnlyList<(TariffSpan Span, RatedPeriod Period)> _spans;

    private UsagePricing(IUsageLedger ledger, IReadOnlyList<(TariffSpan, RatedPeriod)> spans) => (_ledger, _spans) = (ledger, spans);

    public static async Task<UsagePricing> CreateAsync(
        IUsageLedger ledger,
        OrganizationId organization,
        IReadOnlyList<MonthRecords> months,
        CancellationToken cancellationToken
    )
    {
        var spans = new List<(TariffSpan, RatedPeriod)>();
        foreach (var month in months)
        foreach (var period in await month.RateAsync(new MonthRating(ledger), organization, cancellationToken))
            spans.AddRange(period.Spans.Select(span => (span, period)));
        return new(ledger, spans);
    }

    /// <summary>The amounts of slices of a query, in their order, in major units.</summary>
    public async Task<IReadOnlyList<decimal>> AmountsAsync(
        UsageQuery query,
        IReadOnlyList<UsageSlice> slices,
        CancellationToken cancellationToken
    )
    {
        var amounts = new decimal[slices.Count];
        foreach (var bucket in slices.Index().GroupBy(entry => (entry.Item.From, entry.Item.To)))
        {
            var spans = _spans.Where(entry => entry.Span.From < bucket.Key.To && entry.Span.To > bucket.Key.From).ToList();
            if (spans.Select(entry => (entry.Span.Book?.Id, entry.Period.From)).Distinct().Count() <= 1)
            {
                foreach (var (index, slice) in bucket)
                    amounts[index] = spans.Count == 0 ? 0m : Share(spans[0], slice.Meter, slice.Quantity);
                continue;
            }
            // The slices' time holds several lines: each part is priced by its own.
            var wanted = bucket.ToDictionary(entry => KeyOf(entry.Item), entry => entry.Index);
            foreach (var entry in spans.Where(entry => entry.Span.Book is not null))
            {
                var part = query with
                {
                    From = entry.Span.From > bucket.Key.From ? entry.Span.From : bucket.Key.From,
                    To = entry.Span.To < bucket.Key.To ? entry.Span.To : bucket.Key.To,
                    Interval = UsageInterval.Total,
                };
                foreach (var narrow in Narrow(part, wanted.Keys))
                await foreach (var slice in AllAsync(narrow, cancellationToken))
                    if (wanted.TryGetValue(KeyOf(slice), out var index))
                        amounts[index] += Share(entry, slice.Meter, slice.Quantity);
            }
        }
        return amounts;
    }

    /// <summary>What the slices of a query come to, added up by a key of theirs, in major units.</summary>
    public async Task<IReadOnlyDictionary<TKey, decimal>> SumAsync<TKey>(
        UsageQuery query,
        Func<UsageSlice, TKey> keyOf,
        CancellationToken cancellationToken
    )
        where TKey : notnull
    {
        var sums = new Dictionary<TKey, decimal>();
        for (string? after = null; ; )
        {
            var page = await _ledger.SlicesAsync(query, new PageRequest(PageRequest.MaxLimit, after), cancellationToken);
            var amounts = await AmountsAsync(query, page.Items, cancellationToken);
            foreach (var (index, slice) in page.Items.Index())
                sums[keyOf(slice)] = sums.GetValueOrDefault(keyOf(slice)) + amounts[index];
            if (page.Next is null)
                return sums;
            after = page.Next;
        }
    }

    private static decimal Share((TariffSpan Span, RatedPeriod Period) entry, Meter meter, Int128 quantity) =>
        entry.Period.LineOf(entry.Span, meter) is { } line ? Rating.Share(line.ExactAmount, quantity, line.BaseUnits) : 0m;

    /// <summary>
    /// The query for the wanted slices and no others: a page of an organization's topics costs what those topics cost, however
    /// many there are. What connectors used has no topic and is asked for by itself.
    /// </summary>
    private static IEnumerable<UsageQuery> Narrow(
        UsageQuery query,
        IReadOnlyCollection<(Meter Meter, TenantId?, NamespaceId?, TopicId? Topic, ConnectorId? Connector)> wanted
    )
    {
        var meters = wanted.Select(key => key.Meter).Distinct().ToList();
        if (query.Meter is null && meters is [var only])
            query = query with { Meter = only };
        TopicId[] topics = [.. wanted.Select(key => key.Topic).OfType<TopicId>().Distinct()];
        if (!query.ByTopic || query.Topics is not null || topics.Length > MostLookedUp)
        {
            yield return query;
            yield break;
        }
        if (topics.Length > 0)
            yield return query with
            {
                Topics = topics,
            };
        if (wanted.Any(key => key.Connector is not null))
            yield return query with
            {
                Meter = Meter.Connectors,
            };
    }

    private async IAsyncEnumerable<UsageSlice> AllAsync(
        UsageQuery query,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (string? after = null; ; )
        {
            var page = await _ledger.SlicesAsync(query, new PageRequest(PageRequest.MaxLimit, after), cancellationToken);
            foreach (var slice in page.Items)
                yield return slice;
            if (page.Next is null)
                yield break;
            after = page.Next;
        }
    }

    private static (Meter, TenantId?, NamespaceId?, TopicId?, ConnectorId?) KeyOf(UsageSlice slice) =>
        (slice.Meter, slice.TenantId, slice.NamespaceId, slice.TopicId, slice.ConnectorId);
}
