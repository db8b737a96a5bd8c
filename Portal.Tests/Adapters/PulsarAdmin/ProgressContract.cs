using System.Net.WebSockets;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Topics;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>Where a migration puts a subscription, and what it sees clients do with it from then on, the same on every Pulsar.</summary>
public abstract class ProgressContract : SubscriptionsGiven
{
    [Fact]
    public async Task Behind_a_message_delivery_goes_on_with_the_next()
    {
        var (@namespace, topic) = await TopicAsync();
        var name = await SubscribeAsync(topic, "billing");
        var ids = await FillAsync(@namespace, topic, 6);
        await Ports.Subscriptions.RewindBehindAsync(topic.OnCluster, name, Ports.Messages.Locate(ids[3]).Value, Stop).Ok();
        await SettledAsync(topic, name, backlog: 2);
        Assert.Equal("4", await FirstAsync(@namespace, topic, "billing"));
    }

    [Fact]
    public async Task Behind_the_last_message_nothing_is_delivered_until_one_comes()
    {
        var (@namespace, topic) = await TopicAsync();
        var name = await SubscribeAsync(topic, "billing");
        var ids = await FillAsync(@namespace, topic, 3);
        await Ports.Subscriptions.RewindBehindAsync(topic.OnCluster, name, Ports.Messages.Locate(ids[2]).Value, Stop).Ok();
        await SettledAsync(topic, name, backlog: 0);
        await FillAsync(@namespace, topic, 1);
        await SettledAsync(topic, name, backlog: 1);
        Assert.Equal("0", await FirstAsync(@namespace, topic, "billing"));
    }

    [Fact]
    public async Task Behind_a_message_of_a_partition_the_others_stay()
    {
        var (@namespace, topic) = await TopicAsync(partitions: 3);
        var name = await SubscribeAsync(topic, "billing");
        var places = (await FillAsync(@namespace, topic, 30)).Select(id => Ports.Messages.Locate(id).Value).ToList();
        await SettledAsync(topic, name, backlog: 30);
        var place = places.Where(one => one.Partition == places[0].Partition).OrderBy(one => one.Position.Entry).Skip(1).First();
        var passed = places.Count(one => one.Partition == place.Partition && one.Position.Entry <= place.Position.Entry);
        await Ports.Subscriptions.RewindBehindAsync(topic.OnCluster, name, place, Stop).Ok();
        await SettledAsync(topic, name, backlog: 30 - passed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task What_clients_did_is_seen_and_the_mark_outlives_the_load_of_a_topic(int partitions)
    {
        var (@namespace, topic) = await TopicAsync(partitions);
        var name = await SubscribeAsync(topic, "billing");
        var ids = await FillAsync(@namespace, topic, 4);
        var untouched = (await Ports.Progress.LookAsync(topic.OnCluster, name, marks: true, Stop).Ok())!;
        Assert.Equal((0, false, null), (untouched.Consumers, untouched.HasDelivered, untouched.AcknowledgedAt));
        Assert.Equal(
            partitions == 0 ? [null] : Enumerable.Range(0, partitions).Select(number => (int?)number),
            untouched.Marks.Select(mark => mark.Partition).Order()
        );
        Assert.DoesNotContain(untouched.Marks, mark => mark.HasHoles);

        var before = TimeProvider.System.Now().AddSeconds(-1);
        using (var consumer = await ConsumerAsync(@namespace, topic, "billing?subscriptionType=Failover"))
        {
            await ReceiveAsync(consumer, 4, acknowledge: true);
            var seen = await SeenAsync(topic, name, one => one.AcknowledgedAt is not null);
            Assert.True(seen.HasDelivered);
            Assert.Equal(1, seen.Consumers);
            Assert.InRange(seen.AcknowledgedAt!.Value, before, TimeProvider.System.Now().AddSeconds(1));
            Assert.Empty(seen.Marks);
            await consumer.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Stop);
        }
        foreach (
            var part in partitions == 0
                ? [topic.Address]
                : Enumerable.Range(0, partitions).Select(number => $"{topic.Address}-partition-{number}")
        )
            await Pulsar.UnloadAsync(part);
        var last = ids.Select(id => Ports.Messages.Locate(id).Value)
            .GroupBy(place => place.Partition)
            .ToDictionary(part => part.Key ?? -1, part => part.Max(place => place.Position.Entry));
        var loaded = await SeenAsync(topic, name, one => one.Consumers == 0, marks: true);
        foreach (var (partition, entry) in last)
        {
            var (was, now) = (
                untouched.Marks.Single(mark => (mark.Partition ?? -1) == partition),
                loaded.Marks.Single(mark => (mark.Partition ?? -1) == partition)
            );
            // A loaded topic may have closed its ledger: then the mark stands before the first entry of the next one.
            Assert.True(
                now.Ledger > was.Ledger || (now.Ledger == was.Ledger && now.Entry == entry),
                $"partition {partition}: {was} → {now}, last entry {entry}"
            );
        }
    }

    [Fact]
    public async Task What_is_acknowledged_one_by_one_is_a_hole_behind_the_mark()
    {
        var (@namespace, topic) = await TopicAsync();
        var name = await SubscribeAsync(topic, "billing");
        await FillAsync(@namespace, topic, 3);
        using var consumer = await ConsumerAsync(@namespace, topic, "billing?subscriptionType=Shared");
        await ReceiveAsync(consumer, 3, acknowledge: message => message == "1");
        await SeenAsync(topic, name, one => one.Marks is [{ HasHoles: true, Entry: -1 }], marks: true);
    }

    [Fact]
    public async Task A_subscription_or_topic_that_is_not_there_is_said()
    {
        var (@namespace, topic) = await TopicAsync();
        Assert.Null(await Ports.Progress.LookAsync(topic.OnCluster, SubscriptionName.Create("none").Value, marks: true, Stop).Ok());
        await Ports
            .Progress.LookAsync(Given.Topic(@namespace, "absent").OnCluster, SubscriptionName.Create("none").Value, marks: true, Stop)
            .Refused("topic-not-on-cluster");
    }

    private async Task<SubscriptionProgress> SeenAsync(
        Topic topic,
        SubscriptionName name,
        Func<SubscriptionProgress, bool> wanted,
        bool marks = false
    )
    {
        for (var tries = 0; ; tries++)
        {
            var seen = await Ports.Progress.LookAsync(topic.OnCluster, name, marks, Stop).Ok();
            if (seen is not null && wanted(seen))
                return seen;
            Assert.True(tries < 100, $"It stays {seen} with {string.Join(", ", seen?.Marks ?? [])}");
            await Task.Delay(100, Stop);
        }
    }
}
