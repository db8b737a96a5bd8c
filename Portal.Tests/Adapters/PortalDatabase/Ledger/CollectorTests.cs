using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Adapters.PortalDatabase.Ledger;

/// <summary>The collector's use cases over a real database: from a broker's rows to the organization's totals.</summary>
public sealed partial class CollectorTests : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);
    private static readonly MeteringSettings Settings = new(Minute, TimeSpan.FromSeconds(10));
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero));
    private readonly Brokers _brokers = new();
    private TestDatabase _database = null!;
    private Organization _organization = null!;
    private Namespace _namespace = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private ICollectorLedger Collector => _database.Provider.GetRequiredService<ICollectorLedger>();

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.SqliteAsync(_clock);
        _organization = new(new(_clock.NewUuid()), Slug.Create("northwind").Value, "Northwind", _clock.Now());
        var tenant = new Tenant(new(_clock.NewUuid()), _organization.Id, TenantName.Create("shop").Value, "local", _clock.Now());
        _namespace = new(new(_clock.NewUuid()), tenant, NamespaceName.Default, _clock.Now());
        await ChangeAsync(session =>
        {
            session.Organizations.Add(_organization);
            session.Tenants.Add(tenant);
            session.Tenants.Add(_namespace);
        });
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task What_the_brokers_counted_is_what_the_organization_used()
    {
        var topic = await TopicAsync("orders", partitions: 2);
        await PollAsync();
        _clock.Advance(TimeSpan.FromSeconds(70));
        _brokers.Show("b1", Row(topic.Address + "-partition-0", 100));
        _brokers.Show("b2", Row(topic.Address + "-partition-1", 50));
        var standing = await PollAsync();
        Assert.Equal(150, await UsedAsync());
        Assert.Equal(_clock.Now() - Minute, standing.CompleteTo);
        Assert.Equal([1, 1], standing.Brokers.Select(broker => broker.Topics));
    }

    [Fact]
    public async Task Partitions_that_the_operator_added_count_for_their_topic()
    {
        var topic = await TopicAsync("orders", partitions: 2);
        await PollAsync();
        _clock.Advance(TimeSpan.FromSeconds(70));
        _brokers.Show("b1", Row(topic.Address + "-partition-0", 100), Row(topic.Address + "-partition-3", 40));
        Assert.Equal(new TrafficApart(0, 0, 0), (await PollAsync()).Apart);
        Assert.Equal(140, await UsedAsync());
        _brokers.Live[topic.Address + "-partition-3"] = new("b1", Row(topic.Address + "-partition-3", 49));
        _clock.Advance(TimeSpan.FromSeconds(1));
        var cluster = new StandingCluster { Live = new TopicStats(0, 0, 0, 0, 0, 0, 0, [], null, Partitions: 4) };
        await new TakeFinalReading(_brokers, cluster, Collector, _database.Database, Settings, _clock).TakeAsync(topic, Now);
        Assert.Equal(149, await UsedAsync());
    }

    [Fact]
    public async Task An_answer_that_breaks_off_counts_for_nothing_and_the_next_one_for_all()
    {
        var topic = await TopicAsync("orders");
        await PollAsync();
        _clock.Advance(TimeSpan.FromSeconds(70));
        _brokers.Show("b1", Row(topic.Address, 100));
        _brokers.BreaksOff.Add("b1");
        var standing = await PollAsync();
        Assert.Equal(0, await UsedAsync());
        Assert.Equal(_clock.Now(), standing.Broker("b1")!.SilentSince);
        _brokers.BreaksOff.Clear();
        _clock.Advance(Minute);
        standing = await PollAsync();
        Assert.Equal(100, await UsedAsync());
        Assert.Null(standing.Broker("b1")!.SilentSince);
    }

    [Fact]
    public async Task A_broker_that_hangs_does_not_hold_up_the_others()
    {
        var topic = await TopicAsync("orders");
        await PollAsync();
        _clock.Advance(TimeSpan.FromSeconds(70));
        _brokers.Show("b1", Row(topic.Address, 100));
        _brokers.Hangs.Add("b2");
        var polling = PollAsync();
        await _brokers.Hanging.Task.WaitAsync(TimeSpan.FromSeconds(20), Now);
        _clock.Advance(TimeSpan.FromSeconds(10));
        var standing = await polling;
        Assert.Equal(100, await UsedAsync());
        Assert.Equal("It didn't answer within 10 seconds.", standing.Broker("b2")!.Problem);
    }

    [Fact]
    public async Task System_topics_and_topics_that_nobody_made_are_counted_apart_and_other_tenants_not_at_all()
    {
        await TopicAsync("orders");
        await PollAsync();
        _clock.Advance(TimeSpan.FromSeconds(70));
        _brokers.Show(
            "b1",
            Row("persistent://shop/default/__change_events", 10),
            Row("persistent://shop/default/__mine", 100),
            Row("persistent://shop/default/orders-partition-0", 1000),
            Row("persistent://shopper/default/orders", 5),
            Row("persistent://public/functions/metadata", 5)
        );
        var apart = (await PollAsync()).Apart;
        Assert.Equal(new TrafficApart(20, 2200, 0), apart);
        Assert.Equal(0, await UsedAsync());
    }

    [Fact]
    public async Task The_stale_row_of_a_deleted_topic_is_not_billed_to_the_one_created_again()
    {
        var first = await TopicAsync("orders");
        await PollAsync();
        _clock.Advance(TimeSpan.FromSeconds(70));
        _brokers.Show("b1", Row(first.Address, 1000));
        await PollAsync();
        await ChangeAsync(async session => (await session.Topics.FindAsync(first.Id, Now))!.Deleted(_clock.Now()));
        _clock.Advance(TimeSpan.FromSeconds(5));
        var second = await TopicAsync("orders");
        _clock.Advance(TimeSpan.FromSeconds(30));
        _brokers.Show("b1", Row(first.Address, 1020));
        await PollAsync();
        _clock.Advance(Minute);
        _brokers.Show("b1", Row(second.Address, 1500));
        await PollAsync();
        Assert.Equal(1000, await UsedAsync(first));
        Assert.Equal(1500, await UsedAsync(second));
    }

    [Fact]
    public async Task A_final_reading_bills_the_last_traffic_once()
    {
        var topic = await TopicAsync("orders", partitions: 2);
        await PollAsync();
        _clock.Advance(TimeSpan.FromSeconds(70));
        _brokers.Show("b1", Row(topic.Address + "-partition-0", 100));
        await PollAsync();
        _brokers.Live[topic.Address + "-partition-0"] = new("b1", Row(topic.Address + "-partition-0", 130));
        _brokers.Live[topic.Address + "-partition-1"] = new("b2", Row(topic.Address + "-partition-1", 7));
        _clock.Advance(TimeSpan.FromSeconds(1));
        var final = new TakeFinalReading(_brokers, new StandingCluster(), Collector, _database.Database, Settings, _clock);
        await final.TakeAsync(topic, Now);
        await final.TakeAsync(topic, Now);
        Assert.Equal(137, await UsedAsync());
        _clock.Advance(TimeSpan.FromSeconds(30));
        await PollAsync();
        Assert.Equal(137, await UsedAsync());
    }

    [Fact]
    public async Task A_process_killed_before_or_after_the_commit_bills_once()
    {
        var topic = await TopicAsync("orders");
        await PollAsync();
        var complete = (await Collector.StandingAsync(Now)).Single().CompleteTo;
        _clock.Advance(TimeSpan.FromSeconds(70));
        _brokers.Show("b1", Row(topic.Address, 100));
        // Its steps are in, where it stands is not.
        await Assert.ThrowsAsync<KilledException>(() => PollAsync(new KillAt(KillPoint.PollBeforeCommit)));
        Assert.Equal(complete, (await Collector.StandingAsync(Now)).Single().CompleteTo);
        await Assert.ThrowsAsync<KilledException>(() => PollAsync(new KillAt(KillPoint.PollAfterCommit)));
        Assert.Equal(100, await UsedAsync());
        Assert.Equal(_clock.Now() - Minute, (await Collector.StandingAsync(Now)).Single().CompleteTo);
        await PollAsync();
        _clock.Advance(Minute);
        await PollAsync();
        Assert.Equal(100, await UsedAsync());
    }

    [Fact]
    public async Task A_poll_takes_as_many_steps_as_it_needs_and_closes_what_lies_between_them()
    {
        var topic = await TopicAsync("orders", partitions: 2_000);
        await PollAsync();
        _clock.Advance(TimeSpan.FromSeconds(70));
        _brokers.Show("b1", [.. Enumerable.Range(0, 2_000).Select(number => Row($"{topic.Address}-partition-{number}", 10, storage: 1))]);
        await PollAsync();
        Assert.Equal(20_000, await UsedAsync());
        _clock.Advance(Minute);
        _brokers.Show(
            "b1",
            [
                .. Enumerable
                    .Range(0, 2_000)
                    .Where(number => number % 2 == 0)
                    .Select(number => Row($"{topic.Address}-partition-{number}", 11, storage: 1)),
            ]
        );
        await PollAsync();
        _clock.Advance(Minute);
        await PollAsync();
        Assert.Equal(21_000, await UsedAsync());
        // Those that went stopped with the poll that still showed them.
        Assert.Equal(1_000 * 120, await UsedAsync(meter: Meter.Storage));
    }

    [Fact]
    public async Task A_replica_that_lost_the_lease_in_the_middle_of_a_pass_writes_nothing_more()
    {
        var topic = await TopicAsync("orders");
        await PollAsync();
        _clock.Advance(TimeSpan.FromSeconds(70));
        _brokers.Show("b1", Row(topic.Address, 100));
        var lost = (await _database.Leases.AcquireAsync("metering:local", Now))!;
        await _database.Leases.ReleaseAsync(lost, Now);
        var held = (await _database.Leases.AcquireAsync("metering:local", Now))!;
        await Assert.ThrowsAsync<LeaseLostException>(() => PollAsync(lease: lost));
        Assert.Equal(0, await UsedAsync());
        await PollAsync(lease: held);
        Assert.Equal(100, await UsedAsync());
    }

    [Fact]
    public async Task A_cluster_that_is_away_leaves_everything_as_it_was_but_its_silence()
    {
        await PollAsync();
        _clock.Advance(Minute);
        _brokers.IsAway = true;
        var standing = await PollAsync();
        Assert.All(
            standing.Brokers,
            broker => Assert.Equal((_clock.Now(), "The cluster is away."), (broker.SilentSince!.Value, broker.Problem))
        );
    }

    [Fact]
    public async Task Metering_health_is_for_operators()
    {
        await PollAsync();
        _clock.Advance(Minute);
        var health = new GetMeteringHealth(new AccessGuard(_database.Database, _database.Audit, _clock), Collector, Settings, _clock);
        Assert.Equal("operator-only", (await health.RunAsync(new(new AccountId(Guid.NewGuid()), "jo", false), Now)).Problem?.Code);
        var cluster = Assert.Single((await health.RunAsync(new(new AccountId(Guid.NewGuid()), "op", true), Now)).Value.Clusters);
        Assert.Equal((2, 2, TimeSpan.FromMinutes(2)), (cluster.Listed, cluster.Answering, cluster.Lag!.Value));
    }

    [Fact]
    public async Task A_collector_without_a_pass_for_five_intervals_is_an_alarm_and_ends_with_the_next_pass()
    {
        using var telemetry = new MeteringTelemetry(_clock);
        var stalled = new List<int>();
        using var listener = new System.Diagnostics.Metrics.MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "metering.stalled")
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>(
            (_, value, tags, _) =>
            {
                if (tags[0].Value is "local")
                    stalled.Add(value);
            }
        );
        listener.Start();
        var watch = new WatchMetering(Collector, telemetry, Settings, _clock);

        await Collector.BeginAsync("local", _clock.Now(), Now);
        await AssertStalledAsync(false);
        _clock.Advance(Minute * 5.1);
        await AssertStalledAsync(true);
        await PollAsync();
        await AssertStalledAsync(false);
        _clock.Advance(Minute * 5);
        await AssertStalledAsync(false);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await AssertStalledAsync(true);

        async Task AssertStalledAsync(bool expected)
        {
            Assert.Equal(expected, Assert.Single((await watch.RunAsync(Now)).Clusters).IsStalled);
            stalled.Clear();
            listener.RecordObservableInstruments();
            Assert.Contains(expected ? 1 : 0, stalled);
        }
    }

    private static TopicCounters Row(string partition, long bytes, long storage = 0) => new(partition, 1, bytes, 1, bytes, storage);

    private async Task<ClusterMetering> PollAsync(IKillPoints? killPoints = null, Lease? lease = null)
    {
        using var telemetry = new MeteringTelemetry(_clock);
        var topics = _database.Provider.GetRequiredService<IMeteredTopics>();
        await new PollCluster(
            _brokers,
            Collector,
            topics,
            _database.Database,
            telemetry,
            killPoints ?? new NoKillPoints(),
            _clock
        ).RunAsync("local", lease, Minute, TimeSpan.FromSeconds(10), Now);
        return Assert.Single(await Collector.StandingAsync(Now));
    }

    private async Task<Topic> TopicAsync(string name, int partitions = 0)
    {
        var topic = new Topic(new(_clock.NewUuid()), _namespace, TopicName.Create(name).Value, true, partitions, _clock.Now());
        topic.Ready(_clock.Now());
        await ChangeAsync(session => session.Topics.Add(topic));
        return topic;
    }

    private async Task<Int128> UsedAsync(Topic? topic = null, Meter meter = Meter.Write)
    {
        var ledger = _database.Provider.GetRequiredService<IUsageLedger>();
        var query = new UsageQuery(
            _organization.Id,
            _clock.Now().AddDays(-1),
            _clock.Now().AddDays(1),
            UsageInterval.Total,
            false,
            false,
            false,
            meter,
            null,
            topic is null ? null : [topic.Id]
        );
        return (await ledger.SlicesAsync(query, new(), Now)).Items.SingleOrDefault()?.Quantity ?? 0;
    }

    private Task ChangeAsync(Action<IPortalSession> change) =>
        ChangeAsync(session =>
        {
            change(session);
            return Task.CompletedTask;
        });

    private Task ChangeAsync(Func<IPortalSession, Task> change) =>
        _database.Database.UpdateAsync(
            null,
            async session =>
            {
                await change(session);
                return 0;
            },
            Now
        );
}
