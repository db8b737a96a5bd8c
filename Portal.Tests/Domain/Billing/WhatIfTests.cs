using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Usage;
using Xunit;

namespace Portal.Tests.Domain.Billing;

/// <summary>What usage would cost otherwise, by the rater of invoices.</summary>
public sealed class WhatIfTests : IAsyncLifetime
{
    private const string Cheap = """
        {"version": "cheap", "currency": "usd", "startsAt": "2026-12-01T00:00:00Z", "meters": {"write": {"per": "MiB", "model": "perUnit", "unitPrice": "0.5", "minimum": "2"}}}
        """;

    private BillingWorld _world = null!;

    private GetWhatIf Get => new(_world.Guard, _world.Database, _world.Ledger, _world.Clock);
    private GetCustomerWhatIf OfCustomer => new(_world.Guard, _world.Database, _world.Ledger, _world.Clock);

    public async ValueTask InitializeAsync() => _world = await BillingWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task As_it_is_it_costs_what_an_invoice_over_it_says()
    {
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.Use(Meter.Read, BillingWorld.November.AddDays(3), 10);
        var same = await AskAsync(month: "2026-11");
        var bill = (
            await new GetCurrentBill(_world.Guard, _world.Database, _world.Ledger, _world.Clock).RunAsync(
                BillingWorld.Owner,
                "northwind",
                default
            )
        ).Value;
        Assert.Equal((bill.Total, bill.Total, 0), (same.Before, same.After, same.Difference!.Value.Minor));
        Assert.Equal(
            bill.Lines.Select(line => (line.Meter, line.Amount, line.Explanation)),
            same.Lines.Select(line => (line.Meter, line.After!.Amount, line.After.Explanation))
        );
    }

    [Fact]
    public async Task Twice_the_traffic_goes_through_the_tiers_and_says_so_line_by_line()
    {
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.Use(Meter.Read, BillingWorld.November.AddDays(3), 10);
        var twice = await AskAsync(traffic: "200");
        // 10 × 1 + 2 × 3 and 10 × 0.333, against 10 × 1 + 14 × 3 and 20 × 0.333.
        Assert.Equal([(1600L, 5200L), (333L, 666L)], twice.Lines.Select(line => (line.Before!.Amount.Minor, line.After!.Amount.Minor)));
        Assert.Equal((1933, 5866, 3933), (twice.Before.Minor, twice.After.Minor, twice.Difference!.Value.Minor));
        var half = await AskAsync(traffic: "50");
        Assert.Equal(600 + 167, half.After.Minor);
        Assert.Equal(0, (await AskAsync(traffic: "0")).After.Minor);
    }

    [Fact]
    public async Task Another_plan_says_what_it_charges_and_which_of_its_limits_are_passed()
    {
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        await _world.ChangeAsync(session =>
        {
            session.Tenants.Add(
                new Tenant(
                    new TenantId(_world.Clock.NewUuid()),
                    _world.Northwind,
                    TenantName.Create("northwind-office").Value,
                    "local",
                    BillingWorld.November
                )
            );
            return Task.CompletedTask;
        });
        var free = await AskAsync(plan: "free");
        Assert.Equal((1600, 0, -1600), (free.Before.Minor, free.After.Minor, free.Difference!.Value.Minor));
        Assert.Null(free.Book);
        Assert.Contains(new LimitPassed(LimitKind.Tenants, 1, 2, free.Passed[0].Where), free.Passed);
        Assert.Empty((await AskAsync(plan: "dedicated")).Passed);
    }

    [Fact]
    public async Task Prices_that_have_not_started_are_the_operators_to_try()
    {
        await _world.PublishAsync(Cheap);
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        Assert.Equal(["dear"], (await AskAsync()).PriceLists);
        Assert.Equal(
            "price-list-not-found",
            (await Get.RunAsync(BillingWorld.Owner, "northwind", Wish(priceList: "cheap"), default)).Problem?.Code
        );
        var seen = (await OfCustomer.RunAsync(BillingWorld.Operator, "northwind", Wish(priceList: "cheap"), default)).Value;
        Assert.Equal((1600, 600), (seen.Before.Minor, seen.After.Minor));
        Assert.Equal(["cheap", "dear"], seen.PriceLists);
        // A month's minimum counts, as on an invoice.
        var little = (
            await OfCustomer.RunAsync(BillingWorld.Operator, "northwind", Wish(priceList: "cheap", traffic: "10"), default)
        ).Value;
        Assert.Equal(200, little.After.Minor);
        Assert.False((await OfCustomer.RunAsync(BillingWorld.Owner, "northwind", Wish(), default)).IsOk);
        Assert.Equal("organization-not-found", (await OfCustomer.RunAsync(BillingWorld.Operator, "nobody", Wish(), default)).Problem?.Code);
    }

    [Fact]
    public async Task The_last_thirty_days_end_with_the_last_full_hour()
    {
        _world.Clock.Advance(TimeSpan.FromMinutes(25));
        var found = await AskAsync();
        Assert.Equal((_world.Clock.GetUtcNow().HourStart().AddDays(-30), _world.Clock.GetUtcNow().HourStart()), (found.From, found.To));
        Assert.Empty(found.Lines);
        Assert.Equal("month-ahead", (await Get.RunAsync(BillingWorld.Owner, "northwind", Wish(month: "2027-01"), default)).Problem?.Code);
    }

    [Theory]
    [InlineData("2026-13", null, null, "month-malformed")]
    [InlineData(null, "gold", null, "plan-unknown")]
    [InlineData(null, null, "-1", "percent-out-of-range")]
    [InlineData(null, null, "10001", "percent-out-of-range")]
    [InlineData(null, null, "1.5", "percent-out-of-range")]
    public void What_makes_no_sense_is_refused_with_what_to_write(string? month, string? plan, string? traffic, string code) =>
        Assert.Equal(code, WhatIfWish.Create(month, plan, null, traffic, null, null).Problem?.Code);

    private static WhatIfWish Wish(string? month = null, string? plan = null, string? priceList = null, string? traffic = null) =>
        WhatIfWish.Create(month, plan, priceList, traffic, null, null).Value;

    private async Task<WhatIfResult> AskAsync(string? month = null, string? plan = null, string? traffic = null) =>
        (await Get.RunAsync(BillingWorld.Owner, "northwind", Wish(month, plan, traffic: traffic), default)).Value;
}
