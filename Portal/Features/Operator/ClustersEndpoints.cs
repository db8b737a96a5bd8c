using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Features.Api;

namespace Portal.Features.Operator;

public static class ClustersEndpoints
{
    private const string Path = "/api/v1/operator/clusters";

    public static IEndpointRouteBuilder MapClusters(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup(Path).WithTags("Operator");
        group
            .MapGet("", ListAsync)
            .WithName("ListClusters")
            .WithSummary("List clusters with their live status and settings that put revenue or security at risk");
        group.MapGet("/{name}", GetAsync).WithName("GetCluster").WithSummary("Get a cluster as it is registered");
        group
            .MapPost("", RegisterAsync)
            .WithName("RegisterCluster")
            .WithSummary("Register a cluster; every replica starts using it without a restart");
        group.MapPut("/{name}", ChangeAsync).WithName("ChangeCluster").WithSummary("Change a cluster's addresses and credentials");
        group
            .MapDelete("/{name}", RemoveAsync)
            .WithName("RemoveCluster")
            .WithSummary("Remove a cluster that has no tenants and no open work");
        group
            .MapPost("/{name}/check", CheckAsync)
            .WithName("CheckCluster")
            .WithSummary("Check a cluster as it is registered or, with a body, before it is registered or changed");
        group.MapPost("/{name}/drain", DrainAsync).WithName("DrainCluster").WithSummary("Stop creating tenants on a cluster");
        group.MapPost("/{name}/activate", ActivateAsync).WithName("ActivateCluster").WithSummary("Allow new tenants on a drained cluster");
        group
            .MapPut("/{name}/accepted-warnings", AcceptAsync)
            .WithName("AcceptClusterWarnings")
            .WithSummary("Set which warnings of a cluster's check you have seen to or live with");
        group
            .MapGet("/{name}/connectors", OfferedAsync)
            .WithName("ListClusterConnectors")
            .WithSummary("List a cluster's built-in connectors and which of them customers can use");
        group
            .MapPut("/{name}/connectors", AllowAsync)
            .WithName("AllowClusterConnectors")
            .WithSummary("Set which built-in connectors customers can use on a cluster");
        return api;
    }

    /// <param name="BrokerUrl">For clients; may list several hosts.</param>
    /// <param name="AdminUrl">One or several addresses, separated by commas.</param>
    /// <param name="ManagedBySettings">The settings name this cluster; change it there.</param>
    /// <param name="TakesTenants">False while it is drained.</param>
    /// <param name="Tenants">Tenants on it.</param>
    /// <param name="Region">Where it runs, for customers who choose a cluster.</param>
    public sealed record ClusterBody(
        string Name,
        bool IsStandIn,
        string? BrokerUrl,
        Uri? WebSocketUrl,
        [OneOf("healthy", "warning", "unavailable")] string State,
        string? Version,
        string? PulsarName,
        IReadOnlyList<string> Brokers,
        double? StatisticsIntervalSeconds,
        IReadOnlyList<string> Warnings,
        StateProblemBody? Problem,
        string AdminUrl,
        bool ManagedBySettings,
        bool TakesTenants,
        int Tenants,
        string? Region
    );

    /// <param name="BrokerUrl">For clients; may list several hosts.</param>
    /// <param name="AdminUrl">One or several addresses, separated by commas.</param>
    /// <param name="ManagedBySettings">The settings name this cluster; change it there.</param>
    /// <param name="TakesTenants">False while it is drained.</param>
    /// <param name="Tenants">Tenants on it.</param>
    /// <param name="Region">Where it runs, for customers who choose a cluster.</param>
    /// <param name="AcceptedWarnings">Warnings of the check that operators have seen to or live with, each as the check words it.</param>
    /// <param name="AcceptedRevision">Goes up with each change of them.</param>
    public sealed record RegisteredClusterBody(
        string Name,
        bool IsStandIn,
        string AdminUrl,
        string? BrokerUrl,
        string? WebSocketUrl,
        bool HasAdminToken,
        bool HasTokenPrivateKey,
        bool ManagedBySettings,
        bool TakesTenants,
        int Tenants,
        DateTimeOffset CreatedAt,
        string CreatedBy,
        DateTimeOffset ChangedAt,
        string ChangedBy,
        string? Region,
        IReadOnlyList<string> AcceptedWarnings,
        int AcceptedRevision
    );

