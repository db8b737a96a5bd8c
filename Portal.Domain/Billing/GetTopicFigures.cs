using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>What the meter knows of a topic.</summary>
/// <param name="Traffic">Bytes in and out together of each of the last 24 UTC hours, the running one last; null where the topic was not
/// metered.</param>
/// <param name="Stored">Bytes kept now; null while no broker lists the topic.</param>
/// <param name="Cost">Its exact share of the month so far, rounded to what money has; null where nothing of the month is charged.</param>
public sealed record TopicFigures(IReadOnlyList<long?> Traffic, long? Stored, Money? Cost);

/// <param name="From">The first hour of the traffic.</param>
/// <param name="Month">Whose costs they are.</param>
/// <param name="CompleteTo">Up to here every counter is in.</param>
public sealed record FiguresOfTopics(
    DateTimeOffset From,
    Month Month,
    DateTimeOffset? CompleteTo,
    IReadOnlyDictionary<TopicId, TopicFigures> Topics
)
{
    /// <summary>The first of the hours that is not metered to its end.</summary>
    public int? OpenFrom =>
        CompleteTo is { } to && to < From.AddHours(GetTopicFigures.Hours) ? Math.Max(0, (int)Math.Floor((to - From).TotalHours)) : null;
}

/// <summary>Traffic, storage and cost of the topics on a page of a list: a handful of queries for all of them.</summary>
public sealed class GetTopicFigures(
    AccessGuard guard,
    IPortalDatabase database,
    IUsageLedger ledger,
    IUsageFigures figures,
    TimeProvider clock
)
{
    /// <summary>Hours of traffic, the running one included.</summary>
    public const int Hours = 24;

    private const int MostGaps = 1000;

    /// <param name="topics">Those that the actor's role does not reach, or that are not the organization's, are absent in the
    /// answer.</param>
    /// <param name="known">What was answered before: it comes back when it is about the same topics and nothing was metered since.</param>
    public async Task<Outcome<FiguresOfTopics>> RunAsync(
        Actor actor,
        string organization,
        IReadOnlyCollection<TopicId> topics,
        FiguresOfTopics? known,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ViewUsage, "usage.topics", organization, Within: Scope.Anywhere);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var (id, now) = (access.Organization.Id, clock.Now());
        var (from, to) = (now.HourStart().AddHours(1 - Hours), now.HourStart().AddHours(1));
        var (found, clusters, records) = await database.ReadAsync(
            async session =>
                (
                    (await session.Topics.FindManyAsync(topics, cancellationToken))
                        .Where(topic => topic.OrganizationId == id && access.Scope.Covers(new(topic.TenantName, topic.NamespaceName)))
                        .ToList(),
                    await session.ClustersOfUsageAsync(id, from, cancellationToken),
                    await MonthRecords.LoadAsync(session, access.Organization, Month.Of(now), MonthRecords.Until(now), cancellationToken)
                ),
            cancellationToken
        );
        var completeTo = await ledger.CompleteToAsync(clusters, cancellationToken);
        if (
            known is not null
            && completeTo == known.CompleteTo
            && found.Count == known.Topics.Count
            && found.All(topic => known.Topics.ContainsKey(topic.Id))
        )
            return known;

        TopicId[] ids = [.. found.Select(topic => topic.Id)];
        var traffic = (await figures.TrafficAsync(id, ids, from, to, cancellationToken)).ToLookup(hour => hour.Topic);
        var gaps = await ledger.GapsAsync(id, from, to, MostGaps, cancellationToken);
        var stored = await figures.StoredAsync(id, ids, cancellationToken);
        var costs = await CostsAsync(access.Organization, records, ids, cancellationToken);
        var currency = records.Tariff.CurrencyAt(now);
        return new FiguresOfTopics(
            from,
            records.Month,
            completeTo,
            found.ToDictionary(
                topic => topic.Id,
                topic => new TopicFigures(
                    Traffic(topic, traffic[topic.Id], [.. gaps.Where(gap => gap.Topics.Contains(topic.Id))], from, completeTo),
                    stored.TryGetValue(topic.Id, out var bytes) ? bytes : null,
                    costs is null ? null : Money.Round(costs.GetValueOrDefault(topic.Id), currency)
                )
            )
        );
    }

    private async Task<IReadOnlyDictionary<TopicId, decimal>?> CostsAsync(
        Organization organization,
        MonthRecords records,
        TopicId[] topics,
        CancellationToken cancellationToken
    )
    {
        if (!records.IsCharged)
            return null;
        var pricing = await UsagePricing.CreateAsync(ledger, organization.Id, [records], cancellationToken);
        var query = new UsageQuery(
            organization.Id,
            records.Month.Start,
            records.Periods[^1].To,
            UsageInterval.Total,
            ByTenant: true,
            ByNamespace: true,
            ByTopic: true,
            Topics: topics
        );
        return await pricing.SumAsync(query, slice => slice.TopicId!.Value, cancellationToken);
    }

    /// <summary>An hour in which nothing was counted is zero only if somebody counted, and if the topic saw all of it.</summary>
    private static long?[] Traffic(
        Topic topic,
        IEnumerable<TopicHour> hours,
        IReadOnlyList<UsageGap> gaps,
        DateTimeOffset from,
        DateTimeOffset? completeTo
    )
    {
        var values = new long?[Hours];
        for (var index = 0; index < Hours; index++)
        {
            var (start, end) = (from.AddHours(index), from.AddHours(index + 1));
            if (topic.ReadyAt <= start && completeTo > start && !gaps.Any(gap => gap.From <= start && gap.To >= end))
                values[index] = 0;
        }
        foreach (var hour in hours)
            values[(int)((hour.Hour - from).Ticks / TimeSpan.TicksPerHour)] = (long)Int128.Min(hour.In + hour.Out, long.MaxValue);
        return values;
    }
}
