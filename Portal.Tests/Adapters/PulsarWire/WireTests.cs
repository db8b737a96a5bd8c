using System.Net;
using Portal.Adapters.PulsarWire;
using Portal.Domain.Clusters;
using Portal.Domain.Migration;
using Portal.Domain.Topics;
using Portal.Tests.Adapters.PulsarAdmin;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Adapters.PulsarWire;

/// <summary>
/// Portal's producer and reader of the binary protocol against real brokers, and Pulsar's own client reading what it wrote.
/// </summary>
[Trait("tier", "real")]
public sealed class WireTests
{
    public static TheoryData<string> Versions => [.. PulsarSetup.Versions];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task What_is_written_is_read_back_as_it_was(string version)
    {
        var (server, topic) = await TopicAsync(version);
        foreach (var settings in new[] { new WriterSettings(false, false), new(true, true) })
        {
            var records = Records(3000);
            await using (var writer = await WriterAsync(topic, $"portal-producer-{settings.Compress}", settings))
            {
                Assert.True((await writer.WriteAsync(records, default)).IsOk);
                Assert.True((await writer.FlushAsync(default)).IsOk);
                Assert.NotNull(writer.LastPosition);
            }
            var read = (await ReadAsync(topic)).Where(one => one.Producer == $"portal-producer-{settings.Compress}").ToList();
            Assert.Equal(records.Select(Shown), read.Select(one => Shown(one.Record)));
        }
        // Pulsar's own client, which knows nothing of the portal.
        var seen = await ServerScripts.OutputAsync(
            "pulsar.sh",
            "client",
            "--dir",
            server.Folder,
            "--",
            "consume",
            "-s",
            "theirs",
            "-p",
            "Earliest",
            "-n",
            "20",
            topic.Topic
        );
        Assert.Contains("key:[key-1], properties:[n=1, ü=], content:", seen, StringComparison.Ordinal);
        Assert.Contains("eventTime:[1000001]", seen, StringComparison.Ordinal);
        Assert.Contains("content:null", seen, StringComparison.Ordinal);
    }

    /// <summary>Brokers begin with the entry that a reader wants to begin after.</summary>
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_reader_begins_behind_a_place_whether_that_is_a_message_a_whole_entry_or_within_a_batch(string version)
    {
        var (_, topic) = await TopicAsync(version);
        await using (var writer = await WriterAsync(topic, "portal-producer-a", WriterSettings.Default))
        {
            // Alone, alone, a batch of four, alone.
            foreach (var records in (PulsarRecord[][])[Records(1), Records(2)[1..], Records(6)[2..], Records(7)[6..]])
                await WriteAsync(writer, records);
        }
        var all = await ReadAsync(topic);
        Assert.Equal([-1, -1, 0, 1, 2, 3, -1], all.Select(one => one.Position.BatchIndex));
        Assert.All(all, one => Assert.InRange(one.PublishTime, 1_700_000_000_000, 4_000_000_000_000));
        for (var number = 1; number <= 7; number++)
            Assert.Equal(Enumerable.Range(number + 1, 7 - number).Select(one => (long)one), await BehindAsync(all[number - 1].Position));
        Assert.Equal([7L], await BehindAsync(all[2].Position with { BatchIndex = -1 }));

        async Task<IEnumerable<long>> BehindAsync(MessagePosition after) =>
            (await ReadAsync(topic, after)).Select(one => one.Record.Sequence);
    }

