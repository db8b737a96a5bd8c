using Portal.Domain.Migration;
using Portal.Domain.Work;
using Portal.Tests.Support;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Journeys;

/// <summary>
/// A copy while everything around it fails at random: the worker dies in the middle of steps, Kafka and the broker are
/// killed and come back, processes hang with their connections open, and the network between them hangs, crawls, or is cut
/// in the middle of a batch. In the end the proof is green.
/// </summary>
[Trait("tier", "real")]
[Collection(PulsarServer.Borrowers)]
public sealed class CopyDisturbanceTests
{
    private const int First = 8_000;

    [Theory]
    [InlineData(1, "4.0.7", Traits = ["tier", "thorough"])]
    [InlineData(2, "4.2.4")]
    public Task Whatever_fails_around_it_the_copy_is_whole(int seed, string version) => RunAsync(seed, version);

    [Theory]
    [Trait("tier", "thorough")]
    [MemberData(nameof(Seeds))]
    public Task Whatever_fails_around_it_the_copy_is_whole_over_many_seeds(int seed) => RunAsync(seed, PulsarSetup.Versions[seed % 2]);

    /// <summary><c>PORTAL_COPY_SEEDS=101,116</c> runs those alone.</summary>
    public static TheoryData<int> Seeds =>
        Environment.GetEnvironmentVariable("PORTAL_COPY_SEEDS") is { Length: > 0 } named
            ? [.. named.Split(',').Select(seed => int.Parse(seed, System.Globalization.CultureInfo.InvariantCulture))]
            : [.. Enumerable.Range(100, 50)];

    private static async Task RunAsync(int seed, string version)
    {
        var random = new Random(seed);
        var pulsar = await PulsarServer.BorrowAsync(new(version, 2, Settings: "metadataStoreSessionTimeoutMillis=6000", Behind: true));
        var network = pulsar.Network!;
        await network.HealAsync();
        await using var kafka = await KafkaServer.StartAsync(new(network));
        await using var world = await CopyWorld.StartAsync(kafka, pulsar, 2, connection: kafka.SaslConnection());
        using (var producer = world.Producer())
            world.Produce(producer, First, seed, largest: 100_000);
        using var end = new CancellationTokenSource();
        var (writing, copying) = (WriteOnAsync(world, seed, end.Token), CopyAsync(world, random.Next(), end.Token));
        var faults = new List<string>();
        for (var round = 0; round < 6; round++)
        {
            await Task.Delay(random.Next(300, 2500), TestContext.Current.CancellationToken);
            faults.Add(await DisturbAsync(random, kafka, pulsar));
            await pulsar.StartEndedAsync();
        }
        await end.CancelAsync();
        await copying;
        var written = First + await writing;
        await FinishAsync(world);
        var proofs = await world.ProveAsync();
        Assert.All(
            proofs,
            proof =>
                Assert.True(
                    proof.State == ProofState.Equal,
                    $"seed {seed} ({string.Join("; ", faults)}): {proof.Differences}: {string.Join(", ", proof.Listed.Take(20))}"
                )
        );
        Assert.Equal(written, proofs.Sum(proof => proof.TargetCount));
    }

    /// <returns>What was done, in words.</returns>
    private static async Task<string> DisturbAsync(Random random, KafkaServer kafka, PulsarServer pulsar)
    {
        var broker = random.Next(1, 3);
        switch (random.Next(10))
        {
            case 0:
                await kafka.StopAsync();
                await kafka.StartAgainAsync();
                return "Kafka restarted";
            case 1:
                await pulsar.StopBrokerAsync(broker, hard: true);
                await Task.Delay(random.Next(1000), TestContext.Current.CancellationToken);
                await pulsar.StartBrokerAsync(broker);
                return $"broker {broker} killed";
            case 2:
                await HangAsync(Path.Combine(pulsar.Folder, $"broker-{broker}.pid"), random.Next(500, 6000));
                return $"broker {broker} stopped for a while";
            case 3:
                await HangAsync(Path.Combine(kafka.Folder, "pid"), random.Next(500, 6000));
                return "Kafka stopped for a while";
            default:
                return await DisturbNetworkAsync(random, kafka, pulsar);
        }
    }

