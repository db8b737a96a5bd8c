using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Billing;

/// <summary>Somebody deletes the organization's customer at Stripe.</summary>
public sealed class DeletedCustomerTests : IAsyncLifetime
{
    private const string Gone = "cus_northwind";
    private const string New = "cus_northwind_again";
    private BillingWorld _world = null!;

    private CreateStripeCustomer Customers => _world.Customers;

    public async ValueTask InitializeAsync()
    {
        _world = await BillingWorld.CreateAsync();
        await _world.ChangeAsync(async session =>
            (await session.Organizations.FindAsync(_world.Northwind, default))!.SetStripeCustomer(Gone)
        );
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(KillPoint.CloseAfterRating, New)]
    [InlineData(KillPoint.CloseAfterDraft, New)]
    [InlineData(KillPoint.CloseAfterItem, New)]
    [InlineData(KillPoint.CloseAfterItems, New)]
    [InlineData(KillPoint.CloseAfterCompare, New)]
    [InlineData(KillPoint.CloseAfterFinalize, Gone)]
    public async Task The_close_ends_by_itself_with_one_invoice_whenever_it_happens(string point, string issuedTo)
    {
        _world.Use(Meter.Write, BillingWorld.November.AddDays(3), 12);
        _world.Use(Meter.Read, BillingWorld.November.AddDays(4), 10);
        _world.Kill.KillAtName = point;
        var job = (await _world.CloseMonth.RunAsync(BillingWorld.Operator, BillingWorld.Month, true, default)).Value;
        await Assert.ThrowsAsync<KilledException>(() => _world.RunAsync());
        _world.Kill.KillAtName = null;
        _world.Kill.Revive();
        _world.Gateway.DeleteCustomer(Gone);
        _world.Clock.Advance(TimeSpan.FromMinutes(5));
        await _world.RunAsync(seconds: 10);

        var invoice = await _world.InvoiceAsync();
        Assert.Equal((InvoiceStage.Settled, InvoiceStatus.Open), (invoice.Stage, invoice.Status));
        Assert.Equal("There is no card on file.", invoice.ProblemMessage);
        var there = Assert.Single(_world.Gateway.Invoices);
        Assert.Equal((issuedTo, invoice.TotalMinor, 2), (there.CustomerId, there.TotalMinor, there.LineAmounts.Count));
        Assert.Equal(WorkState.Done, (await _world.JobAsync(job.Id)).State);
    }

    [Fact]
    public async Task The_plan_goes_on_and_waits_for_a_card_which_begins_nothing_anew()
    {
        _world.Gateway.DeleteCustomer(Gone);
        Assert.True((await Customers.ReplaceAsync(Gone, default)).IsOk);
        var organization = await _world.FindAsync(_world.Northwind);
        Assert.Equal((New, PlanCode.Payg, PlanCode.Payg), (organization.StripeCustomerId, organization.Plan, organization.AwaitingCardFor));

        _world.Gateway.HasCard = true;
        var complete = new CompleteCheckout(_world.Guard, _world.Database, _world.Gateway, _world.Clock);
        var done = (await complete.RunAsync(BillingWorld.Owner, "northwind", default)).Value;
        Assert.Equal((true, false, null), (done.HasCard, done.PlanBegan, (await _world.FindAsync(_world.Northwind)).AwaitingCardFor));
        Assert.Single(await _world.PlansAsync(_world.Northwind));
    }

    [Fact]
    public async Task The_event_that_tells_of_it_is_no_news_twice_nor_of_others()
    {
        _world.Gateway.DeleteCustomer(Gone);
        foreach (var told in new[] { Gone, Gone, "cus_of_somebody" })
            Assert.True((await Customers.ReplaceAsync(told, default)).IsOk);
        Assert.Equal(New, (await _world.FindAsync(_world.Northwind)).StripeCustomerId);
    }

    [Fact]
    public async Task Checkout_opens_for_the_new_customer()
    {
        _world.Gateway.DeleteCustomer(Gone);
        var start = new StartCheckout(_world.Guard, _world.Database, _world.Gateway, Customers, _world.Clock);
        Assert.True(
            (await start.RunAsync(BillingWorld.Owner, "northwind", "/o/northwind/billing", new Uri("https://portal.example"), default)).IsOk
        );
        Assert.Equal(New, (await _world.FindAsync(_world.Northwind)).StripeCustomerId);
    }
}
