using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>What a tenant holds and what the meter knows of it, as far as the actor's role reaches.</summary>
/// <param name="Stored">Bytes kept now; null while no broker lists any of its topics.</param>
/// <param name="Cost">
/// Its exact share of the month so far, deleted topics included, rounded to what money has; null where nothing of the month
/// is charged.
/// </param>
public sealed record TenantFigures(int Topics, long? Stored, Money? Cost);

/// <param name="Month">Whose costs they are.</param>
/// <param name="CompleteTo">Up to here every counter is in.</param>
public sealed record FiguresOfTenants(Month Month, DateTimeOffset? CompleteTo, IReadOnlyDictionary<TenantId, TenantFigures> Tenants);

/// <summary>Topics, storage and cost of the tenants on a page of a list: a handful of queries for all of them.</summary>
public sealed class GetTenantFigures(
    AccessGuard guard,
    IPortalDatabase database,
    IUsageLedger ledger,
    IUsageFigures figures,
    TimeProvider clock
)
{
    /// <param name="tenants">Those that the actor's role does not reach have nothing in the answer.</param>
    /// <param name="known">What was answered before: only topics are counted again when it is about the same tenants and nothing was
    /// metered since.</param>
    public async Task<Outcome<FiguresOfTenants>> RunAsync(
        Actor actor,
        string organization,
        IReadOnlyCollection<TenantId> tenants,
        FiguresOfTenants? known,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ViewUsage, "usage.tenants", organization, Within: Scope.Anywhere);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var (id, now) = (access.Organization.Id, clock.Now());
        var (topics, clusters, records) = await database.ReadAsync(
            async session =>
                (
                    await session.Topics.CountByTenantAsync(id, access.Scope, tenants, cancellationToken),
                    await session.ClustersOfUsageAsync(id, Month.Of(now).Start, cancellationToken),
                    await MonthRecords.LoadAsync(session, access.Organization, Month.Of(now), MonthRecords.Until(now), cancellationToken)
                ),
            cancellationToken
        );
        var completeTo = await ledger.CompleteToAsync(clusters, cancellationToken);
        if (
            known is not null
            && completeTo == known.CompleteTo
            && tenants.Count == known.Tenants.Count
            && tenants.All(known.Tenants.ContainsKey)
        )
        {
            return known with
            {
                Tenants = tenants.ToDictionary(
                    tenant => tenant,
                    tenant => known.Tenants[tenant] with { Topics = topics.GetValueOrDefault(tenant) }
                ),
            };
        }

        var stored = await figures.StoredByTenantAsync(id, access.Scope, cancellationToken);
        var costs = await CostsAsync(access, records, tenants, cancellationToken);
        var currency = records.Tariff.CurrencyAt(now);
        return new FiguresOfTenants(
            records.Month,
            completeTo,
            tenants.ToDictionary(
                tenant => tenant,
                tenant => new TenantFigures(
                    topics.GetValueOrDefault(tenant),
                    stored.TryGetValue(tenant, out var bytes) ? bytes : null,
                    costs is null ? null : Money.Round(costs.GetValueOrDefault(tenant), currency)
                )
            )
        );
    }

    private async Task<IReadOnlyDictionary<TenantId, decimal>?> CostsAsync(
        OrganizationAccess access,
        MonthRecords records,
        IReadOnlyCollection<TenantId> tenants,
        CancellationToken cancellationToken
    )
    {
        if (!records.IsCharged)
            return null;
        var pricing = await UsagePricing.CreateAsync(ledger, access.Organization.Id, [records], cancellationToken);
        var query = new UsageQuery(
            access.Organization.Id,
            records.Month.Start,
            records.Periods[^1].To,
            UsageInterval.Total,
            ByTenant: true,
            ByNamespace: false,
            ByTopic: false,
            Tenants: tenants,
            Scope: access.Scope
        );
        return await pricing.SumAsync(query, slice => slice.TenantId!.Value, cancellationToken);
    }
}
