using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>A client that a generator of others makes of <c>docs/openapi.json</c> compiles, and walks a customer's main job.</summary>
public sealed class GeneratedClientTests
{
    [Fact]
    public async Task A_client_generated_from_the_document_compiles_and_walks_from_organization_to_usage()
    {
        await NodePrograms.RunAsync(
            "node_modules/openapi-typescript/bin/cli.js",
            Path.Combine(Repository.Root, "docs", "openapi.json"),
            "--output",
            "portal-api.d.ts"
        );
        await NodePrograms.RunAsync(
            "node_modules/typescript/bin/tsc",
            "--strict",
            "--target",
            "es2022",
            "--module",
            "nodenext",
            "--moduleResolution",
            "nodenext",
            "--noUncheckedIndexedAccess",
            "--types",
            "node",
            "portal-client.ts"
        );
        await using var portal = await PortalHere.StartAsync();
        await using var script = await NodePrograms.StartAsync(
            "portal-client.js",
            new Dictionary<string, string> { ["PORTAL"] = portal.Url.ToString().TrimEnd('/'), ["KEY"] = RunningPortal.OperatorKey }
        );
        var result = JsonNode.Parse(await script.ValueAsync("RESULT"))!;
        Assert.Equal(
            """{"partitions":2,"key":"ready","token":true,"sent":true,"payload":"hello","subscriptions":["billing","shipping"],"unit":"bytes","code":"slug-taken","field":"slug"}""",
            result.ToJsonString()
        );
    }
}
