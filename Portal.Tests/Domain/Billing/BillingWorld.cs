using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Billing;

/// <summary>
/// An organization on Pay as you go since 1 November 2026, a dear price list and a running clock, over a real SQLite database.
/// </summary>
public sealed class BillingWorld : IAsyncDisposable
{
    public const string DearBook = """
        {"version": "dear", "currency": "usd", "startsAt": "2026-01-01T00:00:00Z", "meters": {
          "write": {"per": "MiB", "model": "graduated", "tiers": [{"upTo": 10, "unitPrice": "1"}, {"unitPrice": "3"}]},
          "read": {"per": "MiB", "model": "perUnit", "unitPrice": "0.333"}}}
        """;

    public static readonly DateTimeOffset November = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly Month Month = new(2026, 11);
    public static readonly Actor Operator = new(new AccountId(Guid.NewGuid()), "operator@example.com", true);
    public static readonly Actor Owner = new(new AccountId(Guid.NewGuid()), "owner@example.com", false);

    private readonly TestDatabase _data;

    private BillingWorld(TestDatabase data, FakeTimeProvider clock)
    {
        (_data, Clock) = (data, clock);
        Database = new MortalDatabase(data.Database, Kill);
        Ledger.CompleteTo = Clock.GetUtcNow().AddMinutes(-1);
    }

    public FakeTimeProvider Clock { get; }
    public IPortalDatabase Database { get; }
    public MemoryLedger Ledger { get; } = new();
    public MemoryGateway Gateway { get; } = new();

    /// <summary>In place of the one in memory.</summary>
    public IPaymentGateway? OtherGateway { get; set; }

    private IPaymentGateway Stripe => OtherGateway ?? Gateway;
    public KillSwitch Kill { get; } = new();
    public OrganizationId Northwind { get; private set; }

    public async Task<IReadOnlyList<AuditRecord>> AuditAsync(OrganizationId organization) =>
        (await _data.Audit.ListAsync(organization, new AuditFilter(), new PageRequest(), CancellationToken.None)).Items;

    public AccessGuard Guard => new(Database, _data.Audit, Clock);
    public CreateStripeCustomer Customers => new(Database, People, Stripe, Kill, Clock);
    public CloseMonth CloseMonth => new(Guard, Database, Clock);
    public BillingSettings Settings => BillingSettings.Default;
    public DunningSettings Dunning { get; set; } = DunningSettings.Default;
    public MemoryPeople People { get; } = new();
    public MemoryMailer Mailer { get; } = new();
    public IPublicAddress Address { get; } = new PortalAddress();
    public Dun Dun => new(Database, People, Dunning, Address, Kill, Clock);
    private CompleteCheckout Checkout => new(Guard, Database, Stripe, Clock);
    public StartDueCloses Due => new(Database, Settings, Clock);
    public WorkPump Work =>
        new(
            Database,
            Clock,
            new RunMonthClose(Database, Clock),
            new ClosePeriods(Database, Ledger, Kill, Clock),
            new SettleInvoice(Database, Stripe, Customers, People, Address, Kill, Settings, Clock),
            new ReconcileInvoices(Database, Settings, Clock),
            new LookAtInvoice(Database, Stripe, Clock),
            new HandlePaymentEvent(Database, Stripe, Checkout, Customers, Clock),
            new PayInvoice(Database, Stripe, Clock),
            new ReconcileDisputes(Stripe, Settings, Clock),
            new IssueCreditNote(Database, Stripe, People, Address, Kill, Clock),
            new ReconcileCorrections(Database, Stripe, Settings, Clock),
            new SendTaxId(Database, Stripe, Customers, Clock),
            Due,
            Dun,
            new CheckDunning(Database, Dunning, Clock),
            new SendMail(Database, Mailer, Clock)
        );

