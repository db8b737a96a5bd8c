using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Journeys;

/// <summary>An everyday Java consumer with a dead letter policy, with a key that may only consume its topic.</summary>
[Trait("tier", "real")]
public sealed class DeadLetterJourneyTests(ITestOutputHelper output)
{
    [Fact]
    public async Task What_a_consumer_gives_up_on_or_wants_again_goes_to_the_topics_beside_its_subscription()
    {
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(Path.PathSeparator)
                .Any(folder => File.Exists(Path.Combine(folder, "javac"))),
            "no javac: install a JDK"
        );
        var server = await PulsarServer.SharedAsync(new PulsarSetup("4.2.4"));
        await using var portal = await PortalHere.StartAsync(TestedCluster.Of(server).Settings);
        using var rest = portal.Rest();
        const string org = "/api/v1/organizations/northwind";
        var tenant = $"letters-{Guid.NewGuid():N}"[..14];
        var inside = $"{org}/tenants/{tenant}/namespaces/default";
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        await rest.PostAsync($"{org}/tenants", new JsonObject { ["name"] = tenant }, HttpStatusCode.Accepted);
        await rest.SettledAsync(inside);
        await rest.PostAsync(
            $"{inside}/topics",
            new JsonObject
            {
                ["name"] = "orders",
                ["subscriptions"] = new JsonArray(
                    new JsonObject
                    {
                        ["name"] = "billing",
                        ["deadLetters"] = true,
                        ["retries"] = true,
                    }
                ),
            },
            HttpStatusCode.Accepted
        );
        foreach (var topic in new[] { "orders", "orders-billing-DLQ", "orders-billing-RETRY" })
            Assert.Equal("ready", (string?)(await rest.SettledAsync($"{inside}/topics/{topic}"))["state"]);
        var key = await rest.PostAsync(
            $"{org}/keys",
            new JsonObject
            {
                ["name"] = "billing",
                ["tenant"] = tenant,
                ["namespace"] = "default",
                ["topics"] = new JsonArray("orders"),
                ["permissions"] = new JsonArray("consume"),
            },
            HttpStatusCode.Created
        );
        await rest.SettledAsync($"{org}/keys/{key["id"]}");
        await SendAsync("bad order");

        var program = Path.Combine(Repository.Root, "Portal.Tests", "Journeys", "Java", "DeadLetters.java");
        await using var client = ChildProcess.Run(
            "java",
            Path.GetDirectoryName(program)!,
            [
                "-cp",
                await LibrariesAsync(server),
                program,
                $"{server.BrokerUrl}",
                (string)key["token"]!,
                $"persistent://{tenant}/default/orders",
                "billing",
            ]
        );
        await SaysAsync("dead bad order");
        await SaysAsync("ready");
        await SendAsync("early order");
        await SaysAsync("retried early order");

        // Back to where it came from, as if for the first time; it stays until somebody skips it.
        var letters = $"{inside}/topics/orders-billing-DLQ";
        Assert.Equal(1, await WaitingAsync());
        await rest.PostAsync($"{letters}/send-back", new JsonObject(), HttpStatusCode.Accepted);
        await Eventually.TrueAsync(
            async () => (string?)(await rest.GetAsync($"{letters}/send-back"))["last"]!["state"] == "done",
            "it was sent back"
        );
        var sent = (await rest.GetAsync($"{inside}/topics/orders/messages"))["items"]!
            .AsArray()
            .Where(one => (string?)one!["payload"] == "bad order")
            .ToList();
        Assert.Equal(2, sent.Count);
        Assert.Empty(sent[1]!["properties"]!.AsObject());
        // What the client had written on it, which the second one no longer has.
        var letter = (await rest.GetAsync($"{letters}/messages"))["items"]!.AsArray().Single()!["properties"]!.AsObject();
        output.WriteLine(letter.ToJsonString());
        Assert.Equal($"persistent://{tenant}/default/orders", (string?)letter["REAL_TOPIC"]);
        Assert.Equal(1, await WaitingAsync());

        async Task<long?> WaitingAsync() =>
            (long?)
                (await rest.GetAsync($"{inside}/topics/orders/subscriptions/billing/aside"))["topics"]!
                    .AsArray()
                    .Single(one => (string?)one!["kind"] == "dead-letters")!["waiting"];

        Task SendAsync(string text) =>
            rest.PostAsync($"{inside}/topics/orders/messages", new JsonObject { ["payload"] = text }, HttpStatusCode.Created);

        async Task SaysAsync(string line)
        {
            await Eventually.TrueAsync(
                () => Task.FromResult(client.Said.Split('\n').Contains(line) || client.HasEnded),
                () => $"{line} in: {client.Said}"
            );
            Assert.Contains(line, client.Said.Split('\n'));
        }
    }

    /// <summary>The client is among the server's own libraries, which its process names.</summary>
    private static async Task<string> LibrariesAsync(PulsarServer server)
    {
        var process = await File.ReadAllTextAsync(Path.Combine(server.Folder, "broker-1.pid"));
        var arguments = (await File.ReadAllTextAsync($"/proc/{process.Trim()}/cmdline")).Split('\0');
        return arguments[Array.IndexOf(arguments, "-cp") + 1];
    }
}
