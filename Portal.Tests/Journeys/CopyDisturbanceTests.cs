using Portal.Domain.Migration;
using Portal.Domain.Work;
using Portal.Tests.Support;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Journeys;

/// <summary>
/// A copy while everything around it fails at random: the worker dies in the middle of steps, Kafka and the broker are
/// killed and come back, and processes hang with their connections open. In the end the proof is green.
/// </summary>
[Trait("tier", "real")]
[Collection(PulsarServer.Borrowers)]
public sealed class CopyDisturbanceTests
{
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
        await using var kafka = await KafkaServer.StartAsync();
        var pulsar = await PulsarServer.BorrowAsync(new(version, 2, Settings: "metadataStoreSessionTimeoutMillis=6000"));
        await using var world = await CopyWorld.StartAsync(kafka, pulsar, 2);
        using (var producer = world.Producer())
            world.Produce(producer, 8_000, seed, largest: 100_000);
        using var end = new CancellationTokenSource();
        var copying = CopyAsync(world, random.Next(), end.Token);
        for (var round = 0; round < 4; round++)
        {
            await Task.Delay(random.Next(300, 2500), TestContext.Current.CancellationToken);
            switch (random.Next(4))
            {
                case 0:
                    await kafka.StopAsync();
                    await kafka.StartAgainAsync();
                    break;
                case 1:
                    var broker = random.Next(1, 3);
                    await pulsar.StopBrokerAsync(broker, hard: true);
                    await Task.Delay(random.Next(1000), TestContext.Current.CancellationToken);
                    await pulsar.StartBrokerAsync(broker);
                    break;
                case 2:
                    await HangAsync(Path.Combine(pulsar.Folder, $"broker-{random.Next(1, 3)}.pid"), random.Next(500, 6000));
                    break;
                default:
                    await HangAsync(Path.Combine(kafka.Folder, "pid"), random.Next(500, 6000));
                    break;
            }
            await pulsar.StartEndedAsync();
        }
        using (var producer = world.Producer())
            world.Produce(producer, 500, seed + 1, largest: 1000);
        await end.CancelAsync();
        await copying;
        await FinishAsync(world);
        var proofs = await world.ProveAsync();
        Assert.All(
            proofs,
            proof =>
                Assert.True(
                    proof.State == ProofState.Equal,
                    $"seed {seed}: {proof.Differences}: {string.Join(", ", proof.Listed.Take(20))}"
                )
        );
        Assert.Equal(8_500, proofs.Sum(proof => proof.TargetCount));
    }

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
        var until = DateTimeOffset.UtcNow.AddMinutes(3);
        foreach (var copy in world.Copies)
        {
            while (
                await world.FindAsync(copy) is var partition
                && (partition.State != CopyState.Following || partition.NextOffset < await EndAsync(world, partition))
            )
            {
                Assert.True(DateTimeOffset.UtcNow < until, $"{partition.ProblemMessage} {partition.NextOffset}");
                if (await world.StepAsync(steps, copy) is StepResult.Later later)
                    await Task.Delay(later.After ?? TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            }
        }
    }

    private static async Task<long> EndAsync(CopyWorld world, CopiedPartition partition) =>
        (await world.Source.OffsetsAsync(world.Kafka.Connection, partition.Source, default)) is { IsOk: true, Value.End: var end }
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
