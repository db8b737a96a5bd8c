using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Features.Api;

namespace Portal.Features.Tenants;

public static class TenantsEndpoints
{
    public static IEndpointRouteBuilder MapTenants(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/tenants").WithTags("Tenants and namespaces");
        group.MapGet("", ListAsync).WithName("ListTenants").WithSummary("List tenants by name").Searchable();
        group.MapPost("", CreateAsync).WithName("CreateTenant").WithSummary("Create a tenant with the namespace 'default'");
        group.MapGet("/{tenant}", GetAsync).WithName("GetTenant").WithSummary("Get a tenant");
        group.MapDelete("/{tenant}", DeleteAsync).WithName("DeleteTenant").WithSummary("Delete a tenant and everything in it");
        group
            .MapPost("/{tenant}/retry", RetryAsync)
            .WithName("RetryTenant")
            .WithSummary("Retry what failed: the tenant, or a namespace or topic in it");
        group.MapGet("/{tenant}/connect", ConnectAsync).WithName("GetConnection").WithSummary("Get a tenant's connection details");
        group
            .MapGet("/{tenant}/namespaces", ListNamespacesAsync)
            .WithName("ListNamespaces")
            .WithSummary("List a tenant's namespaces by name");
        group.MapPost("/{tenant}/namespaces", CreateNamespaceAsync).WithName("CreateNamespace").WithSummary("Create a namespace");
        group.MapGet("/{tenant}/namespaces/{namespace}", GetNamespaceAsync).WithName("GetNamespace").WithSummary("Get a namespace");
        group
            .MapDelete("/{tenant}/namespaces/{namespace}", DeleteNamespaceAsync)
            .WithName("DeleteNamespace")
            .WithSummary("Delete a namespace and its topics");
        group
            .MapPut("/{tenant}/namespaces/{namespace}/retention", SetRetentionAsync)
            .WithName("SetRetention")
            .WithSummary("Set how long and how much a namespace keeps, within the plan");
        group.MapNamespacePolicies();
        group.MapMasking();
        return api;
    }

    public sealed record CreateTenantBody([Needed] string? Name, string? Cluster);

    public sealed record CreateNamespaceBody([Needed] string? Name);

    /// <param name="Namespace">What to retry in the tenant; without it, the tenant itself.</param>
    public sealed record RetryTenantBody(string? Namespace, string? Topic);

    public sealed record TenantBody(
        string Name,
        string Cluster,
        [OneOf<StateWords>] string State,
        DateTimeOffset CreatedAt,
        StateProblemBody? Problem
    );

    /// <param name="Retention">What you asked to be kept; null leaves it to the plan.</param>
    public sealed record NamespaceBody(
        string Name,
        [OneOf<StateWords>] string State,
        DateTimeOffset CreatedAt,
        StateProblemBody? Problem,
        RetentionBody? Retention
    );

    /// <param name="TimeMinutes">How long messages are kept after every subscription has read them; leave it out to use the plan's.</param>
    /// <param name="SizeBytes">How much is kept; leave it out to use the plan's.</param>
    public sealed record RetentionBody(long? TimeMinutes, long? SizeBytes);

    /// <summary>
    /// URLs with scheme, host and port, for brokers with one or several hosts; null where the cluster has no such endpoint.
    /// </summary>
    /// <param name="WebSocketSessions">How many WebSocket connections all keys of the organization may have open at once; null for no
    /// limit.</param>
    /// <param name="WebSocketMessageBytes">The largest message that a WebSocket client may send, JSON and Base64 included; null for no
    /// limit.</param>
    public sealed record ConnectionBody(
        string Cluster,
        string? BrokerUrl,
        string? WebSocketUrl,
        int? WebSocketSessions,
        long? WebSocketMessageBytes
    );