    public static async Task<BillingWorld> CreateAsync()
    {
        var clock = new FakeTimeProvider(November.AddDays(10));
        var world = new BillingWorld(await TestDatabase.SqliteAsync(clock), clock);
        world.Northwind = await world.OrganizationAsync("northwind", Owner);
        await world.ChangeAsync(async session =>
        {
            (await session.Organizations.FindAsync(world.Northwind, default))!.ChangePlan(PlanCode.Payg, PayBy.Card);
            session.Organizations.Add(new PlanPeriod(world.Northwind, PlanCode.Payg, November));
        });
        await world.PublishAsync(DearBook);
        return world;
    }

    /// <summary>An organization since 1 November with a tenant on the cluster <c>local</c>.</summary>
    public async Task<OrganizationId> OrganizationAsync(string slug, Actor owner)
    {
        var organization = new Organization(new OrganizationId(Clock.NewUuid()), Slug.Create(slug).Value, slug, November);
        await ChangeAsync(session =>
        {
            session.Organizations.Add(organization);
            session.Organizations.Add(new Membership(organization.Id, owner.AccountId!.Value, Role.Owner, November));
            session.Tenants.Add(
                new Tenant(new TenantId(Clock.NewUuid()), organization.Id, TenantName.Create($"{slug}-shop").Value, "local", November)
            );
            return Task.CompletedTask;
        });
        return organization.Id;
    }

    public Task PublishAsync(string document)
    {
        var book = PriceBook.Parse(document).Value;
        return ChangeAsync(session =>
        {
            session.PriceBooks.Add(
                new PriceBookRecord(
                    new PriceBookId(Clock.NewUuid()),
                    book.Version,
                    book.Currency,
                    book.StartsAt,
                    Clock.Now(),
                    "operator",
                    document
                )
            );
            return Task.CompletedTask;
        });
    }

    public Task ChangeAsync(Func<IPortalSession, Task> change) =>
        _data.Database.UpdateAsync(
            null,
            async session =>
            {
                await change(session);
                return true;
            },
            default
        );

    /// <summary>A topic that is there since the month's first: what lives on a cluster is what a close waits for.</summary>
    public Task TopicAsync() =>
        ChangeAsync(async session =>
        {
            var shop = (await session.Tenants.FindAsync(Northwind, "northwind-shop", default))!;
            var inside = new Namespace(new(Guid.CreateVersion7()), shop, NamespaceName.Default, November);
            session.Tenants.Add(inside);
            var orders = new Topic(new(Guid.CreateVersion7()), inside, TopicName.Create("orders").Value, true, 0, November);
            orders.Ready(November);
            session.Topics.Add(orders);
        });

    public Task<T> ReadAsync<T>(Func<IPortalSession, Task<T>> read) => _data.Database.ReadAsync(read, default);

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<Invoice>> InvoicesAsync(OrganizationId? of = null) =>
        [.. (await ReadAsync(session => session.Invoices.ListAsync(of ?? Northwind, new PageRequest(1000), default))).Items.Reverse()];

    public async Task<Invoice> InvoiceAsync() => Assert.Single(await InvoicesAsync());

    public Task<Organization> FindAsync(OrganizationId id) =>
        ReadAsync(async session => (await session.Organizations.FindAsync(id, default))!);

    public async Task<IReadOnlyList<PlanPeriod>> PlansAsync(OrganizationId id) =>
        await ReadAsync(session => session.Organizations.PlansAsync(id, November, November.AddYears(1), default));

    public Task<WorkItem> JobAsync(WorkId id) => ReadAsync(async session => (await session.Work.FindAsync(id, default))!);

    public void Use(Meter meter, DateTimeOffset at, decimal mebibytes, TopicId topic = default) =>
        Use(Northwind, meter, at, mebibytes, topic);

    public void Use(OrganizationId organization, Meter meter, DateTimeOffset at, decimal mebibytes, TopicId topic = default) =>
        Ledger.Add(organization, meter, at, (long)(mebibytes * ByteSize.MiB), topic);

    /// <summary>Asks for the close and carries it out until nothing of it is due.</summary>
    public async Task<WorkItem> CloseAsync(bool early)
    {
        var job = (await CloseMonth.RunAsync(Operator, Month, early, default)).Value;
        await RunAsync();
        return await JobAsync(job.Id);
    }

