using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>What the portal asks of a cluster's administration, the same for every Pulsar.</summary>
public abstract partial class ClusterAdminContract : PulsarContract
{
    [Fact]
    public async Task A_tenant_made_twice_is_there_once_with_our_mark()
    {
        var tenant = Given.Tenant();
        await Ports.Admin.EnsureTenantAsync(tenant, Stop).Ok();
        await Ports.Admin.EnsureTenantAsync(tenant, Stop).Ok();
        var there = await Pulsar.GetAsync($"/admin/v2/tenants/{tenant.Name}");
        Assert.Equal([tenant.AdminRole], there.GetProperty("adminRoles").EnumerateArray().Select(role => role.GetString()));
    }

    [Fact]
    public async Task A_tenant_without_our_mark_is_somebody_elses_and_stays_as_it_is()
    {
        var tenant = Given.Tenant();
        await Pulsar.CallAsync(
            HttpMethod.Put,
            $"/admin/v2/tenants/{tenant.Name}",
            """{"adminRoles": ["theirs"], "allowedClusters": ["standalone"]}"""
        );
        await Ports.Admin.EnsureTenantAsync(tenant, Stop).Refused("tenant-not-ours");
        await Ports.Admin.DeleteTenantAsync(tenant, Stop).Refused("tenant-not-ours");
        var there = await Pulsar.GetAsync($"/admin/v2/tenants/{tenant.Name}");
        Assert.Equal(["theirs"], there.GetProperty("adminRoles").EnumerateArray().Select(role => role.GetString()));
    }

    [Fact]
    public async Task A_tenant_goes_when_its_namespaces_and_topics_are_gone()
    {
        var (tenant, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        await Ports.Admin.DeleteTenantAsync(tenant, Stop).Refused("tenant-not-empty");
        await Ports.Admin.DeleteNamespaceAsync(@namespace, Stop).Refused("namespace-not-empty");
        for (var again = 0; again < 2; again++)
        {
            await Ports.Admin.DeleteTopicAsync(topic, force: false, Stop).Ok();
            await Ports.Admin.DeleteNamespaceAsync(@namespace, Stop).Ok();
            await Ports.Admin.DeleteTenantAsync(tenant, Stop).Ok();
        }
    }

    [Fact]
    public async Task Limits_of_a_plan_are_in_force_and_follow_it_up_and_down()
    {
        var (_, @namespace) = await NamespaceAsync(PlanCode.Free);
        foreach (var plan in (PlanCode[])[PlanCode.Free, PlanCode.Payg, PlanCode.Dedicated, PlanCode.Free, PlanCode.Payg, PlanCode.Free])
        {
            var policies = NamespacePolicies.Of(ShippedPlans.Of(plan).Limits);
            await Ports.Admin.SetPoliciesAsync(@namespace, policies, Stop).Ok();
            Assert.Equal(policies, await Ports.Admin.ReadPoliciesAsync(@namespace, Stop).Ok());
        }
    }

    [Theory]
    [InlineData(LimitKind.MessagesPerSecond)]
    [InlineData(LimitKind.BytesPerSecond)]
    public async Task One_rate_may_be_limited_without_the_other(LimitKind without)
    {
        var (_, @namespace) = await NamespaceAsync(PlanCode.Free);
        var policies = NamespacePolicies.Of(ShippedPlans.Of(PlanCode.Free).Limits.With(without, null));
        await Ports.Admin.SetPoliciesAsync(@namespace, policies, Stop).Ok();
        Assert.Equal(policies, await Ports.Admin.ReadPoliciesAsync(@namespace, Stop).Ok());
    }

    [Fact]
    public async Task Policies_of_a_namespace_that_is_gone_do_not_make_it_again()
    {
        var (_, @namespace) = await NamespaceAsync(PlanCode.Free);
        await Ports.Admin.DeleteNamespaceAsync(@namespace, Stop).Ok();
        await Ports
            .Admin.SetPoliciesAsync(@namespace, NamespacePolicies.Of(ShippedPlans.Of(PlanCode.Payg).Limits), Stop)
            .Refused("namespace-not-on-cluster");
        Assert.Null(await Ports.Admin.ReadPoliciesAsync(@namespace, Stop).Ok());
    }

    [Fact]
    public async Task A_namespace_says_whose_it_is_makes_no_topics_by_itself_and_deletes_none()
    {
        var (_, @namespace) = await NamespaceAsync();
        var there = await Pulsar.GetAsync($"/admin/v2/namespaces/{@namespace.Path}");
        Assert.False(there.GetProperty("autoTopicCreationOverride").GetProperty("allowAutoTopicCreation").GetBoolean());
        Assert.False(there.GetProperty("inactive_topic_policies").GetProperty("deleteWhileInactive").GetBoolean());
        Assert.Equal(@namespace.Id.ToString(), there.GetProperty("properties").GetProperty("portal.namespace").GetString());
    }

    [Fact]
    public async Task A_namespace_that_another_of_ours_holds_is_refused()
    {
        var (tenant, @namespace) = await NamespaceAsync();
        var other = Given.Namespace(tenant, @namespace.Name);
        await Ports
            .Admin.EnsureNamespaceAsync(other, NamespacePolicies.Of(ShippedPlans.Of(PlanCode.Free).Limits), Stop)
            .Refused("namespace-not-ours");
        await Ports.Admin.DeleteNamespaceAsync(other, Stop).Refused("namespace-not-ours");
    }

    [Fact]
    public async Task Policies_are_set_after_the_namespace_is_there_and_a_crash_between_is_made_good()
    {
        var tenant = Given.Tenant();
        var @namespace = Given.Namespace(tenant);
        await Ports.Admin.EnsureTenantAsync(tenant, Stop).Ok();
        await Ports.Admin.EnsureNamespaceAsync(@namespace, Stop).Ok();
        await Ports.Admin.EnsureNamespaceAsync(@namespace, NamespacePolicies.Of(ShippedPlans.Of(PlanCode.Free).Limits), Stop).Ok();
        Assert.Equal(
            NamespacePolicies.Of(ShippedPlans.Of(PlanCode.Free).Limits),
            await Ports.Admin.ReadPoliciesAsync(@namespace, Stop).Ok()
        );
    }

    [Fact]
    public async Task Policies_of_an_absent_namespace_are_null()
    {
        var tenant = Given.Tenant();
        Assert.Null(await Ports.Admin.ReadPoliciesAsync(Given.Namespace(tenant), Stop).Ok());
        await Ports.Admin.EnsureTopicAsync(Given.Topic(Given.Namespace(tenant)), Stop).Refused("namespace-not-on-cluster");
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(true, 3)]
    [InlineData(false, 0)]
    [InlineData(false, 2)]
    public async Task A_topic_made_twice_is_there_once_outlives_an_unload_and_goes(bool persistent, int partitions)
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: partitions, persistent: persistent);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        await Pulsar.UnloadAsync(topic.Address);
        Assert.Empty((await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Subscriptions);
        await Ports.Admin.DeleteTopicAsync(topic, force: false, Stop).Ok();
        await Ports.Admin.DeleteTopicAsync(topic, force: true, Stop).Ok();
        await Ports.Admin.TopicStatsAsync(topic, Stop).Refused("topic-not-on-cluster");
    }

