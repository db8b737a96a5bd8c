using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Tests.Api.Hostile;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>
/// Every source, sink and function of a cluster, asked for in two hundred ways that nobody may have: on the API, as a manifest, as a
/// trial, as a change, and as the wizard asks. The worker is watched: it is told of the valid ones and of nothing else.
/// </summary>
public sealed class HostileConnectorTests(ITestOutputHelper output)
{
    private const string Other = "/api/v1/organizations/southwind";

    /// <summary>Settings with which each can run.</summary>
    private static readonly Dictionary<string, string> Valid = new()
    {
        ["source:heartbeat"] = "\"text\":\"beat\",\"intervalMs\":60000",
        ["sink:http-post"] = "\"url\":\"http://127.0.0.1:1/\"",
        ["function:anomaly-score"] = "",
        ["source:kafka"] = "\"bootstrapServers\":\"kafka.example.com:9092\",\"topic\":\"t\",\"groupId\":\"g\"",
        ["sink:cassandra"] =
            "\"roots\":\"cassandra.example.com:9042\",\"keyspace\":\"shop\",\"columnFamily\":\"t\",\"keyname\":\"id\",\"columnName\":\"v\"",
    };

    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.2.4", Traits = ["tier", "thorough"])]
    public async Task Nothing_reaches_the_worker_that_is_not_valid_and_allowed(string pulsar)
    {
        await using var world = await ConnectorWorld.StartAsync(
            pulsar,
            new Dictionary<string, string> { ["Portal__Limits__ApiRequestsPerSecond"] = "10000", ["Portal__Limits__ApiBurst"] = "100000" }
        );
        var stranger = $"south-{Guid.NewGuid():N}"[..14];
        await world.Rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject
            {
                ["name"] = "southwind",
                ["slug"] = "southwind",
                ["plan"] = "payg",
            },
            HttpStatusCode.Created
        );
        await world.Rest.PostAsync($"{Other}/tenants", new JsonObject { ["name"] = stranger }, HttpStatusCode.Accepted);
        await world.Rest.SettledAsync($"{Other}/tenants/{stranger}/namespaces/default");
        await world.Rest.PostAsync(
            $"{Other}/tenants/{stranger}/namespaces/default/topics",
            new JsonObject { ["name"] = "orders" },
            HttpStatusCode.Accepted
        );
        await world.Rest.SettledAsync($"{Other}/tenants/{stranger}/namespaces/default/topics/orders");
        using var http = new HttpClient { BaseAddress = world.Portal.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningPortal.OperatorKey);
        var cluster = (string)(await world.Rest.GetAsync("/api/v1/operator/clusters"))["items"]![0]!["name"]!;
        var types = (await world.Use<IConnectorAdmin>().TypesAsync(cluster, CancellationToken.None))
            .Value.Where(type => Valid.ContainsKey(type.Key))
            .ToList();
        Assert.True(types.Count >= 3);

        // One of each that can be, stopped, for changes to be tried on.
        foreach (var type in types)
        {
            await world.Rest.PostAsync(
                $"{world.Tenant}/{Plural(type)}",
                (JsonObject)JsonNode.Parse(Body(type, Name(type), [("stopped", "true")]))!,
                HttpStatusCode.Accepted
            );
            await world.Rest.SettledAsync($"{world.Tenant}/{Plural(type)}/default/{Name(type)}");
        }
        var orders = world.Recorder.Orders.Count;
        Assert.True(orders >= types.Count);
        foreach (var told in world.Recorder.Orders.Where(told => told.Body.Length > 0 && told.Method == "POST"))
            Assert.Empty(
                told.Document.Select(pair => pair.Key)
                    .Except([
                        "tenant",
                        "namespace",
                        "name",
                        "archive",
                        "jar",
                        "parallelism",
                        "processingGuarantees",
                        "configs",
                        "userConfig",
                        "topicName",
                        "inputs",
                        "sourceSubscriptionName",
                        "subName",
                        "cleanupSubscription",
                        "autoAck",
                        "output",
                    ])
            );

