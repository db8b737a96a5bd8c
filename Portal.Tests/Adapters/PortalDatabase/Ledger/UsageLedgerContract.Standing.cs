using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Tests.Domain.Usage;

namespace Portal.Tests.Adapters.PortalDatabase.Ledger;

public abstract partial class UsageLedgerContract
{
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
