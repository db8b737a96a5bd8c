using System.Net.WebSockets;
using System.Text;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>What comes after now: reading from the latest, following, and who sent what.</summary>
public abstract class FollowingContract : PulsarContract
{
    private static readonly IReadOnlyDictionary<string, string> NoProperties = new Dictionary<string, string>();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task From_the_latest_only_what_comes_later_is_read(int partitions)
    {
        var (@namespace, topic) = await TopicAsync(partitions);
        var nothing = await ReadAsync("latest");
        Assert.Equal((0, null, ReadEnd.Topic), (nothing.Items.Count, nothing.Next, nothing.End));
        var first = await FillAsync(@namespace, topic, 4);
        Assert.Equal(first.Order(), (await ReadAsync(nothing.Place!)).Items.Select(message => message.MessageId).Order());

        var latest = await ReadAsync("latest");
        Assert.Empty(latest.Items);
        Assert.Empty((await ReadAsync(latest.Place!)).Items);
        var second = await FillAsync(@namespace, topic, 4);
        var later = await ReadAsync(latest.Place!);
        Assert.Equal(second.Order(), later.Items.Select(message => message.MessageId).Order());
        Assert.Empty((await ReadAsync(later.Place!)).Items);

        Task<MessagesRead> ReadAsync(string from) => Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(from), 100, Stop).Ok();
    }

    [Fact]
    public async Task A_batch_at_the_end_is_not_read_again_from_the_latest()
    {
        var (@namespace, topic) = await TopicAsync();
        await SendAsync(
            @namespace,
            topic,
            "batchingEnabled=true&batchingMaxPublishDelay=200&batchingMaxMessages=5",
            Enumerable.Range(0, 5).Select(_ => """{"payload":"eA=="}""")
        );
        var latest = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("latest"), 100, Stop).Ok();
        Assert.Empty((await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(latest.Place), 100, Stop).Ok()).Items);
        var sent = await FillAsync(@namespace, topic, 1);
        Assert.Equal(
            sent,
            (await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(latest.Place), 100, Stop).Ok()).Items.Select(message =>
                message.MessageId
            )
        );
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 3)]
    [InlineData(false, 0)]
    public async Task Who_follows_is_given_what_comes_from_then_on_and_moves_no_subscription(bool persistent, int partitions)
    {
        var (@namespace, topic) = await TopicAsync(partitions, persistent);
        if (persistent)
            await Ports.Admin.CreateSubscriptionAsync(topic, SubscriptionName.Create("billing").Value, fromEarliest: true, Stop).Ok();
        await FillAsync(@namespace, topic, 5);
        await using (var feed = await Ports.Messages.FollowAsync(@namespace, topic, Stop).Ok())
        {
            List<Message> came = [];
            if (persistent)
            {
                var sent = await FillAsync(@namespace, topic, 25);
                while (came.Count < 25)
                    came.Add(await NextAsync());
                Assert.Equal(sent.Order(), came.Select(message => message.MessageId).Order());
            }
            else
            {
                // More than the reader has room for would be gone.
                for (; came.Count < 25; came.Add(await NextAsync()))
                    await FillAsync(@namespace, topic, 1);
            }
            Assert.Equal(25, came.Select(message => message.Key).Distinct().Count());
            var waiting = feed.NextAsync(Stop);
            Assert.False(waiting.IsCompleted);
            await FillAsync(@namespace, topic, 1);
            Assert.NotNull(await waiting.WaitAsync(TimeSpan.FromMinutes(1), Stop));

            async Task<Message> NextAsync() => (await feed.NextAsync(Stop).WaitAsync(TimeSpan.FromMinutes(1), Stop))!;
        }
        if (persistent)
            Assert.Equal(
                ("billing", 31),
                (await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Subscriptions.Select(one => (one.Name, (int)one.Backlog)).Single()
            );
    }

    [Fact]
    public async Task Nobody_follows_a_topic_that_is_not_there()
    {
        var (_, @namespace) = await NamespaceAsync();
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();
        Assert.NotNull((await Ports.Messages.FollowAsync(@namespace, Given.Topic(@namespace, "nowhere"), Stop)).Problem);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_message_tells_when_it_happened_and_its_entry_who_sent_it(int partitions)
    {
        var (@namespace, topic) = await TopicAsync(partitions);
        await SendAsync(
            @namespace,
            topic,
            "producerName=till-7",
            ["""{"payload":"eA==","key":"a"}""", """{"payload":"eA==","key":"a","eventTime":"2026-01-02T03:04:05.678Z"}"""]
        );
        var read = (await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(), 100, Stop).Ok()).Items;
        Assert.Equal([null, new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero)], read.Select(message => message.EventTime));
        List<MessageOrigin?> origins = [];
        foreach (var message in read)
            origins.Add(await Ports.Origins.FindAsync(topic.OnCluster, Ports.Messages.Locate(message.MessageId).Value, Stop).Ok());
        // Of a partitioned topic the client numbers the messages of each partition by itself.
        Assert.Equal(
            [new MessageOrigin("till-7", 0), new("till-7", 1)],
            origins.Select(origin => origin! with { Producer = origin.Producer.Split("-partition-")[0] })
        );
        Assert.Null(await Ports.Origins.FindAsync(topic.OnCluster, new(new(999_999_999, 0, -1), partitions == 0 ? null : 0), Stop).Ok());
        Assert.Null(await Ports.Origins.FindAsync(topic.OnCluster, new(new(-1, -1, -1), partitions == 0 ? null : 0), Stop).Ok());
    }

    private async Task SendAsync(Namespace @namespace, Topic topic, string query, IEnumerable<string> frames)
    {
        var (producer, _) = await Pulsar.ConnectAsync($"producer/persistent/{@namespace.Path}/{topic.Name}?{query}", Pulsar.AdminToken);
        using (producer)
        {
            var all = frames.ToList();
            foreach (var frame in all)
                await producer!.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, Stop);
            foreach (var _ in all)
                await producer!.ReceiveAsync(new byte[1000], Stop);
        }
    }

    private async Task<(Namespace Namespace, Topic Topic)> TopicAsync(int partitions = 0, bool persistent = true)
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: partitions, persistent: persistent);
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        return (@namespace, topic);
    }

    private async Task<List<string>> FillAsync(Namespace @namespace, Topic topic, int count)
    {
        var ids = new List<string>();
        for (var number = 0; number < count; number++)
            ids.Add(await Ports.Messages.SendAsync(@namespace, topic, new(new byte[10], $"k{Guid.NewGuid():N}", NoProperties), Stop).Ok());
        return ids;
    }
}
