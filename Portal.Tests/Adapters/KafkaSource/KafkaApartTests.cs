using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Adapters.KafkaSource;
using Portal.Adapters.KafkaSource.Apart;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Adapters.KafkaSource;

/// <summary>
/// Kafka clients in processes of their own, and servers that mean harm: whatever happens to a process happens to one connection.
/// </summary>
public sealed class KafkaApartTests : IAsyncDisposable
{
    private readonly HostileKafka _harmless = new();
    private readonly List<ServiceProvider> _portals = [];

    [Fact]
    public async Task A_Kafka_without_a_cluster_id_breaks_its_own_client_and_nobody_elses()
    {
        using var hostile = new HostileKafka { ClusterId = null };
        var portal = Portal();
        await using var other = (await portal.Cluster.OpenAsync(At(_harmless), default)).Value;
        var process = portal.Children.ProcessOf(At(_harmless));

        var test = await portal.Cluster.TestAsync(At(hostile), default);
        Assert.Equal(("kafka-client-died", ConnectionStep.Permissions), (test.Failure?.Code, test.Failure?.Step));
        Assert.Equal(
            [CheckState.Passed, CheckState.Passed, CheckState.Passed, CheckState.Passed, CheckState.Passed, CheckState.Failed],
            test.Checks.Select(check => check.State)
        );
        Assert.Contains("then test the connection", test.Failure!.Message, StringComparison.Ordinal);

        Assert.Equal(10, (await other.TopicNamesAsync(default)).Value.Count);
        Assert.Equal(process, portal.Children.ProcessOf(At(_harmless)));
    }

    [Fact]
    public async Task More_topics_than_were_asked_for_break_one_client()
    {
        using var hostile = new HostileKafka(topics: 100_000);
        var portal = Portal();
        await using var other = (await portal.Cluster.OpenAsync(At(_harmless), default)).Value;
        var opened = await portal.Cluster.OpenAsync(At(hostile), default);
        var problem = opened.Problem;
        if (opened.IsOk)
        {
            await using var look = opened.Value;
            problem = (await look.DescribeAsync([.. Enumerable.Range(0, 50).Select(HostileKafka.Topic)], default)).Problem;
        }
        // It dies of it or it doesn't, by what lies in its memory.
        Assert.IsType<Problem.Unavailable>(problem);
        Assert.Equal(10, (await other.TopicNamesAsync(default)).Value.Count);
    }

    [Fact]
    public async Task Endless_answers_end_in_a_sentence()
    {
        using var hostile = new HostileKafka { Flood = int.MaxValue };
        var portal = Portal();
        Assert.IsType<Problem.Unavailable>((await portal.Cluster.OpenAsync(At(hostile), default)).Problem);
        hostile.Flood = 90_000_000;
        Assert.IsType<Problem.Unavailable>((await portal.Cluster.OpenAsync(At(hostile), default)).Problem);
        Assert.True((await portal.Cluster.OpenAsync(At(_harmless), default)).IsOk);
    }

