using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>What can be asked of a connector that exists.</summary>
public enum ConnectorAct
{
    Start,
    Stop,
    Restart,
}

/// <summary>Starts, stops or restarts a connector or function. Starting one that could not be created tries again to create it.</summary>
public sealed class RunConnector(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Connector>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string name,
        ConnectorFamily family,
        ConnectorAct act,
        CancellationToken cancellationToken
    )
    {
        var word = act switch
        {
            ConnectorAct.Start => "start",
            ConnectorAct.Stop => "stop",
            _ => "restart",
        };
        var operation = new Operation(
            Permission.ManageResources,
            $"{family.Noun()}.{word}",
            $"{tenant}/{@namespace}/{name}",
            Within: new(tenant, @namespace)
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
                if (
                    !(await session.FindConnectorAsync(access.Organization.Id, tenant, @namespace, name, family, cancellationToken)).TryGet(
                        out var connector,
                        out var missing
                    )
                )
                    return missing;
                if (connector.State == ResourceState.Deleting)
                    return ConnectorProblems.Deleting(connector.Kind);
                if (act == ConnectorAct.Restart && connector is not { State: ResourceState.Ready, Wish: ConnectorWish.Run })
                    return new Problem.Conflict(
                        "connector-not-running",
                        $"Only a running {connector.Kind.Noun()} can be restarted. Start it instead."
                    );
                if (connector.State == ResourceState.Failed)
                    connector.Retry();
                connector.Want(act == ConnectorAct.Stop ? ConnectorWish.Stop : ConnectorWish.Run, clock.Now());
                if (act == ConnectorAct.Stop)
                    await session.EndRunAsync(connector, clock.Now(), cancellationToken);
                session.Work.Add(clock, new ApplyConnectorWork(connector.Id, act == ConnectorAct.Restart), connector.Place());
                return connector;
            },
            cancellationToken
        );
    }
}
