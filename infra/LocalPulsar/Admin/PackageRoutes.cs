using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using Microsoft.AspNetCore.Http.Features;

namespace LocalPulsar.Admin;

/// <summary>
/// Packages as brokers with the file system's storage keep them: lists go on naming what was deleted. This server can run
/// none of them, so it forgets the bytes.
/// </summary>
internal sealed class PackageRoutes(ClusterState state, TimeProvider clock)
{
    public void Map(Router router)
    {
        const string Names = "admin/v3/packages/function/{tenant}/{ns}",
            Version = $"{Names}/{{name}}/{{version}}";
        Map(router, "GET", Names, call => Listed(call, "", ofNames: true));
        Map(router, "GET", $"{Names}/{{name}}", call => Listed(call, $"{call["name"]}/", ofNames: false));
        Map(router, "GET", $"{Version}/metadata", call => Answer.Json(new JsonObject { ["description"] = Present(call).Description }));
        router.Map("POST", Version, UploadAsync);
        router.Map("DELETE", Version, DeleteAsync);
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

    private Answer Listed(Call call, string below, bool ofNames)
    {
        var start = $"{call.Namespace}/{below}";
        var found = state
            .Packages.Keys.Where(key => key.StartsWith(start, StringComparison.Ordinal))
            .Select(key => key[start.Length..].Split('/')[0])
            .Distinct(StringComparer.Ordinal);
        return Answer.Json(new JsonArray([.. found.Order(StringComparer.Ordinal).Select(name => (JsonNode)name)]));
    }

    private async Task<Answer> UploadAsync(Call call)
    {
        Access.DemandSuperUser(call);
        if (call.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (!call.Http.Request.HasFormContentType)
            throw new RefusalException(Answer.Page(415, "Unsupported Media Type", call.Path));
        var form = await call.Http.Request.ReadFormAsync(call.Cancelled);
        if (state.Packages.GetValueOrDefault(Key(call)) is { Deleted: false })
            throw new RefusalException(409, $"Package '{Url(call)}' metadata already exists");
        var metadata = JsonNode.Parse(form["metadata"].ToString()) as JsonObject ?? [];
        await state.PutPackageAsync(
            Key(call),
            new PackageRecord($"{metadata["description"]}", clock.GetUtcNow().ToUnixTimeMilliseconds(), Deleted: false)
        );
        return Answer.Done;
    }

    private async Task<Answer> DeleteAsync(Call call)
    {
        Access.DemandSuperUser(call);
        var there = state.Packages.GetValueOrDefault(Key(call));
        await state.PutPackageAsync(Key(call), (there ?? new("", 0, true)) with { Deleted = true });
        return there is { Deleted: false }
            ? Answer.Done
            : throw new RefusalException(500, $"Failed to delete file at function/{Key(call)}/meta");
    }

    private PackageRecord Present(Call call) =>
        state.Packages.GetValueOrDefault(Key(call)) is { Deleted: false } found
            ? found
            : throw new RefusalException(404, $"Package '{Url(call)}' metadata does not exist");

    private static string Key(Call call) => $"{call.Namespace}/{call["name"]}/{call["version"]}";

    private static string Url(Call call) => $"function://{call.Namespace}/{call["name"]}@{call["version"]}";
}
