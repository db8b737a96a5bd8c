using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>What the reconciler sees of a namespace, the same for every Pulsar.</summary>
public abstract class NamespaceStateContract : PulsarContract
{
    private static readonly NamespacePolicies Wanted = DesiredNamespace.Of(
        ShippedPlans.Of(PlanCode.Payg).Limits,
        NamespaceWishes.None,
        Publishing.Open
    );

    [Fact]
    public async Task A_namespace_as_it_should_be_differs_in_nothing()
    {
        var (_, @namespace) = await NamespaceAsync();
        var (plain, partitioned) = (Given.Topic(@namespace, "plain"), Given.Topic(@namespace, "split", partitions: 3));
        await Ports.Admin.EnsureTopicAsync(plain, Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(partitioned, Stop).Ok();
        await Ports.Admin.GrantTopicAsync(plain, "key-1", produce: true, consume: false, Stop).Ok();
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();

        var there = (await Ports.State.ReadAsync(@namespace.OnCluster, Wanted, Stop).Ok())!;
        Assert.Empty(there.DifferingPolicies);
        Assert.Equal([plain.Address, partitioned.Address], there.PersistentTopics.Order());
        Assert.Equal(new GrantedActions(true, false), Assert.Single(there.TopicGrants).Value);
        Assert.Equal((plain.Address, "key-1"), Assert.Single(there.TopicGrants).Key);
        Assert.Equal(new GrantedActions(true, true), there.NamespaceGrants[@namespace.MessagesRole]);
    }

    [Fact]
    public async Task What_somebody_else_changed_shows()
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        await Pulsar.CallAsync(
            HttpMethod.Post,
            $"/admin/v2/namespaces/{@namespace.Path}/retention",
            """{"retentionTimeInMinutes": 9999, "retentionSizeInMB": 99999}"""
        );
        await Pulsar.CallAsync(
            HttpMethod.Post,
            $"/admin/v2/namespaces/{@namespace.Path}/autoTopicCreation",
            """{"allowAutoTopicCreation": true, "topicType": "non-partitioned"}"""
        );
        await Pulsar.CallAsync(HttpMethod.Post, $"/admin/v2/namespaces/{@namespace.Path}/permissions/theirs", """["consume"]""");
        await Pulsar.CallAsync(HttpMethod.Delete, $"/admin/v2/persistent/{@namespace.Path}/{topic.Name}?force=true", null);
        await Pulsar.CallAsync(HttpMethod.Put, $"/admin/v2/persistent/{@namespace.Path}/by-hand", null);

        var there = (await Ports.State.ReadAsync(@namespace.OnCluster, Wanted, Stop).Ok())!;
        Assert.Equal(["autoTopicCreation", "retention"], there.DifferingPolicies.Order());
        Assert.Equal(new GrantedActions(false, true), there.NamespaceGrants["theirs"]);
        Assert.Equal([$"persistent://{@namespace.Path}/by-hand"], there.PersistentTopics);

        // Set again, it is as it should be.
        await Ports.Admin.EnsureNamespaceAsync(@namespace, Wanted, Stop).Ok();
        Assert.Empty((await Ports.State.ReadAsync(@namespace.OnCluster, Wanted, Stop).Ok())!.DifferingPolicies);
    }

    [Fact]
    public async Task A_namespace_that_is_gone_is_null()
    {
        var tenant = Given.Tenant();
        Assert.Null(await Ports.State.ReadAsync(Given.Namespace(tenant).OnCluster, Wanted, Stop).Ok());
    }

    [Fact]
    public async Task A_customers_retention_outlives_plans_up_and_down()
    {
        var (_, @namespace) = await NamespaceAsync();
        var wishes = new NamespaceWishes(TimeSpan.FromDays(7), 2 * Portal.Domain.Common.ByteSize.GiB);
        foreach (var (plan, days) in new[] { (PlanCode.Payg, 7), (PlanCode.Free, 2), (PlanCode.Dedicated, 7), (PlanCode.Payg, 7) })
        {
            await Ports
                .Admin.EnsureNamespaceAsync(@namespace, DesiredNamespace.Of(ShippedPlans.Of(plan).Limits, wishes, Publishing.Open), Stop)
                .Ok();
            Assert.Equal(TimeSpan.FromDays(days), (await Ports.Admin.ReadPoliciesAsync(@namespace, Stop).Ok())!.RetentionTime);
        }
    }

    [Fact]
    public async Task Every_wish_is_set_is_read_back_and_can_be_taken_back()
    {
        var (_, @namespace) = await NamespaceAsync();
        var payg = ShippedPlans.Of(PlanCode.Payg).Limits;
        var wishes = new NamespaceWishes(TimeSpan.FromHours(3), 100 * ByteSize.MiB)
        {
            MessageTtl = TimeSpan.FromMinutes(10),
            BacklogQuotaBytes = 50 * ByteSize.MiB,
            WhenBacklogFull = BacklogFull.DropOldest,
            PublishRate = new(100, 64 * ByteSize.KiB),
            DispatchRate = new(200, null),
            Deduplication = true,
            SchemaCompatibility = SchemaCompatibility.BackwardTransitive,
            SchemaValidation = true,
        };
        foreach (
            var wished in (NamespaceWishes[])
                [
                    wishes,
                    wishes with
                    {
                        WhenBacklogFull = BacklogFull.HoldPublishing,
                        Deduplication = false,
                        SchemaCompatibility = SchemaCompatibility.AlwaysIncompatible,
                        BacklogQuotaBytes = 10 * ByteSize.MiB,
                    },
                    NamespaceWishes.None,
                ]
        )
        {
            var wanted = DesiredNamespace.Of(payg, wished, Publishing.Open);
            await Ports.Admin.EnsureNamespaceAsync(@namespace, wanted, Stop).Ok();
            Assert.Equal(wanted, await Ports.Admin.ReadPoliciesAsync(@namespace, Stop).Ok());
            Assert.Empty((await Ports.State.ReadAsync(@namespace.OnCluster, wanted, Stop).Ok())!.DifferingPolicies);
        }

        await Pulsar.CallAsync(HttpMethod.Post, $"/admin/v2/namespaces/{@namespace.Path}/messageTTL", "60");
        await Pulsar.CallAsync(HttpMethod.Put, $"/admin/v2/namespaces/{@namespace.Path}/schemaCompatibilityStrategy", "\"FULL\"");
        Assert.Equal(
            ["messageTTL", "schemaCompatibilityStrategy"],
            (await Ports.State.ReadAsync(@namespace.OnCluster, Wanted, Stop).Ok())!.DifferingPolicies.Order()
        );
    }
}
