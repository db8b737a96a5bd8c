using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Journeys;

/// <summary>
/// The inventory of a large Kafka cluster: listed in pages, and no more memory than for a small one.
/// <c>PORTAL_INVENTORY_TOPICS=10000</c> for as many; it prints times and memory.
/// </summary>
[Trait("tier", "thorough")]
public sealed class ManyTopicsTests(ITestOutputHelper output)
{
    private static readonly int Topics = int.TryParse(
        Environment.GetEnvironmentVariable("PORTAL_INVENTORY_TOPICS"),
        CultureInfo.InvariantCulture,
        out var wanted
    )
        ? wanted
        : 400;

    [Fact]
    public async Task Many_topics_are_listed_in_pages_and_memory_stays_flat()
    {
        await using var kafka = await KafkaServer.StartAsync();
        using (
            var admin = new AdminClientBuilder(
                new AdminClientConfig { BootstrapServers = kafka.Plaintext, SocketTimeoutMs = 120_000 }
            ).Build()
        )
        {
            foreach (var some in Enumerable.Range(0, Topics).Chunk(250))
            {
                await admin.CreateTopicsAsync(
                    some.Select(number => new TopicSpecification
                    {
                        Name = $"t-{number:00000}",
                        NumPartitions = 1,
                        ReplicationFactor = 1,
                    }),
                    new() { RequestTimeout = TimeSpan.FromMinutes(2), OperationTimeout = TimeSpan.FromMinutes(2) }
                );
            }
        }
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var portal = await PortalProcess.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync();
        var before = Memory();
        var began = Stopwatch.StartNew();
        var made = await rest.PostAsync(
            "/api/v1/organizations/northwind/migrations",
            new JsonObject
            {
                ["name"] = "Old Kafka",
                ["tenant"] = world.Tenant,
                ["bootstrapServers"] = kafka.Plaintext,
            },
            HttpStatusCode.Accepted
        );
        var one = $"/api/v1/organizations/northwind/migrations/{made["id"]}";
        long most = 0;
        while (await rest.GetAsync(one) is var now && ((string?)now["stage"] != "planned" || (bool)now["mapping"]!))
        {
            most = Math.Max(most, Memory());
            if (began.Elapsed > TimeSpan.FromMinutes(5 + Topics / 500))
                Assert.Fail(now.ToJsonString());
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }
        output.WriteLine(
            $"{Topics} topics: {began.Elapsed.TotalSeconds:N0} s, {before / 1024 / 1024} MiB before, {most / 1024 / 1024} MiB at most"
        );
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (string? after = null; ; )
        {
            var page = await rest.GetAsync($"{one}/topics?limit=500{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}");
            foreach (var topic in page["items"]!.AsArray())
                Assert.True(names.Add((string)topic!["name"]!));
            if ((after = (string?)page["next"]) is null)
                break;
        }
        Assert.Equal(Topics, names.Count(name => name.StartsWith("t-", StringComparison.Ordinal)));
        Assert.True(most - before < 400L * 1024 * 1024, $"{before} {most}");

        long Memory()
        {
            using var process = Process.GetProcessById(portal.ProcessId);
            return process.WorkingSet64;
        }
    }
}
