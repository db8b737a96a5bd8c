using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Tests.Api.Matrix;
using Portal.Tests.Support;

namespace Portal.Tests.Api.Hostile;

/// <summary>
/// Hostile inputs into every parameter, field and body of every endpoint that the OpenAPI document lists, sent by
/// somebody who may do all of it, so that nothing stops at the door. The answer is what was asked for or a refusal that
/// says what is wrong; never a failure of the server, never an echo that a browser would run.
/// </summary>
public sealed class HostileApiTests(PostgresServer postgres)
{
    private const int Seed = 20261126;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    [Fact]
    public Task Hostile_inputs_to_every_endpoint_break_nothing() => AttackAsync([], HostileValues.Inputs);

    [Fact]
    public async Task And_none_breaks_PostgreSQL()
    {
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        await AttackAsync(
            new()
            {
                ["Portal:Database:Provider"] = "PostgreSql",
                ["Portal:Database:ConnectionString"] = await postgres.NewEmptyDatabaseAsync(),
            },
            HostileValues.Inputs / 3
        );
    }

    [Fact]
    public async Task A_thousand_hostile_credentials_open_nothing()
    {
        await using var portal = new PortalHost { Settings = { ["Portal:Limits:ApiBurst"] = "10000000" } };
        using var client = portal.CreateClient(new() { AllowAutoRedirect = false, HandleCookies = false });
        var values = new HostileValues(Seed);
        for (var i = 0; i < 1000; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/organizations");
            var text = HeaderText(values.Text());
            request.Headers.TryAddWithoutValidation("Authorization", i % 3 == 0 ? text : $"Bearer {(i % 3 == 1 ? "ptl_" : "")}{text}");
            using var answer = await client.SendAsync(request);
            Assert.True((int)answer.StatusCode is 401, $"'{text}': {answer.StatusCode}");
        }
    }

