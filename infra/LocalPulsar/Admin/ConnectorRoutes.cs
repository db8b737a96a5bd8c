using System.Text.Json;
using System.Text.Json.Nodes;
using LocalPulsar.Functions;
using LocalPulsar.Metadata;
using LocalPulsar.Security;

namespace LocalPulsar.Admin;

/// <summary>
/// Sources, sinks and functions, as a functions worker answers. Super-user only; other packages than the built-in ones are refused.
/// </summary>
internal sealed class ConnectorRoutes(ClusterState state, FunctionsWorker worker)
{
    public void Map(Router router)
    {
        foreach (var kind in Enum.GetValues<Kind>())
        {
            var plural = $"{Word(kind).ToLowerInvariant()}s";
            var root = $"admin/v3/{plural}";
            if (kind == Kind.Function)
            {
                Map(router, "GET", $"{root}/builtins", _ => Answer.Json(BuiltIns.List(kind)));
            }
            else
            {
                Map(router, "GET", $"{root}/builtin{plural}", _ => Answer.Json(BuiltIns.List(kind)));
                Map(
                    router,
                    "GET",
                    $"{root}/builtin{plural}/{{type}}/configdefinition",
                    call =>
                        BuiltIns.Has(kind, call["type"])
                            ? Answer.Json(BuiltIns.Fields(kind))
                            : Answer.Page(500, "Request failed.", call.Path)
                );
            }
            var one = $"{root}/{{tenant}}/{{ns}}/{{name}}";
            Map(router, "GET", one, call => Answer.Json(Shown(Present(call, kind))));
            Map(router, "GET", $"{one}/status", call => Answer.Json(worker.Status(Full(call), Present(call, kind))));
            if (kind == Kind.Function)
                Map(router, "GET", $"{one}/stats", call => Answer.Json(worker.Stats(Full(call), Present(call, kind))));
            router.Map("POST", one, call => CreateAsync(call, kind));
            router.Map("PUT", one, call => UpdateAsync(call, kind));
            router.Map(
                "DELETE",
                one,
                async call =>
                {
                    Access.DemandSuperUser(call);
                    Present(call, kind);
                    await worker.DeleteAsync(Full(call));
                    return Answer.Done;
                }
            );
            router.Map("POST", $"{one}/start", call => RunAsync(call, kind, stopped: false));
            router.Map("POST", $"{one}/stop", call => RunAsync(call, kind, stopped: true));
            router.Map(
                "POST",
                $"{one}/restart",
                async call =>
                {
                    Access.DemandSuperUser(call);
                    await worker.PutAsync(Full(call), Present(call, kind));
                    return Answer.Done;
                }
            );
        }
    }

    /// <summary>
    /// A worker answers with a connector as it was sent; of a function it names neither the archive nor, in this form, the inputs.
    /// </summary>
    private static JsonObject Shown(ConnectorRecord record)
    {
        var document = record.Document();
        if (record.Kind != Kind.Function)
            return document;
        document.Remove("jar");
        document.Remove("inputs");
        return document;
    }

    private static void Map(Router router, string method, string path, Func<Call, Answer> answer) =>
        router.Map(
            method,
            path,
            call =>
            {
                Access.DemandSuperUser(call);
                return Task.FromResult(answer(call));
            }
        );

    private async Task<Answer> CreateAsync(Call call, Kind kind)
    {
        Access.DemandSuperUser(call);
        if (!state.Tenants.ContainsKey(call.Tenant))
            throw new RefusalException(400, "Tenant does not exist");
        if (!state.Namespaces.ContainsKey(call.Namespace))
            throw new RefusalException(400, "Namespace does not exist");
        if (worker.Find(Full(call)) is not null)
            throw new RefusalException(400, $"{Word(kind)} {call["name"]} already exists");
        var record = await ReadAsync(call, kind);
        await worker.PutAsync(Full(call), record);
        return Answer.Done;
    }

    private async Task<Answer> UpdateAsync(Call call, Kind kind)
    {
        Access.DemandSuperUser(call);
        if (worker.Find(Full(call)) is not { } before || before.Kind != kind)
            throw new RefusalException(400, $"{Word(kind)} {call["name"]} doesn't exist");
        var record = await ReadAsync(call, kind) with { Stopped = before.Stopped };
        if (kind == Kind.Function && Fixed(record.Document(), before.Document()) is { } altered)
            throw new RefusalException(400, $"{altered} cannot be altered");
        if (kind != Kind.Function && JsonNode.DeepEquals(record.Document(), before.Document()))
            throw new RefusalException(400, "Update contains no change");
        await worker.PutAsync(Full(call), record);
        return Answer.Done;
    }

