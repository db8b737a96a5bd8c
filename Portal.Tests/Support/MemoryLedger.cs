using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Tests.Support;

/// <summary>A usage ledger in memory: entries of one topic each at an instant, in base units.</summary>
public sealed class MemoryLedger : IUsageLedger
{
    private readonly List<(OrganizationId Organization, Meter Meter, TopicId Topic, DateTimeOffset At, long Units)> _entries = [];

    public DateTimeOffset? CompleteTo { get; set; }

    /// <summary>What slices were asked for, with the page.</summary>
    public List<(UsageQuery Query, PageRequest Page)> Asked { get; } = [];

    /// <summary>An organization with a row that nobody can read.</summary>
    public OrganizationId? Odd { get; set; }

    public void Add(OrganizationId organization, Meter meter, DateTimeOffset at, long units, TopicId topic = default) =>
        _entries.Add((organization, meter, topic, at, units));

    public Task<IReadOnlyDictionary<Meter, Int128>> TotalsAsync(
        OrganizationId organization,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    ) =>
        Odd == organization
            ? throw new OverflowException()
            : Task.FromResult<IReadOnlyDictionary<Meter, Int128>>(
                _entries
                    .Where(entry => entry.Organization == organization && entry.At >= from && entry.At < to)
                    .GroupBy(entry => entry.Meter)
                    .ToDictionary(group => group.Key, group => group.Aggregate((Int128)0, (sum, entry) => sum + entry.Units))
            );

    public Task<PageOf<UsageSlice>> SlicesAsync(UsageQuery query, PageRequest page, CancellationToken cancellationToken)
    {
        if (Odd == query.Organization)
            throw new OverflowException();
        Asked.Add((query, page));
        var all = _entries
            .Where(entry =>
                entry.Organization == query.Organization
                && entry.At >= query.From
                && entry.At < query.To
                && (query.Meter is null || query.Meter == entry.Meter)
                && (query.Topics is null || query.Topics.Contains(entry.Topic))
            )
            .GroupBy(entry =>
                (
                    From: query.Interval switch
                    {
                        UsageInterval.Hour => entry.At.HourStart(),
                        UsageInterval.Day => entry.At.DayStart(),
                        _ => query.From,
                    },
                    entry.Meter,
                    Topic: query.ByTopic ? entry.Topic : (TopicId?)null
                )
            )
            .OrderBy(group => group.Key.From)
            .ThenBy(group => group.Key.Meter)
            .ThenBy(group => group.Key.Topic?.Value)
            .Select(group => new UsageSlice(
                group.Key.Meter,
                group.Key.From,
                query.Interval switch
                {
                    UsageInterval.Hour => group.Key.From.AddHours(1),
                    UsageInterval.Day => group.Key.From.AddDays(1),
                    _ => query.To,
                },
                null,
                null,
                null,
                null,
                group.Key.Topic,
                null,
                false,
                group.Aggregate((Int128)0, (sum, entry) => sum + entry.Units)
            ))
            .ToList();
        var start = page.After is null ? 0 : int.Parse(page.After, CultureInfo.InvariantCulture);
        var items = all.Skip(start).Take(page.Limit).ToList();
        return Task.FromResult(
            new PageOf<UsageSlice>(
                items,
                start + items.Count < all.Count ? (start + items.Count).ToString(CultureInfo.InvariantCulture) : null
            )
        );
    }

    public Task<PageOf<UsageSample>> SamplesAsync(
        OrganizationId organization,
        Meter meter,
        TopicId? topic,
        DateTimeOffset from,
        DateTimeOffset to,
        PageRequest page,
        CancellationToken cancellationToken
    ) => Task.FromResult(new PageOf<UsageSample>([], null));

    public Task<IReadOnlyList<UsageGap>> GapsAsync(
        OrganizationId organization,
        DateTimeOffset from,
        DateTimeOffset to,
        int limit,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<UsageGap>>([]);

    /// <summary>What was recovered, of every organization alike.</summary>
    public List<RecoveredUsage> Recovered { get; } = [];

    public Task<IReadOnlyList<RecoveredUsage>> RecoveredAsync(
        OrganizationId organization,
        DateTimeOffset from,
        DateTimeOffset to,
        int limit,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<RecoveredUsage>>([.. Recovered.Where(one => one.To >= from && one.To < to).Take(limit)]);

    public Task<DateTimeOffset?> CompleteToAsync(IReadOnlyCollection<string> clusters, CancellationToken cancellationToken) =>
        Task.FromResult(CompleteTo);

    public Task<IReadOnlyDictionary<string, DateTimeOffset>> CompleteByClusterAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, DateTimeOffset>>(
            CompleteTo is { } to ? new Dictionary<string, DateTimeOffset> { ["local"] = to } : []
        );
}
