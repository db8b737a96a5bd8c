using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

/// <summary>What every portal database does. Cut by meaning into several files; run once per database.</summary>
public abstract partial class PortalDatabaseContract
{
    private static readonly Actor Jo = new(new AccountId(Guid.CreateVersion7()), "jo@example.com", false, "192.0.2.7", "trace-1");

    protected abstract Task<TestDatabase> NewAsync(TimeProvider? clock = null);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private static Operation Operation(string name, string subject = "x") => new(Permission.ManageResources, name, subject);

    /// <param name="jo">What Jo is in it; null for a stranger.</param>
    private static async Task<Organization> OrganizationAsync(TestDatabase database, string slug = "northwind", Role? jo = Role.Owner)
    {
        var organization = new Organization(new(database.Clock.NewUuid()), Slug.Create(slug).Value, slug, database.Clock.Now());
        await database.Database.UpdateAsync(
            null,
            session =>
            {
                session.Organizations.Add(organization);
                if (jo is { } role)
                    session.Organizations.Add(new Membership(organization.Id, Jo.AccountId!.Value, role, database.Clock.Now()));
                return Task.FromResult(true);
            },
            Now
        );
        return organization;
    }

    private static async Task<Tenant> TenantAsync(TestDatabase database, Organization organization, string name = "shop")
    {
        var tenant = NewTenant(database, organization, name);
        await WriteAsync(database, organization, "tenant.create", session => session.Tenants.Add(tenant));
        return tenant;
    }

    private static Tenant NewTenant(TestDatabase database, Organization organization, string name) =>
        new(new(database.Clock.NewUuid()), organization.Id, TenantName.Create(name).Value, "local", database.Clock.Now());

    private static async Task<Namespace> NamespaceAsync(TestDatabase database, Organization organization, string tenant = "shop")
    {
        var @namespace = new Namespace(
            new(database.Clock.NewUuid()),
            await TenantAsync(database, organization, tenant),
            NamespaceName.Default,
            database.Clock.Now()
        );
        await WriteAsync(database, organization, "namespace.create", session => session.Tenants.Add(@namespace));
        return @namespace;
    }

    private static Topic NewTopic(TestDatabase database, Namespace @namespace, string name) =>
        new(new(database.Clock.NewUuid()), @namespace, TopicName.Create(name).Value, true, 0, database.Clock.Now());

    private static Task SetUpAsync(TestDatabase database, Action<IPortalSession> change) =>
        database.Database.UpdateAsync(
            null,
            session =>
            {
                change(session);
                return Task.FromResult(true);
            },
            Now
        );

    private static Task<Outcome<Done>> WriteAsync(
        TestDatabase database,
        Organization organization,
        string operation,
        Action<IPortalSession> change
    ) =>
        database.Database.WriteAsync(
            Jo,
            organization.Id,
            Operation(operation),
            session =>
            {
                change(session);
                return Task.FromResult(Outcome.Done);
            },
            Now
        );

    [Fact]
    public async Task A_change_its_work_and_its_audit_record_commit_together()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var tenant = NewTenant(database, organization, "shop");
        await WriteAsync(
            database,
            organization,
            "tenant.create",
            session =>
            {
                session.Tenants.Add(tenant);
                session.Work.Add(database.Clock, new CreateTenantWork(tenant.Id), tenant.Place());
            }
        );