    private static async Task<string> DisturbNetworkAsync(Random random, KafkaServer kafka, PulsarServer pulsar)
    {
        var network = pulsar.Network!;
        var port = random.Next(2) == 0 ? kafka.SaslPort : pulsar.BrokerPorts[random.Next(2)];
        var way = random.Next(2) == 0 ? Way.Down : Way.Up;
        (string Kind, (string, int)[] Attributes)[] kinds =
        [
            // Nothing comes through any more, and nobody is told.
            ("timeout", [("timeout", 0)]),
            ("limit_data", [("bytes", random.Next(100, 400_000))]),
            ("latency", [("latency", random.Next(50, 2000)), ("jitter", random.Next(50))]),
            ("slow_close", [("delay", random.Next(200, 5000))]),
            ("bandwidth", [("rate", random.Next(5, 500))]),
            ("reset_peer", [("timeout", random.Next(500))]),
            ("slicer", [("average_size", random.Next(16, 2000)), ("size_variation", 8), ("delay", random.Next(500))]),
        ];
        var drawn = random.Next(kinds.Length + 1);
        if (drawn == kinds.Length)
            await network.CutAsync(port);
        else
            await network.DisturbAsync(port, kinds[drawn].Kind, way, kinds[drawn].Attributes);
        var milliseconds = random.Next(500, 6000);
        await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
        await network.HealAsync();
        var kind = drawn == kinds.Length ? "cut" : $"{kinds[drawn].Kind} {string.Join(' ', kinds[drawn].Attributes)} {way}";
        return $"{(port == kafka.SaslPort ? "Kafka" : $"broker at {port}")}: {kind} for {milliseconds} ms";
    }

    /// <summary>Some more records again and again, so that no fault comes to a copy that has nothing to do.</summary>
    /// <returns>How many.</returns>
    private static Task<int> WriteOnAsync(CopyWorld world, int seed, CancellationToken end) =>
        Task.Run(
            async () =>
            {
                using var producer = world.Producer();
                var written = 0;
                for (; !end.IsCancellationRequested; written += 100)
                {
                    world.Produce(producer, 100, seed + written, largest: 50_000);
                    await Task.Delay(100, CancellationToken.None);
                }
                return written;
            },
            CancellationToken.None
        );

    /// <summary>Steps of workers that die now and then, before, while or after they write.</summary>
    private static async Task CopyAsync(CopyWorld world, int seed, CancellationToken end)
    {
        var random = new Random(seed);
        var steps = world.Reborn();
        while (!end.IsCancellationRequested)
        {
            foreach (var copy in world.Copies)
            {
                using var kill = CancellationTokenSource.CreateLinkedTokenSource(end);
                if (random.Next(4) == 0)
                    kill.CancelAfter(random.Next(1500));
                try
                {
                    var result = await steps.RunAsync(new(copy), new(default, null, null, 0, default, null), kill.Token);
                    if (result is StepResult.Refused refused)
                        Assert.Fail($"seed {seed}: {refused.Problem}");
                    if (random.Next(4) == 0)
                        steps = world.Reborn(politely: false);
                    else
                        await world.NoteAsync(result);
                    if (result is StepResult.Later)
                        await Task.Delay(300, end);
                }
                catch (OperationCanceledException)
                {
                    steps = world.Reborn(politely: random.Next(2) == 0);
                }
            }
        }
    }

    private static async Task FinishAsync(CopyWorld world)
    {
        var steps = world.Reborn();
        var until = DateTimeOffset.UtcNow.AddMinutes(4);
        StepResult? last = null;
        foreach (var copy in world.Copies)
        {
            while (
                await world.FindAsync(copy) is var partition
                && (partition.State != CopyState.Following || partition.NextOffset < await EndAsync(world, partition))
            )
            {
                Assert.True(DateTimeOffset.UtcNow < until, $"{last} at {partition.NextOffset}");
                last = await world.StepAsync(steps, copy);
                if (last is StepResult.Later later)
                    await Task.Delay(later.After ?? TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            }
        }
    }

    private static async Task<long> EndAsync(CopyWorld world, CopiedPartition partition) =>
        (await world.Source.OffsetsAsync(world.Connection, partition.Source, default)) is { IsOk: true, Value.End: var end }
            ? end
            : long.MaxValue;

    private static async Task HangAsync(string pidFile, int milliseconds)
    {
        if (!File.Exists(pidFile))
            return;
        var pid = (await File.ReadAllTextAsync(pidFile, TestContext.Current.CancellationToken)).Trim();
        await SignalAsync("-STOP", pid);
        await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
        await SignalAsync("-CONT", pid);
    }

    private static async Task SignalAsync(string signal, string pid)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [signal, pid]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
