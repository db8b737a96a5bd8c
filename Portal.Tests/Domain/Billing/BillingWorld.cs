using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Usage;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Billing;

/// <summary>An organisation on Pay as you go since 1 November 2026, a dear price book and a running clock.</summary>
public sealed class BillingWorld
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

    public BillingWorld()
    {
        Clock = new FakeTimeProvider(November.AddDays(10));
        Northwind = Organization("northwind", Owner);
        Database.PlanPeriods.Add(new PlanPeriod(Northwind.Id, PlanCode.Payg, November));
        Northwind.ChangePlan(PlanCode.Payg, PayBy.Card);
        Publish(DearBook);
        Ledger.CompleteTo = Clock.GetUtcNow().AddMinutes(-1);
    }

    public FakeTimeProvider Clock { get; }
    public MemoryPortal Database { get; } = new();
    public MemoryLedger Ledger { get; } = new();
    public MemoryGateway Gateway { get; } = new();
    public KillSwitch Kill { get; } = new();
    public Organization Northwind { get; }
    public AccessGuard Guard => new(Database, Database, Clock);
    public ClosePeriods Periods => new(Database, Ledger, Kill, Clock);
    public SettleInvoice Settle => new(Database, Gateway, new CreateStripeCustomer(Database, Database, Gateway, Kill), Kill, BillingSettings.Default, Clock);
    public CloseMonth CloseMonth => new(Guard, Database, Clock);
    public RunMonthClose RunMonthClose => new(Database, Periods, Settle, Clock);

    public Organization Organization(string slug, Actor owner)
    {
        var organization = new Organization(new OrganizationId(Guid.NewGuid()), Slug.Create(slug).Value, slug, November);
        Database.Add(organization);
        Database.Add(new Membership(organization.Id, owner.AccountId!.Value, Role.Owner, November));
        return organization;
    }

    public void Publish(string document)
    {
        var book = PriceBook.Parse(document).Value;
        Database.Add(new PriceBookRecord(new PriceBookId(Guid.NewGuid()), book.Version, book.Currency, book.StartsAt, Clock.Now(), "operator", document));
    }

    public void Use(Meter meter, DateTimeOffset at, decimal mebibytes, TopicId topic = default) => Ledger.Add(Northwind.Id, meter, at, (long)(mebibytes * ByteSize.MiB), topic);

    public async Task<Job> CloseAsync(bool early)
    {
        var job = (await CloseMonth.RunAsync(Operator, Month, early, default)).Value;
        await RunMonthClose.RunAsync(null, default);
        return job;
    }

    /// <summary>To a day after the month, with all counters in.</summary>
    public void GoToMonthsEnd()
    {
        Clock.SetUtcNow(Month.End.AddHours(25));
        Ledger.CompleteTo = Clock.GetUtcNow().AddMinutes(-1);
    }
}

/// <summary>Stands for a process that is killed: throws at the wanted pass of a kill point.</summary>
public sealed class KillSwitch : IKillPoints
{
    public List<string> Passed { get; } = [];
    public int KillAt { get; set; } = -1;

    public void Reached(string name)
    {
        Passed.Add(name);
        if (Passed.Count - 1 == KillAt) throw new KilledException();
    }
}

public sealed class KilledException : Exception;
