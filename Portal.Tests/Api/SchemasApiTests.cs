using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support.Journeys;
using static Portal.Tests.Support.Fakes.StandingSchemas;

namespace Portal.Tests.Api;

/// <summary>Everything a script does with a topic's schema, on the stand-in.</summary>
public sealed class SchemasApiTests
{
    private static readonly string First = Order(Field("id", "string"));
    private static readonly string Second = Order(Field("id", "string"), Field("note", "string", "\"\""));
    private static readonly string Clashing = Order(Field("id", "long"));

    [Fact]
    public async Task A_schema_is_checked_uploaded_listed_compared_and_deleted()
    {
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        var schema = await SchemaAsync(portal, rest);
        Assert.Equal("schema-not-found", await CodeAsync(rest, HttpMethod.Get, schema, null, HttpStatusCode.NotFound));
        Assert.Empty((await rest.GetAsync($"{schema}/versions"))["items"]!.AsArray());

        Assert.True((bool)(await rest.PostAsync($"{schema}/check", Body("JSON", First), HttpStatusCode.OK))["compatible"]!);
        Assert.Equal(0, (int)(await rest.PostAsync(schema, Body("JSON", First), HttpStatusCode.Created))["version"]!);
        Assert.Equal(1, (int)(await rest.PostAsync(schema, Body("JSON", Second), HttpStatusCode.Created))["version"]!);
        Assert.Equal(0, (int)(await rest.PostAsync(schema, Body("JSON", First), HttpStatusCode.Created))["version"]!);

        var newest = await rest.GetAsync(schema);
        Assert.Equal(("JSON", 1, Second), ((string)newest["type"]!, (int)newest["version"]!, (string)newest["definition"]!));
        Assert.Equal(First, (string)(await rest.GetAsync($"{schema}/versions/0"))["definition"]!);
        var page = await rest.GetAsync($"{schema}/versions?limit=1");
        Assert.Equal(1, (int)page["items"]!.AsArray().Single()!["version"]!);
        Assert.Equal(
            0,
            (int)(await rest.GetAsync($"{schema}/versions?limit=1&after={page["next"]}"))["items"]!.AsArray().Single()!["version"]!
        );
        var compared = await rest.GetAsync($"{schema}/compare?from=0&to=1");
        Assert.Equal(
            ("added", "note", false),
            (
                (string)compared["changes"]![0]!["kind"]!,
                (string)compared["changes"]![0]!["field"]!,
                (bool)compared["changes"]![0]!["breaksNewReaders"]!
            )
        );

        var check = await rest.PostAsync($"{schema}/check", Body("JSON", Clashing), HttpStatusCode.OK);
        Assert.Equal((false, "FULL", 1), ((bool)check["compatible"]!, (string)check["rule"]!, (int)check["clashesWith"]!));
        Assert.Equal("Field \"id\" changed from string to long.", (string)check["reasons"]![0]!);
        var (status, refused) = await rest.SendAsync(HttpMethod.Post, schema, Body("JSON", Clashing));
        Assert.Equal((HttpStatusCode.Conflict, "schema-incompatible"), (status, (string)refused!["code"]!));
        Assert.Contains("changed from string to long", (string)refused["detail"]!, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await rest.SendAsync(HttpMethod.Delete, schema)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await rest.SendAsync(HttpMethod.Delete, schema)).Status);
        Assert.Equal(3, (int)(await rest.PostAsync(schema, Body("STRING", null), HttpStatusCode.Created))["version"]!);
        Assert.Equal(
            ["schema.upload", "schema.delete", "schema.upload", "schema.upload", "schema.upload"],
            (await rest.GetAsync("/api/v1/organizations/northwind/audit?operation=schema"))["items"]!
                .AsArray()
                .Select(one => (string)one!["operation"]!)
        );
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_and_says_why()
    {
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        var schema = await SchemaAsync(portal, rest);
        foreach (
            var (type, definition, code) in new[]
            {
                (null, First, "schema-type-unknown"),
                ("ODD", First, "schema-type-unknown"),
                ("JSON", null, "schema-malformed"),
                ("AVRO", "{", "schema-malformed"),
                ("AVRO", """{"type":"record","name":"R","fields":[{"name":"a","type":"\ud800"}]}""", "schema-malformed"),
                ("STRING", "x", "schema-malformed"),
                (
                    "PROTOBUF_NATIVE",
                    """{"fileDescriptorSet":"AAAA","rootMessageTypeName":"x.Y","rootFileDescriptorName":"y.proto"}""",
                    "schema-malformed"
                ),
                ("JSON", new string('x', 300_000), "schema-too-large"),
            }
        )
        foreach (var path in new[] { schema, $"{schema}/check" })
            Assert.Equal(code, await CodeAsync(rest, HttpMethod.Post, path, Body(type, definition), HttpStatusCode.BadRequest));
        await rest.PostAsync(schema, Body("JSON", First), HttpStatusCode.Created);
        foreach (
            var (path, status, code) in new[]
            {
                ("versions/7", HttpStatusCode.NotFound, "schema-version-not-found"),
                ("versions/last", HttpStatusCode.NotFound, "schema-version-not-found"),
                ("versions/-1", HttpStatusCode.NotFound, "schema-version-not-found"),
                ("versions/99999999999999999999", HttpStatusCode.NotFound, "schema-version-not-found"),
                ("versions?after=x", HttpStatusCode.BadRequest, "cursor-unknown"),
                ("compare", HttpStatusCode.BadRequest, "schema-version-missing"),
                ("compare?from=0&to=x", HttpStatusCode.BadRequest, "schema-version-missing"),
                ("compare?from=0&to=7", HttpStatusCode.NotFound, "schema-version-not-found"),
            }
        )
            Assert.Equal(code, await CodeAsync(rest, HttpMethod.Get, $"{schema}/{path}", null, status));
    }

    private static async Task<string> SchemaAsync(PortalHere portal, RestClient rest)
    {
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        return $"/api/v1/organizations/northwind/tenants/{world.Tenant}/namespaces/default/topics/orders/schema";
    }

    private static JsonObject Body(string? type, string? definition) => new() { ["type"] = type, ["definition"] = definition };

    private static async Task<string?> CodeAsync(RestClient rest, HttpMethod method, string path, JsonObject? body, HttpStatusCode expected)
    {
        var (status, problem) = await rest.SendAsync(method, path, body);
        Assert.True(status == expected, $"{method} {path}: {status} {problem}");
        return (string?)problem?["code"];
    }
}
