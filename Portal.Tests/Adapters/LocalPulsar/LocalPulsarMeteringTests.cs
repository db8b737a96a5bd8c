using System.Text.Json.Nodes;
using Xunit;

namespace Portal.Tests.Adapters.LocalPulsarTests;

public sealed class LocalPulsarMeteringTests
{
    [Fact]
    public async Task A_thousand_messages_count_the_bytes_that_a_broker_counts()
    {
        await using var pulsar = await PulsarUnderTest.WithTopicAsync();
        await pulsar.SendAsync("PUT", "persistent/acme/prod/t/subscription/s", "earliest");
        await using var producer = await pulsar.ConnectAsync("producer/persistent/acme/prod/t?producerName=p");
        var payload = Convert.ToBase64String(new byte[1024]);
        for (var i = 0; i < 1000; i++)
            await producer.SendAsync(new { payload });
        for (var i = 0; i < 1000; i++)
            Assert.Equal("ok", (string?)(await producer.ReceiveAsync())["result"]);
        await using var consumer = await pulsar.ConnectAsync("consumer/persistent/acme/prod/t/s");
        for (var i = 0; i < 1000; i++)
            await consumer.SendAsync(new { messageId = (string)(await consumer.ReceiveAsync())["messageId"]! });

        // Row w24 of the recorded workloads.
        var stats = await pulsar.GetAsync("persistent/acme/prod/t/stats");
        Assert.Equal((1000, 1_049_872), ((int)stats["msgInCounter"]!, (int)stats["bytesInCounter"]!));
        Assert.Equal((1000, 1_049_872), ((int)stats["msgOutCounter"]!, (int)stats["bytesOutCounter"]!));
        Assert.Equal(1_049_872, (int)stats["storageSize"]!);
        await PulsarUnderTest.EventuallyAsync(
            async () => (int)(await pulsar.GetAsync("persistent/acme/prod/t/stats"))["backlogSize"]! == 0,
            "all is acknowledged"
        );
    }

    [Theory]
    [InlineData("unload")]
    [InlineData("restart")]
    [InlineData("delete")]
    public async Task Counters_begin_at_0_in_every_life_of_a_topic(string end)
    {
        await using var pulsar = await PulsarUnderTest.WithTopicAsync();
        await pulsar.SendAsync("PUT", "persistent/acme/prod/t/subscription/s", "earliest");
        await pulsar.ProduceAsync("acme/prod/t", "one");
        var before = (int)(await pulsar.GetAsync("persistent/acme/prod/t/stats"))["storageSize"]!;

        await (
            end switch
            {
                "unload" => pulsar.SendAsync("PUT", "persistent/acme/prod/t/unload"),
                "restart" => pulsar.SendAsync("POST", "/_local/restart"),
                _ => pulsar.SendAsync("DELETE", "persistent/acme/prod/t?force=true"),
            }
        );
        if (end == "delete")
            await pulsar.SendAsync("PUT", "persistent/acme/prod/t");

        var stats = await pulsar.GetAsync("persistent/acme/prod/t/stats");
        Assert.Equal((0, 0), ((int)stats["msgInCounter"]!, (int)stats["bytesInCounter"]!));
        Assert.Equal(end == "delete" ? 0 : before, (int)stats["storageSize"]!);
    }

    [Fact]
    public async Task Broker_stats_have_the_recorded_shape_and_show_the_last_refresh()
    {
        var recorded = Path.GetFullPath(
            Path.Combine(ServerFolder(), "../reference/pulsar-samples/recorded-4.0.7/broker-stats-topics.json")
        );
        Assert.SkipUnless(File.Exists(recorded), $"needs {recorded}");
        var sample = JsonNode.Parse(await File.ReadAllTextAsync(recorded))!["acme/prod"]!
            .AsObject()
            .SelectMany(bundle => bundle.Value!["persistent"]!.AsObject())
            .First(topic => topic.Key.EndsWith("/orders", StringComparison.Ordinal))
            .Value!.AsObject();
        await using var pulsar = await PulsarUnderTest.WithTopicAsync();
        await using var consumer = await pulsar.ConnectAsync("consumer/persistent/acme/prod/t/billing?subscriptionType=Shared");
        await using var producer = await pulsar.ConnectAsync("producer/persistent/acme/prod/t");
        await producer.AskAsync(new { payload = "eA==" });

        JsonObject? found = null;
        await PulsarUnderTest.EventuallyAsync(
            async () =>
            {
                var all = await pulsar.GetAsync("broker-stats/topics");
                found = all["acme/prod"]
                    ?.AsObject()
                    .Select(bundle => bundle.Value!["persistent"]?["persistent://acme/prod/t"])
                    .FirstOrDefault(t => t is not null)
                    ?.AsObject();
                return (int?)found?["msgInCount"] == 1;
            },
            "the topic is listed with its message"
        );
        Assert.Equal(Names(sample), Names(found!));
        Assert.Equal(Names(sample["publishers"]![0]!), Names(found!["publishers"]![0]!));
        Assert.Equal(Names(sample["subscriptions"]!["billing"]!), Names(found["subscriptions"]!["billing"]!));
        Assert.Equal(
            Names(sample["subscriptions"]!["billing"]!["consumers"]![0]!),
            Names(found["subscriptions"]!["billing"]!["consumers"]![0]!)
        );
    }

    [Fact]
    public async Task A_nacked_message_counts_twice_and_a_peeked_one_not_at_all()
    {
        await using var pulsar = await PulsarUnderTest.WithTopicAsync();
        await using var consumer = await pulsar.ConnectAsync(
            "consumer/persistent/acme/prod/t/s?subscriptionType=Shared&negativeAckRedeliveryDelay=100"
        );
        await pulsar.ProduceAsync("acme/prod/t", "again");
        var first = await consumer.ReceiveAsync();
        await consumer.SendAsync(new { type = "negativeAcknowledge", messageId = (string)first["messageId"]! });

        var second = await consumer.ReceiveAsync();
        Assert.Equal("again", (await pulsar.SendAsync("GET", "persistent/acme/prod/t/subscription/s/position/1")).Body);
        Assert.Equal((0, 1), ((int)first["redeliveryCount"]!, (int)second["redeliveryCount"]!));
        Assert.Equal(2, (int)(await pulsar.GetAsync("persistent/acme/prod/t/stats"))["msgOutCounter"]!);
    }

    private static string ServerFolder()
    {
        if (Environment.GetEnvironmentVariable("PORTAL_SERVERS") is { } given)
            return given;
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Portal.sln")))
                return Path.GetFullPath(Path.Combine(folder, "../shared/servers"));
        }
        return "";
    }

    private static string[] Names(JsonNode node) => [.. node.AsObject().Select(property => property.Key).Order(StringComparer.Ordinal)];
}
