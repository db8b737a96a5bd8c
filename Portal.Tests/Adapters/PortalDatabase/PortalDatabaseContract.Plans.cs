using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

public abstract partial class PortalDatabaseContract
{
    [Fact]
    public async Task The_newest_version_of_each_plan_and_all_of_one_by_page()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        await WriteAsync(
            database,
            organization,
            "plans",
            session =>
            {
                for (var version = 1; version <= 12; version++)
                    session.Plans.Add(Version(database, PlanCode.Free, version));
                session.Plans.Add(Version(database, PlanCode.Payg, 1));
            }
        );
        var newest = await database.Database.ReadAsync(session => session.Plans.NewestAsync(Now), Now);
        Assert.Equal([(PlanCode.Free, 12L), (PlanCode.Payg, 1L)], newest.OrderBy(one => one.Plan).Select(one => (one.Plan, one.Version)));
        Assert.Equal(
            (12, null),
            (
                newest.Single(one => one.Plan == PlanCode.Free).Limits.Tenants,
                newest.Single(one => one.Plan == PlanCode.Free).Limits.Connectors
            )
        );

        var seen = new List<long>();
        for (string? after = null; ; )
        {
            var page = await database.Database.ReadAsync(session => session.Plans.ListAsync(PlanCode.Free, new(5, after), Now), Now);
            seen.AddRange(page.Items.Select(one => one.Version));
            if ((after = page.Next) is null)
                break;
        }
        Assert.Equal(Enumerable.Range(1, 12).Reverse().Select(version => (long)version), seen);
        // A version is published once.
        await Assert.ThrowsAnyAsync<Microsoft.EntityFrameworkCore.DbUpdateException>(() =>
            WriteAsync(database, organization, "plans", session => session.Plans.Add(Version(database, PlanCode.Free, 12)))
        );
    }

    [Fact]
    public async Task Of_two_operators_who_publish_at_once_one_is_told()
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var operators = new[] { database, other };
        await new EnsureShippedPlans(database.Database, database.Clock).RunAsync(Now);
        var outcomes = await Task.WhenAll(
            operators.Select(by =>
                new PublishPlan(new(by.Database, by.Audit, by.Clock), by.Database, by.Clock).RunAsync(
                    Jo with
                    {
                        IsOperator = true,
                    },
                    "free",
                    "Free",
                    ShippedPlans.Of(PlanCode.Free).Limits.ByName(),
                    "At once",
                    1,
                    Now
                )
            )
        );
        Assert.Equal([null, "plan-changed"], outcomes.Select(outcome => outcome.Problem?.Code).Order());
    }

    [Fact]
    public async Task Own_limits_come_with_their_organization()
    {
        await using var database = await NewAsync();
        var (north, south) = (await OrganizationAsync(database, "north"), await OrganizationAsync(database, "south"));
        await WriteAsync(
            database,
            north,
            "limits",
            session =>
            {
                var limits = new OrganizationLimits(north.Id);
                limits.Change(
                    new(new Dictionary<LimitKind, long?> { [LimitKind.Tenants] = 7, [LimitKind.Connectors] = null }),
                    "As agreed",
                    database.Clock.Now(),
                    "operator"
                );
                session.Plans.Add(limits);
            }
        );
        var found = await database.Database.ReadAsync(session => session.Plans.LimitsOfAsync(north.Id, Now), Now);
        Assert.Equal((1, "As agreed", 7L), (found!.Revision, found.Note, found.Own.Values[LimitKind.Tenants]));
        Assert.True(found.Own.Holds(LimitKind.Connectors));
        Assert.Null(await database.Database.ReadAsync(session => session.Plans.LimitsOfAsync(south.Id, Now), Now));

        var first = await database.Database.ReadAsync(session => session.Plans.OnPlanAsync(PlanCode.Free, null, 1, Now), Now);
        var second = await database.Database.ReadAsync(session => session.Plans.OnPlanAsync(PlanCode.Free, first[0].Id, 5, Now), Now);
        Assert.Equal(
            [("north", true), ("south", false)],
            first
                .Concat(second)
                .OrderBy(one => one.Slug, StringComparer.Ordinal)
                .Select(one => (one.Slug, one.Own.Holds(LimitKind.Tenants)))
        );
        Assert.Equal(
            (2, 0),
            await database.Database.ReadAsync(
                async session => (await session.Plans.CountAsync(PlanCode.Free, Now), await session.Plans.CountAsync(PlanCode.Payg, Now)),
                Now
            )
        );
    }

    [Fact]
    public async Task What_organizations_use_is_the_largest_of_each_and_leaves_out_what_is_deleted()
    {
        await using var database = await NewAsync();
        var (north, south, empty) = (
            await OrganizationAsync(database, "north"),
            await OrganizationAsync(database, "south"),
            await OrganizationAsync(database, "empty")
        );
        var shop = await TenantAsync(database, north);
        await TenantAsync(database, north, "office");
        await NamespaceAsync(database, south, "south");
        var spaces = new[] { "a", "b", "gone" }
            .Select(name => new Namespace(new(database.Clock.NewUuid()), shop, NamespaceName.Create(name).Value, database.Clock.Now()))
            .ToList();
        spaces[0].Ready(database.Clock.Now());
        spaces[1].Ready(database.Clock.Now());
        spaces[2].Deleted(database.Clock.Now());
        await WriteAsync(
            database,
            north,
            "resources",
            session =>
            {
                spaces.ForEach(session.Tenants.Add);
                foreach (var (inside, name, partitions) in new[] { (0, "one", 0), (1, "one", 0), (1, "two", 6), (1, "three", 3) })
                    session.Topics.Add(
                        new(
                            new(database.Clock.NewUuid()),
                            spaces[inside],
                            TopicName.Create(name).Value,
                            true,
                            partitions,
                            database.Clock.Now()
                        )
                    );
                var gone = new Topic(
                    new(database.Clock.NewUuid()),
                    spaces[0],
                    TopicName.Create("gone").Value,
                    true,
                    99,
                    database.Clock.Now()
                );
                gone.Deleted(database.Clock.Now());
                session.Topics.Add(gone);
            }
        );

        var uses = await database.Database.ReadAsync(session => session.Plans.UsesAsync([north.Id, south.Id, empty.Id], Now), Now);
        Assert.Equal(
            [
                (LimitKind.Tenants, 2L),
                (LimitKind.NamespacesPerTenant, 2L),
                (LimitKind.TopicsPerNamespace, 3L),
                (LimitKind.PartitionsPerTopic, 6L),
            ],
            uses[north.Id].OrderBy(use => use.Kind).Select(use => (use.Kind, use.Used))
        );
        Assert.Equal(
            [(LimitKind.Tenants, 1L), (LimitKind.NamespacesPerTenant, 1L)],
            uses[south.Id].OrderBy(use => use.Kind).Select(use => (use.Kind, use.Used))
        );
        Assert.False(uses.ContainsKey(empty.Id));
        var largest = await database.Database.ReadAsync(session => session.Plans.LargestUsesAsync(north.Id, Now), Now);
        Assert.Equal(
            [(2L, "the organization"), (2L, "tenant 'shop'"), (3L, "namespace 'shop/b'"), (6L, "topic 'persistent://shop/b/two'")],
            largest.Select(use => (use.Used, use.Where))
        );

        var ready = await database.Database.ReadAsync(session => session.Tenants.ReadyNamespacesAsync(north.Id, null, 1, Now), Now);
        var rest = await database.Database.ReadAsync(session => session.Tenants.ReadyNamespacesAsync(north.Id, ready[0].Id, 9, Now), Now);
        // By id, which ids of one millisecond do not have in the order of their making.
        Assert.Equal(
            new[] { spaces[0], spaces[1] }.OrderBy(one => $"{one.Id}", StringComparer.Ordinal).Select(one => one.Id),
            ready.Concat(rest).Select(one => one.Id)
        );
    }

    private static PlanVersion Version(TestDatabase database, PlanCode plan, int version) =>
        new(
            plan,
            version,
            "A plan",
            ShippedPlans.Of(plan).Limits.With(LimitKind.Tenants, version).With(LimitKind.Connectors, null),
            database.Clock.Now(),
            "operator",
            "Because"
        );
}
