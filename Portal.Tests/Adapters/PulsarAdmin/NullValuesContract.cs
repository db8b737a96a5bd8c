using System.Text;
using Portal.Adapters.PulsarWire;
using Portal.Domain.Migration;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>
/// Messages without a value, which brokers' WebSocket service falls silent at. Only clients of the binary protocol send them,
/// so there are none on a stand-in.
/// </summary>
public abstract class NullValuesContract : PulsarContract
{
    /// <param name="entries">An entry each, of several letters a batch; a dash is a message without a value.</param>
    [Theory]
    [InlineData("-")]
    [InlineData("-ab")]
    [InlineData("- a b")]
    [InlineData("a b -")]
    [InlineData("a - - b")]
    [InlineData("ab-c d")]
    [InlineData("a b- - cd--e f")]
    public async Task Reading_gets_past_them_in_pages_of_any_size(string entries)
    {
        var (@namespace, topic) = await TopicAsync();
        await WriteAsync(topic, null, entries);
        var wanted = entries.Replace(" ", "", StringComparison.Ordinal);
        foreach (var limit in (int[])[100, 2, 1])
        {
            var pages = await PagesAsync(@namespace, topic, new ReadQuery("earliest"), limit);
            Assert.Equal(wanted, Text(pages.SelectMany(page => page.Items)));
            Assert.Equal(ReadEnd.Topic, pages[^1].End);
            Assert.All(pages.SkipLast(1), page => Assert.Equal(ReadEnd.Limit, page.End));
        }
        var since = await PagesAsync(@namespace, topic, new ReadQuery(Since: TimeProvider.System.GetUtcNow().AddHours(-1)), 100);
        Assert.Equal(wanted, Text(since.SelectMany(page => page.Items)));
    }

