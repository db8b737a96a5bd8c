using System.Net;
using System.Net.WebSockets;
using System.Text;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>What moves a subscription, the same on every Pulsar.</summary>
public abstract partial class SubscriptionsContract : SubscriptionsGiven
{
    [Fact]
    public async Task A_look_says_what_waits_since_when_and_for_whom()
    {
        var (@namespace, topic) = await TopicAsync();
        var name = await SubscribeAsync(topic, "billing");
        var before = TimeProvider.System.Now().AddMilliseconds(-5);
        await FillAsync(@namespace, topic, 4);
        var detail = await SettledAsync(topic, name, backlog: 4);
        Assert.Equal(
            (4L, 0, true, false, 0L),
            (
                detail.Figures.Backlog,
                detail.Figures.Consumers,
                detail.Figures.Durable,
                detail.Figures.IsBlocked,
                detail.Figures.Unacknowledged
            )
        );
        Assert.InRange(detail.Figures.BacklogBytes, 4, 4_000);
        Assert.InRange(detail.OldestUnacknowledged!.Value, before, TimeProvider.System.Now());
        Assert.Empty(detail.Consumers);
        Assert.Empty(detail.Partitions);

        using var consumer = await ConsumerAsync(
            @namespace,
            topic,
            "billing?subscriptionType=Shared&consumerName=desk&receiverQueueSize=2"
        );
        await ReceiveAsync(consumer, 2);
        // What is on its way to a client counts too.
        detail = await SettledAsync(topic, name, one => one.Consumers is [{ Unacknowledged: >= 2 and <= 4 }]);
        Assert.Equal(("Shared", "desk"), (detail.Figures.Type, detail.Consumers[0].Name));
        Assert.InRange(detail.Figures.Unacknowledged, 1, 4);
        Assert.NotNull(detail.Consumers[0].Address);
        Assert.InRange(detail.Consumers[0].ConnectedSince!.Value, before, TimeProvider.System.Now().AddSeconds(5));
    }

