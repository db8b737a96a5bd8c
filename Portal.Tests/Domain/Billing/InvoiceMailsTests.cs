using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Usage;

namespace Portal.Tests.Domain.Billing;

/// <summary>Those who look after the bills hear of each invoice once, with what they have to do.</summary>
public sealed class InvoiceMailsTests : IAsyncLifetime
{
    private static readonly Account Elena = new(
        BillingWorld.Owner.AccountId!.Value,
        "elena@northwind.example",
        true,
        false,
        BillingWorld.November
    )
    {
        TimeZone = "America/New_York",
    };

    private BillingWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await BillingWorld.CreateAsync();
        _world.People[Elena.Id] = Elena;
        _world.Use(Meter.Write, BillingWorld.November.AddDays(2), 12);
        _world.GoToMonthsEnd();
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task One_that_the_card_paid_is_told_with_its_amount()
    {
        await _world.CloseAsync(early: false);
        Assert.Equal(InvoiceStatus.Paid, (await _world.InvoiceAsync()).Status);
        var mail = Assert.Single(_world.Mailer);
        Assert.Equal((Elena.Email, "Invoice northwind-2026-11-1 is paid"), (mail.To, mail.Subject));
        Assert.Contains("We charged $16.00 to your card.", mail.Body, StringComparison.Ordinal);
        Assert.Equal("/o/northwind/billing/invoices/northwind-2026-11-1", mail.ActionUrl!.AbsolutePath);
    }

    [Fact]
    public async Task One_to_be_paid_says_until_when_and_is_told_once_however_often_the_close_is_killed()
    {
        await _world.ChangeAsync(async session =>
            (await session.Organizations.FindAsync(_world.Northwind, default))!.ChangePlan(PlanCode.Payg, PayBy.Invoice)
        );
        _world.Kill.KillAtName = KillPoint.CloseAfterPay;
        await Assert.ThrowsAsync<KilledException>(() => _world.CloseAsync(early: false));
        _world.Kill.KillAtName = null;
        _world.Kill.Revive();
        Assert.Empty(_world.Mailer);
        await _world.RunAsync();
        await _world.RunAsync();
        var mail = Assert.Single(_world.Mailer);
        Assert.Equal("Invoice northwind-2026-11-1 is ready", mail.Subject);
        Assert.Contains("$16.00 is due.", mail.Body, StringComparison.Ordinal);
        // Issued on December 2 at 01:00 UTC, thirty days.
        Assert.Contains("Issued: December 1, 2026\nDue: December 31, 2026", mail.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_declined_card_is_the_matter_of_another_email()
    {
        _world.Gateway.HasCard = false;
        await _world.CloseAsync(early: false);
        Assert.Equal(["Payment failed for invoice northwind-2026-11-1"], _world.Mailer.Select(mail => mail.Subject));
    }
}
