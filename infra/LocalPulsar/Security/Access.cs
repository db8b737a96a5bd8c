using LocalPulsar.Admin;
using LocalPulsar.Metadata;
using LocalPulsar.Topics;

namespace LocalPulsar.Security;

/// <summary>
/// Who may do what, as PulsarAuthorizationProvider decides it: the super-user everything, a tenant's admin roles
/// everything in the tenant, other roles what they were granted on a namespace or topic. A refusal is 401 for super-user,
/// broker, tenant and topic operations and 403 for namespace operations and policies.
/// </summary>
internal sealed class Access(ClusterState state, string broker)
{
    public static bool IsSuperUser(string role) => role == Tokens.SuperUser;

    public bool IsTenantAdmin(string role, string tenant) =>
        IsSuperUser(role) || (state.Tenants.TryGetValue(tenant, out var info) && info.AdminRoles.Contains(role));

    /// <summary>What a role may do with a topic; a grant on a partitioned topic covers its partitions.</summary>
    public bool MayUse(string role, TopicName topic, Grant any)
    {
        if (IsTenantAdmin(role, topic.Tenant))
            return true;
        if (!state.Namespaces.TryGetValue(topic.Namespace, out var policies))
            return false;
        var granted =
            policies.NamespaceGrants.GetValueOrDefault(role) | OnTopic(policies, topic, role) | OnTopic(policies, topic.Base, role);
        return (granted & any) != 0;
    }

    /// <summary>Consuming with a subscription that has a list of roles, or in prefix mode, needs more than the grant.</summary>
    public bool MaySubscribe(string role, TopicName topic, string subscription)
    {
        if (IsTenantAdmin(role, topic.Tenant))
            return true;
        if (!MayUse(role, topic, Grant.Consume))
            return false;
        var policies = state.Namespaces[topic.Namespace];
        return !policies.SubscriptionRoles.TryGetValue(subscription, out var roles) || roles.Count == 0 || roles.Contains(role);
    }

    public static void DemandSuperUser(Call call)
    {
        if (!IsSuperUser(call.Role))
            throw new RefusalException(401, "This operation requires super-user access");
    }

    public void DemandBroker(Call call, string operation)
    {
        if (!IsSuperUser(call.Role))
            throw Unauthorized("validateBothSuperuserAndBrokerOperation", call, operation, $" on broker [{broker}]");
    }

    public static void DemandTenants(Call call, string operation)
    {
        if (!IsSuperUser(call.Role))
            throw Unauthorized("validateBothTenantOperationAndSuperUser", call, operation, " ");
    }

    public void DemandTenantOrSuperUser(Call call, string operation)
    {
        if (!IsTenantAdmin(call.Role, call.Tenant))
            throw Unauthorized("validateBothTenantOperationAndSuperUser", call, operation, " ");
    }

    public void DemandTenant(Call call, string operation)
    {
        if (!Administers(call))
            throw Unauthorized("validateTenantOperation", call, operation, $" on tenant [{call.Tenant}]");
    }

    /// <summary>Creating anything in a namespace that is missing is 404.</summary>
    public void DemandNamespaceExists(Call call)
    {
        if (IsTenantAdmin(call.Role, call.Tenant) && !state.Namespaces.ContainsKey(call.Namespace))
            throw new RefusalException(404, "Namespace not found");
    }

    public void DemandTenantAdmin(Call call)
    {
        if (!Administers(call))
            throw new RefusalException(401, "Don't have permission to administrate resources on this tenant");
    }

    public void DemandNamespace(Call call, string operation, Grant any = Grant.None)
    {
        var granted = state.Namespaces.TryGetValue(call.Namespace, out var policies)
            ? policies.NamespaceGrants.GetValueOrDefault(call.Role)
            : Grant.None;
        if (!Administers(call) && (granted & any) == 0)
            throw new RefusalException(
                403,
                $"Unauthorized to validateNamespaceOperation for operation [{operation}] on namespace [{call.Namespace}]"
            );
    }

    public void DemandPolicy(Call call, string policy, string operation)
    {
        if (!Administers(call))
            throw new RefusalException(
                403,
                $"Unauthorized to validateNamespacePolicyOperation for operation [{operation}] on namespace [{call.Namespace}] on "
                    + $"policy [{policy}]"
            );
    }

    public void DemandTopicPolicy(Call call, string policy, string operation)
    {
        if (!Administers(call))
            throw new RefusalException(
                403,
                $"Unauthorized to validateTopicPolicyOperation for operation [{operation}] on topic [{call.Topic}] on policy [{policy}]"
            );
    }

    public void DemandTopic(Call call, string operation, Grant any = Grant.None)
    {
        if (!Administers(call) && !MayUse(call.Role, call.Topic, any))
            throw new RefusalException(401, $"Unauthorized to validateTopicOperation for operation [{operation}] on topic [{call.Topic}]");
    }

    public void DemandSubscription(Call call, string operation)
    {
        if (!Administers(call) && !MaySubscribe(call.Role, call.Topic, call["sub"]))
            throw new RefusalException(401, $"Unauthorized to validateTopicOperation for operation [{operation}] on topic [{call.Topic}]");
    }

    // Of a tenant that is missing, that is what everybody but the super-user is told.
    private bool Administers(Call call) =>
        IsSuperUser(call.Role)
        || (
            state.Tenants.TryGetValue(call.Tenant, out var tenant)
                ? tenant.AdminRoles.Contains(call.Role)
                : throw new RefusalException(404, "Tenant does not exist")
        );

    private static Grant OnTopic(NamespacePolicies policies, TopicName topic, string role) =>
        policies.TopicGrants.TryGetValue(topic.Full, out var roles) ? roles.GetValueOrDefault(role) : Grant.None;

    private static RefusalException Unauthorized(string check, Call call, string operation, string rest) =>
        new(401, $"Unauthorized to {check} for originalPrincipal [null] and clientAppId [{call.Role}] about operation [{operation}]{rest}");
}