    [Fact]
    public async Task A_batch_that_becomes_gigabytes_ends_the_process_that_inflates_it()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Only here the process looks at itself.");
        using var hostile = new HostileKafka { Inflated = 700 };
        var portal = Portal(new(16, 256 * ByteSize.MiB, TimeSpan.FromMinutes(1)));
        await using var reader = (await portal.Partitions.OpenAsync(At(hostile), new(HostileKafka.Topic(0), 0), 0, default)).Value;
        var read = await ReadAsync(reader);
        Assert.Equal("kafka-client-died", read.Problem?.Code);
        Assert.Contains("256 MiB", read.Problem!.Message, StringComparison.Ordinal);
        Assert.True((await portal.Cluster.OpenAsync(At(_harmless), default)).IsOk);
    }

    [Fact]
    public async Task An_honest_batch_is_read_and_a_reader_whose_process_was_killed_says_so()
    {
        var portal = Portal();
        var partition = new KafkaPartition(HostileKafka.Topic(0), 0);
        await using var reader = (await portal.Partitions.OpenAsync(At(_harmless), partition, 0, default)).Value;
        var batch = (await ReadAsync(reader)).Value;
        Assert.Equal((0L, 1024 * 1024), (Assert.Single(batch.Records).Offset, batch.Records[0].Value!.Length));

        using (var process = Process.GetProcessById(portal.Children.ProcessOf(At(_harmless))!.Value))
            process.Kill();
        Assert.Equal("kafka-client-died", (await ReadAsync(reader)).Problem?.Code);
        Assert.Equal("kafka-client-died", (await reader.ReadAsync(1000, TimeSpan.Zero, default)).Problem?.Code);
        await using var again = (await portal.Partitions.OpenAsync(At(_harmless), partition, 0, default)).Value;
        Assert.Single((await ReadAsync(again)).Value.Records);
    }

    [Fact]
    public async Task A_connection_whose_client_dies_again_and_again_waits_longer_and_longer()
    {
        using var hostile = new HostileKafka { ClusterId = null };
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
        var portal = Portal(clock: clock);
        for (var death = 0; death < 3; death++)
            Assert.Equal("kafka-client-died", (await portal.Cluster.TestAsync(At(hostile), default)).Failure?.Code);
        await LeftAloneAsync(1);
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(ConnectionStep.Permissions, (await portal.Cluster.TestAsync(At(hostile), default)).Failure?.Step);
        await LeftAloneAsync(2);
        // Another organization at the same servers, and the same one elsewhere, are not held up.
        Assert.Equal(
            ConnectionStep.Permissions,
            (await portal.Cluster.TestAsync(At(hostile) with { Owner = new(Guid.NewGuid()) }, default)).Failure?.Step
        );
        Assert.True((await portal.Cluster.OpenAsync(At(_harmless), default)).IsOk);
        // What has been well for long is forgotten.
        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(ConnectionStep.Permissions, (await portal.Cluster.TestAsync(At(hostile), default)).Failure?.Step);

        async Task LeftAloneAsync(int minutes)
        {
            var waits = Assert.IsType<Problem.Unavailable>((await portal.Cluster.OpenAsync(At(hostile), default)).Problem);
            Assert.Equal(("kafka-client-died", TimeSpan.FromMinutes(minutes)), (waits.Code, waits.RetryAfter));
            Assert.Contains("we'll wait", waits.Message, StringComparison.Ordinal);
            Assert.Equal(ConnectionStep.Name, (await portal.Cluster.TestAsync(At(hostile), default)).Failure?.Step);
            Assert.Null(portal.Children.ProcessOf(At(hostile)));
        }
    }

    [Fact]
    public async Task Processes_are_few_and_one_organization_leaves_room()
    {
        using var second = new HostileKafka();
        using var third = new HostileKafka();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
        var portal = Portal(new(2, 512 * ByteSize.MiB, TimeSpan.FromMinutes(1)), clock);
        var (one, two, elsewhere) = (At(_harmless), At(second), At(third) with { Owner = new(Guid.NewGuid()) });
        var look = (await portal.Cluster.OpenAsync(one, default)).Value;
        var (opened, tested) = (portal.Cluster.OpenAsync(two, default), portal.Cluster.TestAsync(two, default));
        clock.Advance(KafkaChildren.Patience);
        var busy = Assert.IsType<Problem.Unavailable>((await opened).Problem);
        Assert.Equal("kafka-busy", busy.Code);
        Assert.Equal(("kafka-busy", ConnectionStep.Name), (await tested).Failure is { } failed ? (failed.Code, failed.Step) : default);
        await using (var other = (await portal.Cluster.OpenAsync(elsewhere, default)).Value)
            Assert.Equal(2, portal.Children.Count);
        await look.DisposeAsync();
        // Whoever needs a process doesn't wait for one that nobody needs.
        await using var next = (await portal.Cluster.OpenAsync(two, default)).Value;
        Assert.Null(portal.Children.ProcessOf(one));
        Assert.Equal(2, portal.Children.Count);
    }

    [Fact]
    public async Task Whoever_waits_gets_a_process_of_those_who_have_more_and_then_everybody_in_turn()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
        var portal = Portal(new(4, 512 * ByteSize.MiB, TimeSpan.FromMinutes(1)), clock);
        var (slow, other) = (new OrganizationId(Guid.NewGuid()), new OrganizationId(Guid.NewGuid()));
        // Two organizations hold all there is, and let go of nothing.
        var looks = new List<IKafkaLook>();
        foreach (var (owner, number) in new[] { (slow, 1), (slow, 2), (other, 1), (other, 2) })
        {
            looks.Add((await portal.Cluster.OpenAsync(Of(owner, number), default)).Value);
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        var third = new OrganizationId(Guid.NewGuid());
        await using var thirds = await TurnAsync(third, KafkaChildren.ToGiveBack);
        Assert.Equal("kafka-busy", (await looks[0].TopicNamesAsync(default)).Problem?.Code);
        Assert.All(await Task.WhenAll(looks.Skip(1).Select(look => look.TopicNamesAsync(default))), named => Assert.True(named.IsOk));
        // What was taken back counts as no death, and comes again in its turn.
        var fourth = new OrganizationId(Guid.NewGuid());
        await using var fourths = await TurnAsync(fourth, KafkaChildren.ToGiveBack);
        Assert.Equal("kafka-busy", (await looks[2].TopicNamesAsync(default)).Problem?.Code);

        // All have one now: whoever has had theirs longest gives it up, and not before its time.
        var again = portal.Cluster.OpenAsync(Of(new(Guid.NewGuid()), 1), default);
        clock.Advance(KafkaChildren.ToGiveBack + TimeSpan.FromSeconds(1));
        Assert.False(again.IsCompleted);
        Assert.True((await looks[1].TopicNamesAsync(default)).IsOk);
        clock.Advance(KafkaChildren.Patience);
        Assert.Equal("kafka-busy", (await again).Problem?.Code);
        await using var fifths = await TurnAsync(new(Guid.NewGuid()), KafkaChildren.ToGiveBack);
        Assert.Equal("kafka-busy", (await looks[1].TopicNamesAsync(default)).Problem?.Code);
        Assert.Equal(4, portal.Children.Count);
        foreach (var look in looks)
            await look.DisposeAsync();

        KafkaConnection Of(OrganizationId owner, int number) =>
            new(string.Join(',', Enumerable.Repeat(_harmless.Address, number)), KafkaSecurity.Plaintext, null, null, null)
            {
                Owner = owner,
            };

        async Task<IKafkaLook> TurnAsync(OrganizationId owner, TimeSpan after)
        {
            var asked = portal.Cluster.OpenAsync(Of(owner, 1), default);
            clock.Advance(after + TimeSpan.FromSeconds(1));
            return (await asked).Value;
        }
    }

    [Fact]
    public async Task Somebody_who_gives_up_waiting_takes_nobodys_turn()
    {
        using var second = new HostileKafka();
        var portal = Portal(new(1, 512 * ByteSize.MiB, TimeSpan.FromMinutes(1)));
        var look = (await portal.Cluster.OpenAsync(At(_harmless), default)).Value;
        using (var leaving = new CancellationTokenSource())
        {
            var given = portal.Cluster.OpenAsync(At(second), leaving.Token);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        }
        var next = portal.Cluster.OpenAsync(At(second) with { Owner = new(Guid.NewGuid()) }, default);
        await look.DisposeAsync();
        await using (var opened = (await next).Value)
            Assert.Equal(1, portal.Children.Count);
        await using var back = (await portal.Cluster.OpenAsync(At(_harmless), default)).Value;
    }

    [Fact]
    public async Task A_process_ends_when_nobody_needs_it_and_with_the_portal()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
        var portal = Portal(clock: clock);
        var look = (await portal.Cluster.OpenAsync(At(_harmless), default)).Value;
        var first = portal.Children.ProcessOf(At(_harmless))!.Value;
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(10, (await look.TopicNamesAsync(default)).Value.Count);
        await look.DisposeAsync();
        clock.Advance(TimeSpan.FromSeconds(62));
        await GoneAsync(first);
        Assert.Equal(0, portal.Children.Count);

        await using var again = (await portal.Cluster.OpenAsync(At(_harmless), default)).Value;
        var second = portal.Children.ProcessOf(At(_harmless))!.Value;
        portal.Children.Dispose();
        await GoneAsync(second);
        Assert.IsType<Problem.Unavailable>((await again.TopicNamesAsync(default)).Problem);
    }

    [Fact]
    public async Task A_call_without_an_answer_ends_with_its_process_and_one_that_was_given_up_does_not()
    {
        using var silent = new HostileKafka { Silent = true };
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
        var portal = Portal(clock: clock);
        var asked = portal.Partitions.OffsetsAsync(At(silent), new("any", 0), default);
        await Eventually.TrueAsync(() => Task.FromResult(portal.Children.ProcessOf(At(silent)) is not null), "it was started");
        using (var given = new CancellationTokenSource())
        {
            var up = portal.Partitions.OffsetsAsync(At(silent), new("any", 1), given.Token);
            await given.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => up);
        }
        Assert.False(asked.IsCompleted);
        clock.Advance(KafkaChildCalls.Within + TimeSpan.FromSeconds(1));
        Assert.Contains("no answer for minutes", (await asked).Problem?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_stand_neither_in_arguments_nor_in_the_environment()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("There is no /proc.");
        using var silent = new HostileKafka { Silent = true };
        var portal = Portal();
        var connection = At(silent) with { Security = KafkaSecurity.SaslPlain, User = "portal", Password = "moose-S3CRET" };
        Environment.SetEnvironmentVariable("PORTAL_APART_TEST", "elk-S3CRET");
        using var given = new CancellationTokenSource();
        var asked = portal.Cluster.TestAsync(connection, given.Token);
        await Eventually.TrueAsync(() => Task.FromResult(portal.Children.ProcessOf(connection) is not null), "it was started");
        var folder = $"/proc/{portal.Children.ProcessOf(connection)}";
        await Eventually.TrueAsync(
            async () => (await File.ReadAllTextAsync($"{folder}/cmdline")).Contains(KafkaChildStart.Command, StringComparison.Ordinal),
            "it is our program"
        );
        Assert.DoesNotContain("S3CRET", await File.ReadAllTextAsync($"{folder}/cmdline"), StringComparison.Ordinal);
        var environment = await File.ReadAllTextAsync($"{folder}/environ");
        Assert.Contains("DOTNET_GCHeapHardLimit", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("S3CRET", environment, StringComparison.Ordinal);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);

        var words = new KafkaChildWords("moose-S3CRET");
        words.Add("rejected moose-S3CRET\n\u001b[31m\u202eof " + new string('x', 5000));
        Assert.StartsWith("rejected •••", $"{words}", StringComparison.Ordinal);
        Assert.DoesNotContain($"{words}", character => char.IsControl(character) || character == '\u202e');
        Assert.InRange($"{words}".Length, 100, 700);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var portal in _portals)
            await portal.DisposeAsync();
        _harmless.Dispose();
    }

    private static KafkaConnection At(HostileKafka kafka) => new(kafka.Address, KafkaSecurity.Plaintext, null, null, null);

    private (IKafkaCluster Cluster, IKafkaPartitions Partitions, KafkaChildren Children) Portal(
        KafkaChildSettings? settings = null,
        TimeProvider? clock = null
    )
    {
        var services = new ServiceCollection()
            .AddSingleton(clock ?? TimeProvider.System)
            .AddKafkaSource(KafkaReach.Anywhere, settings)
            .BuildServiceProvider();
        _portals.Add(services);
        return (
            services.GetRequiredService<IKafkaCluster>(),
            services.GetRequiredService<IKafkaPartitions>(),
            services.GetRequiredService<KafkaChildren>()
        );
    }

    /// <summary>Until something comes: nothing within a second is no answer yet.</summary>
    private static async Task<Outcome<KafkaBatch>> ReadAsync(IKafkaReader reader)
    {
        for (var tries = 0; tries < 90; tries++)
        {
            var read = await reader.ReadAsync(1000, TimeSpan.FromSeconds(1), default);
            if (read.Problem is { } problem && problem.Code != "kafka-unreachable" || read.IsOk && read.Value.Records.Count > 0)
                return read;
        }
        throw new Xunit.Sdk.XunitException("Nothing came.");
    }

    private static Task GoneAsync(int process) =>
        Eventually.TrueAsync(
            () =>
            {
                try
                {
                    using var there = Process.GetProcessById(process);
                    return Task.FromResult(there.HasExited);
                }
                catch (ArgumentException)
                {
                    return Task.FromResult(true);
                }
            },
            $"process {process} has ended"
        );
}
