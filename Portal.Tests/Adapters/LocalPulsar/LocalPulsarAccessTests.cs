using System.Net.WebSockets;
using Xunit;

namespace Portal.Tests.Adapters.LocalPulsarTests;

public sealed class LocalPulsarAccessTests
{
    [Fact]
    public async Task A_grant_on_a_partitioned_topic_covers_its_partitions_and_goes_with_it()
    {
        await using var pulsar = await PulsarUnderTest.WithTopicAsync();
        await pulsar.SendAsync("PUT", "persistent/acme/prod/p/partitions", 2);
        await pulsar.SendAsync("POST", "persistent/acme/prod/p/permissions/key", new[] { "produce" });
        var key = pulsar.TokenOf("key");

        await using (await pulsar.ConnectAsync("producer/persistent/acme/prod/p", key))
            Assert.Equal(200, (await pulsar.SendAsAsync(key, "GET", "persistent/acme/prod/p-partition-1/stats")).Status);
        await Assert.ThrowsAsync<WebSocketException>(() => pulsar.ConnectAsync("producer/persistent/acme/prod/t", key));
        await pulsar.SendAsync("DELETE", "persistent/acme/prod/p/partitions?force=true");
        await pulsar.SendAsync("PUT", "persistent/acme/prod/p/partitions", 2);
        Assert.Equal(401, (await pulsar.SendAsAsync(key, "GET", "persistent/acme/prod/p-partition-1/stats")).Status);
    }

    [Fact]
    public async Task An_expired_token_is_refused_and_a_later_one_not()
    {
        await using var pulsar = await PulsarUnderTest.StartAsync();
        var now = DateTime.UtcNow;

        Assert.Equal(401, (await pulsar.SendAsAsync(pulsar.TokenOf("admin", now.AddMinutes(-1)), "GET", "brokers")).Status);
        Assert.Equal(200, (await pulsar.SendAsAsync(pulsar.TokenOf("admin", now.AddMinutes(1)), "GET", "brokers")).Status);
    }

    [Theory]
    [InlineData("sp%20ace", "sp ace")]
    [InlineData("%C3%BC", "ü")]
    [InlineData("a%23b", "a#b")]
    [InlineData("a%25b", "a%b")]
    [InlineData("a%3Fb", "a?b")]
    [InlineData("%22", "\"")]
    public async Task A_topic_may_have_any_name(string path, string name)
    {
        await using var pulsar = await PulsarUnderTest.WithTopicAsync();

        Assert.Equal(204, (await pulsar.SendAsync("PUT", $"persistent/acme/prod/{path}")).Status);
        Assert.Contains(
            $"persistent://acme/prod/{name}",
            (await pulsar.GetAsync("persistent/acme/prod")).AsArray().Select(n => (string)n!)
        );
        await pulsar.ProduceAsync($"acme/prod/{path}", "x");
        Assert.Equal(1, (int)(await pulsar.GetAsync($"persistent/acme/prod/{path}/stats"))["msgInCounter"]!);
        await PulsarUnderTest.EventuallyAsync(
            async () => (await pulsar.SendAsync("DELETE", $"persistent/acme/prod/{path}")).Status == 204,
            "deleted once its producer is gone"
        );
    }

    [Fact]
    public async Task Limits_refuse_the_one_too_many()
    {
        await using var pulsar = await PulsarUnderTest.WithTopicAsync();
        await pulsar.SendAsync("POST", "namespaces/acme/prod/maxTopicsPerNamespace", 2);
        await pulsar.SendAsync("POST", "namespaces/acme/prod/maxProducersPerTopic", 1);

        Assert.Equal(412, (await pulsar.SendAsync("PUT", "persistent/acme/prod/p/partitions", 2)).Status);
        Assert.Equal(204, (await pulsar.SendAsync("PUT", "persistent/acme/prod/b")).Status);
        Assert.Equal(409, (await pulsar.SendAsync("PUT", "persistent/acme/prod/c")).Status);
        await using var producer = await pulsar.ConnectAsync("producer/persistent/acme/prod/t");
        await Assert.ThrowsAsync<WebSocketException>(() => pulsar.ConnectAsync("producer/persistent/acme/prod/t"));
    }
}
