using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>What of a connector is to change: what is null stays.</summary>
/// <param name="Configuration">
/// The whole configuration in place of the present one; one that is null is removed. A secret that it leaves out is kept as
/// long as no text beside it changes (<see cref="KeptSecrets"/>).
/// </param>
public sealed record ConnectorChange(Guarantee? Guarantee, int? Instances, JsonObject? Configuration)
{
    /// <summary>
    /// Names of settings that are kept as secrets, besides those that are called or marked so, and those that are kept so already.
    /// </summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Of what runs a package: the version to run from now on; null to keep the present one.</summary>
    public string? PackageVersion { get; init; }

    /// <summary>Of what runs a package: which of its classes runs; null to keep the present one.</summary>
    public string? ClassName { get; init; }

    /// <summary>What could not be understood of what was sent: told once it is known that the one who asks may.</summary>
    public Problem.Invalid? Unreadable { get; init; }
}

/// <summary>
/// Changes the settings of a connector or function. It restarts with them; its topics and its subscription stay as they were made.
/// </summary>
public sealed class UpdateConnector(
    AccessGuard guard,
    IPortalDatabase database,
    IConnectorAdmin connectors,
    ConnectorGuides guides,
    ISecretSeal seal,
    TimeProvider clock
)
{
    public async Task<Outcome<Connector>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string name,
        ConnectorFamily family,
        ConnectorChange change,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            $"{family.Noun()}.update",
            $"{tenant}/{@namespace}/{name}",
            Details(change),
            new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (change.Unreadable is { } unreadable)
            return unreadable;
        if (change.Instances is { } asked && CreateConnector.CheckInstances(family.Noun(), asked) is { } wrong)
            return wrong;
        var read = await database.ReadAsync<Outcome<(Connector, RegisteredCluster)>>(
            async session =>
            {
                if (
                    !(await session.FindConnectorAsync(access.Organization.Id, tenant, @namespace, name, family, cancellationToken)).TryGet(
                        out var found,
                        out var missing
                    )
                )
                    return missing;
                return ClusterOperations
                    .Present(await session.Clusters.FindAsync(found.Cluster, cancellationToken))
                    .Map(cluster => (found, cluster));
            },
            cancellationToken
        );
        if (!read.TryGet(out var there, out problem))
            return problem;
        var (connector, registered) = there;

        if (change.Guarantee is { } other && other != connector.Guarantee)
            return new Problem.Invalid(
                "connector-guarantee-fixed",
                $"A cluster can't change the delivery guarantee of a {connector.Kind.Noun()} that exists. "
                    + $"Create another {connector.Kind.Noun()}.",
                "guarantee"
            );
        var secrets = connector.OpenSecrets(seal);
        if (secrets is null && change.Configuration is null)
            return ConnectorProblems.SecretsUnreadable(connector.Kind);
        var definition = await connectors.DefinitionAsync(
            guides,
            registered,
            connector.Kind,
            connector.Type,
            cancellationToken,
            evenForbidden: true
        );
        if (!definition.TryGet(out var known, out problem))
            return problem;
        // What was the customer's once and is the operator's now goes without a word.
        var before = known.Terms.Without((JsonObject)ForeignJson.ParseNode(connector.Configuration)!);
        secrets = secrets is null ? null : known.Terms.Without(secrets);
        var given = change.Configuration ?? before;
        if (ConnectorConfiguration.Check(known, given, [.. (secrets ?? []).Select(pair => pair.Key)]) is [var first, ..])
            return first;
        if (KeptSecrets.Refuse(known, before, given, [.. (secrets ?? []).Select(pair => pair.Key)]) is { } needed)
            return needed;
        if (Sealing.Missing(change.Secrets, given, connector.SecretFields) is { } absent)
            return absent;
        var setup = Sealing.Setup(
            seal,
            connector.Id,
            known,
            change.Guarantee ?? connector.Guarantee,
            change.Instances ?? connector.Instances,
            given,
            change.Secrets,
            secrets
        );

        return await database.WriteAsync<Connector>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (
                    !(await session.FindConnectorAsync(access.Organization.Id, tenant, @namespace, name, family, cancellationToken)).TryGet(
                        out var now,
                        out var missing
                    )
                )
                    return missing;
                if (now.State == ResourceState.Deleting)
                    return ConnectorProblems.Deleting(now.Kind);
                // Of two who change it at once the second must have seen what the first did.
                if (now.Id != connector.Id || now.Revision != connector.Revision)
                    return new Problem.Conflict(
                        "connector-changed",
                        $"Somebody else changed this {now.Kind.Noun()} in the meantime. Look at it again, then repeat your change."
                    );
                if (setup.Instances > now.Instances && CostlyChanges.Refuse(access.Organization) is { } overdue)
                    return overdue;
                if (
                    setup.Instances > now.Instances
                    && await CreateConnector.RefuseInstancesAsync(
                        session,
                        now.OrganizationId,
                        setup.Instances - now.Instances,
                        cancellationToken
                    )
                        is { } over
                )
                    return over;
                if (await PackageAsync(session, now, registered, change, cancellationToken) is { Problem: { } unfit })
                    return unfit;
                now.Change(setup, clock.Now());
                if (now.State == ResourceState.Failed)
                    now.Retry();
                session.Work.Add(clock, new ApplyConnectorWork(now.Id, false), now.Place());
                return now;
            },
            cancellationToken
        );
    }

    /// <summary>Another version or class of the package that it runs.</summary>
    private static async Task<Outcome<Done>> PackageAsync(
        IPortalSession session,
        Connector now,
        RegisteredCluster cluster,
        ConnectorChange change,
        CancellationToken cancellationToken
    )
    {
        if (change.PackageVersion is null && change.ClassName is null)
            return Outcome.Done;
        if (PackageUse.NameIn(now.Type) is not { } name || now.Package is not { } present)
            return PackageRules.NotOfPackage(change.PackageVersion is null ? "className" : "packageVersion");
        if ((change.PackageVersion ?? present.Version) == present.Version && (change.ClassName ?? present.Class) == present.Class)
            return Outcome.Done;
        if (PackageRules.RefuseOn(cluster) is { } shared)
            return shared;
        var inside = (await session.Tenants.FindNamespaceAsync(now.NamespaceId, cancellationToken))!;
        var used = await PackageRules.UseAsync(
            session,
            inside,
            name,
            change.PackageVersion ?? present.Version,
            change.ClassName ?? present.Class,
            cancellationToken
        );
        if (!used.TryGet(out var use, out var problem))
            return problem;
        if (use.Runtime != present.Runtime)
            return new Problem.Conflict(
                "package-kind-differs",
                $"This function runs {present.Runtime.Text()} code, and a cluster can't change that. "
                    + $"Create another function for the {use.Runtime.Text()} code.",
                "packageVersion"
            );
        now.Use(use);
        return Outcome.Done;
    }

    /// <summary>Which fields changed hands, never their values.</summary>
    private static Dictionary<string, string> Details(ConnectorChange change)
    {
        var details = new Dictionary<string, string>();
        if (change.Instances is { } instances)
            details["instances"] = $"{instances}";
        if (change.PackageVersion is { } version)
            details["version"] = Operation.Brief(version);
        if (change.ClassName is { } name)
            details["class"] = Operation.Brief(name);
        if (change.Guarantee is { } guarantee)
            details["guarantee"] = guarantee.Text();
        if (change.Configuration is { } configuration)
            details["configuration"] = Operation.Brief(string.Join(", ", configuration.Select(pair => pair.Key)));
        return details;
    }
}
