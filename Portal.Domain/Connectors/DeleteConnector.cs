using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>Deletes a connector or function. Its topics and their messages stay; its subscription goes with it only when asked.</summary>
public sealed class DeleteConnector(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Connector>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string name,
        ConnectorFamily family,
        bool withSubscription,
        CancellationToken cancellationToken
    )
    {
        var details = new Dictionary<string, string> { ["subscription"] = withSubscription ? "true" : "false" };
        var operation = new Operation(
            Permission.ManageResources,
            $"{family.Noun()}.delete",
            $"{tenant}/{@namespace}/{name}",
            details,
            new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<Connector>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var found = await session.FindConnectorAsync(access.Organization.Id, tenant, @namespace, name, family, cancellationToken);
                if (found.IsOk)
                    await found.Value.StartDeletingAsync(session, withSubscription, clock, cancellationToken);
                return found;
            },
            cancellationToken
        );
    }
}
