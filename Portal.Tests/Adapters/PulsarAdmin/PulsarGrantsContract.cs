using System.Diagnostics;
using System.Net;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>What a key of a customer's opens at the broker, and what not.</summary>
public abstract class PulsarGrantsContract : PulsarContract
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_key_reaches_its_topic_and_nothing_else(int partitions)
    {
        var (tenant, @namespace) = await NamespaceAsync();
        var (_, foreign) = await NamespaceAsync();
        var second = Given.Namespace(tenant, "second");
        await Ports.Admin.EnsureNamespaceAsync(second, (await Ports.Admin.ReadPoliciesAsync(@namespace, Stop).Ok())!, Stop).Ok();
        var topic = Given.Topic(@namespace, partitions: partitions);
        foreach (
            var one in (Topic[])
                [topic, Given.Topic(@namespace, "other"), Given.Topic(second), Given.Topic(foreign), Given.Topic(@namespace, "orders-DLQ")]
        )
            await Ports.Admin.EnsureTopicAsync(one, Stop).Ok();
        var role = $"key-{Guid.NewGuid():N}";
        await Ports.Admin.GrantTopicAsync(topic, role, produce: true, consume: true, Stop).Ok();
        var token = Ports.Tokens.Sign(PulsarPorts.ClusterName, role, DateTimeOffset.UtcNow.AddMinutes(5)).Value;

        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ProduceAsync(@namespace, "orders", token));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ConsumeAsync(@namespace, "orders", token));
        foreach (
            var (where, name) in ((Namespace, string)[])
                [
                    (@namespace, "other"),
                    (@namespace, "orders-DLQ"),
                    (@namespace, "__change_events"),
                    (@namespace, "__transaction_buffer_snapshot"),
                    (@namespace, "new"),
                    (@namespace, "Orders"),
                    (second, "orders"),
                    (foreign, "orders"),
                ]
        )
        {
            Assert.True(
                await ProduceAsync(where, name, token) is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized,
                $"produced to {where.Path}/{name}"
            );
            Assert.True(
                await ConsumeAsync(where, name, token) is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized,
                $"consumed {where.Path}/{name}"
            );
        }
        foreach (
            var (method, path, body) in ((HttpMethod, string, string?)[])
                [
                    (HttpMethod.Put, $"persistent/{@namespace.Path}/made", null),
                    (HttpMethod.Put, $"persistent/{@namespace.Path}/made/partitions", "2"),
                    (HttpMethod.Delete, $"persistent/{@namespace.Path}/orders{(partitions == 0 ? "" : "/partitions")}", null),
                    (HttpMethod.Post, $"persistent/{@namespace.Path}/orders/permissions/{role}-2", """["produce"]"""),
                    (
                        HttpMethod.Post,
                        $"namespaces/{@namespace.Path}/retention",
                        """{"retentionTimeInMinutes":-1,"retentionSizeInMB":-1}"""
                    ),
                    (HttpMethod.Get, $"tenants/{tenant.Name}", null),
                    (HttpMethod.Get, "broker-stats/topics", null),
                ]
        )
            Assert.True(
                (await Pulsar.CallAsync(method, $"/admin/v2/{path}", body, token)).Status
                    is HttpStatusCode.Forbidden
                        or HttpStatusCode.Unauthorized,
                $"{method} {path}"
            );
    }

    [Fact]
    public async Task A_deleted_key_is_refused_and_revoking_twice_is_fine()
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: 2);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        var role = $"key-{Guid.NewGuid():N}";
        var token = Ports.Tokens.Sign(PulsarPorts.ClusterName, role, null).Value;
        await Ports.Admin.GrantTopicAsync(topic, role, produce: true, consume: true, Stop).Ok();
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ProduceAsync(@namespace, topic.Name, token));
        await Ports.Admin.RevokeTopicAsync(topic, role, Stop).Ok();
        await Ports.Admin.RevokeTopicAsync(topic, role, Stop).Ok();
        Assert.Equal(HttpStatusCode.Forbidden, await ProduceAsync(@namespace, topic.Name, token));
        Assert.Equal(HttpStatusCode.Forbidden, await ConsumeAsync(@namespace, topic.Name, token));
    }

    [Fact]
    public async Task Permissions_are_exactly_what_was_asked_for()
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        var role = $"key-{Guid.NewGuid():N}";
        var token = Ports.Tokens.Sign(PulsarPorts.ClusterName, role, null).Value;
        await Ports.Admin.GrantTopicAsync(topic, role, produce: false, consume: true, Stop).Ok();
        Assert.Equal(HttpStatusCode.Forbidden, await ProduceAsync(@namespace, topic.Name, token));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ConsumeAsync(@namespace, topic.Name, token));
        await Ports.Admin.GrantTopicAsync(topic, role, produce: true, consume: false, Stop).Ok();
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ProduceAsync(@namespace, topic.Name, token));
        Assert.Equal(HttpStatusCode.Forbidden, await ConsumeAsync(@namespace, topic.Name, token));
    }

    [Fact]
    public async Task Consume_on_the_namespace_opens_every_topic_for_reading_only_until_revoked()
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        var role = $"key-{Guid.NewGuid():N}";
        var token = Ports.Tokens.Sign(PulsarPorts.ClusterName, role, null).Value;
        await Ports.Admin.GrantConsumeAsync(@namespace, role, Stop).Ok();
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ConsumeAsync(@namespace, topic.Name, token));
        Assert.Equal(HttpStatusCode.Forbidden, await ProduceAsync(@namespace, topic.Name, token));
        await Ports.Admin.RevokeNamespaceAsync(@namespace, role, Stop).Ok();
        Assert.Equal(HttpStatusCode.Forbidden, await ConsumeAsync(@namespace, topic.Name, token));
    }

    [Fact]
    public async Task Grants_go_with_their_topic_and_need_one()
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace);
        await Ports.Admin.GrantTopicAsync(topic, "key-1", produce: true, consume: true, Stop).Refused("topic-not-on-cluster");
        await Ports.Admin.RevokeTopicAsync(topic, "key-1", Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        await Ports.Admin.GrantTopicAsync(topic, "key-1", produce: true, consume: true, Stop).Ok();
        await Ports.Admin.DeleteTopicAsync(topic, force: false, Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        var policies = await Pulsar.GetAsync($"/admin/v2/namespaces/{@namespace.Path}");
        Assert.DoesNotContain("key-1", policies.GetProperty("auth_policies").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grants_of_a_namespace_go_at_most_one_a_second_and_what_is_there_costs_none()
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(
            Enumerable
                .Range(0, 3)
                .Select(number => Ports.Admin.GrantTopicAsync(topic, $"key-{number}", produce: true, consume: false, Stop).Ok())
        );
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(30));
        began = Stopwatch.GetTimestamp();
        for (var again = 0; again < 10; again++)
            await Ports.Admin.GrantTopicAsync(topic, "key-1", produce: true, consume: false, Stop).Ok();
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_namespace_takes_no_more_grants_than_its_document_may_hold()
    {
        var tenant = Given.Tenant();
        await Ports.Admin.EnsureTenantAsync(tenant, Stop).Ok();
        var @namespace = Given.Namespace(tenant);
        var grants = string.Join(',', Enumerable.Range(0, 7_000).Select(number => $"\"key-{number:x32}\":[\"produce\"]"));
        await Pulsar.CallAsync(
            HttpMethod.Put,
            $"/admin/v2/namespaces/{@namespace.Path}",
            """{"auth_policies":{"namespace_auth":{GRANTS},"destination_auth":{}}}""".Replace("GRANTS", grants, StringComparison.Ordinal)
        );
        await Ports.Admin.GrantConsumeAsync(@namespace, "one-more", Stop).Refused("namespace-grants-full");
        await Ports.Admin.RevokeNamespaceAsync(@namespace, $"key-{1:x32}", Stop).Ok();
    }

    private Task<HttpStatusCode> ProduceAsync(Namespace @namespace, string topic, string token) =>
        TryAsync($"producer/persistent/{@namespace.Path}/{topic}", token);

    private Task<HttpStatusCode> ConsumeAsync(Namespace @namespace, string topic, string token) =>
        TryAsync($"consumer/persistent/{@namespace.Path}/{topic}/s-{Guid.NewGuid():N}?subscriptionType=Shared", token);

    private async Task<HttpStatusCode> TryAsync(string path, string token)
    {
        var (socket, status) = await Pulsar.ConnectAsync(path, token);
        using (socket)
            return status;
    }
}
