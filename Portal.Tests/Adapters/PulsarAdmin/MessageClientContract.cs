using System.Net.WebSockets;
using System.Text;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>Sending and reading in the browser, the same for every Pulsar.</summary>
public abstract class MessageClientContract : PulsarContract
{
    [Fact]
    public async Task What_was_sent_is_read_as_it_was()
    {
        var (@namespace, topic) = await TopicAsync();
        var before = TimeProvider.System.Now().AddSeconds(-1);
        var payload = new byte[300_000];
        Random.Shared.NextBytes(payload);
        var ids = new List<string>
        {
            await SendAsync(@namespace, topic, "Grüße €"),
            await Ports
                .Messages.SendAsync(
                    @namespace,
                    topic,
                    new(payload, "key ü", new Dictionary<string, string> { ["k"] = "v", ["ünï"] = "\"ü\"" }),
                    Stop
                )
                .Ok(),
            await Ports
                .Messages.SendAsync(@namespace, topic, new(ReadOnlyMemory<byte>.Empty, null, new Dictionary<string, string>()), Stop)
                .Ok(),
        };
        var page = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop).Ok();
        Assert.Equal(ids, page.Items.Select(message => message.MessageId));
        Assert.Null(page.Next);
        Assert.Equal("Grüße €", Encoding.UTF8.GetString(page.Items[0].Payload.Span));
        Assert.Null(page.Items[0].Key);
        Assert.Equal(payload, page.Items[1].Payload.ToArray());
        Assert.Equal(("key ü", 300_000), (page.Items[1].Key, page.Items[1].Size));
        Assert.Equal("\"ü\"", page.Items[1].Properties["ünï"]);
        Assert.Equal(0, page.Items[2].Size);
        Assert.All(page.Items, message => Assert.InRange(message.PublishTime, before, TimeProvider.System.Now().AddSeconds(1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Pages_give_every_message_once_in_order_of_publishing(int partitions)
    {
        var (@namespace, topic) = await TopicAsync(partitions);
        var sent = new List<string>();
        for (var number = 0; number < 25; number++)
            sent.Add(await SendAsync(@namespace, topic, $"m{number}", key: $"k{number % 7}"));
        var read = new List<Message>();
        string? from = "earliest";
        while (from is not null && read.Count <= 25)
        {
            var page = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(from), 7, Stop).Ok();
            read.AddRange(page.Items);
            from = page.Next;
        }
        Assert.Equal(sent.Order(), read.Select(message => message.MessageId).Order());
        Assert.Equal(
            read.OrderBy(message => message.PublishTime).Select(message => message.PublishTime),
            read.Select(message => message.PublishTime)
        );
        if (partitions == 0)
            Assert.Equal(sent, read.Select(message => message.MessageId));
    }

    [Fact]
    public async Task Reading_goes_on_after_a_message_id()
    {
        var (@namespace, topic) = await TopicAsync();
        var ids = new List<string>();
        for (var number = 0; number < 5; number++)
            ids.Add(await SendAsync(@namespace, topic, $"m{number}"));
        var page = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(ids[1]), 100, Stop).Ok();
        Assert.Equal(ids[2..], page.Items.Select(message => message.MessageId));
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("")]
    [InlineData("CGwQADAA,CGwQADAA")]
    [InlineData("newest")]
    [InlineData("../../x?y=z")]
    public async Task A_place_that_is_none_is_refused(string from)
    {
        var (@namespace, topic) = await TopicAsync();
        Assert.IsType<Problem.Invalid>(
            await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(from), 10, Stop).Refused("message-id-unknown")
        );
    }