    private async Task<Answer> RunAsync(Call call, Kind kind, bool stopped)
    {
        Access.DemandSuperUser(call);
        var record = Present(call, kind);
        if (record.Stopped == stopped)
            throw new RefusalException(400, "Operation not permitted");
        await worker.PutAsync(Full(call), record with { Stopped = stopped });
        return Answer.Done;
    }

    private ConnectorRecord Present(Call call, Kind kind) =>
        worker.Find(Full(call)) is { } found && found.Kind == kind
            ? found
            : throw new RefusalException(404, $"{Word(kind)} {call["name"]} doesn't exist");

    private static async Task<ConnectorRecord> ReadAsync(Call call, Kind kind)
    {
        if (!call.Http.Request.HasFormContentType)
            throw new RefusalException(Answer.Page(415, "Unsupported Media Type", call.Path));
        var form = await call.Http.Request.ReadFormAsync(call.Cancelled);
        JsonObject sent;
        try
        {
            sent = JsonNode.Parse(form[$"{Word(kind).ToLowerInvariant()}Config"].ToString()) as JsonObject ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new RefusalException(400, $"{Word(kind)} config is not provided");
        }
        if (kind == Kind.Function && form["url"].ToString() is { Length: > 0 } package)
            throw new RefusalException(
                400,
                $"LocalPulsar runs its built-in functions only, so it can't run {package}. "
                    + "Use a real Pulsar cluster to run your own functions."
            );
        var archive = $"{sent[kind == Kind.Function ? "jar" : "archive"]}";
        var isBuiltIn = archive.StartsWith("builtin://", StringComparison.Ordinal);
        if (!isBuiltIn || !BuiltIns.Has(kind, archive["builtin://".Length..]))
        {
            throw new RefusalException(
                400,
                kind != Kind.Function ? $"No {Word(kind)} archive {archive} found"
                    : isBuiltIn ? $"No Function {archive["builtin://".Length..]} found"
                    : "Function package is not provided"
            );
        }
        if (kind != Kind.Function && BuiltIns.Mistyped(kind, sent["configs"] as JsonObject ?? []) is { } mistyped)
            throw new RefusalException(400, mistyped);
        if (kind == Kind.Function)
            Check(sent);
        if (kind == Kind.Sink && sent["inputs"] is not JsonArray { Count: > 0 })
            throw new RefusalException(
                400,
                "Must specify at least one topic of input via topicToSerdeClassName, topicsPattern, topicToSchemaType or inputSpecs"
            );
        // The name in the path wins over the one that is sent.
        (sent["tenant"], sent["namespace"], sent["name"]) = (call.Tenant, call["ns"], call["name"]);
        sent["className"] = BuiltIns.ClassOf(kind);
        var parallelism = sent["parallelism"] is JsonValue number && number.TryGetValue<int>(out var many) ? many : 1;
        if (parallelism < 1)
            throw new RefusalException(400, $"{Word(kind)} parallelism must be a positive number");
        return new ConnectorRecord(kind == Kind.Source, parallelism, sent.ToJsonString(), false, kind == Kind.Function);
    }

    private static void Check(JsonObject sent)
    {
        if (sent["inputs"] is not JsonArray { Count: > 0 } inputs)
            throw new RefusalException(400, "No input topic(s) specified for the function");
        if (inputs.Any(input => $"{input}" == $"{sent["output"]}"))
            throw new RefusalException(
                400,
                $"Output topic {sent["output"]} is also being used as an input topic (topics must be one or the other)"
            );
        if (sent["userConfig"] is not (null or JsonObject))
            throw new RefusalException(Answer.Page(400, "Bad Request", ""));
    }

    /// <summary>What of a function stays as it was made, and is asked to be something else; null for nothing.</summary>
    private static string? Fixed(JsonObject asked, JsonObject before)
    {
        return Differs("inputs") ? "Input Topics"
            : Differs("subName") ? "Subscription Name"
            : Differs("processingGuarantees") ? "Processing Guarantees"
            : null;

        bool Differs(string field) => !JsonNode.DeepEquals(asked[field], before[field]);
    }

    private static string Full(Call call) => $"{call.Namespace}/{call["name"]}";

    private static string Word(Kind kind) => $"{kind}";
}
