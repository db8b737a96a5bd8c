using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Tenants;

/// <summary>
/// Says how long, and how much, a namespace keeps after every subscription has read it. It is the customer's wish: it
/// holds through every change of plan, within what the plan allows.
/// </summary>
public sealed class SetRetention(AccessGuard guard, NamespaceWishing wishing)
{
    /// <param name="time">Null leaves it to the plan.</param>
    /// <param name="bytes">Null leaves it to the plan.</param>
    public async Task<Outcome<Namespace>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        TimeSpan? time,
        long? bytes,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "namespace.set-retention",
            $"{tenant}/{@namespace}",
            new Dictionary<string, string>
            {
                ["time"] = time?.ToString() ?? "plan",
                ["bytes"] = bytes?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "plan",
            },
            new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await wishing.ChangeAsync(
            actor,
            access,
            operation,
            tenant,
            @namespace,
            had => had with { RetentionTime = time, RetentionBytes = bytes },
            cancellationToken
        );
    }
}
