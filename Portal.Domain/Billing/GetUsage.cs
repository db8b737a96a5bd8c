using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>A sum of usage and its share of what the month's line costs.</summary>
/// <param name="Quantity">In the meter's unit, at most six decimals.</param>
/// <param name="Amount">Major units, exact to 18 decimals; 0 for what is not charged.</param>
/// <param name="Recovered">Of the quantity, what no counter showed and was read from the topics' ledgers; 0 for most.</param>
public sealed record UsageItem(UsageSlice Slice, decimal Quantity, decimal Amount, decimal Recovered = 0);

/// <summary>What was read from a topic's ledgers, with the topic's name.</summary>
public sealed record NamedRecovery(RecoveredUsage Usage, string Tenant, string Namespace, string Topic)
{
    public string Path => $"{Tenant}/{Namespace}/{Topic}";

    internal bool IsIn(UsageSlice slice) =>
        slice.Meter == Meter.Write
        && Usage.To >= slice.From
        && Usage.To < slice.To
        && (slice.TopicId is not { } topic || topic == Usage.Topic)
        && (slice.Tenant is null || slice.Tenant == Tenant)
        && (slice.Namespace is null || slice.Namespace == Namespace);
}

/// <summary>A gap with the names of its topics, <c>tenant/namespace/topic</c>.</summary>
public sealed record NamedGap(UsageGap Gap, IReadOnlyList<string> Topics);

/// <param name="Gaps">At most 1,000, oldest first.</param>
/// <param name="Since">When the organization was created: before it there was nothing to meter.</param>
public sealed record UsageReport(
    DateTimeOffset From,
    DateTimeOffset To,
    Currency Currency,
    PageOf<UsageItem> Items,
    DateTimeOffset? CompleteTo,
    IReadOnlyList<NamedGap> Gaps,
    DateTimeOffset Since
)
{
    /// <summary>At most 1,000, oldest first.</summary>
    public IReadOnlyList<NamedRecovery> Recovered { get; init; } = [];

    /// <summary>How far each cluster is metered.</summary>
    public Freshness Freshness { get; init; } = Freshness.None;
}