    [Fact]
    public async Task Reading_moves_no_subscription_and_is_none_itself()
    {
        var (@namespace, topic) = await TopicAsync();
        await Ports.Admin.CreateSubscriptionAsync(topic, SubscriptionName.Create("theirs").Value, fromEarliest: true, Stop).Ok();
        for (var number = 0; number < 3; number++)
            await SendAsync(@namespace, topic, $"m{number}");
        var reading = Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop);
        while (!reading.IsCompleted)
        {
            Assert.Equal("theirs", Assert.Single((await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Subscriptions).Name);
            await Task.WhenAny(reading, Task.Delay(100, Stop));
        }
        Assert.Equal(3, (await reading.Ok()).Items.Count);
        Assert.Equal(3, Assert.Single((await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Subscriptions).Backlog);
    }

    [Fact]
    public async Task Many_senders_share_one_producer()
    {
        var (_, @namespace) = await NamespaceAsync();
        await Ports
            .Admin.EnsureNamespaceAsync(
                @namespace,
                NamespacePolicies.Of(ShippedPlans.Of(PlanCode.Free).Limits) with
                {
                    MaxProducersPerTopic = 1,
                },
                Stop
            )
            .Ok();
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();
        var topic = Given.Topic(@namespace);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        var ids = await Task.WhenAll(Enumerable.Range(0, 30).Select(number => SendAsync(@namespace, topic, $"m{number}")));
        Assert.Equal(30, ids.Distinct().Count());
    }

    [Fact]
    public async Task Without_a_grant_or_a_topic_the_sentence_says_so()
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        var message = new NewMessage("x"u8.ToArray(), null, new Dictionary<string, string>());
        await Ports.Messages.SendAsync(@namespace, topic, message, Stop).Refused("messages-not-granted");
        var (theirs, _) = await Pulsar.ConnectAsync($"producer/persistent/{@namespace.Path}/{topic.Name}", Pulsar.AdminToken);
        using (theirs)
        {
            await theirs!.SendAsync("""{"payload":"eA=="}"""u8.ToArray(), WebSocketMessageType.Text, true, Stop);
            await theirs.ReceiveAsync(new byte[1000], Stop); // the broker has it
        }
        await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 1, Stop).Refused("messages-not-granted");
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();
        await Ports.Messages.SendAsync(@namespace, Given.Topic(@namespace, "absent"), message, Stop).Refused("topic-not-on-cluster");
    }

    [Fact]
    public async Task A_message_larger_than_a_frame_is_refused_and_the_next_one_goes()
    {
        var (@namespace, topic) = await TopicAsync();
        await Ports
            .Messages.SendAsync(@namespace, topic, new(new byte[900_000], null, new Dictionary<string, string>()), Stop)
            .Refused("message-too-large");
        await SendAsync(@namespace, topic, "small");
    }

    [Fact]
    public async Task A_full_backlog_is_said()
    {
        var (@namespace, topic) = await TopicAsync();
        var policies = NamespacePolicies.Of(ShippedPlans.Of(PlanCode.Free).Limits) with { BacklogQuotaBytes = 100_000, PublishRate = null };
        await Ports.Admin.EnsureNamespaceAsync(@namespace, policies, Stop).Ok();
        await Ports.Admin.CreateSubscriptionAsync(topic, SubscriptionName.Create("slow").Value, fromEarliest: true, Stop).Ok();
        for (var number = 0; number < 4; number++)
            await Ports.Messages.SendAsync(@namespace, topic, new(new byte[50_000], null, new Dictionary<string, string>()), Stop).Ok();
        var deadline = TimeProvider.System.Now().AddSeconds(60);
        Problem? problem = null;
        while (problem is null && TimeProvider.System.Now() < deadline)
        {
            await Pulsar.CallAsync(HttpMethod.Get, "/admin/v2/brokers/backlog-quota-check");
            problem = (
                await Ports.Messages.SendAsync(@namespace, topic, new("x"u8.ToArray(), null, new Dictionary<string, string>()), Stop)
            ).Problem;
        }
        Assert.IsType<Problem.OverLimit>(problem);
        Assert.Equal("backlog-full", problem.Code);
    }

    [Theory]
    [InlineData("ünï-Ж-日本")]
    [InlineData("a:b=c@d~e.f_g-h")]
    [InlineData("..a..")]
    [InlineData("a-partition")]
    public async Task Every_name_that_the_portal_allows_works(string name)
    {
        var (@namespace, topic) = await TopicAsync(name: name, partitions: 2);
        await Ports.Admin.GrantTopicAsync(topic, "key-names", produce: true, consume: true, Stop).Ok();
        var subscription = SubscriptionName.Create(name).Value;
        await Ports.Admin.CreateSubscriptionAsync(topic, subscription, fromEarliest: true, Stop).Ok();
        await SendAsync(@namespace, topic, name);
        Assert.Equal(
            name,
            Encoding.UTF8.GetString(
                Assert
                    .Single((await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 10, Stop).Ok()).Items)
                    .Payload.Span
            )
        );
        Assert.Equal(name, Assert.Single((await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Subscriptions).Name);
        await Ports.Admin.DeleteSubscriptionAsync(topic, subscription, force: false, Stop).Ok();
        await Ports.Admin.RevokeTopicAsync(topic, "key-names", Stop).Ok();
        await Ports.Admin.DeleteTopicAsync(topic, force: true, Stop).Ok();
    }

    private async Task<(Namespace Namespace, Topic Topic)> TopicAsync(int partitions = 0, string name = "orders")
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, name, partitions);
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        return (@namespace, topic);
    }

    private Task<string> SendAsync(Namespace @namespace, Topic topic, string text, string? key = null) =>
        Ports.Messages.SendAsync(@namespace, topic, new(Encoding.UTF8.GetBytes(text), key, new Dictionary<string, string>()), Stop).Ok();
}
