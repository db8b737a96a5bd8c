using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Adapters.PortalDatabase;

/// <summary>A suspension from the operator's click to the broker and to the bill, over a real database.</summary>
public sealed class SuspensionTests
{
    private static readonly DateTimeOffset Nine = new(2026, 11, 10, 9, 20, 0, TimeSpan.Zero);
    private static readonly Actor Operator = new(new AccountId(Guid.CreateVersion7()), "operator@example.com", true);
    private static readonly Actor Owner = new(new AccountId(Guid.CreateVersion7()), "elena@northwind.example", false);

    private readonly FakeTimeProvider _clock = new(Nine);
    private readonly StandingCluster _cluster = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Suspended_hours_cost_nothing_whatever_stood_there()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        await SetUpAsync(data);
        // Ready at 09:20 with three partitions, suspended at 12:40, resumed at 15:10, looked at 18:00.
        _clock.SetUtcNow(Nine.AddHours(3).AddMinutes(20));
        await Suspend(data).RunAsync(Operator, "northwind", "unpaid", Now);
        _clock.SetUtcNow(Nine.AddHours(5).AddMinutes(50));
        await Resume(data).RunAsync(Operator, "northwind", Now);
        _clock.SetUtcNow(Nine.AddHours(8).AddMinutes(40));
        await data.ExecuteAsync(
            "INSERT INTO usage_clusters (cluster, polled_at, complete_to, system_bytes, unknown_bytes, unexplained_rows) VALUES "
                + $"('local', 0, {_clock.Now().ToUnixMicroseconds()}, '0', '0', 0)"
        );