    [Fact]
    public async Task A_topic_with_other_partitions_is_refused()
    {
        var (_, @namespace) = await NamespaceAsync();
        await Ports.Admin.EnsureTopicAsync(Given.Topic(@namespace, "p", partitions: 3), Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(Given.Topic(@namespace, "p", partitions: 4), Stop).Refused("topic-differs");
        await Ports.Admin.EnsureTopicAsync(Given.Topic(@namespace, "p"), Stop).Refused("topic-differs");
    }

    [Fact]
    public async Task A_full_namespace_takes_no_more_topics()
    {
        var (_, @namespace) = await NamespaceAsync();
        await Ports
            .Admin.EnsureNamespaceAsync(
                @namespace,
                NamespacePolicies.Of(ShippedPlans.Of(PlanCode.Free).Limits) with
                {
                    MaxTopics = 3,
                },
                Stop
            )
            .Ok();
        await Ports.Admin.EnsureTopicAsync(Given.Topic(@namespace, "three", partitions: 3), Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(Given.Topic(@namespace, "one"), Stop).Refused("namespace-topics-full");
        await Ports.Admin.EnsureTopicAsync(Given.Topic(@namespace, "two", partitions: 2), Stop).Refused("namespace-topics-full");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_topic_in_use_is_deleted_by_force_only(int partitions)
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: partitions);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        var (producer, _) = await Pulsar.ConnectAsync($"producer/persistent/{@namespace.Path}/{topic.Name}", Pulsar.AdminToken);
        using (producer)
        {
            await Ports.Admin.DeleteTopicAsync(topic, force: false, Stop).Refused("topic-in-use");
            Assert.Equal(partitions == 0 ? 1 : partitions, await CountAsync(@namespace));
            await Ports.Admin.DeleteTopicAsync(topic, force: true, Stop).Ok();
            Assert.Equal(0, await CountAsync(@namespace));
        }
    }

    [Fact]
    public async Task The_check_says_version_brokers_and_what_is_wrong()
    {
        var health = await Ports.Admin.CheckAsync(PulsarPorts.ClusterName, Stop).Ok();
        Assert.StartsWith("4.", health.Version, StringComparison.Ordinal);
        Assert.Equal("standalone", health.PulsarName);
        Assert.Equal(Pulsar.AdminUrls.Select(url => url.Authority), health.Brokers.Order());
        Assert.Equal(TimeSpan.FromSeconds(1), health.StatisticsInterval);
        Assert.Contains(health.Warnings, warning => warning.Contains("REST produce", StringComparison.Ordinal));
        // These brokers run with Pulsar's defaults, which leave this open; roles are as they should be.
        foreach (
            var open in (string[])
                [
                    "webSocketServiceEnabled is true",
                    "authenticateMetricsEndpoint is false",
                    "allowAutoTopicCreation is true",
                    "allowAutoSubscriptionCreation is true",
                ]
        )
            Assert.Contains(health.Warnings, warning => warning.StartsWith(open, StringComparison.Ordinal));
        Assert.DoesNotContain(
            health.Warnings,
            warning =>
                warning.StartsWith("superUserRoles", StringComparison.Ordinal)
                || warning.StartsWith("proxyRoles", StringComparison.Ordinal)
                || warning.StartsWith("anonymousUserRole", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(health.Warnings, warning => warning.Contains("authorizationEnabled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_the_cluster_does_not_take_is_said()
    {
        foreach (var token in (string[])["no token at all", Pulsar.Token("nobody")])
        {
            using var ports = new PulsarPorts(PulsarPorts.Registration(Pulsar) with { AdminToken = token });
            await ports.Admin.EnsureTenantAsync(Given.Tenant(), Stop).Refused("cluster-unauthorized");
            await ports.Admin.CheckAsync(PulsarPorts.ClusterName, Stop).Refused("cluster-unauthorized");
        }
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_passed_over()
    {
        using var ports = new PulsarPorts(
            PulsarPorts.Registration(Pulsar) with
            {
                AdminUrls = [new("http://127.0.0.1:9"), Pulsar.AdminUrl],
            }
        );
        await ports.Admin.EnsureTenantAsync(Given.Tenant(), Stop).Ok();
        using var nobody = new PulsarPorts(PulsarPorts.Registration(Pulsar) with { AdminUrls = [new("http://127.0.0.1:9")] });
        await nobody.Admin.EnsureTenantAsync(Given.Tenant(), Stop).Refused("cluster-unreachable");
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 3)]
    [InlineData(false, 0)]
    [InlineData(false, 2)]
    public async Task The_portals_own_producer_is_nobodys_and_in_nobodys_way(bool persistent, int partitions)
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: partitions, persistent: persistent);
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        await Ports.Messages.SendAsync(@namespace, topic, new("x"u8.ToArray(), null, new Dictionary<string, string>()), Stop).Ok();
        Assert.Equal(0, (await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Producers);
        var (theirs, _) = await Pulsar.ConnectAsync(
            $"producer/{topic.Address.Replace("://", "/", StringComparison.Ordinal)}",
            Pulsar.AdminToken
        );
        using (theirs)
        {
            Assert.Equal(1, (await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Producers);
            await Ports.Admin.DeleteTopicAsync(topic, force: false, Stop).Refused("topic-in-use");
            await theirs!.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, Stop);
        }
        while ((await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Producers > 0)
            await Task.Delay(50, Stop);
        await Ports.Messages.SendAsync(@namespace, topic, new("x"u8.ToArray(), null, new Dictionary<string, string>()), Stop).Ok();
        await Ports.Admin.DeleteTopicAsync(topic, force: false, Stop).Ok();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task The_schema_of_a_topic_is_its_newest_version_and_none_is_none(int partitions)
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: partitions);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        Assert.Null(await Ports.Admin.SchemaAsync(topic, Stop).Ok());
        foreach (var field in (string[])["", """,{"name":"note","type":"string","default":""}"""])
        {
            var definition = $$"""{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}{{field}}]}""";
            var body = System.Text.Json.JsonSerializer.Serialize(
                new
                {
                    type = "AVRO",
                    schema = definition,
                    properties = new { },
                }
            );
            var (made, said) = await Pulsar.CallAsync(HttpMethod.Post, $"/admin/v2/schemas/{@namespace.Path}/{topic.Name}/schema", body);
            Assert.True(made == System.Net.HttpStatusCode.OK, $"{made} {said}");
        }
        var schema = await Ports.Admin.SchemaAsync(topic, Stop).Ok();
        Assert.Equal(("AVRO", 1L), (schema!.Type, schema.Version));
        Assert.InRange(
            schema.RegisteredAt!.Value,
            TimeProvider.System.GetUtcNow().AddMinutes(-5),
            TimeProvider.System.GetUtcNow().AddMinutes(5)
        );
    }

    private async Task<int> CountAsync(Namespace @namespace) =>
        (await Pulsar.GetAsync($"/admin/v2/persistent/{@namespace.Path}")).GetArrayLength();
}
