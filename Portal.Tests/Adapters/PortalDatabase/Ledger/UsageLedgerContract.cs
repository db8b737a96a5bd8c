using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Tests.Domain.Usage;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase.Ledger;

/// <summary>What every usage ledger does; run once per database.</summary>
public abstract partial class UsageLedgerContract
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _clock = new(Start.AddHours(-1));

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private protected abstract Task<TestDatabase> NewAsync(TimeProvider clock);

    [Fact]
    public async Task Of_two_steps_from_the_same_reading_the_slower_one_compares_again()
    {
        await using var world = await WorldAsync();
        var first = new Reading(
            "b1",
            new(world.Topic.Address, 1, 100, 1, 0, 0),
            world.Topic.Id,
            world.Organization.Id,
            Start,
            false,
            false,
            null
        );
        await world.WriteAsync(new PollResult([], [], [first], TrafficApart.None));
        var seen = new List<Reading>();
        await world.Collector.AdvanceAsync(
            "local",
            null,
            PartitionSlice.Of([world.Topic.Address]),
            (_, last) =>
            {
                seen.Add(Assert.Single(last));
                // A final reading comes in between.
                if (seen.Count == 1)
                    Task.Run(() =>
                            world.WriteAsync(
                                new PollResult(
                                    [world.Delta(Meter.Write, 0, 30, 20, value: 100)],
                                    [],
                                    [first with { Counters = first.Counters with { BytesIn = 120 } }],
                                    TrafficApart.None
                                )
                            )
                        )
                        .Wait();
                var before = seen[^1].Counters.BytesIn;
                return new(
                    [world.Delta(Meter.Write, 0, 60, 150 - before, value: before)],
                    [],
                    [first with { Counters = first.Counters with { BytesIn = 150 } }],
                    TrafficApart.None
                );
            },
            Now
        );
        Assert.Equal([100, 120], seen.Select(reading => reading.Counters.BytesIn));
        Assert.Equal(50, await world.TotalAsync(Meter.Write, 0, 3600));
    }

    [Fact]
    public async Task Sums_pass_2_to_the_63_and_stay_exact()
    {
        await using var world = await WorldAsync();
        await world.WriteAsync([.. Enumerable.Range(0, 5).Select(i => world.Delta(Meter.Write, i, i + 1, long.MaxValue))]);
        Assert.Equal((Int128)long.MaxValue * 5, await world.TotalAsync(Meter.Write, 0, 3600));
        Assert.Equal((Int128)long.MaxValue * 3, await world.TotalAsync(Meter.Write, 2.5, 3599));
    }

    [Fact]
    public async Task Totals_are_exact_at_bounds_inside_an_hour_and_meet_without_overlap()
    {
        await using var world = await WorldAsync();
        await world.StandAsync(7200);
        for (var i = 0; i < 120; i++)
            await world.WriteAsync(
                world.Delta(Meter.Write, i * 60, i * 60 + 60, i + 1),
                world.Delta(Meter.Read, i * 60, i * 60 + 60, 2 * i)
            );
        await world.WriteAsync(
            world.Delta(Meter.Storage, 30, 3510, 10 * 3480, value: 10),
            world.Delta(Meter.Storage, 3510, 3630, 20 * 120, value: 20),
            // Through several hours, for longer than a day, and one that still runs.
            world.Delta(Meter.Storage, 100, 9000, 3 * 8900, broker: "b2", value: 3),
            world.Delta(Meter.Storage, -90_000, 5500, 1L * 95_500, broker: "b3", value: 1)
        );
        await world.WriteAsync(
            new PollResult(
                [],
                [],
                [
                    new(
                        "b1",
                        new(world.Topic.Address, 1, 2, 3, 4, 7),
                        world.Topic.Id,
                        world.Organization.Id,
                        Start,
                        false,
                        false,
                        Start.AddSeconds(4000)
                    ),
                ],
                TrafficApart.None
            )
        );
        await world.StandAsync(7200, new BrokerMetering("b1", Start, Start.AddSeconds(7000), null, TimeSpan.FromSeconds(60), 1, null));

        foreach (var meter in new[] { Meter.Write, Meter.Read, Meter.Storage, Meter.Partitions })
        {
            var whole = await world.TotalAsync(meter, -3600, 10_000);
            Assert.True(whole > 0);
            foreach (var cut in new[] { 0, 1, 59.5, 60, 1234.567, 3570, 3600, 3601, 5000, 7199 })
            {
                Assert.Equal(whole, await world.TotalAsync(meter, -3600, cut) + await world.TotalAsync(meter, cut, 10_000));
                Assert.Equal(
                    await world.TotalAsync(meter, -3600, cut),
                    await world.TotalAsync(meter, -3600, cut / 2) + await world.TotalAsync(meter, cut / 2, cut)
                );
            }
        }
        // Closed before the bound, not at it.
        Assert.Equal(1, await world.TotalAsync(Meter.Write, 0, 120));
        Assert.Equal(10 * 70 + 100, await world.TotalAsync(Meter.Storage, 0, 100));
        // Each hour has what was kept in it, to the second.
        Assert.Equal(10 * 3480 + 20 * 90 + 3 * 3500 + 3600, await world.TotalAsync(Meter.Storage, 0, 3600));
        Assert.Equal(3 * 3000 + 7 * 1000, await world.TotalAsync(Meter.Storage, 6000, 10_000));
    }

    [Fact]
    public async Task Slices_by_hour_day_and_topic_add_up_to_the_totals_and_come_in_pages()
    {
        await using var world = await WorldAsync();
        await world.StandAsync(30 * 3600);
        for (var hour = 0; hour < 30; hour++)
            await world.WriteAsync(
                world.Delta(Meter.Write, hour * 3600, hour * 3600 + 60, 7),
                world.Delta(Meter.Read, hour * 3600, hour * 3600 + 60, 1)
            );
        foreach (var interval in Enum.GetValues<UsageInterval>())
        {
            var query = new UsageQuery(world.Organization.Id, Start, Start.AddDays(2), interval, true, true, true);
            var slices = new List<UsageSlice>();
            string? after = null;
            do
            {
                var page = await world.Ledger.SlicesAsync(query, new(7, after), Now);
                slices.AddRange(page.Items);
                after = page.Next;
            } while (after is not null);
            Assert.Equal(
                30 * 7,
                slices.Where(slice => slice.Meter == Meter.Write).Aggregate((Int128)0, (sum, slice) => sum + slice.Quantity)
            );
            Assert.Equal(
                30 * 3600,
                slices.Where(slice => slice.Meter == Meter.Partitions).Aggregate((Int128)0, (sum, slice) => sum + slice.Quantity)
            );
            Assert.All(
                slices,
                slice => Assert.Equal(("shop", "default", "orders", false), (slice.Tenant, slice.Namespace, slice.Topic, slice.Deleted))
            );
            Assert.Equal(slices.OrderBy(slice => slice.From).ThenBy(slice => slice.Meter), slices);
            Assert.Equal(
                3
                    * (
                        interval switch
                        {
                            UsageInterval.Hour => 30,
                            UsageInterval.Day => 2,
                            _ => 1,
                        }
                    ),
                slices.Count
            );
        }
        var grouped = await world.Ledger.SlicesAsync(
            new(
                world.Organization.Id,
                Start,
                Start.AddDays(2),
                UsageInterval.Total,
                false,
                false,
                false,
                Meter.Write,
                [world.Topic.TenantId],
                [world.Topic.Id]
            ),
            new(),
            Now
        );
        Assert.Null(Assert.Single(grouped.Items).Tenant);
    }

    [Fact]
    public async Task A_line_can_be_walked_back_to_its_samples()
    {
        await using var world = await WorldAsync();
        await world.WriteAsync(
            world.Delta(Meter.Write, 0, 60, 5, value: 100),
            world.Delta(Meter.Write, 60, 120, 6, value: 105),
            world.Delta(Meter.Read, 0, 60, 5)
        );
        var samples = (
            await world.Ledger.SamplesAsync(world.Organization.Id, Meter.Write, world.Topic.Id, Start, Start.AddHours(1), new(), Now)
        ).Items;
        Assert.Equal([5L, 6L], samples.Select(sample => sample.Quantity));
        Assert.Equal(("local", "b1", 100L, 105L), (samples[0].Cluster, samples[0].Broker, samples[0].OpenedValue, samples[0].ClosedValue));
    }

    [Fact]
    public async Task What_fails_half_way_leaves_nothing_and_a_lost_lease_writes_nothing()
    {
        await using var world = await WorldAsync();
        var step = new PollResult([world.Delta(Meter.Write, 0, 60, 5)], [], [], TrafficApart.None);
        await world.Collector.BeginAsync("local", Start, Now);
        await Assert.ThrowsAsync<LeaseLostException>(() =>
            world.Collector.AdvanceAsync("local", new("metering:local", "somebody", 7), new(null, null), (_, _) => step, Now)
        );
        await Assert.ThrowsAsync<LeaseLostException>(() =>
            world.Collector.SaveAsync(ClusterMetering.Empty("local") with { CompleteTo = Start }, new("metering:local", "somebody", 7), Now)
        );
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            world.Collector.AdvanceAsync("local", null, new(null, null), (_, _) => throw new InvalidOperationException(), Now)
        );
        Assert.Equal(0, await world.TotalAsync(Meter.Write, 0, 3600));
        Assert.Null(await world.Ledger.CompleteToAsync(["local"], Now));
        await world.WriteAsync(step);
        Assert.Equal(5, await world.TotalAsync(Meter.Write, 0, 3600));
    }

    /// <summary>
    /// Whatever happens to a simulated cluster, the database holds what the model in memory holds, at whatever bounds it is asked.
    /// </summary>
    [Fact]
    public async Task The_database_agrees_with_the_model()
    {
        await using var world = await WorldAsync();
        var random = new Random(20261128);
        await world.Collector.BeginAsync(MeterBench.Cluster, MeterBench.Start, Now);
        var cluster = new SimulatedCluster(world.Collector);
        var organization = MeterBench.Orders.Organization;
        for (var round = 0; round < 12; round++)
        {
            for (var step = 0; step < 60; step++)
                MeteringProperties.Step(cluster, (random.Next(16), random.Next(8), random.Next(51)), kills: true);
            cluster.Recover();
            // Some are idle for more than a day.
            if (round == 1)
                cluster.Idle(TimeSpan.FromHours(26));
            var end = cluster.Now - MeterBench.Start;
            for (var ask = 0; ask < 6; ask++)
            {
                var bounds = new[] { random.NextDouble(), random.NextDouble() }
                    .Order()
                    .Select(part => (MeterBench.Start + end * part * 1.05).TruncateToMicroseconds())
                    .ToArray();
                var (from, to) = ask % 3 == 0 ? (bounds[0].HourStart(), bounds[1].HourStart().AddHours(1)) : (bounds[0], bounds[1]);
                var totals = await world.Ledger.TotalsAsync(organization, from, to, Now);
                foreach (var meter in new[] { Meter.Write, Meter.Read, Meter.Storage })
                    Assert.Equal(
                        (meter, from, to, cluster.Bench.Ledger.Between(meter, from, to)),
                        (meter, from, to, totals.GetValueOrDefault(meter))
                    );
            }
        }
        // Which counters are lost is the same, too.
        var lost = await cluster.Bench.Ledger.LostAsync(MeterBench.Cluster, "", 100, Now);
        Assert.Equal(
            lost.Select(reading => (reading.Partition, reading.Broker)).Order(),
            (await world.Collector.LostAsync(MeterBench.Cluster, "", 100, Now))
                .Select(reading => (reading.Partition, reading.Broker))
                .Order()
        );
    }
}

public sealed class SqliteUsageLedgerTests : UsageLedgerContract
{
    private protected override Task<TestDatabase> NewAsync(TimeProvider clock) => TestDatabase.SqliteAsync(clock);
}

public sealed class PostgreSqlUsageLedgerTests(PostgresServer server) : UsageLedgerContract
{
    private protected override Task<TestDatabase> NewAsync(TimeProvider clock) => TestDatabase.PostgreSqlAsync(server, clock);
}
