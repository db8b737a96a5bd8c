using System.Net;
using System.Text.Json;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>What roles may do, at the pace that the metadata store bears.</summary>
internal sealed class PulsarGrants(ClusterConnections clusters, GrantPacer pacer, TimeProvider clock) : IGrantAdmin
{
    /// <summary>ZooKeeper stops writing for all namespaces when a node passes its limit of 1 MB: stay far below.</summary>
    private const int DocumentLimit = 256 * 1024;

    private static readonly TimeSpan SeenWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    public Task<Outcome<Done>> GrantAsync(TopicAddress topic, string role, GrantedActions actions, CancellationToken cancellationToken) =>
        SetAsync(Target.Of(topic, role), Words(actions), cancellationToken);

    public Task<Outcome<Done>> RevokeAsync(TopicAddress topic, string role, CancellationToken cancellationToken) =>
        SetAsync(Target.Of(topic, role), [], cancellationToken);

    public Task<Outcome<Done>> GrantConsumeAsync(NamespaceAddress @namespace, string role, CancellationToken cancellationToken) =>
        SetAsync(Target.Of(@namespace, role), Words(new(Produce: false, Consume: true)), cancellationToken);

    public Task<Outcome<Done>> RevokeAsync(NamespaceAddress @namespace, string role, CancellationToken cancellationToken) =>
        SetAsync(Target.Of(@namespace, role), [], cancellationToken);

    /// <summary>Everything in the namespace, for the portal's own role alone.</summary>
    internal Task<Outcome<Done>> AdmitAsync(NamespaceAddress @namespace, string role, CancellationToken cancellationToken) =>
        SetAsync(Target.Of(@namespace, role), Words(new(Produce: true, Consume: true)), cancellationToken);

    /// <summary>Gives the role exactly these actions; none takes the grant away.</summary>
    private Task<Outcome<Done>> SetAsync(Target target, string[] actions, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            target.Cluster,
            cluster =>
                pacer.RunAsync(
                    target.Cluster,
                    target.NamespacePath,
                    actions.Length == 0 ? GrantPacer.BetweenRevocations : GrantPacer.BetweenGrants,
                    async pace =>
                    {
                        if (!(await ReadGrantAsync(cluster, target, cancellationToken)).TryGet(out var there, out var problem))
                            return problem;
                        if (there is null)
                            return actions.Length == 0 ? Outcome.Done : PulsarProblems.NamespaceMissing(target.NamespacePath);
                        if (there.Value.Is(actions))
                            return Outcome.Done;
                        if (actions.Length > 0 && there.Value.DocumentLength + target.Length > DocumentLimit)
                            return PulsarProblems.GrantsFull(target.NamespacePath, DocumentLimit, there.Value.DocumentLength);
                        await pace();
                        var (method, body) = actions.Length == 0 ? (HttpMethod.Delete, null) : (HttpMethod.Post, PulsarJson.Bytes(actions));
                        if (!(await cluster.SendAsync(method, target.Path, body, cancellationToken)).TryGet(out var answer, out problem))
                            return problem;
                        // Grants go with their topic, so what is absent is revoked.
                        if (answer.Status == HttpStatusCode.NotFound)
                            return actions.Length == 0 ? Outcome.Done : target.Missing;
                        return answer.IsSuccess
                            ? await SeeAsync(cluster, target, actions, cancellationToken)
                            : PulsarProblems.Of(cluster.Name, answer);
                    },
                    cancellationToken
                )
        );

    /// <summary>Waits until the cluster shows the change: another broker may answer from what it knew before.</summary>
    private async Task<Outcome<Done>> SeeAsync(
        ClusterConnection cluster,
        Target target,
        string[] actions,
        CancellationToken cancellationToken
    )
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            if (!(await ReadGrantAsync(cluster, target, cancellationToken)).TryGet(out var there, out var problem))
                return problem;
            if (there is { } grant && grant.Is(actions))
                return Outcome.Done;
            if (there is null)
                return actions.Length == 0 ? Outcome.Done : PulsarProblems.NamespaceMissing(target.NamespacePath);
            if (clock.GetElapsedTime(began) > SeenWithin)
                return PulsarProblems.GrantNotSeen(cluster.Name);
            await Task.Delay(BetweenLooks, clock, cancellationToken);
        }
    }

    /// <summary>
    /// The role's own actions, out of the policies document: <c>/permissions</c> of a topic mixes in the namespace's. The
    /// document's length is needed too.
    /// </summary>
    private static async Task<Outcome<Grant?>> ReadGrantAsync(ClusterConnection cluster, Target target, CancellationToken cancellationToken)
    {
        if (!(await cluster.GetAsync(target.DocumentPath, cancellationToken)).TryGet(out var answer, out var problem))
            return problem;
        if (answer.Status == HttpStatusCode.NotFound)
            return Outcome.Of<Grant?>(null);
        if (!answer.IsSuccess)
            return PulsarProblems.Of(cluster.Name, answer);
        try
        {
            var policies = JsonSerializer.Deserialize(answer.Body, PulsarJson.Default.PoliciesDocument)?.AuthPolicies;
            var roles = target.Address is { } address ? policies?.DestinationAuth?.GetValueOrDefault(address) : policies?.NamespaceAuth;
            return new Grant(roles?.GetValueOrDefault(target.Role), answer.Body.Length);
        }
        catch (JsonException)
        {
            return PulsarProblems.Unreadable(cluster.Name);
        }
    }

    private static string[] Words(GrantedActions actions) =>
        (actions.Produce, actions.Consume) switch
        {
            (true, true) => ["produce", "consume"],
            (true, false) => ["produce"],
            (false, true) => ["consume"],
            (false, false) => [],
        };

    /// <param name="Actions">Null when the role is not named at all.</param>
    private readonly record struct Grant(string?[]? Actions, int DocumentLength)
    {
        public bool Is(string[] wanted) =>
            wanted.Length == 0
                ? Actions is null
                : Actions is { } actions && actions.Length == wanted.Length && wanted.All(actions.Contains);
    }

    /// <param name="Address">Of the topic; null for a whole namespace.</param>
    private sealed record Target(
        string Cluster,
        string NamespacePath,
        string DocumentPath,
        string Path,
        string? Address,
        string Role,
        Problem Missing
    )
    {
        /// <summary>What the grant adds to the document, at most.</summary>
        public int Length => (Address?.Length ?? 0) + Role.Length + 48;

        public static Target Of(TopicAddress topic, string role) =>
            new(
                topic.Cluster,
                topic.Namespace.Path,
                PulsarPath.NamespaceOf(topic),
                PulsarPath.Topic(topic, "permissions", role),
                topic.FullName,
                role,
                PulsarProblems.TopicMissing(topic.FullName)
            );

        public static Target Of(NamespaceAddress @namespace, string role) =>
            new(
                @namespace.Cluster,
                @namespace.Path,
                PulsarPath.Namespace(@namespace),
                PulsarPath.Namespace(@namespace, "permissions", role),
                null,
                role,
                PulsarProblems.NamespaceMissing(@namespace.Path)
            );
    }
}
