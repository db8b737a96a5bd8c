using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;

namespace LocalPulsar.Admin;

/// <summary>Properties of a namespace, and resource groups, which are kept and attached but limit nothing here.</summary>
internal sealed class PropertyRoutes(ClusterState state, Access access)
{
    private const string Path = "admin/v2/namespaces/{tenant}/{ns}/";
    private static readonly string[] _rates = ["publishRateInMsgs", "publishRateInBytes", "dispatchRateInMsgs", "dispatchRateInBytes"];

    public void Map(Router router)
    {
        router.Map("GET", Path + "properties", call => Task.FromResult(Answer.Json(Properties(call))));
        router.Map("PUT", Path + "properties", async call =>
        {
            var given = Call.Texts(await call.BodyAsync());
            return await ChangeAsync(call, properties =>
            {
                foreach (var (name, value) in given)
                    properties[name] = value;
            });
        });
        router.Map("DELETE", Path + "properties", call => ChangeAsync(call, properties => properties.Clear()));
        router.Map("GET", Path + "property/{key}", call => Task.FromResult(Properties(call)[call["key"]] is { } value ? Answer.Bare(value.GetValue<string>()) : Answer.Empty));
        router.Map("PUT", Path + "property/{key}/{value}", call => ChangeAsync(call, properties => properties[call["key"]] = call["value"]));
        router.Map("DELETE", Path + "property/{key}", async call =>
        {
            var old = Properties(call)[call["key"]];
            await ChangeAsync(call, properties => properties.Remove(call["key"]));
            return old is null ? Answer.Empty : Answer.Bare(old.GetValue<string>());
        });
        router.Map("GET", Path + "resourcegroup", call =>
        {
            access.DemandPolicy(call, "RESOURCEGROUP", "READ");
            return Task.FromResult(NamespaceRoutes.Find(state, call).Document()["resource_group_name"] is { } group ? Answer.Bare(group.GetValue<string>()) : Answer.Empty);
        });
        router.Map("POST", Path + "resourcegroup/{group}", async call =>
        {
            access.DemandPolicy(call, "RESOURCEGROUP", "WRITE");
            NamespaceRoutes.Find(state, call);
            if (!state.ResourceGroups.ContainsKey(call["group"]))
                throw new RefusalException(412, "ResourceGroup does not exist");
            await state.ChangePoliciesAsync(call.Namespace, policies => policies["resource_group_name"] = call["group"]);
            return Answer.Done;
        });
        router.Map("DELETE", Path + "resourcegroup", async call =>
        {
            access.DemandPolicy(call, "RESOURCEGROUP", "WRITE");
            await state.ChangePoliciesAsync(call.Namespace, policies => policies.Remove("resource_group_name"));
            return Answer.Done;
        });
        router.Map("GET", "admin/v2/resourcegroups", call =>
        {
            Access.DemandSuperUser(call);
            return Task.FromResult(Answer.Json(state.ResourceGroups.Keys.Order(StringComparer.Ordinal).ToArray()));
        });
        router.Map("GET", "admin/v2/resourcegroups/{group}", call =>
        {
            Access.DemandSuperUser(call);
            return Task.FromResult(state.ResourceGroups.TryGetValue(call["group"], out var document)
                ? Answer.Json(JsonNode.Parse(document)!)
                : throw new RefusalException(404, "ResourceGroup does not exist"));
        });
        router.Map("PUT", "admin/v2/resourcegroups/{group}", SetGroupAsync);
        router.Map("DELETE", "admin/v2/resourcegroups/{group}", DeleteGroupAsync);
    }

    private JsonObject Properties(Call call)
    {
        access.DemandPolicy(call, "PROPERTIES", "READ");
        return NamespaceRoutes.Find(state, call).Document()["properties"]!.AsObject();
    }

    private async Task<Answer> ChangeAsync(Call call, Action<JsonObject> change)
    {
        access.DemandPolicy(call, "PROPERTIES", "WRITE");
        return await state.ChangePoliciesAsync(call.Namespace, policies => change(policies["properties"]!.AsObject()))
            ? Answer.Done : throw new RefusalException(404, "Namespace does not exist");
    }

    private async Task<Answer> SetGroupAsync(Call call)
    {
        Access.DemandSuperUser(call);
        var given = await call.ObjectAsync();
        var group = state.ResourceGroups.TryGetValue(call["group"], out var existing) ? JsonNode.Parse(existing)!.AsObject() : [];
        foreach (var rate in _rates)
        {
            if (given[rate] is { } value)
                group[rate] = value.DeepClone();
        }
        await state.PutResourceGroupAsync(call["group"], group.ToJsonString());
        return Answer.Done;
    }

    private async Task<Answer> DeleteGroupAsync(Call call)
    {
        Access.DemandSuperUser(call);
        if (state.Namespaces.Values.Any(ns => (string?)ns.Document()["resource_group_name"] == call["group"]))
            throw new RefusalException(412, "ResourceGroup is in use");
        if (!state.ResourceGroups.ContainsKey(call["group"]))
            throw new RefusalException(500, $"\n --- An unexpected error occurred in the server ---\n\nMessage: path /admin/resourcegroups/{call["group"]} not found.\n");
        await state.DeleteResourceGroupAsync(call["group"]);
        return Answer.Done;
    }
}
