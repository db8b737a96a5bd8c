using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Work;

namespace Portal.Domain.Organizations;

/// <summary>
/// The operator stops an organization: nothing is created or sent, its keys' grants are taken away at the brokers, its connectors stop, and
/// nothing is charged from the start of this hour. What is there stays.
/// </summary>
public sealed class SuspendOrganization(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public const int LongestReason = 300;

    /// <param name="reason">The customer reads it.</param>
    public async Task<Outcome<Organization>> RunAsync(Actor actor, string slug, string? reason, CancellationToken cancellationToken)
    {
        var words = reason?.Trim() ?? "";
        var operation = new Operation(
            Permission.OperatePlatform, "organization.suspend", slug, new Dictionary<string, string> { ["reason"] = words.Length <= LongestReason ? words : words[..LongestReason] });
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk) return allowed.Problem;
        if (words.Length is 0 or > LongestReason || words.Any(char.IsControl))
            return new Problem.Invalid("reason-length", $"Give a reason of 1 to {LongestReason} characters on one line. The customer can see it.", "reason");
        if (await database.ReadAsync(session => session.Organizations.FindAsync(slug, cancellationToken), cancellationToken) is not { } found) return OrganizationProblems.NoOrganization;
        return await database.WriteAsync<Organization>(actor, found.Id, operation, async session =>
        {
            var organization = (await session.Organizations.FindAsync(found.Id, cancellationToken))!;
            if (organization.State != OrganizationState.Active)
                return new Problem.Conflict("organization-not-active", organization.State == OrganizationState.Closed ? "This organization is closed." : "This organization is already suspended.");
            organization.Suspend(words);
            // The whole hour: the customer never pays for suspended time.
            await session.AddPeriodAsync(organization, clock.Now().HourStart(), suspended: true, clock, cancellationToken);
            await foreach (var key in session.AllKeysAsync(organization.Id, cancellationToken))
                if (key.IsWanted) session.Work.Add(clock, new RevokeKeyWork(key.Id), RevokeKeyWork.Place(key));
            await session.SettleConnectorsAsync(organization.Id, clock, cancellationToken);
            return organization;
        }, cancellationToken);
    }
}

/// <summary>Ends a suspension: keys get their grants back, connectors run again, and what is used is charged again from the next hour on.</summary>
public sealed class ResumeOrganization(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Organization>> RunAsync(Actor actor, string slug, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "organization.resume", slug);
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk) return allowed.Problem;
        if (await database.ReadAsync(session => session.Organizations.FindAsync(slug, cancellationToken), cancellationToken) is not { } found) return OrganizationProblems.NoOrganization;
        return await database.WriteAsync<Organization>(actor, found.Id, operation, async session =>
        {
            var organization = (await session.Organizations.FindAsync(found.Id, cancellationToken))!;
            if (organization.State != OrganizationState.Suspended) return new Problem.Conflict("organization-not-suspended", "This organization isn't suspended.");
            organization.Resume();
            await session.AddPeriodAsync(organization, clock.Now().HourStart().AddHours(1), suspended: false, clock, cancellationToken);
            var namespaces = new HashSet<NamespaceId>();
            await foreach (var key in session.AllKeysAsync(organization.Id, cancellationToken))
            {
                if (!key.IsWanted) continue;
                key.Granting();
                if (namespaces.Add(key.NamespaceId)) session.Work.Add(clock, new GrantKeysWork(key.NamespaceId), GrantKeysWork.Place(key));
            }
            await session.SettleConnectorsAsync(organization.Id, clock, cancellationToken);
            return organization;
        }, cancellationToken);
    }
}

internal static class Suspension
{
    /// <summary>The plan goes on as it is, charged or not; a way down that begins with the next hour keeps its start.</summary>
    public static async Task AddPeriodAsync(
        this IPortalSession session, Organization organization, DateTimeOffset from, bool suspended, TimeProvider clock, CancellationToken cancellationToken)
    {
        var thisHour = clock.Now().HourStart();
        var known = await session.Organizations.PlansAsync(organization.Id, thisHour, thisHour.AddHours(2), cancellationToken);
        session.Organizations.Add(new PlanPeriod(organization.Id, known.LastOrDefault(period => period.From <= from)?.Plan ?? organization.Plan, from, suspended));
        foreach (var start in known.Where(period => period.From > from).Select(period => period.From).Distinct())
            session.Organizations.Add(new PlanPeriod(organization.Id, known.Last(period => period.From == start).Plan, start, suspended));
    }
}