    [Fact]
    public async Task A_subscription_that_is_not_there_is_said_and_none_is_made()
    {
        var (_, topic) = await TopicAsync();
        var (nobody, missing) = (SubscriptionName.Create("nobody").Value, Given.Topic((await NamespaceAsync()).Namespace));
        await Ports.Subscriptions.LookAsync(topic.OnCluster, nobody, Stop).Refused("subscription-not-found");
        await Ports.Subscriptions.SkipAsync(topic.OnCluster, nobody, null, 1, Stop).Refused("subscription-not-found");
        await Ports.Subscriptions.ClearAsync(topic.OnCluster, nobody, Stop).Refused("subscription-not-found");
        await Ports.Subscriptions.RewindAsync(topic.OnCluster, nobody, TimeProvider.System.Now(), Stop).Refused("subscription-not-found");
        await Ports
            .Subscriptions.RewindAsync(topic.OnCluster, nobody, new MessagePlace(new(0, 0, -1), null), Stop)
            .Refused("subscription-not-found");
        await Ports.Subscriptions.ExpireAsync(topic.OnCluster, nobody, TimeSpan.FromSeconds(1), Stop).Refused("subscription-not-found");
        await Ports.Subscriptions.AnalyzeAsync(topic.OnCluster, nobody, Stop).Refused("subscription-not-found");
        Assert.Empty((await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Subscriptions);
        await Ports.Subscriptions.LookAsync(missing.OnCluster, nobody, Stop).Refused("topic-not-on-cluster");
        await Ports.Subscriptions.CountSinceAsync(missing.OnCluster, TimeProvider.System.Now(), Stop).Refused("topic-not-on-cluster");
    }

    [Fact]
    public async Task A_number_is_skipped_and_more_than_there_are_is_all()
    {
        var (@namespace, topic) = await TopicAsync();
        var (name, other) = (await SubscribeAsync(topic, "billing"), await SubscribeAsync(topic, "audit"));
        await FillAsync(@namespace, topic, 6);
        await SettledAsync(topic, name, backlog: 6);
        await Ports.Subscriptions.SkipAsync(topic.OnCluster, name, null, 2, Stop).Ok();
        await SettledAsync(topic, name, backlog: 4);
        Assert.Equal("2", await FirstAsync(@namespace, topic, "billing"));
        await Ports.Subscriptions.SkipAsync(topic.OnCluster, name, null, 1_000_000, Stop).Ok();
        await SettledAsync(topic, name, backlog: 0);
        await Ports.Subscriptions.SkipAsync(topic.OnCluster, name, null, 1, Stop).Ok();
        await SettledAsync(topic, other, backlog: 6);
    }

    [Fact]
    public async Task Of_a_partitioned_topic_a_number_is_skipped_in_one_partition_and_all_in_each()
    {
        var (@namespace, topic) = await TopicAsync(partitions: 3);
        var name = await SubscribeAsync(topic, "billing");
        await FillAsync(@namespace, topic, 30);
        var detail = await SettledAsync(topic, name, backlog: 30);
        Assert.Equal([0, 1, 2], detail.Partitions.Select(one => one.Partition));
        Assert.Equal(30, detail.Partitions.Sum(one => one.Backlog));
        var fullest = detail.Partitions.MaxBy(one => one.Backlog)!;
        await Ports.Subscriptions.SkipAsync(topic.OnCluster, name, fullest.Partition, 2, Stop).Ok();
        detail = await SettledAsync(topic, name, backlog: 28);
        Assert.Equal(fullest.Backlog - 2, detail.Partitions[fullest.Partition].Backlog);
        await Ports.Subscriptions.ClearAsync(topic.OnCluster, name, Stop).Ok();
        detail = await SettledAsync(topic, name, backlog: 0);
        Assert.Null(detail.OldestUnacknowledged);
        await Ports.Subscriptions.ClearAsync(topic.OnCluster, name, Stop).Ok();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_rewind_to_a_time_delivers_again_what_came_since(int partitions)
    {
        var (@namespace, topic) = await TopicAsync(partitions);
        var name = await SubscribeAsync(topic, "billing");
        await FillAsync(@namespace, topic, 6);
        await Task.Delay(50, Stop);
        var since = await LastPublishedAsync(@namespace, topic);
        await FillAsync(@namespace, topic, 4);
        await Ports.Subscriptions.ClearAsync(topic.OnCluster, name, Stop).Ok();
        await SettledAsync(topic, name, backlog: 0);

        foreach (
            var (to, backlog) in new[]
            {
                (since, 4),
                (DateTimeOffset.UnixEpoch, 10),
                (TimeProvider.System.Now().AddMinutes(10), 0),
                (since.AddDays(-400), 10),
            }
        )
        {
            var counted = await Ports.Subscriptions.CountSinceAsync(topic.OnCluster, to, Stop).Ok();
            Assert.Equal(backlog, counted.Entries);
            Assert.Equal(backlog == 0, counted.Bytes == 0);
            await Ports.Subscriptions.RewindAsync(topic.OnCluster, name, to, Stop).Ok();
            await SettledAsync(topic, name, backlog);
        }
    }

    [Fact]
    public async Task A_rewind_to_a_message_delivers_it_next()
    {
        var (@namespace, topic) = await TopicAsync();
        var name = await SubscribeAsync(topic, "billing");
        var ids = await FillAsync(@namespace, topic, 6);
        await Ports.Subscriptions.ClearAsync(topic.OnCluster, name, Stop).Ok();
        var fourth = Ports.Messages.Locate(ids[3]).Value;
        Assert.Equal(fourth, Ports.Messages.Locate($"{fourth.Position.Ledger}:{fourth.Position.Entry}").Value);
        Assert.Equal(3, (await Ports.Subscriptions.CountFromAsync(topic.OnCluster, fourth, Stop).Ok()).Entries);
        await Ports.Subscriptions.RewindAsync(topic.OnCluster, name, fourth, Stop).Ok();
        await SettledAsync(topic, name, backlog: 3);
        Assert.Equal("3", await FirstAsync(@namespace, topic, "billing"));
        foreach (
            var none in new[]
            {
                fourth.Position with
                {
                    Entry = 6,
                },
                fourth.Position with
                {
                    Ledger = fourth.Position.Ledger + 100_000,
                },
                fourth.Position with
                {
                    Ledger = 0,
                },
            }
        )
            await Ports.Subscriptions.CountFromAsync(topic.OnCluster, new(none, null), Stop).Refused("message-gone");
    }

    [Fact]
    public async Task A_rewind_to_a_message_of_a_partition_leaves_the_others()
    {
        var (@namespace, topic) = await TopicAsync(partitions: 3);
        var name = await SubscribeAsync(topic, "billing");
        var ids = await FillAsync(@namespace, topic, 30);
        await Ports.Subscriptions.ClearAsync(topic.OnCluster, name, Stop).Ok();
        await SettledAsync(topic, name, backlog: 0);
        var places = ids.Select(id => Ports.Messages.Locate(id).Value).ToList();
        var place = places.Where(one => one.Partition == places[0].Partition).OrderBy(one => one.Position.Entry).Skip(1).First();
        var behind = places.Count(one => one.Partition == place.Partition && one.Position.Entry >= place.Position.Entry);
        Assert.Equal(behind, (await Ports.Subscriptions.CountFromAsync(topic.OnCluster, place, Stop).Ok()).Entries);
        await Ports.Subscriptions.RewindAsync(topic.OnCluster, name, place, Stop).Ok();
        var detail = await SettledAsync(topic, name, behind);
        Assert.Equal(behind, detail.Partitions[place.Partition!.Value].Backlog);
    }

    [Fact]
    public async Task A_count_goes_over_ledgers_that_are_closed()
    {
        var (@namespace, topic) = await TopicAsync();
        var name = await SubscribeAsync(topic, "billing");
        var first = await FillAsync(@namespace, topic, 5);
        await Pulsar.UnloadAsync(topic.Address);
        await FillAsync(@namespace, topic, 3);
        var second = Ports.Messages.Locate(first[1]).Value;
        var counted = await Ports.Subscriptions.CountFromAsync(topic.OnCluster, second, Stop).Ok();
        Assert.Equal(7, counted.Entries);
        Assert.InRange(counted.Bytes, 7, 7_000);
        Assert.Equal(8, (await Ports.Subscriptions.CountSinceAsync(topic.OnCluster, DateTimeOffset.UnixEpoch, Stop).Ok()).Entries);
        await Ports.Subscriptions.ClearAsync(topic.OnCluster, name, Stop).Ok();
        await Ports.Subscriptions.RewindAsync(topic.OnCluster, name, second, Stop).Ok();
        await SettledAsync(topic, name, backlog: 7);
    }

    [Fact]
    public async Task A_rewind_to_a_message_inside_a_batch_passes_none_over()
    {
        var (@namespace, topic) = await TopicAsync();
        var name = await SubscribeAsync(topic, "billing");
        var (producer, _) = await Pulsar.ConnectAsync(
            $"producer/persistent/{@namespace.Path}/{topic.Name}?batchingEnabled=true&batchingMaxPublishDelay=200&batchingMaxMessages=10",
            Pulsar.AdminToken
        );
        using (producer)
        {
            for (var number = 0; number < 20; number++)
                await producer!.SendAsync(
                    Encoding.UTF8.GetBytes($$"""{"payload":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes($"{number}"))}}"}"""),
                    WebSocketMessageType.Text,
                    true,
                    Stop
                );
            for (var number = 0; number < 20; number++)
                await producer!.ReceiveAsync(new byte[1000], Stop);
        }
        var messages = (await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop).Ok()).Items;
        Assert.Equal(20, (await Ports.Subscriptions.AnalyzeAsync(topic.OnCluster, name, Stop).Ok()).Messages);
        await Ports.Subscriptions.ClearAsync(topic.OnCluster, name, Stop).Ok();
        await Ports.Subscriptions.RewindAsync(topic.OnCluster, name, Ports.Messages.Locate(messages[13].MessageId).Value, Stop).Ok();
        // 4.0 delivers the batch from its first message, later ones from the message itself; the next batch would be too late.
        Assert.InRange(
            int.Parse(await FirstAsync(@namespace, topic, "billing"), System.Globalization.CultureInfo.InvariantCulture),
            10,
            13
        );
    }

    [Theory]
    [InlineData("Exclusive")]
    [InlineData("Shared")]
    [InlineData("Failover")]
    [InlineData("Key_Shared")]
    public async Task Consumers_that_are_connected_get_the_messages_again_after_a_rewind(string type)
    {
        var (@namespace, topic) = await TopicAsync();
        var name = await SubscribeAsync(topic, "billing");
        await FillAsync(@namespace, topic, 3);
        using var consumer = await ConsumerAsync(@namespace, topic, $"billing?subscriptionType={type}");
        Assert.Equal(["0", "1", "2"], await ReceiveAsync(consumer, 3, acknowledge: true));
        await SettledAsync(topic, name, backlog: 0);
        await Ports.Subscriptions.RewindAsync(topic.OnCluster, name, DateTimeOffset.UnixEpoch, Stop).Ok();
        Assert.Equal(["0", "1", "2"], (await ReceiveAsync(consumer, 3, acknowledge: true)).Order());
        await SettledAsync(topic, name, one => one.Figures is { Backlog: 0, Consumers: 1 });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task What_is_too_old_is_expired_and_nothing_so_old_is_done_already(int partitions)
    {
        var (@namespace, topic) = await TopicAsync(partitions);
        var name = await SubscribeAsync(topic, "billing");
        await Ports.Subscriptions.ExpireAsync(topic.OnCluster, name, TimeSpan.FromSeconds(1), Stop).Ok();
        await FillAsync(@namespace, topic, 8);
        await Ports.Subscriptions.ExpireAsync(topic.OnCluster, name, TimeSpan.FromHours(1), Stop).Ok();
        await SettledAsync(topic, name, backlog: 8);
        await Task.Delay(TimeSpan.FromSeconds(4), Stop);
        await FillAsync(@namespace, topic, 4);
        await Ports.Subscriptions.ExpireAsync(topic.OnCluster, name, TimeSpan.FromSeconds(3), Stop).Ok();
        await SettledAsync(topic, name, backlog: 4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task An_analysis_counts_messages_and_moves_nothing(int partitions)
    {
        var (@namespace, topic) = await TopicAsync(partitions);
        var name = await SubscribeAsync(topic, "billing");
        Assert.Equal((0L, 0L, true, null, null), Of(await Ports.Subscriptions.AnalyzeAsync(topic.OnCluster, name, Stop).Ok()));
        await FillAsync(@namespace, topic, 8);
        await SettledAsync(topic, name, backlog: 8);
        var counted = await Ports.Subscriptions.AnalyzeAsync(topic.OnCluster, name, Stop).Ok();
        Assert.Equal((8L, 8L, true), (counted.Entries, counted.Messages, counted.IsComplete));
        Assert.True(
            Ports.Messages.Locate(counted.First!) is { IsOk: true, Value: var first } && first.Partition.HasValue == partitions > 0
        );
        await SettledAsync(topic, name, backlog: 8);

        static (long, long, bool, string?, string?) Of(BacklogAnalysis one) =>
            (one.Entries, one.Messages, one.IsComplete, one.First, one.Last);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("100%")]
    [InlineData("o'neil")]
    [InlineData("..")]
    [InlineData("ünï \"日本\" 😀")]
    [InlineData("a;b?c#d&e=f\\g")]
    public async Task Whatever_a_client_called_it_all_of_it_works(string text)
    {
        foreach (var partitions in (int[])[0, 2])
        {
            var (@namespace, topic) = await TopicAsync(partitions);
            var escaped = string.Concat(Encoding.UTF8.GetBytes(text).Select(one => $"%25{one:X2}"));
            foreach (
                var part in partitions == 0
                    ? [topic.Name]
                    : Enumerable.Range(0, partitions).Select(number => $"{topic.Name}-partition-{number}")
            )
            {
                var (made, body) = await Pulsar.CallAsync(
                    HttpMethod.Put,
                    $"/admin/v2/persistent/{@namespace.Path}/{part}/subscription/{escaped}",
                    "\"earliest\""
                );
                Assert.True(made == HttpStatusCode.NoContent, $"{made} {body}");
            }
            var name = SubscriptionName.OfExisting(text).Value;
            await FillAsync(@namespace, topic, 6);
            var detail = await SettledAsync(topic, name, backlog: 6);
            Assert.Equal(text, detail.Figures.Name);
            await Ports
                .Subscriptions.SkipAsync(
                    topic.OnCluster,
                    name,
                    partitions == 0 ? null : detail.Partitions.First(one => one.Backlog > 0).Partition,
                    1,
                    Stop
                )
                .Ok();
            await SettledAsync(topic, name, backlog: 5);
            Assert.Equal(5, (await Ports.Subscriptions.AnalyzeAsync(topic.OnCluster, name, Stop).Ok()).Messages);
            await Ports.Subscriptions.ClearAsync(topic.OnCluster, name, Stop).Ok();
            await SettledAsync(topic, name, backlog: 0);
            await Ports.Subscriptions.RewindAsync(topic.OnCluster, name, DateTimeOffset.UnixEpoch, Stop).Ok();
            await SettledAsync(topic, name, backlog: 6);
            await Task.Delay(TimeSpan.FromSeconds(3), Stop);
            await Ports.Subscriptions.ExpireAsync(topic.OnCluster, name, TimeSpan.FromSeconds(1), Stop).Ok();
            await SettledAsync(topic, name, backlog: 0);
            Assert.Equal(text, Assert.Single((await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Subscriptions).Name);
        }
    }
}
