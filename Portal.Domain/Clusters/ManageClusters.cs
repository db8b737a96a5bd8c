using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Clusters;

/// <summary>Registers a cluster while the portal runs. Every replica takes it up; it can take tenants at once.</summary>
public sealed class RegisterCluster(
    AccessGuard guard,
    IPortalDatabase database,
    ISecretSeal seal,
    IClusterCatalog catalog,
    TimeProvider clock
)
{
    private const int Most = 100;

    public async Task<Outcome<ClusterSummary>> RunAsync(Actor actor, string? name, ClusterInput input, CancellationToken cancellationToken)
    {
        var operation = ClusterOperations.Of("register", name, input);
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        var (registration, fault) = ClusterRules.Check(name, input);
        if (fault is not null)
            return fault.AsProblem();
        var credentials = SealedCredentials.Of(registration!, seal);
        var registered = await database.WriteAsync<ClusterSummary>(
            actor,
            null,
            operation,
            async session =>
            {
                var cluster = await session.Clusters.FindToChangeAsync(registration!.Name, cancellationToken);
                if (cluster is { State: not ClusterState.Removed })
                    return new Problem.Conflict(
                        "cluster-exists",
                        $"A cluster named '{cluster.Name}' is already registered. Choose another name.",
                        "name"
                    );
                var count = (await session.Clusters.ListAsync(cancellationToken)).Count;
                if (count >= Most)
                    return new Problem.OverLimit(
                        "clusters-limit",
                        $"{count} of at most {Most} clusters are registered. Remove one that you no longer use.",
                        Most,
                        count,
                        null
                    );
                if (cluster is null)
                    session.Clusters.Add(cluster = new RegisteredCluster(registration.Name, actor.Name, clock.Now()));
                cluster.Set(registration, credentials, actor.Name, clock.Now());
                return new ClusterSummary(cluster, 0);
            },
            cancellationToken
        );
        if (registered.IsOk)
            await catalog.RefreshAsync(cancellationToken);
        return registered;
    }
}

/// <summary>
/// Changes a cluster's addresses, and its credentials where new ones are given. One that the settings name is changed there.
/// </summary>
public sealed class ChangeCluster(
    AccessGuard guard,
    IPortalDatabase database,
    ISecretSeal seal,
    IClusterCatalog catalog,
    TimeProvider clock
)
{
    public async Task<Outcome<ClusterSummary>> RunAsync(Actor actor, string name, ClusterInput input, CancellationToken cancellationToken)
    {
        var operation = ClusterOperations.Of("change", name, input);
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        var (registration, fault) = ClusterRules.Check(name, input);
        if (fault is not null)
            return fault.AsProblem();
        var credentials = SealedCredentials.Of(registration!, seal);
        var changed = await database.WriteAsync<ClusterSummary>(
            actor,
            null,
            operation,
            async session =>
            {
                if (
                    !ClusterOperations
                        .Present(await session.Clusters.FindToChangeAsync(name, cancellationToken))
                        .TryGet(out var cluster, out var missing)
                )
                    return missing;
                if (cluster.IsFromSettings)
                    return ClusterOperations.InSettings(name);
                cluster.Set(registration!, credentials, actor.Name, clock.Now());
                return await ClusterSummary.OfAsync(session, cluster, cancellationToken);
            },
            cancellationToken
        );
        if (changed.IsOk)
            await catalog.RefreshAsync(cancellationToken);
        return changed;
    }
}

/// <summary>Lets a cluster take no new tenants, or take them again. What is on it goes on.</summary>
public sealed class DrainCluster(AccessGuard guard, IPortalDatabase database, IClusterCatalog catalog, TimeProvider clock)
{
    public async Task<Outcome<ClusterSummary>> RunAsync(Actor actor, string name, bool drained, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, drained ? "cluster.drain" : "cluster.activate", name);
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        var changed = await database.WriteAsync<ClusterSummary>(
            actor,
            null,
            operation,
            async session =>
            {
                if (
                    !ClusterOperations
                        .Present(await session.Clusters.FindToChangeAsync(name, cancellationToken))
                        .TryGet(out var cluster, out var missing)
                )
                    return missing;
                cluster.Drain(drained, actor.Name, clock.Now());
                return await ClusterSummary.OfAsync(session, cluster, cancellationToken);
            },
            cancellationToken
        );
        if (changed.IsOk)
            await catalog.RefreshAsync(cancellationToken);
        return changed;
    }
}

/// <summary>
/// Says which warnings of the check an operator has seen to outside the portal, or lives with: they no longer ask for attention.
/// </summary>
public sealed class AcceptClusterWarnings(AccessGuard guard, IPortalDatabase database)
{
    public const int Most = 50;
    private const int Longest = 2000;