    private static async Task AttackAsync(Dictionary<string, string?> settings, int inputs)
    {
        await using var portal = new PortalHost
        {
            Settings =
            {
                ["Portal:Limits:ApiRequestsPerSecond"] = "1000000",
                ["Portal:Limits:ApiBurst"] = "10000000",
                ["Logging:LogLevel:Default"] = "None",
            },
        };
        foreach (var (name, value) in settings)
            portal.Settings[name] = value;
        using var client = portal.Api();
        var document = new ApiDocument((await client.GetFromJsonAsync<JsonNode>("/openapi/v1.json"))!);
        var endpoints = Endpoints(document.Root).ToList();
        Assert.True(endpoints.Count > 60);
        var failures = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            endpoints.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (item, _) =>
            {
                var (index, endpoint) = item;
                // An organization of its own, since some endpoints close it.
                var slug = $"org-{index}";
                await SeedAsync(portal, client, slug);
                var values = new HostileValues(Seed + index);
                // Without any input there is only the body that nobody asked for.
                for (var i = 0; i < (endpoint.Inputs == 0 ? 20 : inputs); i++)
                {
                    using var request = endpoint.Request(values, slug, $"shop-{slug}");
                    if (await CheckAsync(client, request, document, endpoint) is { } failure)
                    {
                        failures.Add($"{endpoint.Method} {endpoint.Template} (seed {Seed + index}, input {i}): {failure}");
                        if (failures.Count > 40)
                            return;
                    }
                }
            }
        );
        Assert.True(
            failures.IsEmpty,
            $"{failures.Count} of {endpoints.Count} × {inputs}, seed {Seed}:\n{string.Join('\n', failures.Order().Take(40))}"
        );
    }

    private static async Task<string?> CheckAsync(HttpClient client, HttpRequestMessage request, ApiDocument document, Endpoint endpoint)
    {
        using var deadline = new CancellationTokenSource(Longest);
        try
        {
            using var answer = await client.SendAsync(request, deadline.Token);
            var (status, type, text) = (
                (int)answer.StatusCode,
                answer.Content.Headers.ContentType?.MediaType,
                await answer.Content.ReadAsStringAsync(deadline.Token)
            );
            var sent =
                $"{request.RequestUri!.OriginalString[..Math.Min(200, request.RequestUri.OriginalString.Length)]} answered "
                + $"{status} {type} {text[..Math.Min(300, text.Length)]}";
            if (status >= 500)
                return sent;
            if (status >= 400 && type != "application/problem+json")
                return "no problem document: " + sent;
            // A hostile part of a path may lead to another address: an empty one to that of the list.
            var isElsewhere = Segments(request.RequestUri.AbsolutePath) != Segments(endpoint.Template);
            if (
                status is not (404 or 405)
                && !isElsewhere
                && document.Contradiction(endpoint.Method, endpoint.Template, status, type, text) is { } contradiction
            )
                return $"not as documented, {contradiction}: {sent}";
            return
                text.Contains("   at ", StringComparison.Ordinal)
                || type == "text/html" && text.Contains(HostileValues.Marker, StringComparison.Ordinal)
                ? "tells too much: " + sent
                : null;
        }
        catch (OperationCanceledException)
        {
            return $"{request.RequestUri} hangs";
        }
    }

    private static int Segments(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Length;

    private static async Task SeedAsync(PortalHost portal, HttpClient client, string slug)
    {
        using var account = await client.GetAsync("/api/v1/account");
        var text = await account.Content.ReadAsStringAsync();
        Assert.True(account.IsSuccessStatusCode, text);
        var owner = JsonNode.Parse(text)!["id"]!.GetValue<string>();
        var clock = portal.Services.GetRequiredService<TimeProvider>();
        await portal
            .Services.GetRequiredService<IPortalDatabase>()
            .UpdateAsync(
                null,
                session =>
                {
                    var organization = MatrixWorld.Add(session, clock, slug);
                    session.Organizations.Add(
                        new Portal.Domain.Access.Membership(
                            organization.Id,
                            new(Guid.Parse(owner)),
                            Portal.Domain.Access.Role.Owner,
                            clock.Now()
                        )
                    );
                    return Task.FromResult(true);
                },
                CancellationToken.None
            );
    }

    private static string HeaderText(string text) => new([.. text.Where(one => one is >= ' ' and < '\u007f')]);

    private static IEnumerable<Endpoint> Endpoints(JsonNode document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        let parameters = operation.Value!["parameters"]?.AsArray() ?? []
        let schema = operation.Value["requestBody"]?["content"]?["application/json"]?["schema"]
        select new Endpoint(
            operation.Key.ToUpperInvariant(),
            path.Key,
            [.. parameters.Where(one => (string?)one!["in"] == "query").Select(one => (string)one!["name"]!)],
            operation.Value["requestBody"] is null
                ? null
                : [.. Resolve(document, schema)?["properties"]?.AsObject().Select(one => one.Key) ?? []]
        );

    private static JsonNode? Resolve(JsonNode document, JsonNode? schema)
    {
        if (schema?["oneOf"] is JsonArray either)
            schema = either.FirstOrDefault(one => one!["$ref"] is not null);
        return (string?)schema?["$ref"] is { } name ? document["components"]!["schemas"]![name[(name.LastIndexOf('/') + 1)..]] : schema;
    }

    /// <param name="Fields">Of the body; null where there is none.</param>
    private sealed record Endpoint(string Method, string Template, IReadOnlyList<string> Query, IReadOnlyList<string>? Fields)
    {
        // Every list takes these, whether the document says so or not.
        private static readonly string[] OfLists = ["limit", "after", "search"];

        private readonly string[] _segments = [.. Template.Split('/', StringSplitOptions.RemoveEmptyEntries)];

        public int Inputs => _segments.Count(IsParameter) + Query.Count + (Fields?.Count ?? 0);

        /// <summary>A request that is right but for one thing, or for its whole body.</summary>
        public HttpRequestMessage Request(HostileValues values, string organization, string tenant)
        {
            var parameters = _segments.Where(IsParameter).ToList();
            var queries = Method == "GET" ? [.. Query, .. OfLists] : Query;
            var which = values.Next(parameters.Count + queries.Count + (Fields is null ? 0 : Fields.Count + 3));
            var hostile = which < parameters.Count ? parameters[which] : null;
            var address = new StringBuilder("http://localhost");
            foreach (var segment in _segments)
                address
                    .Append('/')
                    .Append(
                        segment == hostile ? values.Segment()
                        : IsParameter(segment) ? Usual(segment, organization, tenant)
                        : segment
                    );
            which -= parameters.Count;
            if (which >= 0 && which < queries.Count)
                address.Append($"?{queries[which]}={values.Escaped()}{(values.Next(5) == 0 ? $"&{queries[which]}=2" : "")}");
            which -= queries.Count;
            var request = new HttpRequestMessage(new HttpMethod(Method), address.ToString());
            if (values.Next(10) == 0)
                request.Headers.TryAddWithoutValidation("Idempotency-Key", HeaderText(values.Text()));
            if (Fields is null)
                return request;
            if (which >= Fields.Count)
                return With(request, values.Body(Fields), values.ContentType());
            var body = string.Join(
                ',',
                Fields.Select((field, index) => $"\"{field}\":{(index == which ? values.Json() : Plain(field, tenant))}")
            );
            return With(request, Encoding.UTF8.GetBytes($"{{{body}}}"), "application/json");
        }

        private static bool IsParameter(string segment) => segment.StartsWith('{');

        private static string Usual(string segment, string organization, string tenant) =>
            segment switch
            {
                "{org}" => organization,
                "{tenant}" => tenant,
                "{namespace}" => "production",
                "{month}" => "2999-01",
                "{meter}" => "write",
                "{topic}" or "{subscription}" or "{number}" => "gone",
                _ => "00000000-0000-7000-8000-00000000000f",
            };

        private static string Plain(string field, string tenant) =>
            field switch
            {
                "tenant" => $"\"{tenant}\"",
                "namespace" => "\"production\"",
                "name" => "\"Something\"",
                "role" => "\"viewer\"",
                "email" => "\"ines@example.com\"",
                "reason" => "\"ticket 4711\"",
                "minutes" => "1",
                _ => "null",
            };

        private static HttpRequestMessage With(HttpRequestMessage request, byte[] body, string type)
        {
            request.Content = new ByteArrayContent(body);
            if (type.Length > 0)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            return request;
        }
    }
}
