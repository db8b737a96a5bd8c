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
        router.Map("GET", "admin/v2/namespaces/{tenant}", ListAsync);
        router.Map("GET", Path, GetAsync);
        router.Map("PUT", Path, CreateAsync);
        router.Map("DELETE", Path, DeleteAsync);
        router.Map("GET", $"{Path}/topics", TopicsAsync);
        router.Map("GET", $"{Path}/bundles", BundlesAsync);
        router.Map("PUT", $"{Path}/unload", UnloadAsync);
        router.Map("POST", $"{Path}/clearBacklog", call => ClearAsync(call, null));
        router.Map("POST", $"{Path}/clearBacklog/{{sub}}", call => ClearAsync(call, call["sub"]));
        router.Map("POST", $"{Path}/unsubscribe/{{sub}}", UnsubscribeAsync);
        router.Map("DELETE", $"{Path}/{{bundle}}", call => Task.FromResult(Answer.Refused(412, $"Invalid bundle range: {call["bundle"]}")));
    }

    public static NamespacePolicies Find(ClusterState state, Call call) =>
        state.Namespaces.GetValueOrDefault(call.Namespace) ?? throw new RefusalException(404, "Namespace does not exist");

    private Task<Answer> ListAsync(Call call)
    {
        access.DemandTenant(call, "LIST_NAMESPACES");
        if (!state.Tenants.ContainsKey(call.Tenant))
            throw new RefusalException(404, "Tenant not found");
        return Task.FromResult(Answer.Json(state.NamespacesOf(call.Tenant).ToArray()));
    }

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

    private Task<Answer> TopicsAsync(Call call)
    {
        access.DemandNamespace(call, "GET_TOPICS", Grant.Either);
        Find(state, call);
        var mode = call.Query("mode") ?? "PERSISTENT";
        IEnumerable<string> topics = mode switch
        {
            "PERSISTENT" => state.TopicsOf(call.Namespace),
            "NON_PERSISTENT" => NonPersistent(call.Namespace),
            "ALL" => state.TopicsOf(call.Namespace).Concat(NonPersistent(call.Namespace)),
            _ => throw new RefusalException(Answer.Page(404, "Not Found", call.Path)),
        };
        return Task.FromResult(Answer.Json(topics.ToArray()));
    }

    private Task<Answer> BundlesAsync(Call call)
    {
        access.DemandNamespace(call, "GET_BUNDLE", Grant.Either);
        return Task.FromResult(Answer.Json(Find(state, call).Document()["bundles"]!));
    }

    private async Task<Answer> UnloadAsync(Call call)
    {
        Access.DemandSuperUser(call);
        if (!state.Namespaces.ContainsKey(call.Namespace))
            throw new RefusalException(404, "Namespace not found");
        await broker.UnloadNamespaceAsync(call.Namespace, call.Cancelled);
        return Answer.Done;
    }

    private async Task<Answer> ClearAsync(Call call, string? name)
    {
        access.DemandNamespace(call, "CLEAR_BACKLOG", Grant.Consume);
        foreach (var full in state.TopicsOf(call.Namespace).ToList())
        {
            if (await broker.FindAsync(TopicName.Parse(full), call.Cancelled) is { } topic)
                Clear(topic, name);
        }
        return Answer.Done;
    }

    private async Task<Answer> UnsubscribeAsync(Call call)
    {
        access.DemandNamespace(call, "UNSUBSCRIBE", Grant.Consume);
        Find(state, call);
        foreach (var full in state.TopicsOf(call.Namespace).ToList())
        {
            if (await broker.FindAsync(TopicName.Parse(full), call.Cancelled) is { } topic && topic.Find(call["sub"]) is { } subscription)
                topic.RemoveSubscription(subscription);
        }
        return Answer.Done;
    }

    private static void Clear(Topic topic, string? name)
    {
        lock (topic.Gate)
        {
            if (name is not null && topic.Find(name) is null)
                throw new RefusalException(500, "Cursor not found");
            foreach (var subscription in topic.Subscriptions.Where(s => name is null || s.Name == name))
                subscription.AcknowledgeUpTo(topic.Log.End - 1);
        }
    }

    private IEnumerable<string> NonPersistent(string ns) =>
        broker.Loaded.Where(t => !t.Name.Persistent && t.Name.Namespace == ns).Select(t => t.Name.Full);

    private IEnumerable<string> PartitionedOf(string ns) =>
        state.Partitioned.Keys.Where(full => TopicName.Parse(full).Namespace == ns);
}