    /// <param name="Name">1 to 40 lowercase letters, digits or dashes. It cannot be changed later.</param>
    /// <param name="AdminUrl">One or several addresses, separated by commas, for example
    /// <c>http://broker-1:8080,http://broker-2:8080</c>.</param>
    /// <param name="BrokerUrl">For clients, for example <c>pulsar://b1:6650,b2:6650</c>; leave it out where there is no binary
    /// protocol.</param>
    /// <param name="WebSocketUrl">For example <c>ws://broker:8080</c>; leave it out where there is none.</param>
    /// <param name="AdminToken">A superuser's token. It is never returned.</param>
    /// <param name="TokenPrivateKey">The private key of the brokers' tokenPublicKey: PEM, or DER in base64. It is never returned.</param>
    /// <param name="Region">Where it runs, for customers who choose a cluster, such as eu-central-1. At most 60 characters.</param>
    public sealed record RegisterClusterBody(
        [Needed] string? Name,
        [Needed] string? AdminUrl,
        string? BrokerUrl,
        string? WebSocketUrl,
        string? AdminToken,
        string? TokenPrivateKey,
        string? Region
    );

    /// <param name="AdminUrl">One or several addresses, separated by commas.</param>
    /// <param name="BrokerUrl">For clients; left out it is removed.</param>
    /// <param name="WebSocketUrl">Left out it is removed.</param>
    /// <param name="AdminToken">Leave it out to keep the present one.</param>
    /// <param name="TokenPrivateKey">Leave it out to keep the present one.</param>
    /// <param name="Region">Where it runs; left out it is removed.</param>
    public sealed record ChangeClusterBody(
        [Needed] string? AdminUrl,
        string? BrokerUrl,
        string? WebSocketUrl,
        string? AdminToken,
        string? TokenPrivateKey,
        string? Region
    );

    /// <param name="Warnings">All that are accepted, each as the check words it; the others ask for attention.</param>
    /// <param name="BasedOn">The cluster's acceptedRevision that your change starts from.</param>
    public sealed record AcceptWarningsBody([Needed] IReadOnlyList<string>? Warnings, [Needed] int? BasedOn);

    /// <param name="Usable">Nothing stands in the way of using it; warnings may remain.</param>
    public sealed record ClusterCheckBody(bool Usable, string? Version, string? PulsarName, IReadOnlyList<ClusterFindingBody> Findings);

    /// <param name="Name">What was looked at.</param>
    public sealed record ClusterFindingBody(string Name, [OneOf<FindingWords>] string State, string Detail);

    /// <param name="Connector">As kind:name, for example <c>sink:http-post</c>.</param>
    public sealed record OfferedConnectorBody(string Connector, string? Description, bool Allowed);

    /// <param name="Connectors">As kind:name; customers can use no others for new connectors.</param>
    public sealed record AllowConnectorsBody([Needed] IReadOnlyList<string>? Connectors);

    /// <param name="Connectors">Everything that the cluster has built in.</param>
    public sealed record OfferedConnectorsBody(IReadOnlyList<OfferedConnectorBody> Connectors);

    private static Task<ListAnswer<PageOf<OfferedConnectorBody>>> OfferedAsync(
        string name,
        ApiContext context,
        ListOfferedConnectors list,
        CancellationToken cancellationToken
    ) => context.ListWholeAsync(() => list.RunAsync(context.Actor, name, cancellationToken), one => one.Type.Key, Body);

    private static async Task<Answer<OfferedConnectorsBody>> AllowAsync(
        string name,
        AllowConnectorsBody body,
        ApiContext context,
        AllowConnectors allow,
        CancellationToken cancellationToken
    ) =>
        (await allow.RunAsync(context.Actor, name, [.. body.Connectors ?? []], cancellationToken)).ToOk(all => new OfferedConnectorsBody([
            .. all.Select(Body),
        ]));

    private static OfferedConnectorBody Body(OfferedConnector one) => new(one.Type.Key, one.Type.Description, one.IsAllowed);

    private static Task<ListAnswer<PageOf<ClusterBody>>> ListAsync(
        ApiContext context,
        CheckClusters check,
        CancellationToken cancellationToken
    ) => context.ListWholeAsync(() => check.RunAsync(context.Actor, cancellationToken), one => one.Cluster.Registered.Name, Body);

