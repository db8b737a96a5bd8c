using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary><c>/admin/v2/tenants</c></summary>
internal sealed class TenantRoutes(ClusterState state, Access access)
{
    public void Map(Router router)
    {
        router.Map("GET", "admin/v2/tenants/{tenant}", GetAsync);
        router.Map("PUT", "admin/v2/tenants/{tenant}", CreateAsync);
        router.Map("DELETE", "admin/v2/tenants/{tenant}", DeleteAsync);
    }

    private Task<Answer> GetAsync(Call call)
    {
        access.DemandTenantOrSuperUser(call, "GET_TENANT");
        var tenant = state.Tenants.GetValueOrDefault(call.Tenant) ?? throw new RefusalException(404, "Tenant does not exist");
        return Task.FromResult(Answer.Json(new { adminRoles = tenant.AdminRoles, allowedClusters = tenant.AllowedClusters }));
    }

    private async Task<Answer> CreateAsync(Call call)
    {
        var body = await call.BodyAsync();
        Access.DemandTenants(call, "CREATE_TENANT");
        if (!TopicName.IsEntityName(call.Tenant))
            throw new RefusalException(412, "Tenant name is not valid");
        var tenant = Read(body);
        if (state.Tenants.ContainsKey(call.Tenant))
            throw new RefusalException(409, "Tenant already exist");
        await state.PutTenantAsync(call.Tenant, tenant);
        return Answer.Done;
    }

    private async Task<Answer> DeleteAsync(Call call)
    {
        access.DemandTenantOrSuperUser(call, "DELETE_TENANT");
        if (call.Flag("force"))
            throw new RefusalException(405, "Broker doesn't allow forced deletion of tenants");
        if (!state.Tenants.ContainsKey(call.Tenant))
            throw new RefusalException(404, "Tenant doesn't exist");
        if (state.NamespacesOf(call.Tenant).Any())
            throw new RefusalException(409, "The tenant still has active namespaces");
        await state.DeleteTenantAsync(call.Tenant);
        return Answer.Done;
    }

    private static TenantInfo Read(JsonNode? body)
    {
        if (body is null)
            throw new RefusalException(412, "TenantInfo is null");
        var clusters = Texts(body, "allowedClusters") ?? throw new RefusalException(412, "Clusters cannot be null");
        if (clusters.Count == 0 || clusters.Any(string.IsNullOrWhiteSpace))
            throw new RefusalException(412, "Clusters cannot be empty or blank");
        if (clusters.Any(c => c != NamespacePolicies.Cluster))
            throw new RefusalException(412, "Clusters do not exist");
        var roles = Texts(body, "adminRoles") ?? [];
        if (roles.Any(role => role != role.Trim()))
            throw new RefusalException(412, "AdminRoles contains whitespace in the beginning or end.");
        return new TenantInfo(roles, clusters);
    }

    private static List<string>? Texts(JsonNode body, string name) =>
        body is not JsonObject document
            ? throw Call.Unreadable(
                "Cannot deserialize value of type `org.apache.pulsar.common.policies.data.TenantInfoImpl` from Array value "
                    + "(token `JsonToken.START_ARRAY`)"
            )
            : document[name] switch
            {
                null => null,
                JsonArray items =>
                [
                    .. items
                        .Select(item =>
                            item is JsonValue value && value.TryGetValue<string>(out var text) ? text : item?.ToJsonString() ?? ""
                        )
                        .Distinct(),
                ],
                var other => throw NotASet(other, name),
            };

    private static RefusalException NotASet(JsonNode node, string name) =>
        Call.Unreadable(
            "Cannot construct instance of `java.util.HashSet` (although at least one Creator exists): "
                + $"no String-argument constructor/factory method to deserialize from String value ('{node}')"
                + $" (through reference chain: org.apache.pulsar.common.policies.data.TenantInfoImpl[\"{name}\"])"
        );
}