    [Fact]
    public async Task They_keep_key_properties_and_times_and_ids_are_as_a_reader_gives_them()
    {
        var (@namespace, topic) = await TopicAsync();
        await WriteAsync(topic, null, "- a bc d");
        var all = (await PagesAsync(@namespace, topic, new ReadQuery("earliest"), 100)).Single().Items;
        var first = all[0];
        Assert.Equal(("key-1", "1", true, 0), (first.Key, first.Properties["n"], first.IsNull, first.Size));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_000_001), first.EventTime);
        Assert.InRange(first.PublishTime, TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(1));
        var later = (await PagesAsync(@namespace, topic, new ReadQuery(first.MessageId), 100)).Single().Items;
        Assert.Equal(all.Skip(1).Select(Shown), later.Select(Shown));

        static string Shown(Message message) =>
            $"{message.MessageId} {message.Key} {message.PublishTime:O} {message.EventTime:O} {string.Join(",", message.Properties)}";
    }

    [Fact]
    public async Task Letters_that_no_header_holds_stay_what_they_are()
    {
        var (@namespace, topic) = await TopicAsync();
        await WriteAsync(topic, null, "- a - b", key: "Zürich 北京?");
        var all = (await PagesAsync(@namespace, topic, new ReadQuery("earliest"), 100)).Single().Items;
        Assert.Equal("-a-b", Text(all));
        Assert.All(all.Where(message => !message.IsNull), message => Assert.Equal("Zürich 北京?", message.Key));
    }

    [Fact]
    public async Task Many_of_them_among_values_are_read_in_partitions_and_found()
    {
        var (@namespace, topic) = await TopicAsync(partitions: 3);
        for (var partition = 0; partition < 3; partition++)
            await WriteAsync(
                topic,
                partition,
                string.Join(' ', Enumerable.Range(0, 40).Select(number => number % 4 == partition ? "-" : "x"))
            );
        foreach (var limit in (int[])[1000, 17])
        {
            var pages = await PagesAsync(@namespace, topic, new ReadQuery("earliest"), limit);
            var all = pages.SelectMany(page => page.Items).ToList();
            Assert.Equal(
                (120, 120, 30),
                (all.Count, all.Select(message => message.MessageId).Distinct().Count(), all.Count(message => message.IsNull))
            );
            Assert.All(pages.SkipLast(1), page => Assert.Equal(ReadEnd.Limit, page.End));
        }
        var found = await PagesAsync(
            @namespace,
            topic,
            new ReadQuery("earliest", Filter: MessageFilter.Create(null, null, "x").Value),
            1000
        );
        Assert.Equal((90, 120), (found.Sum(page => page.Items.Count), found.Sum(page => page.Scanned)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Who_follows_is_given_them_and_what_comes_behind_them(int partitions)
    {
        var (@namespace, topic) = await TopicAsync(partitions);
        int? first = partitions == 0 ? null : 0;
        await WriteAsync(topic, first, "x -");
        await using var feed = await Ports.Messages.FollowAsync(@namespace, topic, Stop).Ok();
        await WriteAsync(topic, first, "a - b");
        await SeeAsync("a-b");
        await WriteAsync(topic, partitions == 0 ? null : 1, "c");
        await SeeAsync("c");
        await WriteAsync(topic, first, "d e-f -");
        await SeeAsync("de-f-");

        async Task SeeAsync(string wanted)
        {
            List<Message> came = [];
            while (came.Count < wanted.Length)
                came.Add((await feed.NextAsync(Stop).WaitAsync(TimeSpan.FromMinutes(1), Stop))!);
            Assert.Equal(wanted, Text(came));
        }
    }

    [Fact]
    public async Task They_are_peeked_at_as_what_they_are()
    {
        var (_, topic) = await TopicAsync();
        await Ports.Admin.CreateSubscriptionAsync(topic, SubscriptionName.Create("billing").Value, fromEarliest: true, Stop).Ok();
        await WriteAsync(topic, null, "- a b-c");
        Assert.Equal(
            "-ab-c",
            Text(await Ports.Subscriptions.PeekAsync(topic.OnCluster, SubscriptionName.Create("billing").Value, null, 10, Stop).Ok())
        );
    }

    private async Task<List<MessagesRead>> PagesAsync(Namespace @namespace, Topic topic, ReadQuery query, int limit)
    {
        var pages = new List<MessagesRead>();
        for (var next = query; next is not null; )
        {
            var page = await Ports.Messages.ReadAsync(@namespace, topic, next, limit, Stop).Ok();
            pages.Add(page);
            next = page.Next is null ? null : next with { From = page.Next };
        }
        return pages;
    }

    private async Task WriteAsync(Topic topic, int? partition, string entries, string? key = null)
    {
        var name = partition is { } number ? $"{topic.OnCluster.FullName}-partition-{number}" : topic.OnCluster.FullName;
        var wire = new WireTopic("tested", ((PulsarServer)Pulsar).BrokerUrl.ToString().TrimEnd('/'), name, () => Pulsar.AdminToken, null);
        var sequence = 0;
        var opened = await WireProducer.OpenAsync(
            wire,
            $"portal-producer-{Guid.NewGuid():N}",
            WriterSettings.Default,
            TimeProvider.System,
            Stop
        );
        await using var writer = opened.IsOk ? opened.Value : throw new InvalidOperationException(opened.Problem.ToString());
        foreach (var entry in entries.Split(' '))
        {
            PulsarRecord[] records =
            [
                .. entry.Select(letter => new PulsarRecord(
                    ++sequence,
                    key ?? $"key-{sequence}",
                    false,
                    letter == '-' ? null : Encoding.UTF8.GetBytes($"{letter}"),
                    1_000_000 + sequence,
                    [new("n", $"{sequence}")]
                )),
            ];
            Assert.Equal(default, await writer.WriteAsync(records, Stop));
            Assert.Equal(default, await writer.FlushAsync(Stop));
        }
    }

    private async Task<(Namespace Namespace, Topic Topic)> TopicAsync(int partitions = 0)
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: partitions);
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        return (@namespace, topic);
    }

    private static string Text(IEnumerable<Message> messages) =>
        string.Concat(messages.Select(message => message.IsNull ? "-" : Encoding.UTF8.GetString(message.Payload.Span)));
}
