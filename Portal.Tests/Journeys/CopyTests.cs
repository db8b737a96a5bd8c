using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Portal.Domain.Migration;
using Portal.Domain.Work;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Journeys;

/// <summary>A real Kafka copied to a real Pulsar, and proven.</summary>
[Trait("tier", "real")]
public sealed class CopyTests
{
    public static TheoryData<string> Versions => [.. PulsarSetup.Versions];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Everything_arrives_as_it_was_and_what_is_written_later_follows(string version)
    {
        await using var world = await StartAsync(version, 3);
        using var producer = world.Producer();
        world.Produce(producer, 6000, seed: 1);
        var steps = world.Reborn();
        await world.CopyAsync(steps);
        await AssertEqualAsync(world, 6000);
        world.Produce(producer, 300, seed: 2);
        foreach (var copy in world.Copies)
        {
            Assert.IsType<StepResult.GoOn>(await world.StepAsync(steps, copy));
            var partition = await world.FindAsync(copy);
            Assert.Equal((CopyState.Following, 0L), (partition.State, partition.Lag));
        }
        await AssertEqualAsync(world, 6300);
        // Kafka was read, and nothing else: no group is there.
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = world.Kafka.Plaintext }).Build();
        Assert.DoesNotContain(
            (await admin.ListConsumerGroupsAsync()).Valid,
            group => group.GroupId.StartsWith("portal", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Pulsars_own_client_reads_the_copy()
    {
        await using var world = await StartAsync("4.2.4", 1);
        using var producer = world.Producer();
        foreach (var (key, value) in new (string?, string?)[] { ("a", "one"), (null, "two"), ("a", null) })
        {
            producer.Produce(
                world.Name,
                new()
                {
                    Key = Bytes(key),
                    Value = Bytes(value),
                    Timestamp = new(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123)),
                    Headers = new Headers { { "trace", "x"u8.ToArray() } },
                }
            );
            producer.Flush(TimeSpan.FromSeconds(10));
        }
        await world.CopyAsync();
        var seen = await ServerScripts.OutputAsync(
            "pulsar.sh",
            "client",
            "--dir",
            world.Pulsar.Folder,
            "--",
            "consume",
            "-s",
            "theirs",
            "-p",
            "Earliest",
            "-n",
            "3",
            world.Target.Address
        );
        Assert.Contains("eventTime:[1700000000123], key:[a], properties:[trace=x], content:one", seen, StringComparison.Ordinal);
        Assert.Contains("key:[null], properties:[trace=x], content:two", seen, StringComparison.Ordinal);
        Assert.Contains("key:[a], properties:[trace=x], content:null", seen, StringComparison.Ordinal);

        static byte[]? Bytes(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);
    }

    [Fact]
    public async Task Offsets_without_records_are_no_loss()
    {
        await using var world = await StartAsync("4.0.7", 1);
        using var producer = world.Producer(config => config.TransactionalId = world.Name);
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        for (var transaction = 0; transaction < 10; transaction++)
        {
            producer.BeginTransaction();
            world.Produce(producer, 20, seed: transaction, largest: 1000);
            if (transaction % 3 == 1)
                producer.AbortTransaction();
            else
                producer.CommitTransaction();
        }
        await world.CopyAsync();
        var proof = Assert.Single(await world.ProveAsync());
        Assert.Equal((ProofState.Equal, 140L, 140L), (proof.State, proof.SourceCount, proof.TargetCount));
        // Ten marks, and three transactions of twenty that were aborted.
        Assert.Equal(
            "70 offsets hold no record that consumers see: marks of transactions, and records of transactions that were aborted.",
            proof.Notes
        );
    }

    [Fact]
    public async Task A_copy_that_dies_again_and_again_loses_and_doubles_nothing()
    {
        await using var world = await StartAsync("4.0.7", 2);
        using var producer = world.Producer();
        world.Produce(producer, 20_000, seed: 3, largest: 20_000);
        var random = new Random(5);
        for (var death = 0; death < 14; death++)
        {
            foreach (var copy in world.Copies)
            {
                using var kill = new CancellationTokenSource(random.Next(20, 1200));
                try
                {
                    // Killed in the middle, or after everything was confirmed and before any of it was noted.
                    var steps = world.Reborn(politely: death % 2 == 0);
                    var result = await steps.RunAsync(new(copy), new(default, null, null, 0, default, null), kill.Token);
                    if (death % 4 == 3)
                        await world.NoteAsync(result);
                }
                catch (OperationCanceledException)
                {
                    // As meant.
                }
            }
            // A name that is taken until the broker sees that its owner is gone.
            await Task.Delay(300, TestContext.Current.CancellationToken);
        }
        await SettleAsync(world);
        await AssertEqualAsync(world, 20_000);
    }

    [Fact]
    public async Task A_Kafka_client_that_is_killed_in_the_middle_of_a_copy_costs_nothing_but_time()
    {
        await using var world = await StartAsync("4.2.4", 2);
        using var producer = world.Producer();
        world.Produce(producer, 20_000, seed: 9, largest: 20_000);
        foreach (var copy in world.Copies)
            Assert.IsType<StepResult.GoOn>(await world.StepAsync(world.Reborn(), copy)); // where it begins
        var random = new Random(9);
        int? last = null;
        // Two deaths: after a third within ten minutes, Portal would wait.
        for (var (killed, turn) = (0, 0); killed < 2; turn++)
        {
            Assert.True(turn < 50, "The copy was over before its client could be killed.");
            var steps = world.Reborn();
            var running = Task.WhenAll(world.Copies.Select(copy => world.StepAsync(steps, copy)));
            await Eventually.TrueAsync(
                () => Task.FromResult(running.IsCompleted || world.KafkaClient is { } there && there != last),
                "a Kafka client runs"
            );
            await Task.Delay(random.Next(50, 700), TestContext.Current.CancellationToken);
            if (!running.IsCompleted && world.KafkaClient is { } process && process != last)
            {
                using var client = Process.GetProcessById(process);
                client.Kill();
                (last, killed) = (process, killed + 1);
            }
            await running;
        }
        await SettleAsync(world);
        await AssertEqualAsync(world, 20_000);
    }

    [Fact]
    public async Task Where_the_broker_remembers_nothing_the_end_of_the_topic_says_where_to_go_on()
    {
        await using var world = await StartAsync("4.2.4", 1);
        using var producer = world.Producer();
        world.Produce(producer, 3000, seed: 4, largest: 5000);
        var steps = world.Reborn();
        Assert.IsType<StepResult.GoOn>(await world.StepAsync(steps, world.Copies[0])); // where it begins
        await steps.RunAsync(new(world.Copies[0]), new(default, null, null, 0, default, null), default); // copied, and not noted
        var path = $"admin/v2/persistent/copying/default/{world.Name}/deduplicationEnabled";
        await world.Pulsar.CallAsync(HttpMethod.Delete, path);
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        await world.CopyAsync();
        await AssertEqualAsync(world, 3000);
    }

    [Fact]
    public async Task What_Kafka_deleted_first_is_said()
    {
        await using var world = await StartAsync("4.0.7", 1);
        using var producer = world.Producer();
        world.Produce(producer, 300, seed: 6, largest: 1000);
        var steps = world.Reborn();
        Assert.IsType<StepResult.GoOn>(await world.StepAsync(steps, world.Copies[0]));
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = world.Kafka.Plaintext }).Build();
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(world.Name, 0, 100)]);
        await world.CopyAsync(steps);
        var partition = await world.FindAsync(world.Copies[0]);
        Assert.Equal(("gone", 0L, 100L), partition.Remarks.Select(remark => (remark.Kind, remark.Offset, remark.Until ?? 0)).Single());
        Assert.Equal(200, partition.Messages);
        var proof = Assert.Single(await world.ProveAsync());
        Assert.Equal(ProofState.Equal, proof.State);
        Assert.Contains("Kafka deleted the records before offset 100", proof.Notes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TooLarge.Skip)]
    [InlineData(TooLarge.Stop)]
    public async Task A_record_that_is_too_large_is_named(TooLarge choice)
    {
        await using var world = await StartAsync("4.0.7", 1, settings => settings.Choose(Tombstones.Keep, choice, WriterSettings.Default));
        await world.Pulsar.CallAsync(HttpMethod.Post, $"admin/v2/persistent/copying/default/{world.Name}/maxMessageSize", "100000");
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        using var producer = world.Producer();
        for (var number = 0; number < 50; number++)
            producer.Produce(world.Name, new() { Value = new byte[number == 31 ? 300_000 : 100] });
        producer.Flush(TimeSpan.FromSeconds(10));
        await world.CopyAsync();
        var partition = await world.FindAsync(world.Copies[0]);
        if (choice == TooLarge.Skip)
        {
            Assert.Equal((CopyState.Following, 49L, 1L), (partition.State, partition.Messages, partition.Skipped));
            Assert.Equal(("too-large", 31L), partition.Remarks.Select(remark => (remark.Kind, remark.Offset)).Single());
            Assert.Equal(ProofState.Equal, Assert.Single(await world.ProveAsync()).State);
            return;
        }
        Assert.Equal((CopyState.Failed, 31L, "record-too-large"), (partition.State, partition.NextOffset, partition.ProblemCode));
        Assert.Contains("offset 31", partition.ProblemMessage, StringComparison.Ordinal);
        // The limit is raised, and the copy goes on.
        await world.Pulsar.CallAsync(HttpMethod.Delete, $"admin/v2/persistent/copying/default/{world.Name}/maxMessageSize");
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        await world.Database.Database.UpdateAsync(
            null,
            null,
            async session =>
            {
                (await session.Copies.FindAsync(world.Copies[0], default))!.Want(CopyWish.Copy, DateTimeOffset.UtcNow);
                return true;
            },
            default
        );
        await world.CopyAsync();
        await AssertEqualAsync(world, 50);
    }

    [Fact]
    public async Task A_limit_holds_for_all_partitions_together()
    {
        await using var world = await StartAsync("4.0.7", 2, settings => settings.Set(new(null, 500)));
        using var producer = world.Producer();
        world.Produce(producer, 3000, seed: 8, largest: 500);
        var steps = world.Reborn();
        foreach (var copy in world.Copies)
            await world.StepAsync(steps, copy);
        var began = DateTimeOffset.UtcNow;
        var until = began + TimeSpan.FromSeconds(4);
        await Task.WhenAll(
            world.Copies.Select(async copy =>
            {
                while (DateTimeOffset.UtcNow < until)
                    await world.StepAsync(steps, copy);
            })
        );
        long copied = 0;
        foreach (var copy in world.Copies)
            copied += (await world.FindAsync(copy)).Messages;
        var most = 500 * ((DateTimeOffset.UtcNow - began).TotalSeconds + 2);
        Assert.InRange(copied, 500, most);
    }

    /// <summary>Nobody checks what Kafka's clients write: whatever it is, it arrives, or the copy says what didn't.</summary>
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Records_that_no_sane_producer_writes_arrive(string version)
    {
        await using var world = await CopyWorld.StartAsync(
            await KafkaServer.SharedAsync(),
            await PulsarServer.SharedAsync(new(version)),
            1,
            new() { ["message.timestamp.after.max.ms"] = $"{long.MaxValue}" }
        );
        using var producer = world.Producer();
        byte[] noText = [0xff, 0xfe, 0, 0xc3, 0x28];
        var thousand = new Headers();
        for (var number = 0; number < 1000; number++)
            thousand.Add($"header-{number % 300}", number % 3 == 0 ? null : noText);
        (long Time, byte[]? Key, byte[]? Value, Headers Headers)[] records =
        [
            (253_402_300_799_999, noText, noText, []), // the end of the year 9999
            (long.MaxValue, [], [], []),
            (
                1,
                null,
                null,
                new()
                {
                    { "", [] },
                    { "", noText },
                    { "\0", null },
                }
            ),
            (1_700_000_000_000, [], null, thousand),
            (1_700_000_000_000, "key"u8.ToArray(), new byte[900_000], new() { { new string('n', 30_000), new byte[60_000] } }),
        ];
        foreach (var (time, key, value, headers) in records)
            await producer.ProduceAsync(
                new TopicPartition(world.Name, 0),
                new()
                {
                    Key = key,
                    Value = value,
                    Headers = headers,
                    Timestamp = new(time, TimestampType.CreateTime),
                }
            );
        await world.CopyAsync();
        await AssertEqualAsync(world, records.Length);
    }

    private static async Task SettleAsync(CopyWorld world)
    {
        var steps = world.Reborn();
        foreach (var copy in world.Copies)
        {
            for (var turn = 0; (await world.FindAsync(copy)).State == CopyState.Copying; turn++)
            {
                Assert.True(turn < 120, (await world.FindAsync(copy)).ProblemMessage);
                // The broker may still hold the name for one that is dead.
                if (await world.StepAsync(steps, copy) is StepResult.Later)
                    await Task.Delay(500, TestContext.Current.CancellationToken);
            }
        }
    }

    private static async Task<CopyWorld> StartAsync(string version, int partitions, Action<CopySettings>? settings = null) =>
        await CopyWorld.StartAsync(
            await KafkaServer.SharedAsync(),
            await PulsarServer.SharedAsync(new(version)),
            partitions,
            settings: settings
        );

    private static async Task AssertEqualAsync(CopyWorld world, long count)
    {
        var proofs = await world.ProveAsync();
        Assert.All(
            proofs,
            proof =>
                Assert.True(
                    proof.State == ProofState.Equal,
                    $"{proof.Differences}: {string.Join(", ", proof.Listed.Take(20))} {proof.Notes}"
                )
        );
        Assert.All(proofs, proof => Assert.Equal(proof.SourceHash, proof.TargetHash));
        Assert.Equal(count, proofs.Sum(proof => proof.TargetCount));
    }
}