    /// <summary>Pulsar's own client cuts what is larger than brokers take, and encrypts what it has a key for.</summary>
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task What_clients_chunk_is_one_message_and_what_they_encrypt_is_named(string version)
    {
        var (server, topic) = await TopicAsync(version);
        var folder = Directory.CreateTempSubdirectory("portal-chunks-").FullName;
        try
        {
            var value = new byte[12_000_000];
            new Random(7).NextBytes(value);
            await File.WriteAllBytesAsync(System.IO.Path.Combine(folder, "large"), value, TestContext.Current.CancellationToken);
            using var keys = System.Security.Cryptography.RSA.Create(2048);
            await File.WriteAllTextAsync(
                System.IO.Path.Combine(folder, "public.pem"),
                keys.ExportSubjectPublicKeyInfoPem(),
                TestContext.Current.CancellationToken
            );
            string[] encrypted = ["-ekn", "theirs", "-ekv", $"file://{folder}/public.pem"];
            await ProduceAsync("-m", "before", "-k", "a");
            await ProduceAsync("-f", System.IO.Path.Combine(folder, "large"), "-c", "-db", "-k", "big", "-p", "n=1");
            await ProduceAsync(["-m", "secret", "-n", "3", .. encrypted]);
            await ProduceAsync(["-f", System.IO.Path.Combine(folder, "large"), "-c", "-db", .. encrypted]);
            await ProduceAsync("-m", "after");

            var read = await AllAsync(null);
            Assert.Equal(
                [
                    ReadObstacle.None,
                    ReadObstacle.None,
                    ReadObstacle.Encrypted,
                    ReadObstacle.Encrypted,
                    ReadObstacle.Encrypted,
                    ReadObstacle.Encrypted,
                    ReadObstacle.None,
                ],
                read.Select(one => one.Obstacle)
            );
            Assert.Equal(
                ("big", "n=1"),
                (read[1].Record.Key, string.Join(',', read[1].Record.Properties.Select(pair => $"{pair.Key}={pair.Value}")))
            );
            Assert.True(value.AsSpan().SequenceEqual(read[1].Record.Value));
            Assert.Equal("after"u8.ToArray(), read[^1].Record.Value);
            // Whoever begins behind its second chunk is told so where it ends; brokers give the entry itself once more.
            var beheaded = (await AllAsync(read[0].Position with { Entry = read[0].Position.Entry + 2, BatchIndex = -1 }))[0];
            Assert.Equal((ReadObstacle.Beheaded, read[1].Position), (beheaded.Obstacle, beheaded.Position));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        async Task<List<ReadRecord>> AllAsync(MessagePosition? after)
        {
            var all = new List<ReadRecord>();
            await using var reader = (await WireReader.OpenAsync(topic, after, TimeProvider.System, default)).Value;
            var last = (await reader.LastAsync(default)).Value!.Value;
            while (reader.Position is not { } at || (at.Ledger, at.Entry).CompareTo((last.Ledger, last.Entry)) < 0)
            {
                // Chunks before the last one come without a message.
                all.AddRange((await reader.ReadAsync(TimeSpan.FromSeconds(10), default)).Value);
                Assert.True(reader.OpenSince is null or > 1_700_000_000_000);
            }
            Assert.Null(reader.OpenSince);
            return all;
        }

        Task<string> ProduceAsync(params string[] arguments) =>
            ServerScripts.OutputAsync("pulsar.sh", ["client", "--dir", server.Folder, "--", "produce", topic.Topic, .. arguments]);
    }

    /// <summary>A limit may hold messages back for longer than anybody waits.</summary>
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Silence_is_told_from_the_end(string version)
    {
        var (server, topic) = await TopicAsync(version);
        using var ports = new PulsarPorts(
            new ClusterRegistration("tested", server.AdminUrls, null, server.WebSocketUrl, server.AdminToken, null)
        );
        await using (var writer = await WriterAsync(topic, "portal-producer-a", WriterSettings.Default))
            for (var number = 1; number <= 6; number++)
                await WriteAsync(writer, Records(number)[(number - 1)..]);
        var address = new TopicAddress(
            new("tested", "public", "default", new(default, default, default)),
            topic.Topic.Split('/')[^1],
            true,
            0
        );
        const string OneAMinute =
            """{"dispatchThrottlingRateInMsg":1,"dispatchThrottlingRateInByte":-1,"ratePeriodInSecond":60,"relativeToPublishRate":false}""";
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await server.CallAsync(HttpMethod.Post, $"admin/v2/{Path(topic)}/dispatchRate", OneAMinute)).Status
        );
        await Eventually.TrueAsync(
            async () =>
            {
                await using var held = await ReaderAsync();
                Assert.NotEmpty((await held.ReadAsync(TimeSpan.FromSeconds(90), default)).Value);
                // The limit is in force a moment after it was set.
                if ((await held.ReadAsync(TimeSpan.FromSeconds(2), default)).Value.Count > 0)
                    return false;
                Assert.False((await held.IsWholeAsync(default)).Value);
                return true;
            },
            "the limit holds messages back"
        );
        Assert.Equal(HttpStatusCode.NoContent, (await server.CallAsync(HttpMethod.Delete, $"admin/v2/{Path(topic)}/dispatchRate")).Status);
        await using var reader = await ReaderAsync();
        for (var number = 1; number <= 6; number++)
            Assert.Single((await reader.ReadAsync(TimeSpan.FromSeconds(90), default)).Value);
        Assert.Empty((await reader.ReadAsync(TimeSpan.FromMilliseconds(500), default)).Value);
        Assert.True((await reader.IsWholeAsync(default)).Value);