    /// <param name="warnings">All of them, each as the check words it.</param>
    /// <param name="basedOn">The revision that the operator saw; with another one there it is refused as
    /// <c>cluster-warnings-changed</c>.</param>
    public async Task<Outcome<ClusterSummary>> RunAsync(
        Actor actor,
        string name,
        IReadOnlyList<string>? warnings,
        int? basedOn,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.OperatePlatform, "cluster.accept-warnings", Operation.Brief(name));
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        var accepted = (warnings ?? []).Where(warning => !string.IsNullOrWhiteSpace(warning)).Distinct(StringComparer.Ordinal).ToList();
        if (accepted.Count > Most || accepted.Any(warning => warning.Length > Longest))
            return new Problem.Invalid("cluster-warnings-length", $"Send at most {Most} warnings, each as the check words it.", "warnings");
        if (basedOn is not { } seen)
            return new Problem.Invalid(
                "based-on-missing",
                "Send basedOn: the revision that your change starts from, so that no other change is overwritten.",
                "basedOn"
            );
        return await database.WriteAsync<ClusterSummary>(
            actor,
            null,
            operation,
            async session =>
            {
                if (
                    !ClusterOperations
                        .Present(await session.Clusters.FindToChangeAsync(name, cancellationToken))
                        .TryGet(out var cluster, out var missing)
                )
                    return missing;
                if (cluster.AcceptedRevision != seen)
                    return new Problem.Conflict(
                        "cluster-warnings-changed",
                        "Another operator changed which warnings are accepted in the meantime. "
                            + "Reload the cluster and make your change again.",
                        "basedOn"
                    );
                cluster.Accept(accepted);
                return await ClusterSummary.OfAsync(session, cluster, cancellationToken);
            },
            cancellationToken
        );
    }
}

/// <summary>Removes a cluster on which nothing lives, with its credentials. Nothing on the cluster itself is touched.</summary>
public sealed class RemoveCluster(AccessGuard guard, IPortalDatabase database, IClusterCatalog catalog, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "cluster.remove", name);
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        var removed = await database.WriteAsync<Done>(
            actor,
            null,
            operation,
            async session =>
            {
                if (
                    !ClusterOperations
                        .Present(await session.Clusters.FindToChangeAsync(name, cancellationToken))
                        .TryGet(out var cluster, out var missing)
                )
                    return missing;
                if (cluster.IsFromSettings)
                    return ClusterOperations.InSettings(name);
                var use = await ClusterUse.OfAsync(session, name, cancellationToken);
                if (!use.IsNone)
                    return new Problem.Conflict("cluster-in-use", $"Cluster '{name}' still has {use.Text}. Remove it once they are gone.");
                cluster.Remove(actor.Name, clock.Now());
                return Outcome.Done;
            },
            cancellationToken
        );
        if (removed.IsOk)
            await catalog.RefreshAsync(cancellationToken);
        return removed;
    }
}

/// <summary>A registered cluster and how many tenants are on it.</summary>
public sealed record ClusterSummary(RegisteredCluster Registered, int Tenants)
{
    internal static async Task<ClusterSummary> OfAsync(
        IPortalSession session,
        RegisteredCluster cluster,
        CancellationToken cancellationToken
    ) => new(cluster, (await ClusterUse.OfAsync(session, cluster.Name, cancellationToken)).Tenants);
}

internal static class ClusterOperations
{
    public static Operation Of(string verb, string? name, ClusterInput? input) =>
        new(
            Permission.OperatePlatform,
            $"cluster.{verb}",
            Operation.Brief(name),
            new Dictionary<string, string>
            {
                ["adminUrl"] = Operation.Brief(input?.AdminUrl),
                ["brokerUrl"] = Operation.Brief(input?.BrokerUrl),
                ["webSocketUrl"] = Operation.Brief(input?.WebSocketUrl),
                ["region"] = Operation.Brief(input?.Region),
                ["credentials"] = string.Join(
                    ", ",
                    new[]
                    {
                        string.IsNullOrEmpty(input?.AdminToken) ? null : "admin token",
                        string.IsNullOrEmpty(input?.TokenPrivateKey) ? null : "private key",
                    }.OfType<string>()
                ),
            }
        );

    public static Outcome<RegisteredCluster> Present(RegisteredCluster? found) =>
        found is { State: not ClusterState.Removed }
            ? found
            : new Problem.NotFound("cluster-not-found", "We couldn't find this cluster. It may have been removed.");

    public static Problem InSettings(string name) =>
        new Problem.Conflict(
            "cluster-in-settings",
            $"Cluster '{name}' is managed by settings. Change it under Portal:Clusters and restart Portal."
        );
}
