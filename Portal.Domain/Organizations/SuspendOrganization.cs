using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;

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
            Permission.OperatePlatform,
            "organization.suspend",
            slug,
            new Dictionary<string, string> { ["reason"] = words.Length <= LongestReason ? words : words[..LongestReason] }
        );
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (words.Length is 0 or > LongestReason || words.Any(char.IsControl))
            return new Problem.Invalid(
                "reason-length",
                $"Give a reason of 1 to {LongestReason} characters on one line. The customer can see it.",
                "reason"
            );
        if (
            await database.ReadAsync(session => session.Organizations.FindAsync(slug, cancellationToken), cancellationToken)
            is not { } found
        )
            return OrganizationProblems.NoOrganization;
        return await database.WriteAsync<Organization>(
            actor,
            found.Id,
            operation,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(found.Id, cancellationToken))!;
                if (organization.State != OrganizationState.Active)
                    return new Problem.Conflict(
                        "organization-not-active",
                        organization.State == OrganizationState.Closed
                            ? "This organization is closed."
                            : "This organization is already suspended."
                    );
                await session.SuspendAsync(organization, words, clock, cancellationToken);
                return organization;
            },
            cancellationToken
        );
    }
}

/// <summary>
/// Ends a suspension: keys get their grants back, connectors run again, and what is used is charged again from the next hour on.
/// </summary>
public sealed class ResumeOrganization(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Organization>> RunAsync(Actor actor, string slug, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "organization.resume", slug);
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (
            await database.ReadAsync(session => session.Organizations.FindAsync(slug, cancellationToken), cancellationToken)
            is not { } found
        )
            return OrganizationProblems.NoOrganization;
        return await database.WriteAsync<Organization>(
            actor,
            found.Id,
            operation,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(found.Id, cancellationToken))!;
                if (organization.State != OrganizationState.Suspended)
                    return new Problem.Conflict("organization-not-suspended", "This organization isn't suspended.");
                if (organization.Arrears == Arrears.Suspended)
                    return new Problem.Conflict(
                        "suspended-for-payment",
                        "This organization is suspended because an invoice is overdue. "
                            + "Give it more time or turn dunning off for it, and it is resumed at once."
                    );
                await session.ResumeAsync(organization, clock, cancellationToken);
                return organization;
            },
            cancellationToken
        );
    }
}