    /// <summary>Carries out what is due, and what becomes due in the next seconds: a job looks at its parts once a second.</summary>
    public async Task RunAsync(int seconds = 3)
    {
        for (var second = 0; second <= seconds; second++)
        {
            await Work.RunAsync();
            Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>To a day after the month, with all counters in.</summary>
    public void GoToMonthsEnd()
    {
        Clock.SetUtcNow(Month.End.AddHours(25));
        Ledger.CompleteTo = Clock.GetUtcNow().AddMinutes(-1);
    }

    public ValueTask DisposeAsync() => _data.DisposeAsync();

    private sealed class PortalAddress : IPublicAddress
    {
        public Uri Url { get; } = new("https://portal.example");
    }
}

/// <summary>Takes emails and keeps them.</summary>
public sealed class MemoryMailer : List<Mail>, IMailer
{
    public bool KeepsMails => false;

    public Task<Outcome<Done>> SendAsync(Guid id, Mail mail, CancellationToken cancellationToken)
    {
        Add(mail);
        return Task.FromResult(Outcome.Done);
    }
}

/// <summary>Accounts in memory; none unless a test adds them.</summary>
public sealed class MemoryPeople : Dictionary<AccountId, Account>, IAccountDirectory
{
    public Task<bool> AnyAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    public Task<Account?> FindAsync(AccountId id, CancellationToken cancellationToken) => Task.FromResult(this.GetValueOrDefault(id));

    public Task<IReadOnlyDictionary<AccountId, Account>> FindManyAsync(
        IReadOnlyCollection<AccountId> ids,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyDictionary<AccountId, Account>>(this.Where(pair => ids.Contains(pair.Key)).ToDictionary());
}

/// <summary>
/// Stands for a process that is killed: throws at the wanted pass of a kill point, and from then on the process does nothing.
/// </summary>
public sealed class KillSwitch : IKillPoints
{
    public List<string> Passed { get; } = [];
    public int KillAt { get; set; } = -1;

    /// <summary>Asked at each pass, by its name.</summary>
    public Func<string, bool> KillIf { get; set; } = _ => false;
    public bool IsDead { get; private set; }
    public string? KillAtName { get; set; }

    public void Reached(string name)
    {
        Passed.Add(name);
        if (Passed.Count - 1 != KillAt && name != KillAtName && !KillIf(name))
            return;
        IsDead = true;
        throw new KilledException();
    }

    /// <summary>Another process goes on.</summary>
    public void Revive() => IsDead = false;
}

public sealed class KilledException : Exception;

/// <summary>The database as a process sees it that may be dead: a dead one reads and writes nothing more.</summary>
internal sealed class MortalDatabase(IPortalDatabase database, KillSwitch kill) : IPortalDatabase
{
    public Task<T> ReadAsync<T>(Func<IPortalSession, Task<T>> read, CancellationToken cancellationToken) =>
        Alive().ReadAsync(read, cancellationToken);

    public Task<Outcome<T>> WriteAsync<T>(
        Actor actor,
        OrganizationId? organization,
        Operation operation,
        Func<IPortalSession, Task<Outcome<T>>> change,
        CancellationToken cancellationToken
    ) => Alive().WriteAsync(actor, organization, operation, change, cancellationToken);

    public Task RefuseAsync(
        Actor actor,
        OrganizationId? organization,
        Operation operation,
        Problem problem,
        Func<IPortalSession, Task> change,
        CancellationToken cancellationToken
    ) => Alive().RefuseAsync(actor, organization, operation, problem, change, cancellationToken);

    public Task<T> UpdateAsync<T>(
        Lease? lease,
        OrganizationId? organization,
        Func<IPortalSession, Task<T>> change,
        CancellationToken cancellationToken
    ) => Alive().UpdateAsync(lease, organization, change, cancellationToken);

    private IPortalDatabase Alive() => kill.IsDead ? throw new KilledException() : database;
}