        async Task<IPulsarReader> ReaderAsync() =>
            (
                await WireReader.OpenAsync(
                    topic,
                    null,
                    TimeProvider.System,
                    default,
                    (name, token) => ports.Ends.ReaderAsync(address, null, name, token)
                )
            ).Value;
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Repeats_are_dropped_and_what_comes_behind_them_is_not(string version)
    {
        var (server, topic) = await TopicAsync(version);
        var records = Records(1000);
        await DropRepeatsAsync(server, topic);
        await using (var writer = await WriterAsync(topic, "portal-producer-a", WriterSettings.Default))
            await WriteAsync(writer, records[..700]);
        await using (var writer = await WriterAsync(topic, "portal-producer-a", WriterSettings.Default))
        {
            Assert.Equal(700, writer.LastSequence);
            // From the middle of a batch that is there to far behind it: one batch of both would be dropped whole.
            await WriteAsync(writer, records[300..]);
        }
        Assert.Equal(records.Select(Shown), (await ReadAsync(topic)).Select(one => Shown(one.Record)));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_message_that_is_too_large_is_named_and_nothing_behind_it_is_sent(string version)
    {
        var (server, topic) = await TopicAsync(version);
        await DropRepeatsAsync(server, topic);
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await server.CallAsync(HttpMethod.Post, $"admin/v2/{Path(topic)}/maxMessageSize", "100000")).Status
        );
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        PulsarRecord[] records =
        [
            .. Enumerable
                .Range(1, 40)
                .Select(number => new PulsarRecord(number, null, false, new byte[number == 20 ? 200_000 : 20_000], 0, [])),
        ];
        await using var writer = await WriterAsync(topic, "portal-producer-a", WriterSettings.Default);
        var refused = await writer.WriteAsync(records, default);
        Assert.Equal(("message-too-large", 20L), (refused.Problem?.Code, refused.Refused));
        Assert.Equal(Enumerable.Range(1, 19).Select(number => (long)number), (await ReadAsync(topic)).Select(one => one.Record.Sequence));
        await WriteAsync(writer, records[20..]);
        Assert.Equal(39, (await ReadAsync(topic)).Count);
        // More than any topic of the broker takes.
        var huge = await writer.WriteAsync([new(50, null, false, new byte[6 * 1024 * 1024], 0, [])], default);
        Assert.Equal(("message-too-large", 50L), (huge.Problem?.Code, huge.Refused));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_name_is_taken_once_and_a_topic_that_moves_ends_the_writer(string version)
    {
        var (server, topic) = await TopicAsync(version);
        await using var writer = await WriterAsync(topic, "portal-producer-a", WriterSettings.Default);
        await WriteAsync(writer, Records(10));
        var second = await WireProducer.OpenAsync(topic, "portal-producer-a", WriterSettings.Default, TimeProvider.System, default);
        Assert.Equal("copy-elsewhere", second.Problem?.Code);
        await server.UnloadAsync(topic.Topic);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.Equal("topic-moved", (await writer.WriteAsync(Records(1), default)).Problem?.Code);
        await using var again = await WriterAsync(topic, "portal-producer-a", WriterSettings.Default);
        await WriteAsync(again, [Records(11)[10]]);
        Assert.Equal(11, (await ReadAsync(topic)).Count);
    }

