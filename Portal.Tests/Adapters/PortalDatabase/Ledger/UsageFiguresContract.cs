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

/// <summary>
/// What rows of lists and the home page show of usage; run once per database. Northwind is on Pay as you go and has the
/// tenants shop (orders with three partitions, clicks) and office (mail); southwind has one of its own.
/// </summary>
public abstract partial class UsageFiguresContract
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);

    // Half an hour into the last hour, so that this one is still being counted.
    private readonly FakeTimeProvider _clock = new(Start.AddHours(5.5));

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private protected abstract Task<TestDatabase> NewAsync(TimeProvider clock);

    private async Task<World> WorldAsync()
    {
        var world = new World(await NewAsync(_clock), _clock);
        await world.BuildAsync();
        return world;
    }

    [Fact]
    public async Task Traffic_is_that_of_the_topics_and_hours_asked_for_and_of_the_organization()
    {
        await using var world = await WorldAsync();
        foreach (
            var (topic, hour, taken) in new[]
            {
                ("orders", -1, 1),
                ("orders", 0, 10),
                ("orders", 3, 20),
                ("orders", 4, 40),
                ("clicks", 3, 80),
                ("mail", 3, 160),
                ("far", 3, 320),
            }
        )
            await world.TrafficAsync(topic, hour, taken, taken * 2);
        var traffic = await world.Figures.TrafficAsync(
            world.Northwind.Id,
            world.Ids("orders", "mail", "far"),
            Start,
            Start.AddHours(4),
            Now
        );
        Assert.Equal(
            [
                (world.Topics["orders"].Id, Start, 10, 20),
                (world.Topics["orders"].Id, Start.AddHours(3), 20, 40),
                (world.Topics["mail"].Id, Start.AddHours(3), (Int128)160, (Int128)320),
            ],
            traffic.OrderBy(hour => hour.Hour).ThenBy(hour => hour.In).Select(hour => (hour.Topic, hour.Hour, hour.In, hour.Out))
        );
        Assert.Empty(await world.Figures.TrafficAsync(world.Northwind.Id, [], Start, Start.AddHours(4), Now));
    }

    [Fact]
    public async Task Written_once_is_written_for_good()
    {
        await using var world = await WorldAsync();
        await world.TrafficAsync("orders", -20, 0, 5);
        await world.TrafficAsync("far", 0, 5, 0);
        Assert.False(await world.Figures.HasWrittenAsync(world.Northwind.Id, Now));
        await world.TrafficAsync("orders", -19, 1, 0);
        Assert.True(await world.Figures.HasWrittenAsync(world.Northwind.Id, Now));
        Assert.False(await world.Figures.HasWrittenAsync(new(Guid.NewGuid()), Now));
    }

    [Fact]
    public async Task What_is_kept_counts_each_partition_once_and_only_while_a_broker_lists_it()
    {
        await using var world = await WorldAsync();
        await world.KeepAsync("orders", "-partition-0", "b1", 100);
        await world.KeepAsync("orders", "-partition-0", "b2", 70);
        await world.KeepAsync("orders", "-partition-1", "b2", 5);
        await world.KeepAsync("orders", "-partition-2", "b1", 1000, until: Start.AddMinutes(1));
        await world.KeepAsync("mail", "", "b1", 9);
        await world.KeepAsync("far", "", "b1", 4000);
        var stored = await world.Figures.StoredAsync(world.Northwind.Id, world.Ids("orders", "clicks", "mail", "far"), Now);
        Assert.Equal(
            [(world.Topics["mail"].Id, 9L), (world.Topics["orders"].Id, 75L)],
            stored.OrderBy(pair => pair.Value).Select(pair => (pair.Key, pair.Value))
        );
        var (shop, office) = (world.Topics["orders"].TenantId, world.Topics["mail"].TenantId);
        Assert.Equal(
            new Dictionary<TenantId, long> { [shop] = 75, [office] = 9 },
            await world.Figures.StoredByTenantAsync(world.Northwind.Id, Scope.Whole, Now)
        );
        Assert.Equal(
            [(shop, 75L)],
            (await world.Figures.StoredByTenantAsync(world.Northwind.Id, new("shop", "default"), Now)).Select(pair =>
                (pair.Key, pair.Value)
            )
        );
        Assert.Empty(await world.Figures.StoredByTenantAsync(world.Northwind.Id, new("shop", "elsewhere"), Now));
        Assert.Equal(84, (await world.Stored.RunAsync(World.Owner, "northwind", Now)).Value);

        await world.ChangeAsync(async session =>
            (await session.Topics.FindAsync(world.Topics["mail"].Id, Now))!.Deleted(Start.AddHours(1))
        );
        Assert.Equal([shop], (await world.Figures.StoredByTenantAsync(world.Northwind.Id, Scope.Whole, Now)).Keys);
    }

    /// <summary>Asked for by its name or among all: the same slices, at whatever bounds.</summary>
    [Fact]
    public async Task Slices_of_chosen_topics_are_those_of_all_topics_without_the_others()
    {
        await using var world = await WorldAsync();
        for (var hour = 0; hour < 5; hour++)
            foreach (var (topic, index) in new[] { "orders", "clicks", "mail" }.Select((topic, index) => (topic, index)))
                await world.TrafficAsync(topic, hour, 100 + hour, 7 * index);
        await world.KeepAsync("orders", "-partition-0", "b1", 100);
        await world.KeepAsync("mail", "", "b1", 50, until: Start.AddHours(3));
        foreach (var interval in Enum.GetValues<UsageInterval>())
        {
            foreach (var (from, to) in new[] { (0d, 6d), (0.03, 4.5), (1, 3.01), (2.05, 2.06) })
            {
                var all = new UsageQuery(world.Northwind.Id, Start.AddHours(from), Start.AddHours(to), interval, true, true, true);
                var wanted = world.Ids("orders", "mail");
                var expected = (await world.Ledger.SlicesAsync(all, new(1000), Now))
                    .Items.Where(slice => wanted.Contains(slice.TopicId!.Value))
                    .ToList();
                Assert.NotEmpty(expected);
                Assert.Equal(expected, (await world.Ledger.SlicesAsync(all with { Topics = wanted }, new(1000), Now)).Items);
                Assert.Equal(
                    expected.Where(slice => slice.Tenant == "shop"),
                    (
                        await world.Ledger.SlicesAsync(
                            all with
                            {
                                Topics = wanted,
                                Tenants = [world.Topics["orders"].TenantId],
                            },
                            new(1000),
                            Now
                        )
                    ).Items
                );
            }
        }
        var none = new UsageQuery(world.Northwind.Id, Start, Start.AddHours(6), UsageInterval.Total, false, false, false);
        Assert.Empty((await world.Ledger.SlicesAsync(none with { Topics = [] }, new(), Now)).Items);
        Assert.Empty((await world.Ledger.SlicesAsync(none with { Tenants = [] }, new(), Now)).Items);
        Assert.Empty((await world.Ledger.SlicesAsync(none with { Topics = world.Ids("far") }, new(), Now)).Items);
    }

    [Fact]
    public async Task Rows_of_topics_say_zero_only_for_hours_that_were_counted()
    {
        await using var world = await WorldAsync();
        await world.TrafficAsync("orders", 0, 3, 4);
        await world.TrafficAsync("orders", 5, 10, 20);
        await world.MissAsync("orders", 2, 3);
        await world.KeepAsync("orders", "-partition-0", "b1", 100);
        var figures = (await world.OfTopics.RunAsync(World.Owner, "northwind", world.Ids("orders", "clicks", "far"), null, Now)).Value;
        Assert.Equal((Start.AddHours(-18), Start.AddHours(5.25), 23), (figures.From, figures.CompleteTo, figures.OpenFrom));
        // Ready at ten: eighteen hours before it, and one in which nobody counted.
        Assert.Equal([.. Enumerable.Repeat<long?>(null, 18), 7, 0, null, 0, 0, 30], figures.Topics[world.Topics["orders"].Id].Traffic);
        Assert.Equal((100L, null), (figures.Topics[world.Topics["orders"].Id].Stored, figures.Topics[world.Topics["orders"].Id].Cost));
        Assert.Equal([.. Enumerable.Repeat<long?>(null, 18), 0, 0, 0, 0, 0, 0], figures.Topics[world.Topics["clicks"].Id].Traffic);
        Assert.Null(figures.Topics[world.Topics["clicks"].Id].Stored);
        Assert.Equal(2, figures.Topics.Count);
    }

    [Fact]
    public async Task Costs_of_rows_are_the_shares_that_usage_shows_and_nothing_where_nothing_is_charged()
    {
        await using var world = await WorldAsync();
        foreach (var (topic, mebibytes) in new[] { ("orders", 3), ("clicks", 2), ("mail", 5) })
            await world.TrafficAsync(topic, 1, mebibytes * ByteSize.MiB, 0);
        TenantId[] tenants = [world.Topics["orders"].TenantId, world.Topics["mail"].TenantId];
        Assert.All(
            (await world.OfTenants.RunAsync(World.Owner, "northwind", tenants, null, Now)).Value.Tenants.Values,
            figures => Assert.Null(figures.Cost)
        );

        await world.ChargeAsync();
        var topics = (await world.OfTopics.RunAsync(World.Owner, "northwind", world.Ids("orders", "mail"), null, Now)).Value;
        Assert.Equal([300, 500], topics.Topics.Values.Select(figures => figures.Cost!.Value.Minor).Order());
        var figures = (await world.OfTenants.RunAsync(World.Owner, "northwind", tenants, null, Now)).Value;
        Assert.Equal(
            [(2, 500), (1, 500L)],
            tenants.Select(tenant => (figures.Tenants[tenant].Topics, figures.Tenants[tenant].Cost!.Value.Minor))
        );
        var month = UsageRequest.Create(null, null, "tenant", null, _clock).Value;
        Assert.Equal(
            10m,
            (await world.Usage.RunAsync(World.Owner, "northwind", month, new(), Now)).Value.Items.Items.Sum(item => item.Amount)
        );
    }

    /// <summary>More slices than the ledger gives at once.</summary>
    [Fact]
    public async Task Costs_of_many_rows_add_up_to_what_the_month_costs()
    {
        await using var world = await WorldAsync();
        await world.ChargeAsync();
        var names = Enumerable.Range(0, 350).Select(index => $"topic-{index}").ToArray();
        await world.AddAsync(names);
        await world.TrafficAsync(names, 1, ByteSize.MiB / 2);
        var figures = (await world.OfTopics.RunAsync(World.Owner, "northwind", world.Ids(names), null, Now)).Value;
        Assert.Equal(350, figures.Topics.Count);
        Assert.All(figures.Topics.Values, topic => Assert.Equal((50L, (long?)ByteSize.MiB), (topic.Cost!.Value.Minor, topic.Traffic[19])));
        var shop = world.Topics["orders"].TenantId;
        var tenant = (await world.OfTenants.RunAsync(World.Owner, "northwind", [shop], null, Now)).Value.Tenants[shop];
        Assert.Equal((352, 17_500L), (tenant.Topics, tenant.Cost!.Value.Minor));
    }

    [Fact]
    public async Task What_a_role_does_not_reach_is_not_in_its_rows()
    {
        await using var world = await WorldAsync();
        var clerk = new Actor(new AccountId(Guid.NewGuid()), "clerk@example.com", false);
        await world.ChangeAsync(session =>
        {
            session.Organizations.Add(new Membership(world.Northwind.Id, clerk.AccountId!.Value, Role.Viewer, Start, new("office")));
            return Task.CompletedTask;
        });
        await world.KeepAsync("orders", "-partition-0", "b1", 100);
        await world.KeepAsync("mail", "", "b1", 9);
        Assert.Equal(
            world.Ids("mail"),
            (await world.OfTopics.RunAsync(clerk, "northwind", world.Ids("orders", "mail"), null, Now)).Value.Topics.Keys
        );
        var shop = (await world.OfTenants.RunAsync(clerk, "northwind", [world.Topics["orders"].TenantId], null, Now)).Value.Tenants.Values;
        Assert.Equal([(0, null)], shop.Select(figures => (figures.Topics, figures.Stored)));
        Assert.Equal(9, (await world.Stored.RunAsync(clerk, "northwind", Now)).Value);
        Assert.Equal(
            "organization-not-found",
            (await world.OfTopics.RunAsync(clerk, "southwind", world.Ids("far"), null, Now)).Problem!.Code
        );
    }

    [Fact]
    public async Task What_is_shown_already_is_read_again_once_more_was_metered()
    {
        await using var world = await WorldAsync();
        var orders = world.Ids("orders");
        TenantId[] shop = [world.Topics["orders"].TenantId];
        var topics = (await world.OfTopics.RunAsync(World.Owner, "northwind", orders, null, Now)).Value;
        var tenants = (await world.OfTenants.RunAsync(World.Owner, "northwind", shop, null, Now)).Value;
        await world.KeepAsync("orders", "-partition-0", "b1", 100);
        await world.ChangeAsync(async session =>
            (await session.Topics.FindAsync(world.Topics["clicks"].Id, Now))!.Deleted(Start.AddHours(1))
        );
        Assert.Same(topics, (await world.OfTopics.RunAsync(World.Owner, "northwind", orders, topics, Now)).Value);
        // A topic that came or went is no matter of the meter.
        Assert.Equal(
            [(1, null)],
            (await world.OfTenants.RunAsync(World.Owner, "northwind", shop, tenants, Now)).Value.Tenants.Values.Select(figures =>
                (figures.Topics, figures.Stored)
            )
        );

        await world.StandAsync(5.4);
        Assert.Equal(100, (await world.OfTopics.RunAsync(World.Owner, "northwind", orders, topics, Now)).Value.Topics[orders[0]].Stored);
        Assert.Equal(100, (await world.OfTenants.RunAsync(World.Owner, "northwind", shop, tenants, Now)).Value.Tenants[shop[0]].Stored);
        Assert.Equal(
            2,
            (await world.OfTopics.RunAsync(World.Owner, "northwind", world.Ids("orders", "clicks"), topics, Now)).Value.Topics.Count
        );
    }
}

public sealed class SqliteUsageFiguresTests : UsageFiguresContract
{
    private protected override Task<TestDatabase> NewAsync(TimeProvider clock) => TestDatabase.SqliteAsync(clock);
}

public sealed class PostgreSqlUsageFiguresTests(PostgresServer server) : UsageFiguresContract
{
    private protected override Task<TestDatabase> NewAsync(TimeProvider clock) => TestDatabase.PostgreSqlAsync(server, clock);
}
