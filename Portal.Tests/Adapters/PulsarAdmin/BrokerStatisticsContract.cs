using System.Diagnostics;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>What brokers counted, to the byte.</summary>
public abstract class BrokerStatisticsContract : PulsarContract
{
    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 3)]
    [InlineData(false, 0)]
    public async Task Statistics_of_the_brokers_are_the_topics_own_counters_to_the_byte(bool persistent, int partitions)
    {
        var (@namespace, topic) = await TopicAsync(persistent, partitions);
        for (var number = 0; number < 12; number++)
            await Ports.Messages.SendAsync(@namespace, topic, new(new byte[1024], null, new Dictionary<string, string>()), Stop).Ok();
        if (persistent)
            Assert.Equal(12, (await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop).Ok()).Items.Count);

        var rows = await UntilAsync(
            topic,
            rows => rows.Sum(row => row.MessagesIn) == 12 && (!persistent || rows.Sum(row => row.MessagesOut) == 12)
        );
        foreach (var row in rows)
        {
            var live = await Ports.Statistics.ReadTopicAsync(PulsarPorts.ClusterName, row.Partition, Stop).Ok();
            Assert.Equal(row, live.Counters);
            Assert.Contains(live.Broker, (await Ports.Statistics.ListBrokersAsync(PulsarPorts.ClusterName, Stop).Ok()).Brokers);
        }
        Assert.InRange(rows.Sum(row => row.BytesIn), 12 * 1024, 12 * 1200);
        if (persistent)
            Assert.Equal(rows.Sum(row => row.BytesIn), rows.Sum(row => row.StorageBytes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Figures_of_a_topic_are_what_the_broker_says_elsewhere(int partitions)
    {
        var (@namespace, topic) = await TopicAsync(persistent: true, partitions);
        await Ports.Admin.CreateSubscriptionAsync(topic, SubscriptionName.Create("billing").Value, fromEarliest: true, Stop).Ok();
        for (var number = 0; number < 12; number++)
            await Ports.Messages.SendAsync(@namespace, topic, new(new byte[1024], null, new Dictionary<string, string>()), Stop).Ok();
        Assert.Equal(12, (await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop).Ok()).Items.Count);

        // Rates, producers, and readers come to rest.
        var rows = await FiguresUntilAsync(
            topic,
            rows =>
                rows.Sum(row => row.Backlog) == 12
                && rows.Sum(row => row.MessagesOut) == 12
                && rows.All(row => row is { RateIn: 0, Subscriptions.Count: 1 })
        );
        Assert.Equal(Math.Max(partitions, 1), rows.Count);
        Assert.All(rows, row => Assert.Equal(("billing", 0, 0), (row.Subscriptions[0].Name, row.Producers, row.Consumers)));
        var live = await Ports.Admin.TopicStatsAsync(topic, Stop).Ok();
        Assert.Equal(
            (live.StorageBytes, 12, 12),
            (rows.Sum(row => row.StorageBytes), rows.Sum(row => row.MessagesIn), rows.Sum(row => row.Subscriptions[0].Backlog))
        );
        Assert.Equal(rows.Sum(row => row.StorageBytes), rows.Sum(row => row.BacklogBytes));
        if (!HasMetrics)
            return;
        using var http = new HttpClient();
        var theirs = PrometheusPage.Parse(await http.GetStringAsync(new Uri(Pulsar.AdminUrls[0], "/metrics/"), Stop), lenient: true);
        foreach (var row in rows)
        {
            foreach (
                var (name, value) in new (string, double)[]
                {
                    ("pulsar_in_messages_total", row.MessagesIn),
                    ("pulsar_in_bytes_total", row.BytesIn),
                    ("pulsar_msg_backlog", row.Backlog),
                    ("pulsar_storage_size", row.StorageBytes),
                    ("pulsar_storage_logical_size", row.StorageBytes),
                    ("pulsar_storage_backlog_size", row.BacklogBytes),
                    ("pulsar_rate_in", row.RateIn),
                    ("pulsar_throughput_in", row.ThroughputIn),
                    ("pulsar_rate_out", row.RateOut),
                    ("pulsar_throughput_out", row.ThroughputOut),
                    ("pulsar_average_msg_size", row.AverageSize),
                    // The portal's own producer is still there.
                    ("pulsar_producers_count", row.Producers + 1),
                    ("pulsar_subscriptions_count", row.Subscriptions.Count),
                    ("pulsar_consumers_count", row.Consumers),
                }
            )
                Assert.Equal($"{name} {value}", $"{name} {theirs.Value(name, ("topic", row.Partition))}");
            foreach (
                var name in (string[])
                    [
                        "pulsar_subscription_unacked_messages",
                        "pulsar_subscription_blocked_on_unacked_messages",
                        "pulsar_subscription_consumers_count",
                        "pulsar_subscription_msg_rate_out",
                        "pulsar_subscription_msg_throughput_out",
                        "pulsar_subscription_msg_rate_redeliver",
                        "pulsar_subscription_msg_rate_expired",
                        "pulsar_subscription_msg_ack_rate",
                    ]
            )
                Assert.Equal(0, theirs.Value(name, ("topic", row.Partition), ("subscription", "billing")));
            Assert.Equal(
                row.Subscriptions[0].Backlog,
                theirs.Value("pulsar_subscription_back_log", ("topic", row.Partition), ("subscription", "billing"))
            );
        }
    }

    /// <summary>Whether the broker has a page of metrics of its own, to compare with.</summary>
    protected virtual bool HasMetrics => true;

    [Fact]
    public async Task Counters_begin_again_after_an_unload_and_storage_stays()
    {
        var (@namespace, topic) = await TopicAsync(persistent: true, partitions: 0);
        for (var number = 0; number < 3; number++)
            await Ports.Messages.SendAsync(@namespace, topic, new(new byte[100], null, new Dictionary<string, string>()), Stop).Ok();
        var before = Assert.Single(await UntilAsync(topic, rows => rows.Sum(row => row.MessagesIn) == 3));
        await Pulsar.UnloadAsync(topic.Address);
        await Ports.Admin.TopicStatsAsync(topic, Stop).Ok(); // loads it
        var after = Assert.Single(await UntilAsync(topic, rows => rows is [{ MessagesIn: 0 }]));
        Assert.True(after.AnyBelow(before));
        Assert.Equal(before.StorageBytes, after.StorageBytes);
    }

    /// <summary>What recovery rests on: each load writes ledgers of its own, and what a closed one holds is what arrived in it.</summary>
    [Fact]
    public async Task Each_load_of_a_topic_writes_ledgers_of_its_own_that_hold_what_it_counted()
    {
        var (@namespace, topic) = await TopicAsync(persistent: true, partitions: 0);
        var counted = new List<long>();
        for (var load = 0; load < 3; load++)
        {
            for (var number = 0; number <= load; number++)
                await Ports.Messages.SendAsync(@namespace, topic, new(new byte[100], null, new Dictionary<string, string>()), Stop).Ok();
            var live = await Ports.Statistics.ReadTopicAsync(PulsarPorts.ClusterName, topic.Address, Stop).Ok();
            var record = await Ports.Statistics.ReadLedgersAsync(PulsarPorts.ClusterName, topic.Address, Stop).Ok();
            Assert.True(record.IsWhole);
            Assert.Equal(
                (load + 1, record.Ledgers[^1].Id, record.Ledgers[^1].Id),
                (record.EntriesAdded, record.CertainlyOfThisLoad, record.PerhapsOfThisLoad(live.Counters))
            );
            Assert.Equal([.. counted, live.Counters.BytesIn], record.Ledgers.Select(ledger => ledger.Bytes));
            counted.Add(live.Counters.BytesIn);
            await Pulsar.UnloadAsync(topic.Address);
        }
        var loaded = await Ports.Statistics.ReadLedgersAsync(PulsarPorts.ClusterName, topic.Address, Stop).Ok();
        Assert.Equal((0, 0, loaded.Ledgers[^1].Id), (loaded.EntriesAdded, loaded.Ledgers[^1].Bytes, loaded.CertainlyOfThisLoad));
        Assert.Equal([.. counted, 0], loaded.Ledgers.Select(ledger => ledger.Bytes));
        Assert.True((await Ports.Statistics.ListBrokersAsync(PulsarPorts.ClusterName, Stop).Ok()).StoresWhatArrives);
    }

    [Theory]
    [InlineData("persistent://no/such/topic")]
    [InlineData("nonsense")]
    public async Task A_topic_that_is_not_there_has_no_ledgers(string partition) =>
        await Ports.Statistics.ReadLedgersAsync(PulsarPorts.ClusterName, partition, Stop).Refused("topic-not-on-cluster");

    [Fact]
    public async Task The_broker_list_says_how_old_a_row_may_be()
    {
        var list = await Ports.Statistics.ListBrokersAsync(PulsarPorts.ClusterName, Stop).Ok();
        Assert.Equal(Pulsar.AdminUrls.Select(url => url.Authority).Order(), list.Brokers.Order());
        Assert.Equal(TimeSpan.FromSeconds(1), list.StatisticsInterval);
    }

    [Theory]
    [InlineData("persistent://no/such/topic")]
    [InlineData("nonsense")]
    [InlineData("persistent://a/b")]
    [InlineData("persistent://a/../b")]
    public async Task A_topic_that_is_not_there_has_no_counters(string partition)
    {
        if (partition.Contains("..", StringComparison.Ordinal))
            await Assert.ThrowsAsync<ArgumentException>(() => Ports.Statistics.ReadTopicAsync(PulsarPorts.ClusterName, partition, Stop));
        else
            await Ports.Statistics.ReadTopicAsync(PulsarPorts.ClusterName, partition, Stop).Refused("topic-not-on-cluster");
    }

    private async Task<(Namespace Namespace, Topic Topic)> TopicAsync(bool persistent, int partitions)
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: partitions, persistent: persistent);
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        return (@namespace, topic);
    }

    private async Task<List<TopicCounters>> UntilAsync(Topic topic, Func<List<TopicCounters>, bool> enough)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var rows = new List<TopicCounters>();
            foreach (var broker in (await Ports.Statistics.ListBrokersAsync(PulsarPorts.ClusterName, Stop).Ok()).Brokers)
            {
                await foreach (var row in Ports.Statistics.ReadAsync(PulsarPorts.ClusterName, broker, Stop))
                {
                    if (row.Partition == topic.Address || row.Partition.StartsWith($"{topic.Address}-partition-", StringComparison.Ordinal))
                        rows.Add(row);
                }
            }
            if (enough(rows))
                return rows;
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20), $"after 20 s: {string.Join("; ", rows)}");
            await Task.Delay(200, Stop);
        }
    }

    private async Task<List<TopicFigures>> FiguresUntilAsync(Topic topic, Func<List<TopicFigures>, bool> enough)
    {
        List<TopicFigures> rows = [];
        await Eventually.TrueAsync(
            async () =>
            {
                rows.Clear();
                foreach (var broker in (await Ports.Statistics.ListBrokersAsync(PulsarPorts.ClusterName, Stop).Ok()).Brokers)
                await foreach (var row in Ports.Figures.ReadAsync(PulsarPorts.ClusterName, broker, Stop))
                    if (PartitionAddress.Split(row.Partition).Topic == topic.Address)
                        rows.Add(row);
                return enough(rows);
            },
            () => string.Join("; ", rows)
        );
        return rows;
    }
}
