using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Usage;

namespace Portal.Tests.Domain.Billing;

/// <summary>Invoices whose payment failed, and the card that comes afterwards.</summary>
public sealed class LateCardTests : IAsyncLifetime
{
    private BillingWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await BillingWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_card_that_is_added_after_a_failed_payment_is_charged_once()
    {
        await _world.ChangeAsync(async session =>
            (await session.Organizations.FindAsync(_world.Northwind, default))!.SetStripeCustomer("cus_northwind")
        );
        var complete = new CompleteCheckout(_world.Guard, _world.Database, _world.Gateway, _world.Clock);
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.GoToMonthsEnd();
        _world.Gateway.HasCard = false;
        await _world.CloseAsync(early: false);
        Assert.Equal(
            (InvoiceStatus.Open, "There is no card on file."),
            ((await _world.InvoiceAsync()).Status, (await _world.InvoiceAsync()).ProblemMessage)
        );

        // Given up, then a card that is declined: tried once, however often the page or a webhook comes back.
        Assert.False((await complete.RunAsync(BillingWorld.Owner, "northwind", default)).Value.Paying);
        (_world.Gateway.HasCard, _world.Gateway.Declines) = (true, true);
        var tries = 0;
        _world.Gateway.Fail = (call, _) =>
        {
            if (call == "pay")
                tries++;
            return null;
        };
        Assert.True((await complete.RunAsync(BillingWorld.Owner, "northwind", default)).Value.Paying);
        await _world.RunAsync();
        Assert.False((await complete.RunAsync(BillingWorld.Owner, "northwind", default)).Value.Paying);
        await _world.RunAsync();
        Assert.Equal(
            (InvoiceStatus.Open, "The bank declined the card. Use another one.", 1),
            ((await _world.InvoiceAsync()).Status, (await _world.InvoiceAsync()).ProblemMessage, tries)
        );

        // A third card while the second is still being tried: the second is declined, the third is not forgotten.
        _world.Gateway.Card = "pm_2";
        Assert.True((await complete.RunAsync(BillingWorld.Owner, "northwind", default)).Value.Paying);
        _world.Gateway.Card = "pm_3";
        Assert.True((await complete.RunAsync(BillingWorld.Owner, "northwind", default)).Value.Paying);
        await _world.RunAsync();
        Assert.Equal("pm_3", (await _world.InvoiceAsync()).TriedCard);

        // Another card.
        (_world.Gateway.Declines, _world.Gateway.Card) = (false, "pm_4");
        Assert.True((await complete.RunAsync(BillingWorld.Owner, "northwind", default)).Value.Paying);
        Assert.True((await complete.RunAsync(BillingWorld.Owner, "northwind", default)).Value.Paying);
        await _world.RunAsync();
        Assert.Equal(
            (InvoiceStatus.Paid, null, 1),
            ((await _world.InvoiceAsync()).Status, (await _world.InvoiceAsync()).ProblemMessage, _world.Gateway.Payments)
        );
    }
}
