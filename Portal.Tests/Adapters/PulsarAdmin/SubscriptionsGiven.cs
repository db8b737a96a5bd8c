using System.Net.WebSockets;
using System.Text;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>Topics with subscriptions, messages and clients, for contracts about them.</summary>
public abstract class SubscriptionsGiven : PulsarContract
{
    private static readonly IReadOnlyDictionary<string, string> NoProperties = new Dictionary<string, string>();

    protected async Task<(Namespace Namespace, Topic Topic)> TopicAsync(int partitions = 0)
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: partitions);
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        return (@namespace, topic);
    }

    protected async Task<SubscriptionName> SubscribeAsync(Topic topic, string text)
    {
        var name = SubscriptionName.Create(text).Value;
        await Ports.Admin.CreateSubscriptionAsync(topic, name, fromEarliest: true, Stop).Ok();
        return name;
    }

    protected async Task<List<string>> FillAsync(Namespace @namespace, Topic topic, int count)
    {
        var ids = new List<string>();
        for (var number = 0; number < count; number++)
            ids.Add(
                await Ports
                    .Messages.SendAsync(@namespace, topic, new(Encoding.UTF8.GetBytes($"{number}"), $"k{number}", NoProperties), Stop)
                    .Ok()
            );
        return ids;
    }

    /// <summary>A moment after all that was published until now.</summary>
    protected async Task<DateTimeOffset> LastPublishedAsync(Namespace @namespace, Topic topic) =>
        (await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop).Ok())
            .Items.Max(message => message.PublishTime)
            .AddMilliseconds(20);

    protected Task<SubscriptionDetail> SettledAsync(Topic topic, SubscriptionName name, long backlog) =>
        SettledAsync(topic, name, one => one.Figures.Backlog == backlog);

    /// <summary>Brokers count a little after they acted.</summary>
    protected async Task<SubscriptionDetail> SettledAsync(Topic topic, SubscriptionName name, Func<SubscriptionDetail, bool> wanted)
    {
        for (var tries = 0; ; tries++)
        {
            var detail = await Ports.Subscriptions.LookAsync(topic.OnCluster, name, Stop).Ok();
            if (wanted(detail))
                return detail;
            Assert.True(tries < 100, $"It stays {detail.Figures} with {string.Join(", ", detail.Consumers)}");
            await Task.Delay(100, Stop);
        }
    }

    protected async Task<ClientWebSocket> ConsumerAsync(Namespace @namespace, Topic topic, string subscription)
    {
        var (consumer, status) = await Pulsar.ConnectAsync(
            $"consumer/persistent/{@namespace.Path}/{topic.Name}/{subscription}",
            Pulsar.AdminToken
        );
        Assert.True(consumer is not null, $"{status}");
        return consumer;
    }

    /// <summary>The payload of the next message.</summary>
    protected async Task<string> FirstAsync(Namespace @namespace, Topic topic, string subscription)
    {
        using var consumer = await ConsumerAsync(@namespace, topic, subscription);
        var first = (await ReceiveAsync(consumer, 1))[0];
        await consumer.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Stop);
        return first;
    }

    protected static Task<List<string>> ReceiveAsync(ClientWebSocket consumer, int count, bool acknowledge = false) =>
        ReceiveAsync(consumer, count, _ => acknowledge);

    /// <param name="acknowledge">By payload.</param>
    protected static async Task<List<string>> ReceiveAsync(ClientWebSocket consumer, int count, Func<string, bool> acknowledge)
    {
        var (payloads, buffer) = (new List<string>(), new byte[10_000]);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (payloads.Count < count)
        {
            var got = await consumer.ReceiveAsync(buffer, patience.Token);
            var frame = System.Text.Json.Nodes.JsonNode.Parse(buffer.AsSpan(0, got.Count))!;
            payloads.Add(Encoding.UTF8.GetString(Convert.FromBase64String((string)frame["payload"]!)));
            if (acknowledge(payloads[^1]))
                await consumer.SendAsync(
                    Encoding.UTF8.GetBytes($$"""{"messageId":"{{frame["messageId"]}}"}"""),
                    WebSocketMessageType.Text,
                    true,
                    Stop
                );
        }
        return payloads;
    }
}
