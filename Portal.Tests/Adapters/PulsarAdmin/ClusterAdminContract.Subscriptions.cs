using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

public abstract partial class ClusterAdminContract
{
    [Fact]
    public async Task A_subscription_is_made_once_seen_and_deleted()
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: 2);
        var name = SubscriptionName.Create("billing").Value;
        await Ports.Admin.CreateSubscriptionAsync(topic, name, fromEarliest: true, Stop).Refused("topic-not-on-cluster");
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        await Ports.Admin.CreateSubscriptionAsync(topic, name, fromEarliest: true, Stop).Ok();
        await Ports.Admin.CreateSubscriptionAsync(topic, name, fromEarliest: true, Stop).Ok();
        var seen = Assert.Single((await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Subscriptions);
        Assert.Equal(("billing", 0, 0L, true), (seen.Name, seen.Consumers, seen.Backlog, seen.Durable));

        var (consumer, _) = await Pulsar.ConnectAsync($"consumer/persistent/{@namespace.Path}/{topic.Name}/billing", Pulsar.AdminToken);
        using (consumer)
            await Ports.Admin.DeleteSubscriptionAsync(topic, name, force: false, Stop).Refused("subscription-in-use");
        await Ports.Admin.DeleteSubscriptionAsync(topic, name, force: true, Stop).Ok();
        await Ports.Admin.DeleteSubscriptionAsync(topic, name, force: false, Stop).Ok();
    }

    [Theory]
    [InlineData("app group")]
    [InlineData("a/b")]
    [InlineData("a//b")]
    [InlineData("a+b")]
    [InlineData("100%")]
    [InlineData("%25")]
    [InlineData("a%2Fb")]
    [InlineData("o'neil")]
    [InlineData("ünï \"日本\" 😀")]
    [InlineData("a;b?c#d&e=f\\g")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("tab\tend")]
    [InlineData("__mine")]
    [InlineData(" ")]
    public async Task A_subscription_is_deleted_whatever_a_client_called_it(string name)
    {
        var (_, @namespace) = await NamespaceAsync();
        foreach (var partitions in (int[])[0, 2])
        {
            var topic = Given.Topic(@namespace, $"orders-{partitions}", partitions);
            await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
            // As a client that names it by the binary protocol; a broker decodes this part of a path twice.
            var escaped = string.Concat(System.Text.Encoding.UTF8.GetBytes(name).Select(one => $"%25{one:X2}"));
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
                Assert.True(made == System.Net.HttpStatusCode.NoContent, $"{made} {body}");
            }
            await Ports.Admin.CreateSubscriptionAsync(topic, SubscriptionName.Create("other").Value, fromEarliest: true, Stop).Ok();
            Assert.Equal(
                ((string[])[name, "other"]).Order(StringComparer.Ordinal),
                (await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Subscriptions.Select(one => one.Name)
            );
            await Ports.Admin.DeleteSubscriptionAsync(topic, SubscriptionName.OfExisting(name).Value, force: false, Stop).Ok();
            Assert.Equal("other", Assert.Single((await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Subscriptions).Name);
        }
        Assert.Equal(3, await CountAsync(@namespace)); // nothing but the subscriptions went
    }

    [Fact]
    public async Task Subscriptions_of_a_topic_that_keeps_nothing_are_none_that_last()
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, persistent: false);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        var (consumer, _) = await Pulsar.ConnectAsync($"consumer/non-persistent/{@namespace.Path}/{topic.Name}/live", Pulsar.AdminToken);
        using (consumer)
        {
            var seen = Assert.Single((await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Subscriptions);
            Assert.Equal(("live", 1, false), (seen.Name, seen.Consumers, seen.Durable));
        }
        while ((await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Subscriptions.Count > 0)
            await Task.Delay(50, Stop);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Who_sends_and_who_reads_is_told_once_however_many_partitions_there_are(int partitions)
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: partitions);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        var before = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        var path = topic.Address.Replace("://", "/", StringComparison.Ordinal);
        var (producer, _) = await Pulsar.ConnectAsync($"producer/{path}?producerName=till", Pulsar.AdminToken);
        var (consumer, _) = await Pulsar.ConnectAsync(
            $"consumer/{path}/billing?subscriptionType=Shared&consumerName=desk&receiverQueueSize=7",
            Pulsar.AdminToken
        );
        using (producer)
        using (consumer)
        {
            TopicStats live;
            do live = await Ports.Admin.TopicStatsAsync(topic, Stop).Ok();
            while (
                live.ConnectedProducers.Count == 0
                || live.Subscriptions.SelectMany(one => one.ConnectedConsumers).Sum(one => one.Permits) == 0
            );
            var sends = Assert.Single(live.ConnectedProducers);
            Assert.Equal("till", sends.Name);
            Assert.InRange(sends.ConnectedSince!.Value, before, TimeProvider.System.GetUtcNow().AddMinutes(1));
            Assert.NotNull(sends.Address);
            var reads = Assert.Single(Assert.Single(live.Subscriptions).ConnectedConsumers);
            Assert.Equal("desk", reads.Name);
            Assert.InRange(reads.Permits, 1, 7 * Math.Max(partitions, 1));
            Assert.Equal(Enumerable.Range(0, partitions), live.PartitionFigures.Select(one => one.Partition));
            var hidden = live.WithoutAddresses();
            Assert.All(hidden.ConnectedProducers, one => Assert.Null(one.Address));
            Assert.All(hidden.Subscriptions.SelectMany(one => one.ConnectedConsumers), one => Assert.Null(one.Address));
        }
    }
}
