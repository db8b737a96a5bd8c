using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary>Grants on namespaces, topics and subscriptions. A POST replaces what the role had.</summary>
internal sealed class PermissionRoutes(ClusterState state, Broker broker, Access access)
{
    private const string Namespace = "admin/v2/namespaces/{tenant}/{ns}/permissions";
    private static readonly string[] _actions = ["produce", "consume", "functions", "sources", "sinks", "packages"];

    public void Map(Router router)
    {
        router.Map("GET", Namespace, call => Task.FromResult(Answer.Json(Auth(call)["namespace_auth"]!)));
        router.Map("POST", $"{Namespace}/{{role}}", async call =>
        {
            var actions = Actions(await call.TextsAsync());
            return await ChangeAsync(call, "GRANT_PERMISSION", auth => auth["namespace_auth"]![call["role"]] = actions);
        });
        router.Map("DELETE", $"{Namespace}/{{role}}", call => ChangeAsync(call, "REVOKE_PERMISSION", auth => auth["namespace_auth"]!.AsObject().Remove(call["role"])));
        router.Map("GET", $"{Namespace}/subscription", call => Task.FromResult(Answer.Json(Auth(call)["subscription_auth_roles"]!)));
        router.Map("POST", $"{Namespace}/subscription/{{sub}}", async call =>
        {
            var roles = await call.TextsAsync();
            return await ChangeAsync(call, "GRANT_PERMISSION", auth => auth["subscription_auth_roles"]![call["sub"]] = new JsonArray([.. roles.Select(r => (JsonNode)r!)]));
        });
        router.Map("DELETE", $"{Namespace}/{{sub}}/{{role}}", call => ChangeAsync(call, "REVOKE_PERMISSION", auth => RemoveRole(auth["subscription_auth_roles"]!.AsObject(), call)));
        router.MapTopic("GET", "/{topic}/permissions", GetAsync);
        router.MapTopic("POST", "/{topic}/permissions/{role}", async call =>
        {
            var actions = Actions(await call.TextsAsync());
            return await ChangeTopicAsync(call, auth => (auth[call.Topic.Full] ??= new JsonObject())[call["role"]] = actions);
        });
        router.MapTopic("DELETE", "/{topic}/permissions/{role}", call => ChangeTopicAsync(call, auth =>
        {
            if (auth[call.Topic.Full] is JsonObject roles)
                roles.Remove(call["role"]);
        }));
    }

    private JsonNode Auth(Call call)
    {
        access.DemandNamespace(call, "GET_PERMISSION");
        return NamespaceRoutes.Find(state, call).Document()["auth_policies"]!;
    }

    private async Task<Answer> ChangeAsync(Call call, string operation, Action<JsonNode> change)
    {
        access.DemandNamespace(call, operation);
        return await state.ChangePoliciesAsync(call.Namespace, policies => change(policies["auth_policies"]!))
            ? Answer.Done : throw new RefusalException(404, "Topic's namespace does not exist");
    }

    // A topic's list mixes in what the namespace grants.
    private Task<Answer> GetAsync(Call call)
    {
        access.DemandTenantAdmin(call);
        var auth = NamespaceRoutes.Find(state, call).Document()["auth_policies"]!;
        var name = call.Topic;
        if (!broker.Exists(name) && !state.Partitioned.ContainsKey(name.Full))
            throw TopicRoutes.NotFound(name);
        var all = new JsonObject();
        foreach (var source in (JsonNode?[])[auth["namespace_auth"], auth["destination_auth"]![name.Base.Full], auth["destination_auth"]![name.Full]])
        {
            foreach (var (role, actions) in source as JsonObject ?? [])
            {
                var granted = all[role] as JsonArray ?? [];
                var merged = granted.Concat(actions!.AsArray()).Select(a => (string?)a).Distinct();
                all[role] = new JsonArray([.. merged.Select(a => (JsonNode?)a)]);
            }
        }
        return Task.FromResult(Answer.Json(all));
    }

    private async Task<Answer> ChangeTopicAsync(Call call, Action<JsonObject> change)
    {
        var name = call.Topic;
        access.DemandTenantAdmin(call);
        if (!state.Namespaces.ContainsKey(call.Namespace))
            throw new RefusalException(404, "Namespace does not exist");
        if (!broker.Exists(name) && !state.Partitioned.ContainsKey(name.Full))
            throw new RefusalException(404, $"Topic {name} not found");
        await state.ChangePoliciesAsync(call.Namespace, policies => change(policies["auth_policies"]!["destination_auth"]!.AsObject()));
        return Answer.Done;
    }

    private static void RemoveRole(JsonObject subscriptions, Call call)
    {
        if (subscriptions[call["sub"]] is not JsonArray roles)
            return;
        foreach (var role in roles.Where(r => (string?)r == call["role"]).ToList())
            roles.Remove(role);
        if (roles.Count == 0)
            subscriptions.Remove(call["sub"]);
    }

    // An unknown action is stored as null.
    private static JsonArray Actions(IReadOnlyList<string?> given) => [.. given.Distinct().Select(a => _actions.Contains(a) ? (JsonNode?)a : null)];
}