        var (found, work) = await database.Database.ReadAsync(
            async session =>
                (await session.Tenants.FindAsync(organization.Id, "shop", Now), await session.Work.FindHeadAsync(tenant.Place().Line, Now)),
            Now
        );
        Assert.Equal(ResourceState.Creating, found?.State);
        Assert.Equal(tenant.CreatedAt, found?.CreatedAt);
        Assert.Equal(tenant.Id, work!.PayloadOf<CreateTenantWork>().Tenant);
        var record = Assert.Single((await database.Audit.ListAsync(organization.Id, new(), new(), Now)).Items);
        Assert.Equal(
            ("tenant.create", "jo@example.com", AuditOutcome.Allowed, 1L),
            (record.Operation, record.Actor, record.Outcome, record.Sequence)
        );
        Assert.Equal(("192.0.2.7", "trace-1", Jo.AccountId), (record.Address, record.TraceId, record.AccountId));
    }

    [Fact]
    public async Task A_refusal_and_an_exception_leave_nothing_behind()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var refused = await database.Database.WriteAsync(
            Jo,
            organization.Id,
            Operation("tenant.create"),
            session =>
            {
                session.Tenants.Add(NewTenant(database, organization, "shop"));
                return Task.FromResult<Outcome<Done>>(new Problem.Conflict("no", "No."));
            },
            Now
        );
        Assert.Equal("no", refused.Problem?.Code);
        await Assert.ThrowsAsync<TimeoutException>(() =>
            database.Database.WriteAsync<Done>(
                Jo,
                organization.Id,
                Operation("tenant.create"),
                session =>
                {
                    session.Tenants.Add(NewTenant(database, organization, "shop"));
                    throw new TimeoutException();
                },
                Now
            )
        );

        Assert.Null(await database.Database.ReadAsync(session => session.Tenants.FindAsync(organization.Id, "shop", Now), Now));
        Assert.Empty((await database.Audit.ListAsync(organization.Id, new(), new(), Now)).Items);
        // The way is free again for the next writer.
        Assert.True(
            (
                await WriteAsync(
                    database,
                    organization,
                    "tenant.create",
                    session => session.Tenants.Add(NewTenant(database, organization, "shop"))
                )
            ).IsOk
        );
    }

    [Fact]
    public async Task What_a_change_does_to_an_entity_is_kept()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var tenant = await TenantAsync(database, organization);
        await database.Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Tenants.FindAsync(tenant.Id, Now))!.Fail(
                    new Problem.Unavailable("cluster-away", "The cluster does not answer.")
                );
                return true;
            },
            Now
        );
        var found = await database.Database.ReadAsync(session => session.Tenants.FindAsync(tenant.Id, Now), Now);
        Assert.Equal((ResourceState.Failed, "cluster-away"), (found!.State, found.ProblemCode));
    }

    [Fact]
    public async Task Two_writers_of_one_organization_cannot_share_one_slot()
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var organization = await OrganizationAsync(database);

        Task<Outcome<Done>> CreateAsync(TestDatabase by, string name) =>
            by.Database.WriteAsync(
                Jo,
                organization.Id,
                Operation("tenant.create"),
                async session =>
                {
                    if (await session.Tenants.CountAsync(organization.Id, Scope.Whole, Now) >= 1)
                        return new Problem.OverLimit("tenant-limit", "One.", 1, 1, null);
                    await Task.Delay(30, Now);
                    session.Tenants.Add(NewTenant(by, organization, name));
                    return Outcome.Done;
                },
                Now
            );

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => CreateAsync(i % 2 == 0 ? database : other, $"tenant-{i}")));
        Assert.Single(outcomes, outcome => outcome.IsOk);
        Assert.Equal(1, await database.Database.ReadAsync(session => session.Tenants.CountAsync(organization.Id, Scope.Whole, Now), Now));
    }

    [Fact]
    public async Task Of_two_organizations_that_claim_a_name_at_once_one_sees_the_claim_of_the_other()
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var organizations = new[] { await OrganizationAsync(database, "north"), await OrganizationAsync(database, "south") };

        Task<Outcome<Done>> ClaimAsync(TestDatabase by, Organization organization) =>
            by.Database.WriteAsync(
                Jo,
                organization.Id,
                Operation("tenant.create"),
                async session =>
                {
                    if (await session.Tenants.NameOwnerAsync("Shop", Now) is not null)
                        return new Problem.Conflict("tenant-name-taken", "Taken.");
                    await Task.Delay(30, Now);
                    session.Tenants.ClaimName(TenantName.Create("shop").Value, organization.Id);
                    return Outcome.Done;
                },
                Now
            );

        var outcomes = await Task.WhenAll(ClaimAsync(database, organizations[0]), ClaimAsync(other, organizations[1]));
        Assert.Single(outcomes, outcome => outcome.IsOk);
        Assert.Single(outcomes, outcome => outcome.Problem?.Code == "tenant-name-taken");
    }

    [Fact]
    public async Task A_write_inside_a_write_is_an_error_and_no_deadlock()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            database.Database.WriteAsync(
                Jo,
                organization.Id,
                Operation("outer"),
                async _ =>
                {
                    await WriteAsync(database, organization, "inner", _ => { });
                    return Outcome.Done;
                },
                Now
            )
        );
        Assert.True((await WriteAsync(database, organization, "next", _ => { })).IsOk);
    }

    [Fact]
    public async Task A_name_is_free_again_only_when_its_holder_is_deleted()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var @namespace = await NamespaceAsync(database, organization);
        var first = NewTopic(database, @namespace, "orders");
        await WriteAsync(database, organization, "topic.create", session => session.Topics.Add(first));
        await Assert.ThrowsAnyAsync<Microsoft.EntityFrameworkCore.DbUpdateException>(() =>
            WriteAsync(database, organization, "topic.create", session => session.Topics.Add(NewTopic(database, @namespace, "orders")))
        );

        var between = database.Clock.Now();
        await database.Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Topics.FindAsync(first.Id, Now))!.Deleted(between.AddSeconds(1));
                return true;
            },
            Now
        );
        var second = new Topic(new(database.Clock.NewUuid()), @namespace, TopicName.Create("orders").Value, true, 0, between.AddSeconds(2));
        Assert.True((await WriteAsync(database, organization, "topic.create", session => session.Topics.Add(second))).IsOk);

        var (then, after) = await database.Database.ReadAsync(
            async session =>
                (
                    await session.Topics.AliveAtAsync("local", [first.Address], between, Now),
                    await session.Topics.AliveAtAsync("local", [first.Address], between.AddSeconds(3), Now)
                ),
            Now
        );
        Assert.Equal(first.Id, Assert.Single(then).Id);
        Assert.Equal(second.Id, Assert.Single(after).Id);
    }
}
