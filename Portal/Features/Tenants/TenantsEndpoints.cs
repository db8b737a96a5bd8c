using Portal.Domain.Tenants;
using Portal.Features.Api;

namespace Portal.Features.Tenants;

public static class TenantsEndpoints
{
    public static IEndpointRouteBuilder MapTenants(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/tenants").WithTags("Tenants and namespaces");
        group.MapGet("", ListAsync).WithName("ListTenants").WithSummary("The organisation's tenants, by name");
        group.MapPost("", CreateAsync).WithName("CreateTenant").WithSummary("Makes a tenant with the namespace 'default'");
        group.MapGet("/{tenant}", GetAsync).WithName("GetTenant").WithSummary("One tenant");
        group.MapDelete("/{tenant}", DeleteAsync).WithName("DeleteTenant").WithSummary("Deletes a tenant with everything in it");
        group.MapPost("/{tenant}/retry", RetryAsync).WithName("RetryTenant").WithSummary("Tries again what failed: the tenant, or a namespace or topic of it");
        group.MapGet("/{tenant}/connect", ConnectAsync).WithName("GetConnection").WithSummary("Where the tenant's clients connect");
        group.MapGet("/{tenant}/namespaces", ListNamespacesAsync).WithName("ListNamespaces").WithSummary("A tenant's namespaces, by name");
        group.MapPost("/{tenant}/namespaces", CreateNamespaceAsync).WithName("CreateNamespace").WithSummary("Makes a namespace with the plan's limits");
        group.MapGet("/{tenant}/namespaces/{namespace}", GetNamespaceAsync).WithName("GetNamespace").WithSummary("One namespace");
        group.MapDelete("/{tenant}/namespaces/{namespace}", DeleteNamespaceAsync).WithName("DeleteNamespace").WithSummary("Deletes a namespace with its topics");
        return api;
    }

    public sealed record CreateTenantBody(string? Name, string? Cluster);

    public sealed record CreateNamespaceBody(string? Name);

    /// <param name="Namespace">With <paramref name="Topic"/>: what of the tenant to try again.</param>
    public sealed record RetryBody(string? Namespace, string? Topic);

    public sealed record TenantBody(string Name, string Cluster, string State, DateTimeOffset CreatedAt, ProblemBody? Problem);

    public sealed record NamespaceBody(string Name, string State, DateTimeOffset CreatedAt, ProblemBody? Problem);

    /// <summary>Addresses with scheme, host and port. Null where the cluster has no such entrance.</summary>
    public sealed record ConnectionBody(string Cluster, string? BrokerUrl, string? WebSocketUrl);

    private static Task<IResult> ListAsync(string org, ApiContext context, ListTenants list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, org, page, cancellationToken), Body);

    private static async Task<IResult> CreateAsync(string org, CreateTenantBody body, ApiContext context, CreateTenant create, CancellationToken cancellationToken) =>
        (await create.RunAsync(context.Actor, org, body.Name, body.Cluster, cancellationToken)).ToAccepted(made => Address(org, made.Name), Body);

    private static async Task<IResult> GetAsync(string org, string tenant, ApiContext context, GetTenant get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, org, tenant, cancellationToken)).ToOk(Body);

    private static async Task<IResult> DeleteAsync(string org, string tenant, bool? force, ApiContext context, DeleteTenant delete, CancellationToken cancellationToken) =>
        (await delete.RunAsync(context.Actor, org, tenant, force ?? false, cancellationToken)).ToAccepted(going => Address(org, going.Name), Body);

    private static async Task<IResult> RetryAsync(string org, string tenant, RetryBody body, ApiContext context, RetryProvisioning retry, CancellationToken cancellationToken) =>
        (await retry.RunAsync(context.Actor, org, tenant, body.Namespace, body.Topic, cancellationToken)).ToNoContent();

    private static async Task<IResult> ConnectAsync(string org, string tenant, ApiContext context, GetConnection get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, org, tenant, cancellationToken)).ToOk(connection => new ConnectionBody(connection.Cluster, Origin(connection.BrokerUrl), Origin(connection.WebSocketUrl)));

    private static Task<IResult> ListNamespacesAsync(string org, string tenant, ApiContext context, ListNamespaces list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, org, tenant, page, cancellationToken), summary => Body(summary.Namespace));

    private static async Task<IResult> CreateNamespaceAsync(
        string org, string tenant, CreateNamespaceBody body, ApiContext context, CreateNamespace create, CancellationToken cancellationToken) =>
        (await create.RunAsync(context.Actor, org, tenant, body.Name, cancellationToken)).ToAccepted(made => $"{Address(org, tenant)}/namespaces/{Uri.EscapeDataString(made.Name)}", Body);

    private static async Task<IResult> GetNamespaceAsync(string org, string tenant, string @namespace, ApiContext context, GetNamespace get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, org, tenant, @namespace, cancellationToken)).ToOk(Body);

    private static async Task<IResult> DeleteNamespaceAsync(
        string org, string tenant, string @namespace, bool? force, ApiContext context, DeleteNamespace delete, CancellationToken cancellationToken) =>
        (await delete.RunAsync(context.Actor, org, tenant, @namespace, force ?? false, cancellationToken))
            .ToAccepted(going => $"{Address(org, tenant)}/namespaces/{Uri.EscapeDataString(going.Name)}", Body);

    private static string? Origin(Uri? url) => url?.GetComponents(UriComponents.SchemeAndServer | UriComponents.StrongPort, UriFormat.UriEscaped);

    private static string Address(string org, string tenant) => $"/api/v1/organizations/{org}/tenants/{Uri.EscapeDataString(tenant)}";

    private static TenantBody Body(Tenant tenant) => new(
        tenant.Name, tenant.Cluster, tenant.State.Text(), tenant.CreatedAt, States.Problem(tenant.State, tenant.ProblemCode, tenant.ProblemMessage));

    private static NamespaceBody Body(Namespace @namespace) => new(
        @namespace.Name, @namespace.State.Text(), @namespace.CreatedAt, States.Problem(@namespace.State, @namespace.ProblemCode, @namespace.ProblemMessage));
}
