using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary>Grants on namespaces and topics. A POST replaces what the role had.</summary>
internal sealed class PermissionRoutes(ClusterState state, Broker broker, Access access)
{
    private const string Namespace = "admin/v2/namespaces/{tenant}/{ns}/permissions";
    private static readonly string[] _actions = ["produce", "consume", "functions", "sources", "sinks", "packages"];

    public void Map(Router router)
    {
        router.Map(
            "POST",
            $"{Namespace}/{{role}}",
            async call =>
            {
                var actions = Actions(await call.TextsAsync());
                return await ChangeAsync(call, "GRANT_PERMISSION", auth => auth["namespace_auth"]![call["role"]] = actions);
            }
        );
        router.Map(
            "DELETE",
            $"{Namespace}/{{role}}",
            call => ChangeAsync(call, "REVOKE_PERMISSION", auth => auth["namespace_auth"]!.AsObject().Remove(call["role"]))
        );
        router.MapTopic(
            "POST",
            "/{topic}/permissions/{role}",
            async call =>
            {
                var actions = Actions(await call.TextsAsync());
                return await ChangeTopicAsync(call, auth => (auth[call.Topic.Full] ??= new JsonObject())[call["role"]] = actions);
            }
        );
        router.MapTopic(
            "DELETE",
            "/{topic}/permissions/{role}",
            call =>
                ChangeTopicAsync(
                    call,
                    auth =>
                    {
                        if (auth[call.Topic.Full] is JsonObject roles)
                            roles.Remove(call["role"]);
                    }
                )
        );
    }

    private async Task<Answer> ChangeAsync(Call call, string operation, Action<JsonNode> change)
    {
        access.DemandNamespace(call, operation);
        return await state.ChangePoliciesAsync(call.Namespace, policies => change(policies["auth_policies"]!))
            ? Answer.Done
            : throw new RefusalException(404, operation == "REVOKE_PERMISSION" ? "" : "Topic's namespace does not exist");
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

    // An unknown action is stored as null.
    private static JsonArray Actions(IReadOnlyList<string?> given) =>
        [.. given.Distinct().Select(a => _actions.Contains(a) ? (JsonNode?)a : null)];
}
