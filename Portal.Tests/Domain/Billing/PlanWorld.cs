using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Domain.Billing;

/// <summary>Organizations on plans over a real database, with a cluster that remembers the policies it was given.</summary>
internal sealed class PlanWorld : IAsyncDisposable
{
    public static readonly Actor Operator = new(new AccountId(Guid.NewGuid()), "operator@example.com", true);
    public static readonly Actor Owner = new(new AccountId(Guid.NewGuid()), "owner@example.com", false);

    private PlanWorld(TestDatabase data, FakeTimeProvider clock) => (Data, Clock) = (data, clock);

    public TestDatabase Data { get; }
    public FakeTimeProvider Clock { get; }
    public IPortalDatabase Database => Data.Database;
    public StandingCluster Cluster { get; } = new();
    public AccessGuard Guard => new(Database, Data.Audit, Clock);
    public WorkPump Pump =>
        _pump ??= new(Database, Clock, new ApplyLimits(Database, Clock), new NamespaceSteps(Database, Cluster, new NoKillPoints(), Clock));
    private WorkPump? _pump;

    public static async Task<PlanWorld> CreateAsync()
    {
        var clock = new FakeTimeProvider(new(2026, 11, 28, 9, 0, 0, TimeSpan.Zero));
        var world = new PlanWorld(await TestDatabase.SqliteAsync(clock), clock);
        await new EnsureShippedPlans(world.Database, clock).RunAsync(default);
        return world;
    }

    public ValueTask DisposeAsync() => Data.DisposeAsync();

    /// <summary>An organization with one tenant and so many ready namespaces, each as the customer wishes.</summary>
    public async Task<Organization> OrganizationAsync(string slug, PlanCode plan, int namespaces, NamespaceWishes? wishes = null)
    {
        var organization = new Organization(new(Clock.NewUuid()), Slug.Create(slug).Value, slug, Clock.Now());
        organization.ChangePlan(plan, PayBy.Invoice);
        await ChangeAsync(session =>
        {
            session.Organizations.Add(organization);
            session.Organizations.Add(new Membership(organization.Id, Owner.AccountId!.Value, Role.Owner, Clock.Now()));
            session.Organizations.Add(new PlanPeriod(organization.Id, plan, Clock.Now().HourStart()));
            var tenant = new Tenant(new(Clock.NewUuid()), organization.Id, TenantName.Create(slug).Value, "local", Clock.Now());
            tenant.Ready(Clock.Now());
            session.Tenants.Add(tenant);
            for (var i = 0; i < namespaces; i++)
            {
                var @namespace = new Namespace(new(Clock.NewUuid()), tenant, NamespaceName.Create($"n{i}").Value, Clock.Now());
                if (wishes is not null)
                    @namespace.Wish(wishes);
                @namespace.Ready(Clock.Now());
                session.Tenants.Add(@namespace);
            }
            return Task.CompletedTask;
        });
        return organization;
    }

    public async Task<Topic> TopicAsync(Organization organization, string name, int partitions = 0, string inside = "n0")
    {
        Topic? made = null;
        await ChangeAsync(async session =>
        {
            var tenant = (await session.Tenants.FindAsync(organization.Id, organization.Slug, default))!;
            made = new Topic(
                new(Clock.NewUuid()),
                (await session.Tenants.FindNamespaceAsync(tenant.Id, inside, default))!,
                TopicName.Create(name).Value,
                true,
                partitions,
                Clock.Now()
            );
            made.Ready(Clock.Now());
            session.Topics.Add(made);
        });
        return made!;
    }

    public Task<Outcome<PlanVersion>> PublishAsync(PlanCode plan, LimitKind kind, long? value, long basedOn = 1) =>
        new PublishPlan(Guard, Database, Clock).RunAsync(
            Operator,
            Plan.Text(plan),
            ShippedPlans.Of(plan).Name,
            ShippedPlans.Of(plan).Limits.With(kind, value).ByName(),
            "As agreed",
            basedOn,
            default
        );

    public Task<Outcome<OrganizationLimitsView>> SetLimitsAsync(string slug, LimitKind kind, long? value, int basedOn = 0) =>
        new SetOrganizationLimits(Guard, Database, Clock).RunAsync(
            Operator,
            slug,
            new Dictionary<string, long?> { [kind.Text()] = value },
            "As agreed",
            basedOn,
            default
        );

    public Task<Outcome<PlanChanged>> SetPlanAsync(string slug, PlanCode plan) =>
        new SetPlan(Guard, Database, new MemoryGateway(), new(Database, Cluster), Clock).RunAsync(
            Operator,
            slug,
            Plan.Text(plan),
            "invoice",
            default
        );

    public Task<Outcome<PlanPreview>> PreviewAsync(PlanCode plan, PlanLimits limits, PageRequest page) =>
        new PreviewPlan(Guard, Database).RunAsync(Operator, Plan.Text(plan), limits.ByName(), page, default);

    /// <summary>Until nothing is left to do.</summary>
    public async Task CarryOutAsync()
    {
        for (var second = 0; second < 3; second++)
        {
            await Pump.RunAsync();
            Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    public async Task<IReadOnlyList<WorkItem>> WorkAsync(string kind) =>
        [
            .. (
                await Database.ReadAsync(session => session.Work.ListAsync(new(), new(PageRequest.MaxLimit), default), default)
            ).Items.Where(item => item.Kind == kind),
        ];

    public Task ChangeAsync(Func<IPortalSession, Task> change) =>
        Database.UpdateAsync(
            null,
            async session =>
            {
                await change(session);
                return true;
            },
            default
        );
}