    [Fact]
    public async Task Each_refusal_has_its_sentence()
    {
        var (server, topic) = await TopicAsync("4.0.7");
        Assert.Equal("cluster-unauthorized", await CodeAsync(topic with { Token = () => "no token" }));
        Assert.Equal("messages-not-granted", await CodeAsync(topic with { Token = () => server.Token("nobody") }));
        Assert.Equal("cluster-unreachable", await CodeAsync(topic with { Addresses = "pulsar://127.0.0.1:1" }));
        Assert.Equal("broker-address-missing", await CodeAsync(topic with { Addresses = "http://127.0.0.1:1" }));
        // The first of two entrances is closed.
        Assert.Null(
            await CodeAsync(
                topic with
                {
                    Addresses = topic.Addresses.Replace("pulsar://", "pulsar://127.0.0.1:1,", StringComparison.Ordinal),
                }
            )
        );
        Assert.Equal(
            "topic-not-on-cluster",
            await CodeAsync(topic with { Topic = topic.Topic.Replace("public/default", "public/absent", StringComparison.Ordinal) })
        );

        async Task<string?> CodeAsync(WireTopic of)
        {
            var opened = await WireProducer.OpenAsync(
                of,
                $"portal-producer-{Guid.NewGuid():N}",
                WriterSettings.Default,
                TimeProvider.System,
                default
            );
            if (opened.IsOk)
                await opened.Value.DisposeAsync();
            return opened.Problem?.Code;
        }
    }

    internal static async Task<(PulsarServer Server, WireTopic Topic)> TopicAsync(string version)
    {
        var server = await PulsarServer.SharedAsync(new(version));
        var name = $"persistent://public/default/wire-{Guid.NewGuid():N}";
        // A broker makes its first namespace a moment after it began to answer.
        await Eventually.TrueAsync(
            async () =>
                (await server.CallAsync(HttpMethod.Put, $"admin/v2/{name.Replace("://", "/", StringComparison.Ordinal)}")).Status
                == HttpStatusCode.NoContent,
            $"{name} is made"
        );
        return (server, new("tested", server.BrokerUrl.ToString().TrimEnd('/'), name, () => server.AdminToken, null));
    }

    internal static async Task<List<ReadRecord>> ReadAsync(WireTopic topic, MessagePosition? after = null)
    {
        await using var reader = (await WireReader.OpenAsync(topic, after, TimeProvider.System, default)).Value;
        var last = (await reader.LastAsync(default)).Value;
        var all = new List<ReadRecord>();
        // Of a batch that is the last entry, the rest is still wanted.
        if (after is { BatchIndex: < 0 } place && last is { } ends && (place.Ledger, place.Entry).CompareTo((ends.Ledger, ends.Entry)) >= 0)
            return all;
        while (last is { } end && (reader.Position is not { } at || (at.Ledger, at.Entry).CompareTo((end.Ledger, end.Entry)) < 0))
        {
            var read = (await reader.ReadAsync(TimeSpan.FromSeconds(10), default)).Value;
            Assert.NotEmpty(read);
            all.AddRange(read);
        }
        return all;
    }

    private static async Task<IPulsarWriter> WriterAsync(WireTopic topic, string name, WriterSettings settings)
    {
        var opened = await WireProducer.OpenAsync(topic, name, settings, TimeProvider.System, default);
        return opened.IsOk ? opened.Value : throw new InvalidOperationException(opened.Problem.ToString());
    }

    private static async Task WriteAsync(IPulsarWriter writer, PulsarRecord[] records)
    {
        Assert.Equal(default, await writer.WriteAsync(records, default));
        Assert.Equal(default, await writer.FlushAsync(default));
    }

    private static async Task DropRepeatsAsync(PulsarServer server, WireTopic topic)
    {
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await server.CallAsync(HttpMethod.Post, $"admin/v2/{Path(topic)}/deduplicationEnabled", "true")).Status
        );
        await Task.Delay(1500, TestContext.Current.CancellationToken);
    }

    private static string Path(WireTopic topic) => topic.Topic.Replace("://", "/", StringComparison.Ordinal);

    private static PulsarRecord[] Records(int count) =>
        [
            .. Enumerable
                .Range(1, count)
                .Select(number => new PulsarRecord(
                    number,
                    number % 5 == 0 ? null
                        : number % 3 == 0 ? Convert.ToBase64String([0xff, (byte)(number % 256)])
                        : $"key-{number % 50}",
                    number % 5 != 0 && number % 3 == 0,
                    number % 7 == 0 ? null : new byte[number * 37 % 3000],
                    number % 11 == 0 ? 0 : 1_000_000 + number,
                    [new("n", $"{number}"), new("ü", "")]
                )),
        ];

    private static string Shown(PulsarRecord record) =>
        $"{record.Sequence} {record.Key ?? "null"} {record.KeyIsBinary} {record.Value?.Length ?? -1} {record.EventTime} "
        + $"{string.Join(";", record.Properties)}";
}