    private static async Task<Answer<RegisteredClusterBody>> GetAsync(
        string name,
        ApiContext context,
        GetCluster get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, name, cancellationToken)).ToOk(Body);

    private static Task<CreatedAnswer<RegisteredClusterBody>> RegisterAsync(
        RegisterClusterBody body,
        ApiContext context,
        RegisterCluster register,
        CancellationToken cancellationToken
    ) =>
        context.CreatedAsync(
            () =>
                register.RunAsync(
                    context.Actor,
                    body.Name,
                    new(body.AdminUrl, body.BrokerUrl, body.WebSocketUrl, body.AdminToken, body.TokenPrivateKey) { Region = body.Region },
                    cancellationToken
                ),
            made => $"{Path}/{made.Registered.Name}",
            Body
        );

    private static async Task<Answer<RegisteredClusterBody>> ChangeAsync(
        string name,
        ChangeClusterBody body,
        ApiContext context,
        ChangeCluster change,
        CancellationToken cancellationToken
    ) => (await change.RunAsync(context.Actor, name, Input(body), cancellationToken)).ToOk(Body);

    private static async Task<Answer<RegisteredClusterBody>> AcceptAsync(
        string name,
        AcceptWarningsBody body,
        ApiContext context,
        AcceptClusterWarnings accept,
        CancellationToken cancellationToken
    ) => (await accept.RunAsync(context.Actor, name, body.Warnings, body.BasedOn, cancellationToken)).ToOk(Body);

    private static async Task<EmptyAnswer> RemoveAsync(
        string name,
        ApiContext context,
        RemoveCluster remove,
        CancellationToken cancellationToken
    ) => (await remove.RunAsync(context.Actor, name, cancellationToken)).ToNoContent();

    private static Task<Answer<ClusterCheckBody>> CheckAsync(
        string name,
        ChangeClusterBody? body,
        ApiContext context,
        PreflightCluster check,
        CancellationToken cancellationToken
    ) =>
        context.OkAsync(
            () => check.RunAsync(context.Actor, name, body is null ? null : Input(body), cancellationToken),
            found => new ClusterCheckBody(
                found.IsUsable,
                found.Health?.Version,
                found.Health?.PulsarName,
                [
                    .. found.Findings.Select(finding => new ClusterFindingBody(
                        finding.Name,
                        $"{finding.State}".ToLowerInvariant(),
                        finding.Sentence
                    )),
                ]
            )
        );

    private static Task<Answer<RegisteredClusterBody>> DrainAsync(
        string name,
        ApiContext context,
        DrainCluster drain,
        CancellationToken cancellationToken
    ) => context.OkAsync(() => drain.RunAsync(context.Actor, name, drained: true, cancellationToken), Body);

    private static Task<Answer<RegisteredClusterBody>> ActivateAsync(
        string name,
        ApiContext context,
        DrainCluster drain,
        CancellationToken cancellationToken
    ) => context.OkAsync(() => drain.RunAsync(context.Actor, name, drained: false, cancellationToken), Body);

    private static ClusterInput Input(ChangeClusterBody body) =>
        new(body.AdminUrl, body.BrokerUrl, body.WebSocketUrl, body.AdminToken, body.TokenPrivateKey) { Region = body.Region };

    private static RegisteredClusterBody Body(ClusterSummary summary)
    {
        var one = summary.Registered;
        return new(
            one.Name,
            one.IsStandIn,
            one.AdminUrls,
            one.BrokerUrl,
            one.WebSocketUrl,
            one.SealedAdminToken is not null,
            one.SealedTokenPrivateKey is not null,
            one.IsFromSettings,
            one.State == ClusterState.Active,
            summary.Tenants,
            one.CreatedAt,
            one.CreatedBy,
            one.ChangedAt,
            one.ChangedBy,
            one.Region,
            one.AcceptedWarnings,
            one.AcceptedRevision
        );
    }

    private static ClusterBody Body(CheckedCluster one)
    {
        var (registered, cluster) = (one.Cluster.Registered, one.Cluster.Registered.ToCluster());
        var health = one.Health.TryGet(out var answer, out var problem) ? answer : null;
        return new(
            cluster.Name,
            cluster.IsStandIn,
            cluster.BrokerUrl,
            cluster.WebSocketUrl,
            health is null ? "unavailable"
                : health.Warnings.Count == 0 ? "healthy"
                : "warning",
            health?.Version,
            health?.PulsarName,
            health?.Brokers ?? [],
            health?.StatisticsInterval.TotalSeconds,
            health?.Warnings ?? [],
            problem is null ? null : new(problem.Code, problem.Message),
            registered.AdminUrls,
            registered.IsFromSettings,
            cluster.TakesTenants,
            one.Cluster.Tenants,
            cluster.Region
        );
    }
}
