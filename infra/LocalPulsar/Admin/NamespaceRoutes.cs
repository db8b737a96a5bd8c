using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary><c>/admin/v2/namespaces</c>: the namespaces themselves; their policies are <see cref="PolicyRoutes"/>.</summary>
internal sealed class NamespaceRoutes(ClusterState state, Broker broker, Access access)
{
    private const string Path = "admin/v2/namespaces/{tenant}/{ns}";

    public void Map(Router router)
    {
        router.Map("GET", Path, GetAsync);
        router.Map("PUT", Path, CreateAsync);
        router.Map("DELETE", Path, DeleteAsync);
    }

    public static NamespacePolicies Find(ClusterState state, Call call) =>
        state.Namespaces.GetValueOrDefault(call.Namespace) ?? throw new RefusalException(404, "Namespace does not exist");

    private Task<Answer> GetAsync(Call call)
    {
        access.DemandPolicy(call, "ALL", "READ");
        return Task.FromResult(Answer.Json(Find(state, call).Document()));
    }

    private async Task<Answer> CreateAsync(Call call)
    {
        var body = await call.ObjectAsync();
        if (!TopicName.IsEntityName(call.Tenant) || !TopicName.IsEntityName(call["ns"]))
            throw new RefusalException(412, "Namespace name is not valid");
        access.DemandTenant(call, "CREATE_NAMESPACE");
        if (!state.Tenants.ContainsKey(call.Tenant))
            throw new RefusalException(404, "Tenant does not exist");
        var policies = NewNamespace.Policies(body, call.Tenant);
        if (state.Namespaces.ContainsKey(call.Namespace))
            throw new RefusalException(409, "Namespace already exists");
        await state.PutNamespaceAsync(call.Namespace, policies);
        return Answer.Done;
    }

    private async Task<Answer> DeleteAsync(Call call)
    {
        access.DemandTenant(call, "DELETE_NAMESPACE");
        if (call.Flag("force"))
            throw new RefusalException(405, "Broker doesn't allow forced deletion of namespaces");
        if (!state.Namespaces.ContainsKey(call.Namespace))
            throw new RefusalException(404, $"Namespace {call.Namespace} does not exist.");
        if (state.TopicsOf(call.Namespace).Any() || NonPersistent(call.Namespace).Any() || PartitionedOf(call.Namespace).Any())
            throw new RefusalException(409, "Cannot delete non empty namespace");
        await state.DeleteNamespaceAsync(call.Namespace);
        await broker.UnloadNamespaceAsync(call.Namespace, call.Cancelled);
        return Answer.Done;
    }

    private IEnumerable<string> NonPersistent(string ns) =>
        broker.Loaded.Where(t => !t.Name.Persistent && t.Name.Namespace == ns).Select(t => t.Name.Full);

    private IEnumerable<string> PartitionedOf(string ns) => state.Partitioned.Keys.Where(full => TopicName.Parse(full).Namespace == ns);
}
