using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Tests.Support.Journeys;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>Where reading ends, and what it says of it: over slow lines, with large messages, in batches.</summary>
public abstract class ReadingContract : PulsarContract
{
    private static readonly IReadOnlyDictionary<string, string> NoProperties = new Dictionary<string, string>();

    [Fact]
    public async Task A_slow_line_is_not_the_end_of_the_topic()
    {
        var (@namespace, topic) = await TopicAsync();
        var ids = await FillAsync(@namespace, topic, count: 8, size: 200_000);
        await using var line = new TcpRelay(Pulsar.WebSocketUrl.Port, bytesPerSecond: 500_000);
        using var far = Over(line);
        var page = await far.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop).Ok();
        Assert.Equal(ids, page.Items.Select(message => message.MessageId));
        Assert.Equal((null, ReadEnd.Topic), (page.Next, page.End));
    }

    [Fact]
    public async Task A_read_that_gives_up_says_so_and_goes_on_where_it_stopped()
    {
        var (@namespace, topic) = await TopicAsync();
        var ids = await FillAsync(@namespace, topic, count: 6, size: 300_000);
        await using var line = new TcpRelay(Pulsar.WebSocketUrl.Port, bytesPerSecond: 60_000);
        using var far = Over(line);
        var began = TimeProvider.System.GetTimestamp();
        var page = await far.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop).Ok();
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 10, 40);
        Assert.Equal(ReadEnd.Time, page.End);
        Assert.InRange(page.Items.Count, 1, 5);
        var rest = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(page.Next!), 100, Stop).Ok();
        Assert.Equal(ids, page.Items.Concat(rest.Items).Select(message => message.MessageId));
        Assert.Equal(ReadEnd.Topic, rest.End);
    }

    [Fact]
    public async Task A_line_that_breaks_is_not_the_end_either()
    {
        var (@namespace, topic) = await TopicAsync();
        var ids = await FillAsync(@namespace, topic, count: 6, size: 300_000);
        await using var line = new TcpRelay(Pulsar.WebSocketUrl.Port, bytesPerSecond: 400_000);
        using var far = Over(line);
        var reading = far.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop);
        await Task.Delay(TimeSpan.FromSeconds(2.5), Stop);
        line.Cut();
        var page = await reading.Ok();
        Assert.Equal(ReadEnd.Connection, page.End);
        var rest = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(page.Next!), 100, Stop).Ok();
        Assert.Equal(ids, page.Items.Concat(rest.Items).Select(message => message.MessageId));
    }

    [Fact]
    public async Task A_page_of_large_messages_ends_at_its_size()
    {
        var (@namespace, topic) = await TopicAsync(partitions: 2);
        var ids = await FillAsync(@namespace, topic, count: 40, size: 500_000);
        var read = new List<Message>();
        for (string? from = "earliest"; from is not null; )
        {
            var page = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(from), 1000, Stop).Ok();
            Assert.InRange(page.Items.Sum(message => (long)message.Size), 1, MessagesRead.LargestPage + 500_000);
            Assert.Equal(page.Next is null ? ReadEnd.Topic : ReadEnd.Size, page.End);
            read.AddRange(page.Items);
            from = page.Next;
        }
        Assert.Equal(ids.Order(), read.Select(message => message.MessageId).Order());
    }

    [Fact]
    public async Task A_page_ends_at_its_size_wherever_in_the_messages_it_lies()
    {
        var (@namespace, topic) = await TopicAsync();
        const int each = 600_000;
        var ids = new List<string>();
        for (var number = 0; number < 18; number++)
            ids.Add(
                await Ports
                    .Messages.SendAsync(
                        @namespace,
                        topic,
                        new(new byte[1], $"k{number}", new Dictionary<string, string> { ["long"] = new('x', each) }),
                        Stop
                    )
                    .Ok()
            );
        var page = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 1000, Stop).Ok();
        Assert.Equal(ReadEnd.Size, page.End);
        Assert.InRange(page.Items.Sum(message => message.Weight), MessagesRead.LargestPage, MessagesRead.LargestPage + each + 100);
        var rest = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(page.Next!), 1000, Stop).Ok();
        Assert.Equal(ids, page.Items.Concat(rest.Items).Select(message => message.MessageId));
    }

    [Fact]
    public async Task The_last_page_knows_that_it_is_the_last()
    {
        var (@namespace, topic) = await TopicAsync();
        var ids = await FillAsync(@namespace, topic, count: 4, size: 10);
        var page = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 4, Stop).Ok();
        Assert.Equal((4, null, ReadEnd.Topic), (page.Items.Count, page.Next, page.End));
        var after = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(ids[^1]), 4, Stop).Ok();
        Assert.Equal((0, null, ReadEnd.Topic), (after.Items.Count, after.Next, after.End));
    }

    [Fact]
    public async Task The_smallest_pages_go_on_too()
    {
        var (@namespace, topic) = await TopicAsync(partitions: 3);
        var ids = await FillAsync(@namespace, topic, count: 5, size: 10);
        var (read, began) = (new List<string>(), TimeProvider.System.GetTimestamp());
        for (string? from = "earliest"; from is not null; )
        {
            var page = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(from), 1, Stop).Ok();
            read.AddRange(page.Items.Select(message => message.MessageId));
            from = page.Next;
        }
        Assert.Equal(ids.Order(), read.Order());
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 12);
    }

    [Fact]
    public async Task Messages_of_a_batch_are_read_one_by_one_and_a_page_may_end_inside()
    {
        var (@namespace, topic) = await TopicAsync();
        var (producer, _) = await Pulsar.ConnectAsync(
            $"producer/persistent/{@namespace.Path}/{topic.Name}?batchingEnabled=true&batchingMaxPublishDelay=200&batchingMaxMessages=10",
            Pulsar.AdminToken
        );
        using (producer)
        {
            for (var number = 0; number < 25; number++)
                await producer!.SendAsync(
                    Encoding.UTF8.GetBytes($$"""{"payload":"{{Convert.ToBase64String([(byte)number])}}"}"""),
                    WebSocketMessageType.Text,
                    true,
                    Stop
                );
            for (var number = 0; number < 25; number++)
                await producer!.ReceiveAsync(new byte[1000], Stop);
        }
        var read = new List<int>();
        for (string? from = "earliest"; from is not null; )
        {
            var page = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(from), 7, Stop).Ok();
            read.AddRange(page.Items.Select(message => (int)message.Payload.Span[0]));
            from = page.Next;
        }
        Assert.Equal(Enumerable.Range(0, 25), read);
    }

    [Fact]
    public async Task An_end_that_is_no_message_is_found_by_asking_the_broker()
    {
        var (@namespace, topic) = await TopicAsync();
        var ids = await FillAsync(@namespace, topic, count: 5, size: 10);
        // As where a transaction was committed: its mark is an entry that no reader is given.
        using var beyond = new PulsarPorts(
            PulsarPorts.Registration(Pulsar),
            change: services => services.AddSingleton<ITopicEnds>(new MarkAtTheEnd(Ports.Ends))
        );
        foreach (var from in (string[])["earliest", ids[1]])
        {
            var began = TimeProvider.System.GetTimestamp();
            var page = await beyond.Messages.ReadAsync(@namespace, topic, new ReadQuery(from), 100, Stop).Ok();
            Assert.Equal((from == "earliest" ? 5 : 3, null, ReadEnd.Topic), (page.Items.Count, page.Next, page.End));
            Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 8);
        }
    }

    [Fact]
    public async Task What_was_deleted_by_retention_is_not_waited_for()
    {
        var (@namespace, topic) = await TopicAsync();
        await FillAsync(@namespace, topic, count: 3, size: 10);
        await Pulsar.CallAsync(
            HttpMethod.Post,
            $"/admin/v2/namespaces/{@namespace.Path}/backlogQuota?backlogQuotaType=destination_storage",
            """{"limitSize":-1,"limitTime":-1,"policy":"producer_exception"}"""
        );
        await Pulsar.CallAsync(
            HttpMethod.Post,
            $"/admin/v2/namespaces/{@namespace.Path}/retention",
            """{"retentionTimeInMinutes":0,"retentionSizeInMB":0}"""
        );
        await Pulsar.UnloadAsync(topic.Address);
        await Pulsar.CallAsync(HttpMethod.Post, $"/admin/v2/persistent/{@namespace.Path}/{topic.Name}/trim");
        var page = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop).Ok();
        Assert.Equal((null, ReadEnd.Topic), (page.Next, page.End));
    }

    [Fact]
    public async Task Partitions_that_the_operator_added_are_seen_and_read()
    {
        var (@namespace, topic) = await TopicAsync(partitions: 2);
        var (status, _) = await Pulsar.CallAsync(HttpMethod.Post, $"/admin/v2/persistent/{@namespace.Path}/{topic.Name}/partitions", "4");
        Assert.Equal(System.Net.HttpStatusCode.NoContent, status);
        Assert.Equal(4, (await Ports.Admin.TopicStatsAsync(topic, Stop).Ok()).Partitions);
        var ids = new List<string>();
        for (var number = 0; number < 20; number++)
            ids.Add(await Ports.Messages.SendAsync(@namespace, topic, new("x"u8.ToArray(), $"k{number}", NoProperties), Stop).Ok());
        var read = new List<string>();
        for (string? from = "earliest"; from is not null; )
        {
            var page = await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery(from), 9, Stop).Ok();
            read.AddRange(page.Items.Select(message => message.MessageId));
            from = page.Next;
        }
        Assert.Equal(ids.Order(), read.Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Reading_begins_at_a_time(int partitions)
    {
        var (@namespace, topic) = await TopicAsync(partitions);
        var early = TimeProvider.System.Now().AddMinutes(-1);
        var before = await FillAsync(@namespace, topic, count: 6, size: 10);
        await Task.Delay(50, Stop);
        var since = (await Ports.Messages.ReadAsync(@namespace, topic, new ReadQuery("earliest"), 100, Stop).Ok())
            .Items.Max(message => message.PublishTime)
            .AddMilliseconds(20);
        var after = await FillAsync(@namespace, topic, count: 6, size: 10);
        foreach (var (time, ids) in new[] { (early, before.Concat(after)), (since, after), (TimeProvider.System.Now().AddMinutes(1), []) })
        {
            var read = new List<string>();
            for (var query = new ReadQuery(Since: time); query is not null; )
            {
                var page = await Ports.Messages.ReadAsync(@namespace, topic, query, 5, Stop).Ok();
                read.AddRange(page.Items.Select(message => message.MessageId));
                query = page.Next is null ? null : query with { From = page.Next };
            }
            Assert.Equal(ids.Order(), read.Order());
        }
    }

    [Fact]
    public async Task What_is_looked_for_is_found_page_by_page()
    {
        var (@namespace, topic) = await TopicAsync(partitions: 2);
        for (var number = 0; number < 20; number++)
            await Ports
                .Messages.SendAsync(
                    @namespace,
                    topic,
                    new(
                        Encoding.UTF8.GetBytes($$"""{"order":{{number}},"city":"Zürich"}"""),
                        $"k{number % 4}",
                        new Dictionary<string, string> { ["region"] = number % 2 == 0 ? "eu" : "us" }
                    ),
                    Stop
                )
                .Ok();
        foreach (
            var (filter, wanted) in new[]
            {
                (MessageFilter.Create("k1", null, null), new[] { 1, 5, 9, 13, 17 }),
                (MessageFilter.Create(null, "region=us", "\"order\":1"), [1, 11, 13, 15, 17, 19]),
                (MessageFilter.Create("k2", "region", "Zürich"), [2, 6, 10, 14, 18]),
                (MessageFilter.Create(null, null, "Genève"), []),
            }
        )
        {
            var (read, scanned) = (new List<int>(), 0);
            for (var query = new ReadQuery(Filter: filter.Value); query is not null; )
            {
                var page = await Ports.Messages.ReadAsync(@namespace, topic, query, 2, Stop).Ok();
                read.AddRange(
                    page.Items.Select(message => System.Text.Json.Nodes.JsonNode.Parse(message.Payload.Span)!["order"]!.GetValue<int>())
                );
                scanned += page.Scanned;
                query = page.Next is null ? null : query with { From = page.Next };
            }
            Assert.Equal(wanted, read.Order());
            Assert.Equal(20, scanned);
        }
    }

    private PulsarPorts Over(TcpRelay line) =>
        new(PulsarPorts.Registration(Pulsar) with { WebSocketUrl = new($"ws://127.0.0.1:{line.Port}") });

    private async Task<(Namespace Namespace, Topic Topic)> TopicAsync(int partitions = 0)
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: partitions);
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        return (@namespace, topic);
    }

    private async Task<List<string>> FillAsync(Namespace @namespace, Topic topic, int count, int size)
    {
        var ids = new List<string>();
        for (var number = 0; number < count; number++)
            ids.Add(await Ports.Messages.SendAsync(@namespace, topic, new(new byte[size], $"k{number}", NoProperties), Stop).Ok());
        return ids;
    }

    /// <summary>Takes one entry more for the last message.</summary>
    private sealed class MarkAtTheEnd(ITopicEnds ends) : ITopicEnds
    {
        public async Task<Outcome<IReadOnlyList<MessagePosition?>>> LastAsync(TopicAddress topic, CancellationToken cancellationToken) =>
            (await ends.LastAsync(topic, cancellationToken)).Map<IReadOnlyList<MessagePosition?>>(all =>
                [.. all.Select(last => last is { } one ? one with { Entry = one.Entry + 1, BatchIndex = -1 } : last)]
            );

        public Task<Outcome<IReadOnlyList<MessagePosition?>>> SinceAsync(
            TopicAddress topic,
            int partitions,
            DateTimeOffset since,
            CancellationToken cancellationToken
        ) => ends.SinceAsync(topic, partitions, since, cancellationToken);

        public Task<Outcome<ReaderStanding?>> ReaderAsync(
            TopicAddress topic,
            int? partition,
            string reader,
            CancellationToken cancellationToken
        ) => ends.ReaderAsync(topic, partition, reader, cancellationToken);

        public Task<Outcome<StoredEntry?>> NextAsync(
            TopicAddress topic,
            int? partition,
            MessagePosition? after,
            CancellationToken cancellationToken
        ) => ends.NextAsync(topic, partition, after, cancellationToken);
    }
}
