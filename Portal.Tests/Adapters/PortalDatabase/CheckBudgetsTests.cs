using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Audit;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Mails;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

/// <summary>From a topic that stands there to the email about its cost, over a real database.</summary>
public sealed class CheckBudgetsTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Account Elena = new(new(Guid.CreateVersion7()), "elena@northwind.example", true, false, Begin)
    {
        TimeZone = "Europe/Berlin",
    };
    private static readonly Account Dev = new(new(Guid.CreateVersion7()), "dev@northwind.example", true, false, Begin);
    private static readonly Account Late = new(new(Guid.CreateVersion7()), "late@northwind.example", false, false, Begin);
    private static readonly Actor Owner = new(Elena.Id, Elena.Email, false);

    private readonly FakeTimeProvider _clock = new(Begin);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Those_who_look_after_bills_are_written_to_once_and_developers_are_not()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var organization = await SetUpAsync(data);
        // 1,000 partitions cost $1.20 an hour.
        var set = await Set(data).RunAsync(Owner, "northwind", 5760, [50, 100], true, null, Now);
        Assert.True(set.IsOk);
        Assert.Empty(await RunAsync(data, hours: 23));

        // $28.80 of $57.60 on the second day; the rest of the month makes far more.
        var mail = Assert.Single(await RunAsync(data, hours: 24));
        Assert.Equal((Elena.Email, "You've used 50% of your monthly budget"), (mail.To, mail.Subject));
        Assert.Contains("$28.80 of its $57.60 budget for November", mail.Body, StringComparison.Ordinal);
        Assert.Contains("(Europe/Berlin)", mail.Body, StringComparison.Ordinal);
        var forecast = Assert.Single(await RunAsync(data, hours: 26));
        Assert.Equal("You're on track to exceed your monthly budget", forecast.Subject);
        Assert.Contains("This budget has no hard cap", forecast.Body, StringComparison.Ordinal);
        Assert.Empty(await RunAsync(data, hours: 40));
        Assert.Equal("You've reached your monthly budget", Assert.Single(await RunAsync(data, hours: 48)).Subject);
        Assert.Empty(await RunAsync(data, hours: 100));
        // Set again, by a program that does so all the time: what is reached is known.
        await Set(data).RunAsync(Owner, "northwind", 5760, [50, 100], true, null, Now);
        Assert.Empty(await RunAsync(data, hours: 100));

        var view = (
            await new GetBudget(Guard(data), data.Database, data.Provider.GetRequiredService<IUsageLedger>(), _clock).RunAsync(
                Owner,
                "northwind",
                null,
                Now
            )
        ).Value!;
        Assert.Equal((208, 12000, false), (view.Percent, view.Spent.Minor, view.IsHeadingOver));
        Assert.Equal(
            3,
            (await data.Audit.ListAsync(organization, new AuditFilter(Operation: "budget.alert"), new PageRequest(), Now)).Items.Count
        );
    }

    [Fact]
    public async Task A_hard_cap_slows_down_then_blocks_and_ends_with_the_month_or_a_larger_budget()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var organization = await SetUpAsync(data);
        await Set(data).RunAsync(Owner, "northwind", 5760, [50, 100], false, 90, Now);
        Assert.Single(await RunAsync(data, hours: 24));
        Assert.Equal((Publishing.Open, ""), await HeldAsync(data, organization));

        // $54 of $57.60: one email says all of it, and says it once.
        var slowed = Assert.Single(await RunAsync(data, hours: 45));
        Assert.Equal("Publishing is slowed down: you've used 93% of your budget", slowed.Subject);
        Assert.Equal((Publishing.Slowed, "namespace.apply-policies"), await HeldAsync(data, organization));
        Assert.Empty(await RunAsync(data, hours: 46));
        var blocked = Assert.Single(await RunAsync(data, hours: 48));
        Assert.Equal("Publishing is blocked: you've reached your hard cap", blocked.Subject);
        Assert.Equal((Publishing.Blocked, "namespace.apply-policies key.restrict"), await HeldAsync(data, organization));
        Assert.Empty(await RunAsync(data, hours: 60));

        // Whoever raises it sees what it does.
        await Set(data).RunAsync(Owner, "northwind", 57600, [50, 100], false, 90, Now);
        Assert.Equal(
            (Publishing.Open, "namespace.apply-policies key.restrict namespace.apply-policies keys.grant"),
            await HeldAsync(data, organization)
        );
        await Set(data).RunAsync(Owner, "northwind", 5760, [50, 100], false, 90, Now);
        Assert.Equal(Publishing.Blocked, (await HeldAsync(data, organization)).Publishing);
        Assert.Empty(await RunAsync(data, hours: 61));
        var back = Assert.Single(await RunAsync(data, hours: 30 * 24 + 1));
        Assert.Equal("Publishing is back to normal", back.Subject);
        Assert.Equal(Publishing.Open, (await HeldAsync(data, organization)).Publishing);
        Assert.Equal(
            3,
            (await data.Audit.ListAsync(organization, new AuditFilter(Operation: "budget.cap"), new PageRequest(), Now)).Items.Count
        );
    }

    [Fact]
    public async Task Without_the_budget_nothing_is_held_back()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var organization = await SetUpAsync(data);
        await Set(data).RunAsync(Owner, "northwind", 100, [], false, 100, Now);
        await RunAsync(data, hours: 48);
        Assert.Equal(Publishing.Blocked, (await HeldAsync(data, organization)).Publishing);
        Assert.True((await new RemoveBudget(Guard(data), data.Database, _clock).RunAsync(Owner, "northwind", Now)).IsOk);
        Assert.Equal(Publishing.Open, (await HeldAsync(data, organization)).Publishing);
    }

    /// <summary>What the organization may, and the kinds of work that were written for its cluster, in order.</summary>
    private static async Task<(Publishing Publishing, string Work)> HeldAsync(TestDatabase data, OrganizationId id)
    {
        var organization = await data.Database.ReadAsync(session => session.Organizations.FindAsync(id, Now), Now);
        var kinds = new List<string>();
        await using var connection = await data.Connections.OpenAsync(Now);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT kind FROM work_items WHERE lane LIKE 'cluster%' ORDER BY sequence";
        await using var reader = await command.ExecuteReaderAsync(Now);
        while (await reader.ReadAsync(Now))
            kinds.Add(reader.GetString(0));
        return (organization!.Publishing, string.Join(' ', kinds));
    }

    [Fact]
    public async Task An_amount_that_is_none_is_refused_with_what_is_missing()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        await SetUpAsync(data);
        var set = Set(data);
        foreach (var amount in new long?[] { null, 0, -5, long.MaxValue })
            Assert.Equal("budget-amount-range", (await set.RunAsync(Owner, "northwind", amount, null, true, null, Now)).Problem?.Code);
        foreach (var alerts in new int[][] { [0], [1001], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] })
            Assert.Equal("budget-alerts-range", (await set.RunAsync(Owner, "northwind", 100, alerts, true, null, Now)).Problem?.Code);
        foreach (var slowsAt in new[] { 0, 101, -1 })
            Assert.Equal("budget-slows-at-range", (await set.RunAsync(Owner, "northwind", 100, null, true, slowsAt, Now)).Problem?.Code);
        Assert.Null(
            (
                await new GetBudget(Guard(data), data.Database, data.Provider.GetRequiredService<IUsageLedger>(), _clock).RunAsync(
                    Owner,
                    "northwind",
                    null,
                    Now
                )
            ).Value
        );
        Assert.True((await set.RunAsync(Owner, "northwind", 100, [], false, null, Now)).IsOk);
        Assert.True((await new RemoveBudget(Guard(data), data.Database, _clock).RunAsync(Owner, "northwind", Now)).IsOk);
        Assert.True((await new RemoveBudget(Guard(data), data.Database, _clock).RunAsync(Owner, "northwind", Now)).IsOk);
    }

    /// <summary>The emails of one pass when everything is metered up to then.</summary>
    private async Task<IReadOnlyList<Mail>> RunAsync(TestDatabase data, int hours)
    {
        _clock.SetUtcNow(Begin.AddHours(hours));
        await data.ExecuteAsync("DELETE FROM usage_clusters");
        await data.ExecuteAsync(
            "INSERT INTO usage_clusters (cluster, polled_at, complete_to, system_bytes, unknown_bytes, unexplained_rows) VALUES "
                + $"('local', 0, {_clock.Now().ToUnixMicroseconds()}, '0', '0', 0)"
        );
        var before = await MailsAsync(data);
        var step = new CheckBudgets(data.Database, data.Provider.GetRequiredService<IUsageLedger>(), new People(), new Address(), _clock);
        var turn = new WorkTurn(new(Guid.CreateVersion7()), null, null, 0, _clock.GetUtcNow(), null);
        Assert.IsType<StepResult.GoOn>(await step.RunAsync(new CheckBudgetsWork(), turn, Now));
        return [.. (await MailsAsync(data)).ExceptBy(before.Select(one => one.Id), one => one.Id).Select(one => one.Mail)];
    }

    private static async Task<IReadOnlyList<(Guid Id, Mail Mail)>> MailsAsync(TestDatabase data)
    {
        var ids = new List<Guid>();
        await using (var connection = await data.Connections.OpenAsync(Now))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT id FROM mails";
            await using var reader = await command.ExecuteReaderAsync(Now);
            while (await reader.ReadAsync(Now))
                ids.Add(reader.GetGuid(0));
        }
        var found = new List<(Guid, Mail)>();
        foreach (var id in ids)
            found.Add((id, (await data.Database.ReadAsync(session => session.Mails.FindAsync(id, Now), Now))!));
        return found;
    }

    private async Task<OrganizationId> SetUpAsync(TestDatabase data)
    {
        await new EnsureShippedPriceBook(data.Database, _clock).RunAsync(Now);
        var organization = new Organization(new(_clock.NewUuid()), Slug.Create("northwind").Value, "Northwind", Begin);
        organization.ChangePlan(PlanCode.Payg, PayBy.Invoice);
        var tenant = new Tenant(new(_clock.NewUuid()), organization.Id, TenantName.Create("shop").Value, "local", Begin);
        var @namespace = new Namespace(new(_clock.NewUuid()), tenant, NamespaceName.Default, Begin);
        var topic = new Topic(new(_clock.NewUuid()), @namespace, TopicName.Create("orders").Value, true, 1000, Begin);
        topic.Ready(Begin);
        @namespace.Ready(Begin);
        var key = new PulsarKey(
            new(_clock.NewUuid()),
            @namespace,
            "app",
            KeyPermissions.Produce | KeyPermissions.Consume,
            true,
            false,
            Begin,
            null
        );
        var reads = new PulsarKey(new(_clock.NewUuid()), @namespace, "reads", KeyPermissions.Consume, true, false, Begin, null);
        await data.Database.UpdateAsync(
            null,
            session =>
            {
                session.Organizations.Add(organization);
                foreach (var (account, role) in new[] { (Elena, Role.Owner), (Dev, Role.Developer), (Late, Role.Billing) })
                    session.Organizations.Add(new Membership(organization.Id, account.Id, role, Begin));
                session.Organizations.Add(new PlanPeriod(organization.Id, PlanCode.Payg, Begin));
                session.Tenants.Add(tenant);
                session.Tenants.Add(@namespace);
                session.Topics.Add(topic);
                session.Keys.Add(key);
                session.Keys.Add(reads);
                return Task.FromResult(true);
            },
            Now
        );
        return organization.Id;
    }

    private SetBudget Set(TestDatabase data) => new(Guard(data), data.Database, data.Provider.GetRequiredService<IUsageLedger>(), _clock);

    private static AccessGuard Guard(TestDatabase data) => new(data.Database, data.Audit, data.Clock);

    private sealed class Address : IPublicAddress
    {
        public Uri Url { get; } = new("https://portal.example");
    }

    private sealed class People : IAccountDirectory
    {
        private static readonly Dictionary<AccountId, Account> All = new[] { Elena, Dev, Late }.ToDictionary(account => account.Id);

        public Task<bool> AnyAsync(CancellationToken cancellationToken) => Task.FromResult(true);

        public Task<Account?> FindAsync(AccountId id, CancellationToken cancellationToken) => Task.FromResult(All.GetValueOrDefault(id));

        public Task<IReadOnlyDictionary<AccountId, Account>> FindManyAsync(
            IReadOnlyCollection<AccountId> ids,
            CancellationToken cancellationToken
        ) => Task.FromResult<IReadOnlyDictionary<AccountId, Account>>(All.Where(pair => ids.Contains(pair.Key)).ToDictionary());
    }
}
