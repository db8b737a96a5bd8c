using System.Text;
using System.Text.Json.Nodes;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>
/// What sending back and looking on need of a cluster: cursors, reads between two places, and what such a read costs, the same on every
/// Pulsar.
/// </summary>
public abstract class DeadLettersContract : SubscriptionsGiven
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task What_a_subscription_has_acknowledged_is_known_of_each_message(int partitions)
    {
        var (@namespace, topic) = await TopicAsync(partitions);
        await SubscribeAsync(topic, "billing");
        await SubscribeAsync(topic, "search");
        var places = (await FillAsync(@namespace, topic, 6)).Select(id => Ports.Messages.Locate(id).Value).ToList();
        using var consumer = await ConsumerAsync(@namespace, topic, "billing?subscriptionType=Shared");
        // One out of their middle, which leaves a hole.
        await ReceiveAsync(consumer, 6, acknowledge: payload => payload == "4");
        for (var tries = 0; !(await ThroughAsync(places[4])).Contains("billing"); tries++)
        {
            Assert.True(tries < 100, "the acknowledgement is not seen");
            await Task.Delay(100, Stop);
        }
        foreach (var place in places.Where(place => place != places[4]))
            Assert.Empty(await ThroughAsync(place));
        Assert.Equal(
            ["billing", "search"],
            (await Ports.Cursors.ReadAsync(topic.OnCluster, partitions == 0 ? null : 0, Stop).Ok()).Select(one => one.Subscription)
        );

        async Task<List<string>> ThroughAsync(MessagePlace place) =>
            [
                .. (await Ports.Cursors.ReadAsync(topic.OnCluster, place.Partition, Stop).Ok())
                    .Where(one => one.IsThrough(place.Position))
                    .Select(one => one.Subscription),
            ];
    }

    [Fact]
    public async Task A_read_between_two_places_ends_at_the_second()
    {
        var (@namespace, topic) = await TopicAsync();
        var ids = await FillAsync(@namespace, topic, 6);
        var places = ids.Select(id => (MessagePosition?)Ports.Messages.Locate(id).Value.Position).ToList();
        var page = await Ports
            .Messages.ReadAsync(@namespace, topic, new ReadQuery { After = [places[1]], UpTo = [places[4]] }, 100, Stop)
            .Ok();
        Assert.Equal(ids[2..5], page.Items.Select(message => message.MessageId));
        Assert.Equal((null, ReadEnd.Topic), (page.Next, page.End));
        // One message by its place alone.
        var one = await Ports
            .Messages.ReadAsync(
                @namespace,
                topic,
                new ReadQuery { After = [places[3]!.Value with { Entry = places[3]!.Value.Entry - 1 }], UpTo = [places[3]] },
                100,
                Stop
            )
            .Ok();
        Assert.Equal([ids[3]], one.Items.Select(message => message.MessageId));
    }

    [Fact]
    public async Task Key_properties_and_event_time_come_as_they_were_sent()
    {
        var (@namespace, topic) = await TopicAsync();
        var happened = new DateTimeOffset(2026, 3, 4, 5, 6, 7, 89, TimeSpan.Zero);
        await Ports
            .Messages.SendAsync(
                @namespace,
                topic,
                new("x"u8.ToArray(), "k ü", new Dictionary<string, string> { ["a"] = "1" }) { EventTime = happened },
                Stop
            )
            .Ok();
        var read = (await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(), 10, Stop).Ok()).Items.Single();
        Assert.Equal(("k ü", "1", happened), (read.Key, read.Properties["a"], read.EventTime));
    }

    [Fact]
    public async Task A_page_of_a_topic_with_many_partitions_costs_no_more_than_it_shows()
    {
        const int partitions = 32;
        var (@namespace, topic) = await TopicAsync(partitions);
        var none = new Dictionary<string, string>();
        var payload = Encoding.UTF8.GetBytes(new string('x', 1000));
        for (var number = 0; number < 10 * partitions; number++)
            await Ports.Messages.SendAsync(@namespace, topic, new(payload, $"k{number}", none), Stop).Ok();
        var before = await GivenAsync();
        var page = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(), 50, Stop).Ok();
        var fetched = await GivenAsync() - before;
        Assert.InRange(
            page.Items.Select(message => Ports.Messages.Locate(message.MessageId).Value.Partition).Distinct().Count(),
            10,
            partitions
        );
        Assert.Equal((50, 50), (page.Items.Count, page.Fetched));
        Assert.Equal(
            page.Items.OrderBy(message => message.PublishTime).Select(message => message.PublishTime),
            page.Items.Select(message => message.PublishTime)
        );
        // Readers, as a search uses them, are sent what their queues hold besides.
        var search = await Ports
            .Messages.ReadAsync(@namespace, topic, new ReadQuery(Filter: MessageFilter.Create(null, null, "x").Value), 50, Stop)
            .Ok();
        var read = await GivenAsync() - before - fetched;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{partitions} partitions, 50 messages shown: {fetched} sent when fetched, {read} by readers"
        );
        Assert.Equal((50, 0), (search.Items.Count, search.Fetched));
        Assert.Equal(0, fetched);
        Assert.InRange(read, 50, 50 + (5 * partitions));
        var rest = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(page.Next), 1000, Stop).Ok();
        Assert.Equal(10 * partitions, page.Items.Concat(rest.Items).Select(message => message.MessageId).Distinct().Count());

        async Task<long> GivenAsync()
        {
            var (_, text) = await Pulsar.CallAsync(
                HttpMethod.Get,
                $"/admin/v2/persistent/{@namespace.Path}/{topic.Name}/partitioned-stats"
            );
            return (long)JsonNode.Parse(text)!["msgOutCounter"]!;
        }
    }
}