        var tried = 0;
        List<string> wrong = [];
        foreach (var type in types)
        {
            var fields = (await world.Use<IConnectorAdmin>().FieldsAsync(cluster, type, CancellationToken.None)).Value;
            var hostile = HostileConnectors.Of(type.Kind, fields, Valid[type.Key], world.Name, stranger);
            output.WriteLine($"{type.Key}: {hostile.Count} hostile configurations");
            Assert.True(hostile.Count >= 190, $"{hostile.Count}");
            await Parallel.ForEachAsync(
                hostile,
                new ParallelOptions { MaxDegreeOfParallelism = 4 },
                async (one, token) =>
                {
                    var asked = new List<(string Way, HttpMethod Method, string Path, string Body)>
                    {
                        ("API", HttpMethod.Post, Plural(type), Body(type, "hostile", one.Parts)),
                    };
                    // What has a place in the address of a manifest is not in it.
                    if (one.Parts.All(part => part.Name is not ("name" or "namespace")))
                        asked.Add(("manifest", HttpMethod.Put, $"{Plural(type)}/default/hostile/manifest", Body(type, null, one.Parts)));
                    if (one.Configuration is { } settings)
                    {
                        asked.Add(
                            (
                                "change",
                                HttpMethod.Put,
                                $"{Plural(type)}/default/{Name(type)}",
                                $"{{{string.Join(',', one.Parts.Select(part => $"\"{part.Name}\":{part.Json}"))}}}"
                            )
                        );
                        if (type.Kind != ConnectorKind.Function)
                            asked.Add(
                                (
                                    "trial",
                                    HttpMethod.Post,
                                    "connectors/trial",
                                    $"{{\"namespace\":\"default\",\"kind\":\"{type.Kind.Text()}\",\"type\":\"{type.Name}\",\"topic\":\"default/orders\",\"configuration\":{settings}}}"
                                )
                            );
                    }
                    foreach (var (way, method, path, body) in asked)
                    {
                        Interlocked.Increment(ref tried);
                        if (await RefusedAsync(http, method, $"{world.Tenant}/{path}", body, one.Names) is { } problem)
                            Say($"{type.Key} {way}, {one.What}: {problem}");
                    }
                    if (await WizardAsync(world, type, one) is { } accepted)
                        Say($"{type.Key} wizard, {one.What}: {accepted}");
                }
            );
        }
        // A change that was taken would be on its way by now.
        foreach (var type in types)
            Assert.False((bool)(await world.Rest.GetAsync($"{world.Tenant}/{Plural(type)}/default/{Name(type)}"))["changing"]!);
        foreach (var told in world.Recorder.Orders.Skip(orders))
            wrong.Add($"The worker was told {told}");
        output.WriteLine($"{tried} requests");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {tried}:\n{string.Join('\n', wrong.Order(StringComparer.Ordinal).Take(120))}");
        Assert.Equal(
            types.Count,
            (await world.Rest.GetAsync($"{world.Tenant}/connectors"))["items"]!.AsArray().Count
                + (await world.Rest.GetAsync($"{world.Tenant}/functions"))["items"]!.AsArray().Count
        );

        void Say(string problem)
        {
            lock (wrong)
                wrong.Add(problem.Length <= 400 ? problem : problem[..400]);
        }
    }

    /// <summary>Null when it was refused by name.</summary>
    private static async Task<string?> RefusedAsync(HttpClient http, HttpMethod method, string path, string body, string names)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        // A server that refuses so much doesn't read it to its end.
        request.Headers.ExpectContinue = body.Length > 1_000_000;
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if ((int)answer.StatusCode is < 400 or >= 500)
            return $"{(int)answer.StatusCode} {text}";
        if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            return "429";
        if (text.Length > 4000)
            return $"an answer of {text.Length} characters";
        var problem = JsonNode.Parse(text)!;
        var said = $"{problem["field"]} {problem["detail"]}";
        return said.Contains(names, StringComparison.OrdinalIgnoreCase) || (string?)problem["code"] is "body-too-large"
            ? null
            : $"the refusal doesn't name {names}: {text}";
    }

    /// <summary>What the wizard can express goes through the draft of its form and its use case. Null when that refuses it.</summary>
    private static async Task<string?> WizardAsync(ConnectorWorld world, ConnectorType type, HostileConnector one)
    {
        JsonObject body;
        try
        {
            body = (JsonObject)ForeignJson.ParseNode(Body(type, "hostile", one.Parts))!;
        }
        catch (JsonException)
        {
            return null;
        }
        if (
            one.Parts.Any(part =>
                part.Name is not ("type" or "topics" or "inputs" or "output" or "instances" or "name" or "namespace" or "configuration")
            )
        )
            return null;
        if (
            body["configuration"] is not (null or JsonObject)
            || body["instances"] is { } many && !(many is JsonValue number && number.TryGetValue<int>(out _))
        )
            return null;
        if (
            (body["topics"] ?? body["inputs"]) is not JsonArray list
            || list.Any(topic => topic is not JsonValue text || !text.TryGetValue<string>(out _))
        )
            return null;
        var settings = ConnectorConfiguration.Parse(body["configuration"]?.ToJsonString());
        if (!settings.TryGet(out var configuration, out _))
            return null;
        var made = await world
            .Use<CreateConnector>()
            .RunAsync(
                world.Actor,
                "northwind",
                world.Name,
                new(
                    (string?)body["namespace"],
                    (string?)body["name"],
                    type.Kind,
                    (string?)body["type"],
                    [.. list.Select(topic => (string)topic!)],
                    null,
                    false,
                    Guarantee.AtLeastOnce,
                    (int?)body["instances"] ?? 1,
                    configuration,
                    true
                )
                {
                    Output = (string?)body["output"],
                },
                CancellationToken.None
            );
        return made.IsOk ? "accepted"
            : made.Problem is Problem.Invalid { Field: not null } or Problem.Conflict { Field: not null } or Problem.NotFound ? null
            : $"{made.Problem}";
    }

    private static string Plural(ConnectorType type) => type.Kind == ConnectorKind.Function ? "functions" : "connectors";

    private static string Name(ConnectorType type) => $"good-{type.Name}";

    /// <summary>A valid body with other members in the place of its own, or beside them.</summary>
    /// <param name="name">Null for a manifest, whose address says it.</param>
    private static string Body(ConnectorType type, string? name, IReadOnlyList<(string Name, string Json)> parts)
    {
        var isFunction = type.Kind == ConnectorKind.Function;
        List<(string Name, string Json)> members =
        [
            ("type", $"\"{type.Name}\""),
            (isFunction ? "inputs" : "topics", "[\"default/orders\"]"),
            ("configuration", $"{{{Valid[type.Key]}}}"),
        ];
        if (name is not null)
            members.AddRange([("namespace", "\"default\""), ("name", $"\"{name}\"")]);
        if (isFunction)
            members.AddRange([
                ("output", "\"default/scored\""),
                ("createOutput", parts.Any(part => part.Name == "output") ? "false" : "true"),
            ]);
        else
            members.Add(("kind", $"\"{type.Kind.Text()}\""));
        members.RemoveAll(member => parts.Any(part => part.Name == member.Name));
        return $"{{{string.Join(',', members.Concat(parts).Select(member => $"{JsonSerializer.Serialize(member.Name)}:{member.Json}"))}}}";
    }
}
