using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase.Ledger;

/// <summary>What every ledger does to stay small; run once per database.</summary>
public abstract class UsageRetentionContract
{
    private static readonly DateTimeOffset Start = new(2026, 11, 2, 10, 0, 0, TimeSpan.Zero);
    private static readonly UsageRetention Keep = new(
        TimeSpan.FromDays(7),
        TimeSpan.FromDays(100),
        TimeSpan.FromDays(50),
        TimeSpan.FromDays(10)
    );
    private readonly FakeTimeProvider _clock = new(Start.AddDays(-3).AddHours(-10));

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private protected abstract Task<TestDatabase> NewAsync(TimeProvider clock);

    [Fact]
    public async Task Samples_of_an_hour_become_one_that_proves_the_same_and_no_sum_changes()
    {
        await using var world = await WorldAsync();
        await PassesAsync(world, minutes: 150);
        var (before, samples) = (await TotalsAsync(world, 0, 10_000), await SamplesAsync(world, Meter.Write));
        Assert.Equal(151, samples.Count);
        _clock.SetUtcNow(Start.AddDays(7.01).UtcDateTime);
        // The first hour is over for seven days, the second is not.
        Assert.Equal(0, await CutAsync(world));
        _clock.SetUtcNow(Start.AddDays(7).AddHours(2.5).UtcDateTime);
        Assert.True(await CutAsync(world) > 100);
        Assert.Equal(0, await CutAsync(world));

        var merged = await SamplesAsync(world, Meter.Write);
        // Two hours, the counter's second life in the second one, and what is younger as it was.
        Assert.Equal(3 + 31, merged.Count);
        Assert.Equal(samples.Sum(sample => sample.Quantity), merged.Sum(sample => sample.Quantity));
        Assert.All(merged, sample => Assert.Equal(sample.Quantity, sample.ClosedValue - sample.OpenedValue));
        Assert.Equal(
            (samples[0].OpenedAt, samples[0].OpenedValue, samples[59].ClosedAt, samples[59].ClosedValue),
            (merged[0].OpenedAt, merged[0].OpenedValue, merged[0].ClosedAt, merged[0].ClosedValue)
        );
        Assert.Equal(
            (await SamplesAsync(world, Meter.Storage)).Sum(sample => sample.Quantity),
            (long)(await TotalsAsync(world, -3600, 10_000))[Meter.Storage]
        );
        Assert.Equal(before, await TotalsAsync(world, 0, 10_000));
        Assert.Equal(
            before[Meter.Write],
            (await TotalsAsync(world, 0, 3600))[Meter.Write] + (await TotalsAsync(world, 3600, 10_000))[Meter.Write]
        );
    }

    [Fact]
    public async Task Around_a_periods_end_inside_an_hour_samples_stay_and_what_was_invoiced_stays_as_it_was()
    {
        await using var world = await WorldAsync();
        await PassesAsync(world, minutes: 150);
        await world.Database.Database.UpdateAsync(
            null,
            session =>
            {
                session.Invoices.Add(
                    new ClosedPeriod(
                        world.Organization.Id,
                        Month.Of(Start),
                        Start.AddDays(-1),
                        Start.AddSeconds(4_321),
                        null,
                        Start.AddHours(3)
                    )
                );
                return Task.FromResult(0);
            },
            Now
        );
        var (first, second) = (await TotalsAsync(world, -3600, 4_321), await TotalsAsync(world, 4_321, 10_000));
        _clock.SetUtcNow(Start.AddDays(20).UtcDateTime);
        Assert.True(await CutAsync(world) > 0);
        Assert.Equal(
            (60, 91 - 60 + 60),
            (
                (await SamplesAsync(world, Meter.Write)).Count(sample =>
                    sample.ClosedAt >= Start.AddHours(1) && sample.ClosedAt < Start.AddHours(2)
                ),
                (await SamplesAsync(world, Meter.Write)).Count - 1
            )
        );
        Assert.Equal(first, await TotalsAsync(world, -3600, 4_321));
        Assert.Equal(second, await TotalsAsync(world, 4_321, 10_000));
    }