    private static Task<ListAnswer<PageOf<TenantBody>>> ListAsync(
        string org,
        ApiContext context,
        ListTenants list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), Body);

    private static async Task<AcceptedAnswer<TenantBody>> CreateAsync(
        string org,
        CreateTenantBody body,
        ApiContext context,
        CreateTenant create,
        CancellationToken cancellationToken
    ) =>
        await context.AcceptedAsync(
            () => create.RunAsync(context.Actor, org, body.Name, body.Cluster, cancellationToken),
            made => Address(org, made.Name),
            Body
        );

    private static async Task<Answer<TenantBody>> GetAsync(
        string org,
        string tenant,
        ApiContext context,
        GetTenant get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, tenant, cancellationToken)).ToOk(Body);

    private static async Task<AcceptedAnswer<TenantBody>> DeleteAsync(
        string org,
        string tenant,
        bool? force,
        ApiContext context,
        DeleteTenant delete,
        CancellationToken cancellationToken
    ) =>
        (await delete.RunAsync(context.Actor, org, tenant, force ?? false, cancellationToken)).ToAccepted(
            going => Address(org, going.Name),
            Body
        );

    private static async Task<EmptyAnswer> RetryAsync(
        string org,
        string tenant,
        RetryTenantBody body,
        ApiContext context,
        RetryProvisioning retry,
        CancellationToken cancellationToken
    ) => await context.DoneAsync(() => retry.RunAsync(context.Actor, org, tenant, body.Namespace, body.Topic, cancellationToken));

    private static async Task<Answer<ConnectionBody>> ConnectAsync(
        string org,
        string tenant,
        ApiContext context,
        GetConnection get,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, tenant, cancellationToken)).ToOk(connection => new ConnectionBody(
            connection.Cluster,
            connection.BrokerUrl,
            Origin(connection.WebSocketUrl),
            connection.WebSocketSessions,
            connection.WebSocketMessageBytes
        ));

    private static Task<ListAnswer<PageOf<NamespaceBody>>> ListNamespacesAsync(
        string org,
        string tenant,
        ApiContext context,
        ListNamespaces list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, tenant, page, cancellationToken), summary => Body(summary.Namespace));

    private static async Task<AcceptedAnswer<NamespaceBody>> CreateNamespaceAsync(
        string org,
        string tenant,
        CreateNamespaceBody body,
        ApiContext context,
        CreateNamespace create,
        CancellationToken cancellationToken
    ) =>
        await context.AcceptedAsync(
            () => create.RunAsync(context.Actor, org, tenant, body.Name, cancellationToken),
            made => $"{Address(org, tenant)}/namespaces/{Uri.EscapeDataString(made.Name)}",
            Body
        );

    private static async Task<Answer<NamespaceBody>> GetNamespaceAsync(
        string org,
        string tenant,
        string @namespace,
        ApiContext context,
        GetNamespace get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, tenant, @namespace, cancellationToken)).ToOk(Body);

    private static async Task<AcceptedAnswer<NamespaceBody>> DeleteNamespaceAsync(
        string org,
        string tenant,
        string @namespace,
        bool? force,
        ApiContext context,
        DeleteNamespace delete,
        CancellationToken cancellationToken
    ) =>
        (await delete.RunAsync(context.Actor, org, tenant, @namespace, force ?? false, cancellationToken)).ToAccepted(
            going => $"{Address(org, tenant)}/namespaces/{Uri.EscapeDataString(going.Name)}",
            Body
        );

    private static async Task<Answer<NamespaceBody>> SetRetentionAsync(
        string org,
        string tenant,
        string @namespace,
        RetentionBody body,
        ApiContext context,
        SetRetention set,
        CancellationToken cancellationToken
    ) =>
        (await set.RunAsync(context.Actor, org, tenant, @namespace, Minutes(body.TimeMinutes), body.SizeBytes, cancellationToken)).ToOk(
            Body
        );

    // What no TimeSpan holds is out of range for the use case too.
    internal static TimeSpan? Minutes(long? minutes) =>
        minutes is { } number ? TimeSpan.FromMinutes(Math.Clamp(number, -1, 100_000_000)) : null;

    private static string? Origin(Uri? url) =>
        url?.GetComponents(UriComponents.SchemeAndServer | UriComponents.StrongPort, UriFormat.UriEscaped);

    private static string Address(string org, string tenant) => $"/api/v1/organizations/{org}/tenants/{Uri.EscapeDataString(tenant)}";

    private static TenantBody Body(Tenant tenant) =>
        new(
            tenant.Name,
            tenant.Cluster,
            tenant.State.Text(),
            tenant.CreatedAt,
            States.Problem(tenant.State, tenant.ProblemCode, tenant.ProblemMessage)
        );

    private static NamespaceBody Body(Namespace @namespace) =>
        new(
            @namespace.Name,
            @namespace.State.Text(),
            @namespace.CreatedAt,
            States.Problem(@namespace.State, @namespace.ProblemCode, @namespace.ProblemMessage),
            @namespace.Wishes is { RetentionTime: null, RetentionBytes: null }
                ? null
                : new((long?)@namespace.Wishes.RetentionTime?.TotalMinutes, @namespace.Wishes.RetentionBytes)
        );
}
