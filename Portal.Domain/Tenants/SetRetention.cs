using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Work;

namespace Portal.Domain.Tenants;

/// <summary>
/// Says how long, and how much, a namespace keeps after every subscription has read it. It is the customer's wish: it
/// holds through every change of plan, within what the plan allows.
/// </summary>
public sealed class SetRetention(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="wishes">Null leaves a part to the plan.</param>
    public async Task<Outcome<Namespace>> RunAsync(Actor actor, string organization, string tenant, string @namespace, NamespaceWishes wishes, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.ManageResources, "namespace.set-retention", $"{tenant}/{@namespace}",
            new Dictionary<string, string> { ["time"] = wishes.RetentionTime?.ToString() ?? "plan", ["bytes"] = wishes.RetentionBytes?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "plan" },
            new(tenant, @namespace));
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        if (wishes.RetentionTime is { } time && (time < TimeSpan.FromMinutes(1) || time > TimeSpan.FromDays(3660)))
            return new Problem.Invalid("retention-time-out-of-range", "Choose a retention time between one minute and ten years. Leave it out to use the plan's.", "timeMinutes");
        if (wishes.RetentionBytes is { } bytes && bytes is < ByteSize.MiB or > 1L << 50)
            return new Problem.Invalid("retention-size-out-of-range", "Choose a retention size between 1 MiB and 1 PiB, in bytes. Leave it out to use the plan's.", "sizeBytes");
        return await database.WriteAsync<Namespace>(actor, access.Organization.Id, operation, async session =>
        {
            if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner) return TenantProblems.NoTenant;
            if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } found) return TenantProblems.NoNamespace;
            if (found.State == ResourceState.Deleting) return TenantProblems.Deleting("namespace");
            var plan = await session.PlanOfAsync(access.Organization.Id, cancellationToken);
            var minutes = (long)Math.Ceiling((wishes.RetentionTime ?? TimeSpan.Zero).TotalMinutes);
            if ((plan.RefuseMore(LimitKind.RetentionMinutes, "retention-limit", "of retention", minutes)
                ?? plan.RefuseMore(LimitKind.RetentionBytes, "retention-limit", "of retention", wishes.RetentionBytes ?? 0)) is { } over) return over;
            found.Wish(wishes);
            session.Work.Add(clock, new ApplyPoliciesWork(found.Id), ApplyPoliciesWork.Place(found, WorkPriority.Waiting));
            return found;
        }, cancellationToken);
    }
}
