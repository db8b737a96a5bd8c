using System.Net.WebSockets;
using Xunit;

namespace Portal.Tests.Adapters.LocalPulsarTests;

/// <summary>Statuses as recorded on Pulsar 4.0.7 (auth-role-matrix).</summary>
public sealed class LocalPulsarAccessTests
{
    [Fact]
    public async Task Every_caller_gets_the_recorded_status()
    {
        await using var pulsar = await PulsarUnderTest.WithTopicAsync();
        await pulsar.SendAsync("POST", "namespaces/acme/prod/permissions/p-role", new[] { "produce" });
        await pulsar.SendAsync("POST", "namespaces/acme/prod/permissions/c-role", new[] { "consume" });
        string?[] callers = [null, pulsar.TokenOf("nobody"), pulsar.TokenOf("p-role"), pulsar.TokenOf("c-role"), pulsar.TokenOf("acme-admin"), pulsar.Server.AdminToken];
        (string Method, string Path, object? Body, int[] Statuses)[] rows =
        [
            ("GET", "clusters", null, [401, 200, 200, 200, 200, 200]),
            ("GET", "clusters/standalone", null, [401, 401, 401, 401, 401, 200]),
            ("GET", "brokers", null, [401, 401, 401, 401, 401, 200]),
            ("GET", "brokers/version", null, [401, 200, 200, 200, 200, 200]),
            ("GET", "brokers/configuration/runtime", null, [401, 401, 401, 401, 401, 200]),
            ("GET", "broker-stats/topics", null, [401, 401, 401, 401, 401, 200]),
            ("GET", "tenants", null, [401, 401, 401, 401, 401, 200]),
            ("GET", "tenants/acme", null, [401, 401, 401, 401, 200, 200]),
            ("GET", "namespaces/acme", null, [401, 401, 401, 401, 200, 200]),
            ("GET", "namespaces/acme/prod", null, [401, 403, 403, 403, 200, 200]),
            ("GET", "namespaces/acme/prod/permissions", null, [401, 403, 403, 403, 200, 200]),
            ("POST", "namespaces/acme/prod/publishRate", new { publishThrottlingRateInMsg = -1 }, [401, 403, 403, 403, 204, 204]),
            ("POST", "namespaces/acme/prod/maxProducersPerTopic", 9, [401, 403, 403, 403, 204, 204]),
            ("GET", "namespaces/acme/prod/topics", null, [401, 403, 200, 200, 200, 200]),
            ("PUT", "namespaces/acme/prod/unload", null, [401, 401, 401, 401, 401, 204]),
            ("GET", "persistent/acme/prod", null, [401, 403, 200, 200, 200, 200]),
            ("GET", "persistent/acme/prod/t/stats", null, [401, 401, 200, 200, 200, 200]),
            ("GET", "persistent/acme/prod/t/partitions", null, [401, 401, 200, 200, 200, 200]),
            ("GET", "persistent/acme/prod/t/subscriptions", null, [401, 401, 401, 200, 200, 200]),
            ("PUT", "persistent/acme/prod/t/properties", new { a = "b" }, [401, 401, 401, 401, 204, 204]),
            ("GET", "/lookup/v2/topic/persistent/acme/prod/t", null, [401, 401, 200, 200, 200, 200]),
            ("PUT", "persistent/acme/prod/t/unload", null, [401, 401, 401, 401, 204, 204]),
            ("DELETE", "persistent/acme/prod/victim?force=true", null, [401, 403, 403, 403, 404, 404]),
        ];

        foreach (var (method, path, body, statuses) in rows)
        {
            for (var i = 0; i < callers.Length; i++)
                Assert.Equal((path, i, statuses[i]), (path, i, (await pulsar.SendAsAsync(callers[i], method, path, body)).Status));
        }
    }

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

        Assert.Equal(401, (await pulsar.SendAsAsync(pulsar.TokenOf("admin", now.AddMinutes(-1)), "GET", "tenants")).Status);
        Assert.Equal(200, (await pulsar.SendAsAsync(pulsar.TokenOf("admin", now.AddMinutes(1)), "GET", "tenants")).Status);
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
        Assert.Contains($"persistent://acme/prod/{name}", (await pulsar.GetAsync("persistent/acme/prod")).AsArray().Select(n => (string)n!));
        await pulsar.ProduceAsync($"acme/prod/{path}", "x");
        Assert.Equal(1, (int)(await pulsar.GetAsync($"persistent/acme/prod/{path}/stats"))["msgInCounter"]!);
        await PulsarUnderTest.EventuallyAsync(async () => (await pulsar.SendAsync("DELETE", $"persistent/acme/prod/{path}")).Status == 204, "deleted once its producer is gone");
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