    [Fact]
    public async Task Hours_gaps_and_readings_go_when_their_time_is_over_and_nothing_else()
    {
        await using var world = await WorldAsync();
        await PassesAsync(world, minutes: 90);
        var gap = new TopicGap(world.Metered, Start, Start.AddMinutes(1), "b1", GapCause.CounterReset);
        var open = Reading(world, "open", 100);
        var closed = Reading(world, "closed", 100) with { Until = Start.AddMinutes(5) };
        var unknown = closed with
        {
            Counters = closed.Counters with { Partition = "persistent://shop/default/unknown" },
            Topic = null,
            Organization = null,
        };
        await world.Collector.AdvanceAsync(
            "local",
            null,
            PartitionSlice.Of([]),
            (_, _) => new([world.Span(-40 * 3600, 0)], [gap], [open, closed, unknown], TrafficApart.None),
            Now
        );

        _clock.SetUtcNow(Start.AddDays(49).UtcDateTime);
        await CutAsync(world);
        Assert.Single(await world.Ledger.GapsAsync(world.Organization.Id, Start.AddDays(-1), Start.AddDays(1), 10, Now));
        // The topic lives: its closed readings stay; of what nobody made they go.
        Assert.Equal(["closed", "open"], await ReadingsAsync(world));
        await world.Database.Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Topics.FindAsync(world.Topic.Id, Now))!.Deleted(_clock.Now());
                return 0;
            },
            Now
        );
        _clock.SetUtcNow(Start.AddDays(51).UtcDateTime);
        await CutAsync(world);
        Assert.Empty(await world.Ledger.GapsAsync(world.Organization.Id, Start.AddDays(-1), Start.AddDays(1), 10, Now));
        Assert.Equal(["closed", "open"], await ReadingsAsync(world));
        _clock.SetUtcNow(Start.AddDays(60).UtcDateTime);
        await CutAsync(world);
        Assert.Equal(["open"], await ReadingsAsync(world));
        var all = await TotalsAsync(world, -100 * 3600, 10_000);
        _clock.SetUtcNow(Start.AddDays(99).UtcDateTime);
        Assert.Equal(0, await CutAsync(world));
        Assert.Equal(all, await TotalsAsync(world, -100 * 3600, 10_000));
        _clock.SetUtcNow(Start.AddDays(101).UtcDateTime);
        Assert.True(await CutAsync(world) > 0);
        Assert.Empty(await TotalsAsync(world, -100 * 3600, 10_000));
        Assert.Empty(await SamplesAsync(world, Meter.Write));
        Assert.Empty(await SamplesAsync(world, Meter.Storage));
    }

    [Fact]
    public async Task A_reading_that_is_cut_while_it_is_compared_is_compared_again()
    {
        await using var world = await WorldAsync();
        var closed = Reading(world, "b1", 100) with { Until = Start, Topic = null, Organization = null };
        await world.Collector.AdvanceAsync("local", null, PartitionSlice.Of([]), (_, _) => new([], [], [closed], TrafficApart.None), Now);
        _clock.SetUtcNow(Start.AddDays(20).UtcDateTime);
        var seen = new List<int>();
        await world.Collector.AdvanceAsync(
            "local",
            null,
            new(null, null),
            (_, last) =>
            {
                seen.Add(last.Count);
                if (seen.Count == 1)
                    Task.Run(() => CutAsync(world)).Wait();
                return new([], [], [closed with { Until = null }], TrafficApart.None);
            },
            Now
        );
        Assert.Equal([1, 0], seen);
        Assert.Equal(["b1"], await ReadingsAsync(world));
    }

    private static Reading Reading(World world, string broker, long bytes) =>
        new(broker, new(world.Topic.Address, 1, bytes, 1, bytes, 0), world.Topic.Id, world.Organization.Id, Start, false, false, null);

    /// <summary>A pass a minute: traffic in each, storage that changes with it, and a life of the counter that ends in the 75th.</summary>
    private static async Task PassesAsync(World world, int minutes)
    {
        for (var minute = 0; minute <= minutes; minute++)
        {
            var (opened, closed) = (Start.AddMinutes(minute - 0.5), Start.AddMinutes(minute + 0.5));
            var from = minute % 75 * 10L;
            MeteredDelta Of(Meter meter, long first, long last, Int128 quantity) =>
                new(meter, world.Metered, "b1", world.Topic.Address, opened, closed, first, last, quantity);
            await world.Collector.AdvanceAsync(
                "local",
                null,
                PartitionSlice.Of([]),
                (_, _) =>
                    new(
                        [
                            Of(Meter.Write, from, from + 10, 10),
                            Of(Meter.Read, 2 * from, 2 * from + 20, 20),
                            Of(Meter.Storage, 500 + minute, 500 + minute, (500 + minute) * 60),
                        ],
                        [],
                        [],
                        TrafficApart.None
                    ),
                Now
            );
        }
    }

    private static async Task<IReadOnlyDictionary<Meter, Int128>> TotalsAsync(World world, double from, double to) =>
        await world.Ledger.TotalsAsync(world.Organization.Id, Start.AddSeconds(from), Start.AddSeconds(to), Now);

    private static async Task<IReadOnlyList<UsageSample>> SamplesAsync(World world, Meter meter) =>
        (
            await world.Ledger.SamplesAsync(
                world.Organization.Id,
                meter,
                world.Topic.Id,
                Start.AddDays(-3),
                Start.AddDays(1),
                new PageRequest(1000),
                Now
            )
        ).Items;

    private static async Task<IReadOnlyList<string>> ReadingsAsync(World world)
    {
        List<string> brokers = [];
        await world.Collector.AdvanceAsync(
            "local",
            null,
            new(null, null),
            (_, last) =>
            {
                brokers = [.. last.Select(reading => reading.Broker).Order()];
                return new([], [], [], TrafficApart.None);
            },
            Now
        );
        return brokers;
    }

    private async Task<int> CutAsync(World world)
    {
        var cut = new CutUsage(world.Database.Provider.GetRequiredService<IUsageRetention>(), Keep, _clock);
        var rows = 0;
        while (await cut.RunAsync(null, Now) is > 0 and var step)
            rows += step;
        return rows;
    }

    private sealed record World(TestDatabase Database, Organization Organization, Topic Topic) : IAsyncDisposable
    {
        public ICollectorLedger Collector => Database.Provider.GetRequiredService<ICollectorLedger>();
        public IUsageLedger Ledger => Database.Provider.GetRequiredService<IUsageLedger>();
        public MeteredTopic Metered => new(Topic.Id, Organization.Id, Topic.Partitions, false);

        public MeteredDelta Span(double from, double to) =>
            new(Meter.Storage, Metered, "b1", Topic.Address, Start.AddSeconds(from), Start.AddSeconds(to), 3, 3, (Int128)(3 * (to - from)));

        public ValueTask DisposeAsync() => Database.DisposeAsync();
    }

    private async Task<World> WorldAsync()
    {
        var database = await NewAsync(_clock);
        var organization = new Organization(new(_clock.NewUuid()), Slug.Create("northwind").Value, "Northwind", _clock.Now());
        var tenant = new Tenant(new(_clock.NewUuid()), organization.Id, TenantName.Create("shop").Value, "local", _clock.Now());
        var @namespace = new Namespace(new(_clock.NewUuid()), tenant, NamespaceName.Default, _clock.Now());
        var topic = new Topic(new(_clock.NewUuid()), @namespace, TopicName.Create("orders").Value, true, 0, _clock.Now());
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
        var world = new World(database, organization, topic);
        await world.Collector.BeginAsync("local", Start, Now);
        await world.Collector.SaveAsync(ClusterMetering.Empty("local") with { PolledAt = Start.AddDays(100) }, null, Now);
        return world;
    }
}

public sealed class SqliteUsageRetentionTests : UsageRetentionContract
{
    private protected override Task<TestDatabase> NewAsync(TimeProvider clock) => TestDatabase.SqliteAsync(clock);
}

public sealed class PostgreSqlUsageRetentionTests(PostgresServer server) : UsageRetentionContract
{
    private protected override Task<TestDatabase> NewAsync(TimeProvider clock) => TestDatabase.PostgreSqlAsync(server, clock);
}
