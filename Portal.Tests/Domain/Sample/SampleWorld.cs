using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Sample;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Domain.Sample;

/// <summary>
/// The sample company's rows over a real SQLite database, a broker that meters its topics live, and months that can be closed.
/// </summary>
public sealed class SampleWorld : IAsyncDisposable
{
    public static readonly Actor Operator = new(new AccountId(Guid.NewGuid()), "operator@example.com", true);
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);
    private readonly TestDatabase _data;

    private SampleWorld(TestDatabase data, FakeTimeProvider clock)
    {
        (_data, Clock, Past) = (data, clock, new(clock.GetUtcNow()));
        Id = new(clock.NewUuid());
    }

    public FakeTimeProvider Clock { get; }
    public SamplePast Past { get; }
    public OrganizationId Id { get; }
    public IReadOnlyList<Topic> Topics { get; private set; } = [];
    public ShownRows Brokers { get; } = new();
    public MemoryGateway Gateway { get; } = new();
    public IPortalDatabase Database => _data.Database;
    public IUsageLedger Ledger => _data.Provider.GetRequiredService<IUsageLedger>();
    public ICollectorLedger Collector => _data.Provider.GetRequiredService<ICollectorLedger>();
    public IUsageRetention Retention => _data.Provider.GetRequiredService<IUsageRetention>();
    public AccessGuard Guard => new(Database, _data.Audit, Clock);

    private WorkPump Work
    {
        get
        {
            var customers = new CreateStripeCustomer(
                Database,
                _data.Provider.GetRequiredService<IAccountDirectory>(),
                Gateway,
                new NoKillPoints(),
                Clock
            );
            return new(
                Database,
                Clock,
                new RunMonthClose(Database, Clock),
                new ClosePeriods(Database, Ledger, new NoKillPoints(), Clock),
                new SettleInvoice(
                    Database,
                    Gateway,
                    customers,
                    _data.Provider.GetRequiredService<IAccountDirectory>(),
                    new ThisPortal(),
                    new NoKillPoints(),
                    BillingSettings.Default,
                    Clock
                ),
                new StartDueCloses(Database, BillingSettings.Default, Clock)
            );
        }
    }

    public static async Task<SampleWorld> CreateAsync(DateTimeOffset? now = null)
    {
        var clock = new FakeTimeProvider(now ?? new(2026, 11, 23, 10, 17, 40, TimeSpan.Zero));
        var world = new SampleWorld(await TestDatabase.SqliteAsync(clock), clock);
        await new EnsureShippedPriceBook(world.Database, clock).RunAsync(default);
        await world.OrganizationAsync(world.Id, SampleCompany.Slug, isSample: true);
        var topics = new List<Topic>();
        await world.ChangeAsync(session =>
        {
            foreach (var inTenant in SampleCompany.Topics.GroupBy(topic => topic.Tenant))
            {
                var tenant = new Tenant(new(clock.NewUuid()), world.Id, TenantName.Create(inTenant.Key).Value, "local", world.Past.Start);
                session.Tenants.Add(tenant);
                foreach (var inNamespace in inTenant.GroupBy(topic => topic.Namespace))
                {
                    var @namespace = new Namespace(
                        new(clock.NewUuid()),
                        tenant,
                        NamespaceName.Create(inNamespace.Key).Value,
                        world.Past.Start
                    );
                    session.Tenants.Add(@namespace);
                    foreach (var plan in inNamespace)
                    {
                        var topic = new Topic(
                            new(clock.NewUuid()),
                            @namespace,
                            TopicName.Create(plan.Name).Value,
                            true,
                            plan.Partitions,
                            world.Past.Start
                        );
                        topic.Ready(world.Past.Start);
                        session.Topics.Add(topic);
                        topics.Add(topic);
                    }
                }
            }
            return Task.CompletedTask;
        });
        world.Topics = topics;
        return world;
    }

    /// <summary>An organization on Pay as you go since the sample's first month.</summary>
    public Task OrganizationAsync(OrganizationId id, string slug, bool isSample = false) =>
        ChangeAsync(session =>
        {
            var organization = new Organization(id, Slug.Create(slug).Value, slug, Past.Start);
            organization.ChangePlan(PlanCode.Payg, PayBy.Card);
            if (isSample)
                organization.MarkAsSample();
            session.Organizations.Add(organization);
            session.Organizations.Add(new PlanPeriod(id, PlanCode.Payg, Past.Start));
            return Task.CompletedTask;
        });

    /// <summary>Steps until the past is written, or so many.</summary>
    public async Task WritePastAsync(int steps = int.MaxValue)
    {
        var usage = new SampleUsage(Collector, Clock);
        for (var step = 0; step < steps; step++)
            if (await usage.AdvanceAsync(Past, Topics, null, default) == Past.MeteredTo)
                return;
    }

    public async Task<ClusterMetering> PollAsync()
    {
        using var telemetry = new MeteringTelemetry(Clock);
        await new PollCluster(
            Brokers,
            Collector,
            _data.Provider.GetRequiredService<IMeteredTopics>(),
            Database,
            telemetry,
            new NoKillPoints(),
            Clock
        ).RunAsync("local", null, Minute, TimeSpan.FromSeconds(10), default);
        return (await Collector.StandingAsync(default)).Single();
    }

    public async Task<Int128> TotalAsync(Meter meter, DateTimeOffset from, DateTimeOffset to) =>
        (await Ledger.TotalsAsync(Id, from, to, default)).GetValueOrDefault(meter);

    /// <summary>The traffic and storage of all the past.</summary>
    public async Task<(Int128 Write, Int128 Read, Int128 Storage)> PastAsync() =>
        (
            await TotalAsync(Meter.Write, Past.Start, Clock.Now()),
            await TotalAsync(Meter.Read, Past.Start, Clock.Now()),
            await TotalAsync(Meter.Storage, Past.Start, Clock.Now())
        );

    /// <summary>As the operator closes a month for everybody.</summary>
    public async Task<WorkItem> CloseForAllAsync(Month month)
    {
        var job = (await new CloseMonth(Guard, Database, Clock).RunAsync(Operator, month, early: false, default)).Value;
        await RunWorkAsync();
        return await Database.ReadAsync(async session => (await session.Work.FindAsync(job.Id, default))!, default);
    }

    /// <summary>The months up to this one, of the sample company alone.</summary>
    public async Task CloseForSampleAsync(Month month)
    {
        var close = new ClosePeriodsWork(Id, month.ToString(), Early: false, Clock.Now());
        await ChangeAsync(session =>
        {
            session.Work.Add(Clock, close, close.Place(SampleCompany.Slug));
            return Task.CompletedTask;
        });
        await RunWorkAsync();
    }

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<Invoice>> InvoicesAsync(OrganizationId of) =>
        [
            .. (await Database.ReadAsync(session => session.Invoices.ListAsync(of, new PageRequest(100), default), default)).Items.OrderBy(
                invoice => invoice.From
            ),
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

    public async Task RunWorkAsync()
    {
        for (var second = 0; second < 4; second++)
        {
            await Work.RunAsync();
            Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>As the portal looks once a minute whether a month is due.</summary>
    public async Task RunDueClosesAsync()
    {
        await ChangeAsync(session =>
        {
            session.Work.Add(
                Clock,
                new StartDueClosesWork(),
                new WorkPlace(Lanes.Billing, "closes", null, "closes", WorkPriority.Background)
            );
            return Task.CompletedTask;
        });
        await RunWorkAsync();
    }

    public ValueTask DisposeAsync() => _data.DisposeAsync();
}

/// <summary>One broker that lists what a test shows.</summary>
public sealed class ShownRows : IBrokerStatistics
{
    private TopicCounters[] _rows = [];

    public void Show(params TopicCounters[] rows) => _rows = rows;

    public Task<Outcome<BrokerList>> ListBrokersAsync(string cluster, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<BrokerList>>(new BrokerList(["b1:8080"], TimeSpan.FromSeconds(1)));

    public async IAsyncEnumerable<TopicCounters> ReadAsync(
        string cluster,
        string broker,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.CompletedTask;
        foreach (var row in _rows)
            yield return row;
    }

    public Task<Outcome<LiveCounters>> ReadTopicAsync(string cluster, string partition, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<LiveCounters>>(new Problem.NotFound("topic-not-on-cluster", "There is no such topic."));

    public Task<Outcome<LedgerRecord>> ReadLedgersAsync(string cluster, string partition, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<LedgerRecord>>(new Problem.NotFound("topic-not-on-cluster", "There is no such topic."));
}
