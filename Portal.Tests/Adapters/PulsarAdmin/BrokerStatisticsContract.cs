using System.Diagnostics;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
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
        for (var number = 0; number < 12; number++) await Ports.Messages.SendAsync(@namespace, topic, new(new byte[1024], null, new Dictionary<string, string>()), Stop).Ok();
        if (persistent) Assert.Equal(12, (await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop).Ok()).Items.Count);

        var rows = await UntilAsync(topic, rows => rows.Sum(row => row.MessagesIn) == 12 && (!persistent || rows.Sum(row => row.MessagesOut) == 12));
        foreach (var row in rows)
        {
            var live = await Ports.Statistics.ReadTopicAsync(PulsarPorts.ClusterName, row.Partition, Stop).Ok();
            Assert.Equal(row, live.Counters);
            Assert.Contains(live.Broker, (await Ports.Statistics.ListBrokersAsync(PulsarPorts.ClusterName, Stop).Ok()).Brokers);
        }
        Assert.InRange(rows.Sum(row => row.BytesIn), 12 * 1024, 12 * 1200);
        if (persistent) Assert.Equal(rows.Sum(row => row.BytesIn), rows.Sum(row => row.StorageBytes));
    }

    [Fact]
    public async Task Counters_begin_again_after_an_unload_and_storage_stays()
    {
        var (@namespace, topic) = await TopicAsync(persistent: true, partitions: 0);
        for (var number = 0; number < 3; number++) await Ports.Messages.SendAsync(@namespace, topic, new(new byte[100], null, new Dictionary<string, string>()), Stop).Ok();
        var before = Assert.Single(await UntilAsync(topic, rows => rows.Sum(row => row.MessagesIn) == 3));
        await Pulsar.UnloadAsync(topic.Address);
        await Ports.Admin.TopicStatsAsync(topic, Stop).Ok(); // loads it
        var after = Assert.Single(await UntilAsync(topic, rows => rows is [{ MessagesIn: 0 }]));
        Assert.True(after.AnyBelow(before));
        Assert.Equal(before.StorageBytes, after.StorageBytes);
    }

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
        if (partition.Contains("..", StringComparison.Ordinal)) await Assert.ThrowsAsync<ArgumentException>(() => Ports.Statistics.ReadTopicAsync(PulsarPorts.ClusterName, partition, Stop));
        else await Ports.Statistics.ReadTopicAsync(PulsarPorts.ClusterName, partition, Stop).Refused("topic-not-on-cluster");
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
                    if (row.Partition == topic.Address || row.Partition.StartsWith($"{topic.Address}-partition-", StringComparison.Ordinal)) rows.Add(row);
                }
            }
            if (enough(rows)) return rows;
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20), $"after 20 s: {string.Join("; ", rows)}");
            await Task.Delay(200, Stop);
        }
    }
}
