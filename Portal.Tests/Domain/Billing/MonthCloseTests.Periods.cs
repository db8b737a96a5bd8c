using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Domain.Billing;

public sealed partial class MonthCloseTests
{
    [Fact]
    public async Task After_an_early_close_the_rest_of_the_month_goes_on_in_the_tier_it_had_reached()
    {
        _world.Use(Meter.Write, Day(3), 8);
        await _world.CloseAsync(early: true);
        _world.Use(Meter.Write, Day(20), 7);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);

        var invoices = await _world.InvoicesAsync();
        Assert.Equal(["northwind-2026-11-1", "northwind-2026-11-2"], invoices.Select(invoice => invoice.Number));
        Assert.Equal([800L, 200L + 1500L], invoices.Select(invoice => invoice.TotalMinor));
        Assert.Equal(invoices[0].To, invoices[1].From);
    }

    [Fact]
    public async Task Each_hour_is_priced_by_the_book_in_force_in_it()
    {
        await _world.PublishAsync(
            BillingWorld
                .DearBook.Replace("dear", "cheaper", StringComparison.Ordinal)
                .Replace("2026-01-01T00:00:00Z", "2026-11-15T10:30:00Z", StringComparison.Ordinal)
                .Replace("0.333", "0.1", StringComparison.Ordinal)
        );
        _world.Use(Meter.Read, Day(15).AddHours(10.9), 100);
        _world.Use(Meter.Read, Day(15).AddHours(11), 100);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        Assert.Equal([3330L, 1000L], (await _world.InvoiceAsync()).Lines.OrderBy(line => line.From).Select(line => line.AmountMinor));
    }

    [Fact]
    public async Task Only_hours_in_which_the_plan_is_charged_are_charged()
    {
        await _world.ChangeAsync(session =>
        {
            session.Organizations.Add(new PlanPeriod(_world.Northwind, PlanCode.Free, Day(5)));
            session.Organizations.Add(new PlanPeriod(_world.Northwind, PlanCode.Payg, Day(6)));
            session.Organizations.Add(new PlanPeriod(_world.Northwind, PlanCode.Payg, Day(8), suspended: true));
            return Task.CompletedTask;
        });
        _world.Use(Meter.Write, Day(5).AddMinutes(-1), 1);
        _world.Use(Meter.Write, Day(5), 100);
        _world.Use(Meter.Write, Day(6), 2);
        _world.Use(Meter.Write, Day(8), 100);
        _world.GoToMonthsEnd();
        await _world.CloseAsync(early: false);
        Assert.Equal(300, (await _world.InvoiceAsync()).TotalMinor);
    }

    [Fact]
    public async Task Usage_that_spans_an_early_close_is_priced_by_both_invoices_lines()
    {
        _world.Use(Meter.Write, Day(3), 8);
        await _world.CloseAsync(early: true);
        _world.Use(Meter.Write, _world.Clock.GetUtcNow(), 7);
        var usage = (
            await new GetUsage(_world.Guard, _world.Database, _world.Ledger, _world.Clock).RunAsync(
                BillingWorld.Owner,
                "northwind",
                UsageRequest.Create(null, "2026-12-01T00:00:00Z", "meter", "total", _world.Clock).Value,
                new PageRequest(),
                default
            )
        ).Value;
        Assert.Equal(25m, Assert.Single(usage.Items.Items).Amount);
    }

    [Fact]
    public async Task Prices_may_begin_in_the_past_only_where_no_invoice_covers()
    {
        var publish = new PublishPriceBook(_world.Guard, _world.Database, _world.Clock);
        Assert.True(
            (
                await publish.RunAsync(
                    BillingWorld.Operator,
                    BillingWorld.DearBook.Replace("dear", "a", StringComparison.Ordinal),
                    false,
                    default
                )
            ).IsOk
        );
        _world.Use(Meter.Write, Day(3), 12);
        await _world.CloseAsync(early: true);
        Assert.Equal(
            "price-book-too-early",
            (
                await publish.RunAsync(
                    BillingWorld.Operator,
                    BillingWorld.DearBook.Replace("dear", "b", StringComparison.Ordinal),
                    false,
                    default
                )
            )
                .Problem!
                .Code
        );
    }

    [Fact]
    public async Task A_plan_that_waits_for_a_card_begins_once_with_the_hour()
    {
        var fabrikam = await _world.OrganizationAsync("fabrikam", BillingWorld.Owner);
        await _world.ChangeAsync(async session =>
        {
            var organization = (await session.Organizations.FindAsync(fabrikam, default))!;
            organization.AwaitCardFor(PlanCode.Payg);
            organization.SetStripeCustomer("cus_fabrikam");
        });
        var complete = new CompleteCheckout(_world.Guard, _world.Database, _world.Gateway, _world.Clock);
        _world.Gateway.HasCard = false;
        Assert.False((await complete.RunAsync(BillingWorld.Owner, "fabrikam", default)).Value.PlanBegan);
        _world.Gateway.HasCard = true;
        _world.Clock.Advance(TimeSpan.FromMinutes(40));
        Assert.True((await complete.RunAsync(BillingWorld.Owner, "fabrikam", default)).Value.PlanBegan);
        Assert.False((await complete.RunAsync(BillingWorld.Owner, "fabrikam", default)).Value.PlanBegan);
        var period = Assert.Single(await _world.PlansAsync(fabrikam));
        Assert.Equal((PlanCode.Payg, _world.Clock.Now().HourStart()), (period.Plan, period.From));
    }

    [Fact]
    public async Task A_way_down_and_up_again_within_one_hour_leaves_the_plan_charged()
    {
        var change = new ChangePlan(
            _world.Guard,
            _world.Database,
            _world.Gateway,
            new(_world.Database, new StandingCluster()),
            _world.Clock
        );
        await _world.ChangeAsync(async session =>
            (await session.Organizations.FindAsync(_world.Northwind, default))!.SetStripeCustomer("cus_northwind")
        );
        Assert.True((await change.RunAsync(BillingWorld.Owner, "northwind", PlanCode.Free, default)).IsOk);
        var now = _world.Clock.Now();
        Assert.True(Tariff.Of([], await _world.PlansAsync(_world.Northwind)).IsChargedAt(now));
        Assert.False(Tariff.Of([], await _world.PlansAsync(_world.Northwind)).IsChargedAt(now.AddHours(1)));
        Assert.True((await change.RunAsync(BillingWorld.Owner, "northwind", PlanCode.Payg, default)).IsOk);
        Assert.True(Tariff.Of([], await _world.PlansAsync(_world.Northwind)).IsChargedAt(now.AddHours(1)));
    }
}
