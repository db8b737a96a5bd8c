using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Billing;

/// <summary>What closing a month would come to, told before it is closed: it is what the close then makes.</summary>
public sealed class ClosePreviewTests : IAsyncLifetime
{
    private BillingWorld _world = null!;

    private PreviewMonthClose Preview => new(_world.Guard, _world.Database, _world.Ledger, _world.Clock);

    public async ValueTask InitializeAsync() => _world = await BillingWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task The_sum_is_what_the_close_then_invoices()
    {
        await _world.OrganizationAsync("free", BillingWorld.Owner);
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.Use(Meter.Read, BillingWorld.November.AddDays(20), 7);
        _world.GoToMonthsEnd();
        var preview = (await Preview.RunAsync(BillingWorld.Operator, BillingWorld.Month, default)).Value;
        await _world.CloseAsync(early: false);
        Assert.Equal([new Money((await _world.InvoiceAsync()).TotalMinor, Currency.Usd)], preview.Totals);
        Assert.Equal(
            (false, null, 2, 2, 1, 0),
            (preview.IsEarly, preview.UpTo, preview.Organizations, preview.Looked, preview.Invoices, preview.Waiting)
        );
        Assert.Empty(preview.Concerns);
        var after = (await Preview.RunAsync(BillingWorld.Operator, BillingWorld.Month, default)).Value;
        Assert.Equal((0, 0), (after.Organizations, after.Invoices));
    }

    [Fact]
    public async Task One_that_can_not_be_rated_is_named_and_keeps_no_other_away()
    {
        await _world.OrganizationAsync("free", BillingWorld.Owner);
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.GoToMonthsEnd();
        _world.Ledger.Odd = _world.Northwind;
        var preview = (await Preview.RunAsync(BillingWorld.Operator, BillingWorld.Month, default)).Value;
        var concern = Assert.Single(preview.Concerns);
        Assert.Equal((2, "northwind", false), (preview.Looked, concern.Organization.Slug, concern.IsWaiting));
    }

    [Fact]
    public async Task An_early_close_says_up_to_when_and_counts_nothing_later()
    {
        await _world.TopicAsync();
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.Use(Meter.Write, _world.Clock.GetUtcNow().AddHours(1), 500);
        var preview = (await Preview.RunAsync(BillingWorld.Operator, BillingWorld.Month, default)).Value;
        Assert.Equal((true, _world.Ledger.CompleteTo), (preview.IsEarly, preview.UpTo));
        Assert.Equal([new Money(1600, Currency.Usd)], preview.Totals);
    }

    [Fact]
    public async Task What_is_not_metered_to_the_end_waits_and_is_named()
    {
        await _world.TopicAsync();
        _world.GoToMonthsEnd();
        _world.Ledger.CompleteTo = BillingWorld.Month.End.AddHours(-1);
        var preview = (await Preview.RunAsync(BillingWorld.Operator, BillingWorld.Month, default)).Value;
        var concern = Assert.Single(preview.Concerns);
        Assert.Equal((1, true, "northwind"), (preview.Waiting, concern.IsWaiting, concern.Organization.Slug));
        Assert.Contains("closes by itself", concern.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_amount_too_small_to_charge_and_a_blocked_invoice_are_counted_apart()
    {
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.Gateway.Alter = invoice => invoice with { TotalMinor = invoice.TotalMinor + 1 };
        await _world.CloseAsync(early: true);
        _world.Use(Meter.Read, _world.Clock.GetUtcNow(), 1);
        _world.GoToMonthsEnd();
        var preview = (await Preview.RunAsync(BillingWorld.Operator, BillingWorld.Month, default)).Value;
        Assert.Equal((1, 0, 1, 1), (preview.Organizations, preview.Invoices, preview.CarriedOver, preview.Mismatches));
    }

    [Fact]
    public async Task Only_an_operator_looks_and_not_into_the_future()
    {
        Assert.Equal("operator-only", (await Preview.RunAsync(BillingWorld.Owner, BillingWorld.Month, default)).Problem?.Code);
        Assert.Equal("month-in-future", (await Preview.RunAsync(BillingWorld.Operator, BillingWorld.Month.Next, default)).Problem?.Code);
        Assert.Empty((await _world.ReadAsync(session => session.Work.ListAsync(new WorkFilter(), new PageRequest(), default))).Items);
    }
}
