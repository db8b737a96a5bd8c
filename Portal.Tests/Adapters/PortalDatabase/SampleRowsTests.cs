using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Adapters.PortalDatabase;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Mails;
using Portal.Domain.Plans;
using Portal.Domain.Sample;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Tests.Domain.Sample;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Adapters.PortalDatabase;

/// <summary>Erasing the sample company takes all of it and nothing of anybody else, on both databases.</summary>
public sealed class SampleRowsTests(PostgresServer postgres)
{
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 23, 10, 17, 40, TimeSpan.Zero));

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("PostgreSql")]
    public async Task All_of_it_goes_and_a_customer_keeps_every_row(string provider)
    {
        await using var data =
            provider == "Sqlite" ? await TestDatabase.SqliteAsync(_clock) : await TestDatabase.PostgreSqlAsync(postgres, _clock);
        await new EnsureShippedPlans(data.Database, _clock).RunAsync(Now);
        var customer = await CustomerAsync(data);
        var before = await CountAsync(data);
        var sample = await SampleAsync(data);
        Assert.NotEqual(before, await CountAsync(data));
        var rows = data.Provider.GetRequiredService<ISampleRows>();
        var people = await data.Database.ReadAsync(
            session => session.Organizations.ListMembersAsync(sample.Id, new PageRequest(100), Now),
            Now
        );

        while (await rows.EraseUsageAsync(sample.Id, null, Now) > 0) { }
        Assert.True(await rows.EraseAsync(sample.Id, null, [.. people.Items.Select(member => member.AccountId)], null, Now) > 50);
        Assert.Equal(0, await rows.EraseAsync(sample.Id, null, [], null, Now));
        Assert.Equal(before, await CountAsync(data));

        // A customer's rows are not to be had this way.
        await Assert.ThrowsAsync<InvalidOperationException>(() => rows.EraseAsync(customer, null, [], null, Now));
        Assert.Equal(before, await CountAsync(data));
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("PostgreSql")]
    public async Task There_is_one_at_a_time(string provider)
    {
        await using var data =
            provider == "Sqlite" ? await TestDatabase.SqliteAsync(_clock) : await TestDatabase.PostgreSqlAsync(postgres, _clock);
        await AddAsync(data, "one");
        await Assert.ThrowsAsync<DbUpdateException>(() => AddAsync(data, "two"));

        Task AddAsync(TestDatabase database, string slug) =>
            database.Database.UpdateAsync(
                null,
                session =>
                {
                    var organization = new Organization(new(_clock.NewUuid()), Slug.Create(slug).Value, slug, _clock.Now());
                    organization.MarkAsSample();
                    session.Organizations.Add(organization);
                    return Task.FromResult(true);
                },
                Now
            );
    }

    [Fact]
    public async Task Nothing_is_written_to_an_address_that_nobody_has()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        await data.Database.UpdateAsync(
            null,
            session =>
            {
                session.Mails.Add(TestMail.To(SampleCompany.People[0].Email.Value));
                session.Mails.Add(TestMail.To("Nora.Alder@Alder-and-Pine.example.com"));
                return Task.FromResult(true);
            },
            Now
        );
        Assert.Equal(0, (await CountAsync(data))["mails"]);
    }

    private async Task<Organization> SampleAsync(TestDatabase data)
    {
        var past = new SamplePast(_clock.Now());
        var setup = new SampleSetup(
            new AccessGuard(data.Database, data.Audit, _clock),
            data.Database,
            new StandingCluster(),
            new KeysOfTopics(_clock),
            _clock
        );
        var organization = (await setup.EnsureOrganizationAsync(SampleWorld.Operator, past, Now)).Value;
        await setup.EnsureTopicsAsync(organization, past, Now);
        await data.Database.UpdateAsync(
            null,
            async session =>
            {
                foreach (
                    var topic in (
                        await session.Topics.ListOfOrganizationAsync(organization.Id, Scope.Whole, null, new PageRequest(100), Now)
                    ).Items
                )
                    topic.Ready(_clock.Now());
                return true;
            },
            Now
        );
        var topics = (await setup.EnsureTopicsAsync(organization, past, Now)).Value!;
        var usage = new SampleUsage(data.Provider.GetRequiredService<ICollectorLedger>(), _clock);
        for (var day = 0; day < 2; day++)
            await usage.AdvanceAsync(past, topics, null, Now);
        return organization;
    }

    /// <summary>With a tenant, a namespace, a topic, a member, work and an audit log.</summary>
    private async Task<OrganizationId> CustomerAsync(TestDatabase data)
    {
        var id = new OrganizationId(_clock.NewUuid());
        await data.Database.WriteAsync<Organization>(
            SampleWorld.Operator,
            id,
            new Operation(Permission.CreateOrganizations, "organization.create", "northwind"),
            session =>
            {
                var organization = new Organization(id, Slug.Create("northwind").Value, "Northwind", _clock.Now());
                session.Organizations.Add(organization);
                session.Organizations.Add(new Membership(id, SampleWorld.Operator.AccountId!.Value, Role.Owner, _clock.Now()));
                session.Organizations.Add(new PlanPeriod(id, PlanCode.Free, _clock.Now()));
                return Task.FromResult<Outcome<Organization>>(organization);
            },
            Now
        );
        var made = await new CreateTenant(
            new AccessGuard(data.Database, data.Audit, _clock),
            data.Database,
            new StandingCluster(),
            _clock
        ).RunAsync(SampleWorld.Operator, "northwind", "shop", null, Now);
        Assert.True(made.IsOk);
        return id;
    }

    /// <summary>Rows of every table there is but the clusters' standing.</summary>
    private static async Task<Dictionary<string, long>> CountAsync(TestDatabase data)
    {
        var isSqlite = data.Options.Provider == DatabaseProvider.Sqlite;
        var tables = await RowsAsync(
            data,
            isSqlite
                ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                : "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        );
        var counts = new Dictionary<string, long>();
        foreach (var table in tables.Cast<string>().Where(name => name is not "usage_clusters"))
            counts[table] = Convert.ToInt64(
                (await RowsAsync(data, $"SELECT count(*) FROM \"{table}\""))[0],
                System.Globalization.CultureInfo.InvariantCulture
            );
        return counts;
    }

    private static async Task<List<object>> RowsAsync(TestDatabase data, string query)
    {
        await using var connection = await data.Connections.OpenAsync(Now);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names of tables of our own.
        command.CommandText = query;
#pragma warning restore CA2100
        var rows = new List<object>();
        await using var reader = await command.ExecuteReaderAsync(Now);
        while (await reader.ReadAsync(Now))
            rows.Add(reader.GetValue(0));
        return rows;
    }
}
