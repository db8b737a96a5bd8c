using System.Diagnostics;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>A cluster of two brokers: calls enter anywhere, and one of them may die.</summary>
[Trait("tier", "real"), Collection(PulsarServer.Borrowers)]
public sealed class TwoBrokersTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("4.0.7", Traits = ["tier", "thorough"])]
    [InlineData("4.2.4")]
    public async Task Calls_are_followed_to_the_owner_and_go_on_when_a_broker_dies(string version)
    {
        var pulsar = await PulsarServer.BorrowAsync(new(version, Brokers: 2));
        var registration = PulsarPorts.Registration(pulsar);
        using var all = new PulsarPorts(registration);
        var tenant = Given.Tenant();
        var @namespace = Given.Namespace(tenant);
        await all.Admin.EnsureTenantAsync(tenant, Stop).Ok();
        await all.Admin.EnsureNamespaceAsync(@namespace, NamespacePolicies.Of(ShippedPlans.Of(PlanCode.Payg).Limits), Stop).Ok();
        await all.Admin.AdmitPortalAsync(@namespace, Stop).Ok();

        // Of the two entrances one is wrong for each topic; only its own address is known there at first.
        foreach (var entrance in pulsar.AdminUrls)
        {
            using var ports = new PulsarPorts(registration with { AdminUrls = [entrance] });
            var topic = Given.Topic(@namespace, $"at-{entrance.Port}");
            await ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
            foreach (var other in pulsar.AdminUrls)
            {
                using var from = new PulsarPorts(registration with { AdminUrls = [other] });
                Assert.Contains(
                    (await from.Admin.TopicStatsAsync(topic, Stop).Ok()).OwnerBroker,
                    pulsar.AdminUrls.Select(url => url.Authority)
                );
                await from
                    .Admin.CreateSubscriptionAsync(topic, SubscriptionName.Create($"s-{other.Port}").Value, fromEarliest: true, Stop)
                    .Ok();
                await pulsar.UnloadAsync(topic.Address);
            }
            await ports.Admin.GrantTopicAsync(topic, "key-1", produce: true, consume: true, Stop).Ok();
        }

        // Each topic is in the statistics of its owner alone, whichever broker is the entrance.
        var (first, second) = (
            Given.Topic(@namespace, $"at-{pulsar.AdminUrls[0].Port}"),
            Given.Topic(@namespace, $"at-{pulsar.AdminUrls[1].Port}")
        );
        foreach (var topic in (Topic[])[first, second])
            await all.Messages.SendAsync(@namespace, topic, new("x"u8.ToArray(), null, new Dictionary<string, string>()), Stop).Ok();
        var counted = await all.Statistics.ReadTopicAsync(PulsarPorts.ClusterName, first.Address, Stop).Ok();
        await UntilAsync("both topics are listed once", async () => (await ListedAsync(all, @namespace.Path)).Count == 2);

        // The first is killed. What knew it alone still knows the second, because it was listed.
        using var survivor = new PulsarPorts(registration with { AdminUrls = [pulsar.AdminUrls[0]] });
        Assert.Equal(2, (await survivor.Statistics.ListBrokersAsync(PulsarPorts.ClusterName, Stop).Ok()).Brokers.Count);
        await pulsar.StopBrokerAsync(1, hard: true);
        var late = Given.Tenant();
        await UntilAsync("the other broker makes a tenant", async () => (await survivor.Admin.EnsureTenantAsync(late, Stop)).IsOk);
        await Assert.ThrowsAsync<BrokerSilentException>(() => CountAsync(survivor, pulsar.AdminUrls[0].Authority));
        await UntilAsync(
            "its topics are served again",
            async () =>
                (await survivor.Admin.TopicStatsAsync(first, Stop)).IsOk && (await survivor.Admin.TopicStatsAsync(second, Stop)).IsOk
        );
        // What its counter had shown last is gone with it; the ledger has it to the byte, and the new load's holds nothing yet.
        var record = await survivor.Statistics.ReadLedgersAsync(PulsarPorts.ClusterName, first.Address, Stop).Ok();
        Assert.Equal(
            (counted.Counters.BytesIn, counted.Broker == pulsar.AdminUrls[0].Authority ? 0 : 1),
            (record.Ledgers.Sum(ledger => ledger.Bytes), record.EntriesAdded)
        );
        await UntilAsync(
            "it has left the list",
            async () => await survivor.Statistics.ListBrokersAsync(PulsarPorts.ClusterName, Stop) is { IsOk: true, Value.Brokers: [_] }
        );
    }

    private static async Task<List<string>> ListedAsync(PulsarPorts ports, string path)
    {
        var listed = new List<string>();
        foreach (var broker in (await ports.Statistics.ListBrokersAsync(PulsarPorts.ClusterName, Stop).Ok()).Brokers)
        {
            await foreach (var row in ports.Statistics.ReadAsync(PulsarPorts.ClusterName, broker, Stop))
            {
                if (row.Partition.StartsWith($"persistent://{path}/at-", StringComparison.Ordinal))
                    listed.Add(row.Partition);
            }
        }
        return listed;
    }

    private static async Task<int> CountAsync(PulsarPorts ports, string broker)
    {
        var count = 0;
        await foreach (var _ in ports.Statistics.ReadAsync(PulsarPorts.ClusterName, broker, Stop))
            count++;
        return count;
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(90), $"90 s, and not yet: {what}");
            await Task.Delay(300, Stop);
        }
    }
}