        var ledger = data.Provider.GetRequiredService<IUsageLedger>();
        var bill = (await new GetCurrentBill(Guard(data), data.Database, ledger, _clock).RunAsync(Owner, "northwind", Now)).Value;
        // 09:20–12:00 and 16:00–18:00: the hours in which it began and ended are free as a whole.
        Assert.Equal(3 * (160m + 120m) / 60m, Assert.Single(bill.Lines, line => line.Meter == Meter.Partitions).Quantity);
        // The ledger itself still tells what stood there.
        var organization = (await data.Database.ReadAsync(session => session.Organizations.FindAsync("northwind", Now), Now))!;
        Assert.Equal(3 * 520 * 60, (await ledger.TotalsAsync(organization.Id, Nine.AddDays(-1), _clock.Now(), Now))[Meter.Partitions]);
    }

    [Fact]
    public async Task Suspended_and_resumed_within_an_hour_only_that_hour_is_free()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        await SetUpAsync(data);
        _clock.SetUtcNow(Nine.AddHours(1));
        await Suspend(data).RunAsync(Operator, "northwind", "mistaken", Now);
        await Resume(data).RunAsync(Operator, "northwind", Now);
        var organization = (await data.Database.ReadAsync(session => session.Organizations.FindAsync("northwind", Now), Now))!;
        var tariff = await data.Database.ReadAsync(
            session => Tariff.LoadAsync(session, organization.Id, Nine.AddDays(-9), Nine.AddDays(1), Now),
            Now
        );
        Assert.Equal([true, false, true], new[] { Nine, Nine.AddHours(1), Nine.AddHours(2) }.Select(tariff.IsChargedAt));

        // Suspended once more before the hour is over: what the resumption planned is taken back.
        await Suspend(data).RunAsync(Operator, "northwind", "after all", Now);
        tariff = await data.Database.ReadAsync(
            session => Tariff.LoadAsync(session, organization.Id, Nine.AddDays(-9), Nine.AddDays(1), Now),
            Now
        );
        Assert.Equal(
            [true, false, false, false],
            new[] { Nine, Nine.AddHours(1), Nine.AddHours(2), Nine.AddHours(9) }.Select(tariff.IsChargedAt)
        );
    }

    [Fact]
    public async Task The_grants_are_taken_away_and_given_back()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var (key, _) = await SetUpAsync(data);
        await CarryOutAsync(data);
        Assert.Equal([("orders", key.Role)], _cluster.Granted);

        await Suspend(data).RunAsync(Operator, "northwind", "unpaid", Now);
        await CarryOutAsync(data);
        Assert.Empty(_cluster.Granted);

        await Resume(data).RunAsync(Operator, "northwind", Now);
        await CarryOutAsync(data);
        Assert.Equal([("orders", key.Role)], _cluster.Granted);
        Assert.Equal(ResourceState.Ready, (await data.Database.ReadAsync(session => session.Keys.FindAsync(key.Id, Now), Now))!.State);
    }

    [Fact]
    public async Task A_client_that_the_broker_does_not_let_go_of_is_cut_off_by_an_unload_and_no_other_topic_is()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var (key, _) = await SetUpAsync(data);
        await CarryOutAsync(data);
        _cluster.Stuck.Add(("orders", key.Role));
        await Suspend(data).RunAsync(Operator, "northwind", "unpaid", Now);
        await CarryOutAsync(data);
        Assert.Equal(["orders"], _cluster.Unloaded);

        await Resume(data).RunAsync(Operator, "northwind", Now);
        await CarryOutAsync(data);
        await Suspend(data).RunAsync(Operator, "northwind", "unpaid", Now);
        await CarryOutAsync(data);
        Assert.Equal(["orders"], _cluster.Unloaded);
    }

    [Fact]
    public async Task A_suspension_that_was_taken_back_before_it_was_carried_out_leaves_the_grants()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var (key, _) = await SetUpAsync(data);
        await CarryOutAsync(data);
        await Suspend(data).RunAsync(Operator, "northwind", "mistaken", Now);
        await Resume(data).RunAsync(Operator, "northwind", Now);
        await CarryOutAsync(data);
        Assert.Equal([("orders", key.Role)], _cluster.Granted);
        Assert.Equal(ResourceState.Ready, (await data.Database.ReadAsync(session => session.Keys.FindAsync(key.Id, Now), Now))!.State);
    }

    /// <summary>
    /// Resumed while a broker is still taking what the suspension told it to: its line of grants finds nothing missing yet.
    /// </summary>
    [Fact]
    public async Task A_key_is_ready_again_only_when_what_was_being_taken_is_given_back()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var (key, _) = await SetUpAsync(data);
        await CarryOutAsync(data);
        await Suspend(data).RunAsync(Operator, "northwind", "unpaid", Now);
        var meanwhile = new List<ResourceState>();
        var steps = Steps(
            data,
            new BeforeRevoke(() =>
            {
                Resume(data).RunAsync(Operator, "northwind", Now).GetAwaiter().GetResult();
                new WorkPump(data.Database, _clock, new GrantsAlone(Steps(data, new NoKillPoints()))).RunAsync().GetAwaiter().GetResult();
                meanwhile.Add(StateOfAsync(data, key).GetAwaiter().GetResult());
            })
        );
        var pump = new WorkPump(data.Database, _clock, steps);
        for (var second = 0; second < 4; second++)
        {
            await pump.RunAsync();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Empty(pump.Failures);
        Assert.Equal([ResourceState.Creating], meanwhile);
        Assert.Equal([("orders", key.Role)], _cluster.Granted);
        Assert.Equal(ResourceState.Ready, await StateOfAsync(data, key));
    }

    [Fact]
    public async Task A_grant_that_waits_is_not_given_to_a_suspended_organization()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        await SetUpAsync(data);
        await Suspend(data).RunAsync(Operator, "northwind", "unpaid", Now);
        await CarryOutAsync(data);
        Assert.Empty(_cluster.Granted);
    }

    [Fact]
    public async Task What_is_owed_keeps_an_organization_open()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var (_, tenant) = await SetUpAsync(data);
        _clock.SetUtcNow(Nine.AddDays(10));
        await data.ExecuteAsync(
            "INSERT INTO usage_clusters (cluster, polled_at, complete_to, system_bytes, unknown_bytes, unexplained_rows) VALUES "
                + $"('local', 0, {_clock.Now().ToUnixMicroseconds()}, '0', '0', 0)"
        );
        var close = new CloseOrganization(Guard(data), data.Database, data.Provider.GetRequiredService<IUsageLedger>(), _clock);
        Assert.Equal("organization-not-empty", (await close.RunAsync(Owner, "northwind", "northwind", Now)).Problem?.Code);
        await data.Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Tenants.FindAsync(tenant, Now))!.Deleted(_clock.Now());
                return true;
            },
            Now
        );
        // 3 partitions × 240 h × $0.0012.
        Assert.Contains("0.86", (await close.RunAsync(Owner, "northwind", "northwind", Now)).Problem!.Message, StringComparison.Ordinal);
        await data.ExecuteAsync("UPDATE plan_periods SET plan = 'free'");
        Assert.True((await close.RunAsync(Owner, "northwind", "northwind", Now)).IsOk);
    }

    private static AccessGuard Guard(TestDatabase data) => new(data.Database, data.Audit, data.Clock);

    private static SuspendOrganization Suspend(TestDatabase data) => new(Guard(data), data.Database, data.Clock);

    private static ResumeOrganization Resume(TestDatabase data) => new(Guard(data), data.Database, data.Clock);

    /// <summary>
    /// Northwind on Pay as you go with the shipped prices, a topic with three partitions that is ready, and a key whose grant waits.
    /// </summary>
    private async Task<(PulsarKey Key, TenantId Tenant)> SetUpAsync(TestDatabase data)
    {
        await new EnsureShippedPriceBook(data.Database, _clock).RunAsync(Now);
        var organization = new Organization(new(_clock.NewUuid()), Slug.Create("northwind").Value, "Northwind", Nine.AddDays(-5));
        organization.ChangePlan(PlanCode.Payg, PayBy.Invoice);
        var tenant = new Tenant(new(_clock.NewUuid()), organization.Id, TenantName.Create("shop").Value, "local", Nine);
        var @namespace = new Namespace(new(_clock.NewUuid()), tenant, NamespaceName.Default, Nine);
        var topic = new Topic(new(_clock.NewUuid()), @namespace, TopicName.Create("orders").Value, true, 3, Nine);
        topic.Ready(Nine);
        var key = new PulsarKey(new(_clock.NewUuid()), @namespace, "web", KeyPermissions.Produce, true, false, Nine, null);
        await data.Database.UpdateAsync(
            null,
            session =>
            {
                session.Organizations.Add(organization);
                session.Organizations.Add(new Membership(organization.Id, Owner.AccountId!.Value, Role.Owner, Nine));
                session.Organizations.Add(new PlanPeriod(organization.Id, PlanCode.Payg, Nine.AddDays(-5).HourStart()));
                session.Tenants.Add(tenant);
                session.Tenants.Add(@namespace);
                session.Topics.Add(topic);
                session.Keys.Add(key);
                session.Keys.Add(new KeyGrant(key.Id, topic.Id));
                session.Work.Add(_clock, new GrantKeysWork(@namespace.Id), GrantKeysWork.Place(@namespace));
                return Task.FromResult(true);
            },
            Now
        );
        return (key, tenant.Id);
    }

    private KeySteps Steps(TestDatabase data, IKillPoints killPoints) =>
        new(data.Database, _cluster, new CutKeyConnections(_cluster, _cluster, TimeProvider.System), killPoints, _clock);

    private static async Task<ResourceState> StateOfAsync(TestDatabase data, PulsarKey key) =>
        (await data.Database.ReadAsync(session => session.Keys.FindAsync(key.Id, Now), Now))!.State;

    /// <summary>Something else happens, once, while grants are being taken away.</summary>
    private sealed class BeforeRevoke(Action happens) : IKillPoints
    {
        private Action? _happens = happens;

        public void Reached(string name)
        {
            if (name == KillPoint.KeyBeforeRevoke)
                Interlocked.Exchange(ref _happens, null)?.Invoke();
        }
    }

    private sealed class GrantsAlone(KeySteps steps) : IWorkStep<GrantKeysWork>
    {
        public Task<StepResult> RunAsync(GrantKeysWork payload, WorkTurn turn, CancellationToken cancellationToken) =>
            steps.RunAsync(payload, turn, cancellationToken);

        public Task PostponedAsync(IPortalSession session, GrantKeysWork payload, Problem problem, CancellationToken cancellationToken) =>
            steps.PostponedAsync(session, payload, problem, cancellationToken);

        public Task RefusedAsync(IPortalSession session, GrantKeysWork payload, Problem problem, CancellationToken cancellationToken) =>
            steps.RefusedAsync(session, payload, problem, cancellationToken);
    }

    private async Task CarryOutAsync(TestDatabase data)
    {
        var pump = new WorkPump(data.Database, _clock, Steps(data, new NoKillPoints()));
        for (var second = 0; second < 3; second++)
        {
            await pump.RunAsync();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Empty(pump.Failures);
    }
}