/// <summary>What was used and what it costs, cut by interval and group.</summary>
public sealed class GetUsage(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    private const int MostGaps = 1000;
    private const int MostRecovered = 10_000;

    public async Task<Outcome<UsageReport>> RunAsync(
        Actor actor,
        string organization,
        UsageRequest request,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewUsage, "usage.view", organization, Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        TenantId? tenant = null;
        if (!string.IsNullOrEmpty(request.Tenant))
        {
            tenant = (
                await database.ReadAsync(
                    session => session.Tenants.FindAsync(access.Organization.Id, request.Tenant, cancellationToken),
                    cancellationToken
                )
            )?.Id;
            if (tenant is null)
                return new Problem.NotFound("tenant-not-found", $"There is no tenant '{request.Tenant}' in this organization.");
        }
        var (records, clusters) = await database.ReadAsync(
            async session =>
                (
                    await LoadAsync(session, access.Organization, request, cancellationToken),
                    await session.ClustersOfUsageAsync(access.Organization.Id, request.From, cancellationToken)
                ),
            cancellationToken
        );

        var query = new UsageQuery(
            access.Organization.Id,
            request.From,
            request.To,
            request.Interval,
            request.ByTenant,
            request.ByNamespace,
            request.ByTopic,
            request.Meter,
            tenant is { } one ? [one] : null,
            request.Topic is { } topic ? [topic] : request.Topics,
            access.Scope
        );
        var pricing = await UsagePricing.CreateAsync(ledger, access.Organization.Id, records, cancellationToken);
        var freshness = await Freshness.ReadAsync(ledger, clusters, cancellationToken);
        var slices = await ledger.SlicesAsync(query, page, cancellationToken);
        var amounts = await pricing.AmountsAsync(query, slices.Items, cancellationToken);
        var recovered = request.Meter is null or Meter.Write
            ? await NameAsync(
                await ledger.RecoveredAsync(access.Organization.Id, request.From, request.To, MostRecovered, cancellationToken),
                request,
                access.Scope,
                cancellationToken
            )
            : [];
        return new UsageReport(
            request.From,
            request.To,
            records.Count > 0 ? records[^1].Tariff.CurrencyAt(Earlier(request.To.AddTicks(-1), clock.Now())) : Currency.Usd,
            new(
                [
                    .. slices.Items.Select(
                        (slice, i) =>
                            new UsageItem(
                                slice,
                                slice.Meter.Quantity(slice.Quantity),
                                amounts[i],
                                recovered.Where(one => one.IsIn(slice)).Sum(one => one.Usage.Bytes)
                            )
                    ),
                ],
                slices.Next
            ),
            freshness.CompleteTo,
            await NameAsync(
                await ledger.GapsAsync(access.Organization.Id, request.From, request.To, MostGaps, cancellationToken),
                access.Scope,
                cancellationToken
            ),
            access.Organization.CreatedAt
        )
        {
            Freshness = freshness,
            Recovered = [.. recovered.Take(MostGaps)],
        };
    }

    private async Task<IReadOnlyList<NamedRecovery>> NameAsync(
        IReadOnlyList<RecoveredUsage> recovered,
        UsageRequest request,
        Scope scope,
        CancellationToken cancellationToken
    )
    {
        TopicId[] ids = [.. recovered.Select(one => one.Topic).Distinct().Where(topic => request.Topic is not { } only || only == topic)];
        if (ids.Length == 0)
            return [];
        var topics = (await database.ReadAsync(session => session.Topics.FindManyAsync(ids, cancellationToken), cancellationToken))
            .Where(topic =>
                scope.Covers(new(topic.TenantName, topic.NamespaceName)) && (request.Tenant is null || request.Tenant == topic.TenantName)
            )
            .ToDictionary(topic => topic.Id);
        return
        [
            .. recovered
                .Where(one => topics.ContainsKey(one.Topic))
                .Select(one => new NamedRecovery(
                    one,
                    topics[one.Topic].TenantName,
                    topics[one.Topic].NamespaceName,
                    topics[one.Topic].Name
                )),
        ];
    }

    private async Task<IReadOnlyList<NamedGap>> NameAsync(IReadOnlyList<UsageGap> gaps, Scope scope, CancellationToken cancellationToken)
    {
        TopicId[] ids = [.. gaps.SelectMany(gap => gap.Topics).Distinct()];
        if (ids.Length == 0)
            return [.. gaps.Select(gap => new NamedGap(gap, []))];
        var names = (await database.ReadAsync(session => session.Topics.FindManyAsync(ids, cancellationToken), cancellationToken))
            .Where(topic => scope.Covers(new(topic.TenantName, topic.NamespaceName)))
            .ToDictionary(topic => topic.Id, topic => $"{topic.TenantName}/{topic.NamespaceName}/{topic.Name}");
        return
        [
            .. gaps.Where(gap => scope.IsWhole || gap.Topics.Any(names.ContainsKey))
                .Select(gap => new NamedGap(gap, [.. gap.Topics.Where(names.ContainsKey).Select(id => names[id])])),
        ];
    }

    private async Task<IReadOnlyList<MonthRecords>> LoadAsync(
        IPortalSession session,
        Organization organization,
        UsageRequest request,
        CancellationToken cancellationToken
    )
    {
        var records = new List<MonthRecords>();
        // Months before the organization and after today hold nothing.
        var last = Earlier(request.To.AddTicks(-1), clock.Now());
        var first = request.From > organization.CreatedAt ? request.From : organization.CreatedAt;
        for (var month = Month.Of(first); month <= Month.Of(last); month = month.Next)
            records.Add(await MonthRecords.LoadAsync(session, organization, month, MonthRecords.Until(clock.Now()), cancellationToken));
        return records;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
