using System.Net;
using System.Net.WebSockets;
using System.Text;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

public abstract partial class SubscriptionsContract
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task What_comes_next_is_peeked_at_and_stays_where_it_is(int partitions)
    {
        var (@namespace, topic) = await TopicAsync(partitions);
        var name = await SubscribeAsync(topic, "billing");
        int? partition = partitions == 0 ? null : 1;
        Assert.Empty(await Ports.Subscriptions.PeekAsync(topic.OnCluster, name, partition, 10, Stop).Ok());
        var before = TimeProvider.System.Now().AddSeconds(-5);
        await SendBatchAsync(@namespace, topic, partition);
        for (var round = 0; round < 2; round++)
        {
            var next = await Ports.Subscriptions.PeekAsync(topic.OnCluster, name, partition, 10, Stop).Ok();
            Assert.Equal(
                ["0 k 0", "1 k 1", "2 k 2"],
                next.Select(message => $"{Encoding.UTF8.GetString(message.Payload.Span)} {message.Key} {message.Properties["n"]}")
            );
            Assert.All(next, message => Assert.Equal(partition, Ports.Messages.Locate(message.MessageId).Value.Partition));
            Assert.All(next, message => Assert.InRange(message.PublishTime, before, TimeProvider.System.Now().AddSeconds(5)));
            Assert.Equal(3, next.Select(message => message.MessageId).Distinct().Count());
        }
        Assert.True((await Ports.Subscriptions.LookAsync(topic.OnCluster, name, Stop).Ok()).Figures.Backlog > 0);
    }

    [Fact]
    public async Task A_place_inside_a_batch_is_kept_where_brokers_say_that_they_keep_it()
    {
        var (@namespace, topic) = await TopicAsync();
        var name = await SubscribeAsync(topic, "billing");
        await SendBatchAsync(@namespace, topic, partition: null);
        var last = (await Ports.Subscriptions.PeekAsync(topic.OnCluster, name, null, 10, Stop).Ok())[2];
        var place = Ports.Messages.Locate(last.MessageId).Value;
        await Ports.Subscriptions.RewindAsync(topic.OnCluster, name, place, Stop).Ok();
        var keeps = await Ports.Progress.KeepsPlacesInBatchesAsync(topic.OnCluster.Cluster, Stop).Ok();
        Assert.Equal(keeps || place.Position.BatchIndex <= 0 ? "2" : "0", await FirstAsync(@namespace, topic, "billing"));
    }

    /// <summary>Three messages, <c>0</c> to <c>2</c>: a batch on some brokers, three entries on others.</summary>
    private async Task SendBatchAsync(Namespace @namespace, Topic topic, int? partition)
    {
        var path =
            $"producer/persistent/{@namespace.Path}/{topic.Name}{(partition is null ? "" : "-partition-1")}?batchingEnabled=true&batchingMaxMessages=3&batchingMaxPublishDelay=2000";
        var (producer, status) = await Pulsar.ConnectAsync(path, Pulsar.AdminToken);
        Assert.True(producer is not null, $"{status}");
        using (producer)
        {
            for (var number = 0; number < 3; number++)
            {
                var frame = new System.Text.Json.Nodes.JsonObject
                {
                    ["payload"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{number}")),
                    ["key"] = "k",
                    ["properties"] = new System.Text.Json.Nodes.JsonObject { ["n"] = $"{number}" },
                }.ToJsonString();
                await producer.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, Stop);
            }
            // A batch on some brokers, three entries on others: confirmed either way.
            for (var number = 0; number < 3; number++)
                await producer.ReceiveAsync(new byte[10_000], Stop);
        }
    }
}
