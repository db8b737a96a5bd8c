using System.Text.Json;
using System.Text.Json.Nodes;
using LocalPulsar.Functions;
using LocalPulsar.Metadata;
using LocalPulsar.Security;

namespace LocalPulsar.Admin;

/// <summary>Sources and sinks, as a functions worker answers. Super-user only; other packages than the built-in ones are refused.</summary>
internal sealed class ConnectorRoutes(ClusterState state, FunctionsWorker worker)
{
    public void Map(Router router)
    {
        foreach (var sources in (bool[])[true, false])
        {
            var plural = sources ? "sources" : "sinks";
            var root = $"admin/v3/{plural}";
            Map(router, "GET", $"{root}/builtin{plural}", _ => Answer.Json(BuiltIns.List(sources)));
            Map(router, "GET", $"{root}/builtin{plural}/{{type}}/configdefinition", call => BuiltIns.Has(sources, call["type"])
                ? Answer.Json(BuiltIns.Fields(sources)) : Answer.Page(500, "Request failed.", call.Path));
            var one = $"{root}/{{tenant}}/{{ns}}/{{name}}";
            Map(router, "GET", one, call => Answer.Json(Present(call, sources).Document()));
            Map(router, "GET", $"{one}/status", call => Answer.Json(worker.Status(Full(call), Present(call, sources))));
            router.Map("POST", one, call => CreateAsync(call, sources));
            router.Map("PUT", one, call => UpdateAsync(call, sources));
            router.Map("DELETE", one, async call =>
            {
                Access.DemandSuperUser(call);
                Present(call, sources);
                await worker.DeleteAsync(Full(call));
                return Answer.Done;
            });
            router.Map("POST", $"{one}/start", call => RunAsync(call, sources, stopped: false));
            router.Map("POST", $"{one}/stop", call => RunAsync(call, sources, stopped: true));
            router.Map("POST", $"{one}/restart", async call =>
            {
                Access.DemandSuperUser(call);
                await worker.PutAsync(Full(call), Present(call, sources));
                return Answer.Done;
            });
        }
    }

    private static void Map(Router router, string method, string path, Func<Call, Answer> answer) => router.Map(method, path, call =>
    {
        Access.DemandSuperUser(call);
        return Task.FromResult(answer(call));
    });

    private async Task<Answer> CreateAsync(Call call, bool source)
    {
        Access.DemandSuperUser(call);
        if (!state.Tenants.ContainsKey(call.Tenant))
            throw new RefusalException(400, "Tenant does not exist");
        if (!state.Namespaces.ContainsKey(call.Namespace))
            throw new RefusalException(400, "Namespace does not exist");
        if (worker.Find(Full(call)) is not null)
            throw new RefusalException(400, $"{Word(source)} {call["name"]} already exists");
        var record = await ReadAsync(call, source);
        await worker.PutAsync(Full(call), record);
        return Answer.Done;
    }

    private async Task<Answer> UpdateAsync(Call call, bool source)
    {
        Access.DemandSuperUser(call);
        if (worker.Find(Full(call)) is not { } before || before.IsSource != source)
            throw new RefusalException(400, $"{Word(source)} {call["name"]} doesn't exist");
        var record = await ReadAsync(call, source) with { Stopped = before.Stopped };
        if (JsonNode.DeepEquals(record.Document(), before.Document()))
            throw new RefusalException(400, "Update contains no change");
        await worker.PutAsync(Full(call), record);
        return Answer.Done;
    }

    private async Task<Answer> RunAsync(Call call, bool source, bool stopped)
    {
        Access.DemandSuperUser(call);
        var record = Present(call, source);
        if (record.Stopped == stopped)
            throw new RefusalException(400, "Operation not permitted");
        await worker.PutAsync(Full(call), record with { Stopped = stopped });
        return Answer.Done;
    }

    private ConnectorRecord Present(Call call, bool source) => worker.Find(Full(call)) is { } found && found.IsSource == source
        ? found : throw new RefusalException(404, $"{Word(source)} {call["name"]} doesn't exist");

    private static async Task<ConnectorRecord> ReadAsync(Call call, bool source)
    {
        if (!call.Http.Request.HasFormContentType)
            throw new RefusalException(Answer.Page(415, "Unsupported Media Type", call.Path));
        var form = await call.Http.Request.ReadFormAsync(call.Cancelled);
        JsonObject sent;
        try
        {
            sent = JsonNode.Parse(form[source ? "sourceConfig" : "sinkConfig"].ToString()) as JsonObject ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new RefusalException(400, $"{Word(source)} config is not provided");
        }
        var archive = $"{sent["archive"]}";
        if (!archive.StartsWith("builtin://", StringComparison.Ordinal) || !BuiltIns.Has(source, archive["builtin://".Length..]))
            throw new RefusalException(400, $"No {Word(source)} archive {archive} found");
        var configs = sent["configs"] as JsonObject ?? [];
        if (BuiltIns.Mistyped(source, configs) is { } mistyped)
            throw new RefusalException(400, mistyped);
        if (!source && sent["inputs"] is not JsonArray { Count: > 0 })
            throw new RefusalException(400, "Must specify at least one topic of input via topicToSerdeClassName, topicsPattern, topicToSchemaType or inputSpecs");
        // The name in the path wins over the one that is sent.
        (sent["tenant"], sent["namespace"], sent["name"]) = (call.Tenant, call["ns"], call["name"]);
        sent["className"] = BuiltIns.ClassOf(source);
        var parallelism = sent["parallelism"] is JsonValue number && number.TryGetValue<int>(out var many) ? many : 1;
        if (parallelism < 1)
            throw new RefusalException(400, $"{Word(source)} parallelism must be a positive number");
        return new ConnectorRecord(source, parallelism, sent.ToJsonString(), false);
    }

    private static string Full(Call call) => $"{call.Namespace}/{call["name"]}";

    private static string Word(bool source) => source ? "Source" : "Sink";
}
