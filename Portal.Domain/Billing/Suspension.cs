using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>
/// What a suspension does, whether an operator or an overdue invoice brought it: written with the decision, clusters follow.
/// </summary>
internal static class Suspension
{
    internal static async Task SuspendAsync(
        this IPortalSession session,
        Organization organization,
        string reason,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        organization.Suspend(reason);
        // The whole hour: the customer never pays for suspended time.
        await session.AddPeriodAsync(organization, clock.Now().HourStart(), suspended: true, clock, cancellationToken);
        await foreach (var key in session.AllKeysAsync(organization.Id, cancellationToken))
            if (key.IsWanted)
                session.Work.Add(clock, new RevokeKeyWork(key.Id), RevokeKeyWork.Place(key));
        await session.SettleConnectorsAsync(organization.Id, clock, cancellationToken);
    }

    internal static async Task ResumeAsync(
        this IPortalSession session,
        Organization organization,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        organization.Resume();
        await session.AddPeriodAsync(organization, clock.Now().HourStart().AddHours(1), suspended: false, clock, cancellationToken);
        var namespaces = new HashSet<NamespaceId>();
        await foreach (var key in session.AllKeysAsync(organization.Id, cancellationToken))
        {
            if (!key.IsWanted)
                continue;
            key.Granting();
            if (namespaces.Add(key.NamespaceId))
                session.Work.Add(clock, new GrantKeysWork(key.NamespaceId), GrantKeysWork.Place(key));
        }
        await session.SettleConnectorsAsync(organization.Id, clock, cancellationToken);
    }

    /// <summary>The plan goes on as it is, charged or not; a way down that begins with the next hour keeps its start.</summary>
    private static async Task AddPeriodAsync(
        this IPortalSession session,
        Organization organization,
        DateTimeOffset from,
        bool suspended,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var thisHour = clock.Now().HourStart();
        var known = await session.Organizations.PlansAsync(organization.Id, thisHour, thisHour.AddHours(2), cancellationToken);
        session.Organizations.Add(
            new PlanPeriod(organization.Id, known.LastOrDefault(period => period.From <= from)?.Plan ?? organization.Plan, from, suspended)
        );
        foreach (var start in known.Where(period => period.From > from).Select(period => period.From).Distinct())
            session.Organizations.Add(new PlanPeriod(organization.Id, known.Last(period => period.From == start).Plan, start, suspended));
    }
}
