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
public abstract class UsageLedgerContract
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _clock = new(Start.AddHours(-1));

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private protected abstract Task<TestDatabase> NewAsync(TimeProvider clock);

    private sealed record World(TestDatabase Database, Organization Organization, Topic Topic) : IAsyncDisposable
    {
        public ICollectorLedger Collector => Database.Provider.GetRequiredService<ICollectorLedger>();
        public IUsageLedger Ledger => Database.Provider.GetRequiredService<IUsageLedger>();
        public MeteredTopic Metered => new(Topic.Id, Organization.Id, Topic.Partitions, false);

        public MeteredDelta Delta(Meter meter, double from, double to, long quantity, string broker = "b1", long value = 0) =>
            new(
                meter,
                Metered,
                broker,
                Topic.Address,
                Start.AddSeconds(from),
                Start.AddSeconds(to),
                value,
                meter == Meter.Storage ? value : value + quantity,
                quantity
            );

        public Task WriteAsync(params MeteredDelta[] deltas) => WriteAsync(new PollResult(deltas, [], [], TrafficApart.None));

        public async Task WriteAsync(PollResult part)
        {
            await Collector.BeginAsync("local", Start, Now);
            await Collector.AdvanceAsync("local", null, new(null, null), (_, _) => part, Now);
        }

        public Task StandAsync(double completeTo, params BrokerMetering[] brokers) =>
            Collector.SaveAsync(
                new("local", Start.AddSeconds(completeTo + 60), Start, Start.AddSeconds(completeTo), brokers, TrafficApart.None),
                null,
                Now
            );

        public async Task<Int128> TotalAsync(Meter meter, double from, double to) =>
            (await Ledger.TotalsAsync(Organization.Id, Start.AddSeconds(from), Start.AddSeconds(to), Now)).GetValueOrDefault(meter);

        public ValueTask DisposeAsync() => Database.DisposeAsync();
    }

    private async Task<World> WorldAsync(int partitions = 0)
    {
        var database = await NewAsync(_clock);
        var organization = new Organization(new(_clock.NewUuid()), Slug.Create("northwind").Value, "Northwind", _clock.Now());
        var tenant = new Tenant(new(_clock.NewUuid()), organization.Id, TenantName.Create("shop").Value, "local", _clock.Now());
        var @namespace = new Namespace(new(_clock.NewUuid()), tenant, NamespaceName.Default, _clock.Now());
        var topic = new Topic(new(_clock.NewUuid()), @namespace, TopicName.Create("orders").Value, true, partitions, _clock.Now());
        topic.Ready(Start);
        await database.Database.UpdateAsync(
            null,
            session =>
            {
                session.Organizations.Add(organization);
                session.Tenants.Add(tenant);
                session.Tenants.Add(@namespace);
                session.Topics.Add(topic);
                return Task.FromResult(0);
            },
            Now
        );
        return new(database, organization, topic);
    }

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
    public async Task Partitions_run_from_ready_until_deletion_was_asked_for_and_not_beyond_complete()
    {
        await using var world = await WorldAsync(partitions: 3);
        Assert.Equal(0, await world.TotalAsync(Meter.Partitions, 0, 3600));
        await world.StandAsync(100);
        Assert.Equal(300, await world.TotalAsync(Meter.Partitions, -7200, 3600));
        await world.Database.Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Topics.FindAsync(world.Topic.Id, Now))!.Delete(Start.AddSeconds(50));
                return 0;
            },
            Now
        );
        Assert.Equal(150, await world.TotalAsync(Meter.Partitions, -7200, 3600));
        Assert.Equal(60, await world.TotalAsync(Meter.Partitions, 30, 3600));
    }

    [Fact]
    public async Task Connectors_run_by_their_instances_and_stand_under_their_own_names()
    {
        await using var world = await WorldAsync();
        await world.StandAsync(1000);
        var (beats, _) = await ConnectorAsync(world, "beats", 2, (0, 100), (200, null));
        var (gone, _) = await ConnectorAsync(world, "gone", 1, (50, 60));
        // Two instances for 100 s, and from 200 s to where the cluster is complete; one for 10 s.
        Assert.Equal(2 * (100 + 800) + 10, await world.TotalAsync(Meter.Connectors, 0, 3600));
        Assert.Equal(
            2 * 50 + 2 * 50,
            await world.TotalAsync(Meter.Connectors, -50, 50) + await world.TotalAsync(Meter.Connectors, 950, 5000)
        );

        var slices = (
            await world.Ledger.SlicesAsync(
                new(world.Organization.Id, Start, Start.AddDays(1), UsageInterval.Total, true, true, true),
                new(),
                Now
            )
        ).Items;
        Assert.Equal(
            [(beats, "beats", 2 * 900), (gone, "gone", 10)],
            slices
                .Where(slice => slice.Meter == Meter.Connectors)
                .Select(slice => (slice.ConnectorId!.Value, slice.Connector!, (int)slice.Quantity))
                .OrderByDescending(one => one.Item3)
        );
        Assert.All(
            slices,
            slice =>
                Assert.Equal(("shop", "default", slice.Meter == Meter.Connectors), (slice.Tenant, slice.Namespace, slice.TopicId is null))
        );
        var byTenant = (
            await world.Ledger.SlicesAsync(
                new(
                    world.Organization.Id,
                    Start,
                    Start.AddDays(1),
                    UsageInterval.Hour,
                    true,
                    false,
                    false,
                    Meter.Connectors,
                    [world.Topic.TenantId]
                ),
                new(),
                Now
            )
        ).Items;
        Assert.Equal(2 * 900 + 10, (int)Assert.Single(byTenant).Quantity);
        // Asked for a topic, there is only the topic.
        var ofTopic = await world.Ledger.SlicesAsync(
            new(world.Organization.Id, Start, Start.AddDays(1), UsageInterval.Total, false, false, true, null, null, [world.Topic.Id]),
            new(),
            Now
        );
        Assert.DoesNotContain(ofTopic.Items, slice => slice.Meter == Meter.Connectors);
    }

    private async Task<(ConnectorId Id, Connector Connector)> ConnectorAsync(
        World world,
        string name,
        int instances,
        params (double Since, double? Until)[] runs
    )
    {
        var connector = await world.Database.Database.UpdateAsync(
            null,
            async session =>
            {
                var inside = (await session.Tenants.FindNamespaceAsync(world.Topic.NamespaceId, Now))!;
                var made = new Connector(
                    new(_clock.NewUuid()),
                    inside,
                    ConnectorName.Create(name).Value,
                    new(ConnectorKind.Source, "heartbeat", null),
                    [world.Topic.Address],
                    null,
                    false,
                    new(Guarantee.AtLeastOnce, instances, [], null, []),
                    ConnectorWish.Run,
                    Start
                );
                session.Connectors.Add(made);
                return made;
            },
            Now
        );
        foreach (var (since, until) in runs)
        {
            await world.Database.Database.UpdateAsync(
                null,
                session =>
                {
                    var run = new ConnectorRun(connector, Start.AddSeconds(since));
                    if (until is { } end)
                        run.End(Start.AddSeconds(end));
                    session.Connectors.Add(run);
                    return Task.FromResult(0);
                },
                Now
            );
        }
        return (connector.Id, connector);
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
    public async Task Readings_and_standing_come_back_as_they_were_written()
    {
        await using var world = await WorldAsync();
        var reading = new Reading(
            "b1",
            new(world.Topic.Address, 1, (1L << 53) + 1, 3, long.MaxValue, 5),
            world.Topic.Id,
            world.Organization.Id,
            Start.AddTicks(10),
            true,
            true,
            Start
        );
        var unknown = new Reading(
            "b2",
            new(world.Topic.Address, 1, 2, 3, 4, 5),
            null,
            null,
            Start,
            false,
            false,
            null,
            Start.AddSeconds(1)
        );
        await world.WriteAsync(
            new PollResult(
                [],
                [],
                [unknown with { Until = null }, reading with { Live = false, Topic = null, Organization = null }],
                new(Int128.MaxValue - 7, 2, 1)
            )
        );
        await world.WriteAsync(new PollResult([], [], [reading, unknown], new(7, 3, 0)));
        var broker = new BrokerMetering("b1", Start, Start, null, TimeSpan.FromSeconds(60), 3, null);
        var silent = new BrokerMetering("b2", null, null, Start, TimeSpan.FromSeconds(60), 0, "It is away.");
        await world.StandAsync(0, broker, silent);
        foreach (
            var slice in new[]
            {
                PartitionSlice.Of([world.Topic.Address, "persistent://shop/default/none"]),
                new(null, null),
                new("persistent://shop/default/n", world.Topic.Address),
            }
        )
        {
            await world.Collector.AdvanceAsync(
                "local",
                null,
                slice,
                (standing, last) =>
                {
                    Assert.Equal([reading, unknown], last.OrderBy(found => found.Broker));
                    Assert.Equal([broker, silent], standing.Brokers);
                    Assert.Equal(new TrafficApart(Int128.MaxValue, 5, 1), standing.Apart);
                    return new([], [], [], TrafficApart.None);
                },
                Now
            );
        }
        foreach (var slice in new[] { PartitionSlice.Of([]), new(world.Topic.Address, null), new(null, "persistent://shop/default/order") })
        {
            await world.Collector.AdvanceAsync(
                "local",
                null,
                slice,
                (_, last) =>
                {
                    Assert.Empty(last);
                    return new([], [], [], TrafficApart.None);
                },
                Now
            );
        }
        Assert.Equal("local", Assert.Single(await world.Collector.StandingAsync(Now)).Cluster);
        Assert.Equal(Start, await world.Ledger.CompleteToAsync(["local"], Now));
        Assert.Null(await world.Ledger.CompleteToAsync(["local", "other"], Now));
        Assert.Null(await world.Ledger.CompleteToAsync([], Now));
    }

    [Fact]
    public async Task Gaps_are_listed_once_and_one_that_a_silent_broker_leaves_open_too()
    {
        await using var world = await WorldAsync();
        var gap = new TopicGap(world.Metered, Start, Start.AddSeconds(60), "b1", GapCause.CounterReset);
        await world.WriteAsync(
            new PollResult(
                [],
                [gap, gap],
                [
                    new(
                        "b2",
                        new(world.Topic.Address, 1, 2, 3, 4, 5),
                        world.Topic.Id,
                        world.Organization.Id,
                        Start.AddSeconds(60),
                        false,
                        false,
                        null
                    ),
                ],
                TrafficApart.None
            )
        );
        await world.StandAsync(
            1000,
            new BrokerMetering("b2", Start, Start.AddSeconds(120), Start.AddSeconds(180), TimeSpan.FromSeconds(60), 1, "It is away.")
        );
        var gaps = await world.Ledger.GapsAsync(world.Organization.Id, Start.AddHours(-1), Start.AddHours(1), 10, Now);
        Assert.Equal(
            [(Start, GapCause.CounterReset), (Start.AddSeconds(120), GapCause.BrokerSilent)],
            gaps.Select(found => (found.From, found.Cause))
        );
        Assert.All(gaps, found => Assert.Equal(world.Topic.Id, Assert.Single(found.Topics)));
        Assert.Single(await world.Ledger.GapsAsync(world.Organization.Id, Start.AddSeconds(60), Start.AddHours(1), 10, Now));
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

    /// <summary>Whatever happens to a simulated cluster, the database holds what the model in memory holds, at whatever bounds it is asked.</summary>
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

    [Fact]
    public async Task What_ledgers_gave_is_among_the_samples_and_its_reading_is_lost_no_more()
    {
        await using var world = await WorldAsync();
        await world.Collector.BeginAsync(MeterBench.Cluster, MeterBench.Start, Now);
        var cluster = RecoveryTests.Lost(out var topic, world.Collector);
        cluster.Settle();
        Assert.Equal(SimulatedCluster.Name(0), Assert.Single(await world.Collector.LostAsync(MeterBench.Cluster, "", 100, Now)).Partition);
        cluster.SettleAndRecover();
        Assert.Empty(await world.Collector.LostAsync(MeterBench.Cluster, "", 100, Now));
        Assert.Equal(
            cluster.True[topic],
            (await world.Ledger.TotalsAsync(MeterBench.Orders.Organization, MeterBench.Start, MeterBench.Start.AddHours(2), Now))[
                Meter.Write
            ]
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
