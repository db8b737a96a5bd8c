using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Domain.Billing;

public sealed partial class TaxCloseTests
{
    [Theory]
    [InlineData("rates")]
    [InlineData("stripe")]
    public async Task Without_an_address_the_invoice_waits_alone_and_the_address_wakes_it(string mode)
    {
        await PublishAsync(mode);
        var other = await _world.OrganizationAsync("contoso", BillingWorld.Owner);
        await _world.ChangeAsync(async session =>
        {
            (await session.Organizations.FindAsync(other, default))!.ChangePlan(PlanCode.Payg, PayBy.Card);
            session.Organizations.Add(new PlanPeriod(other, PlanCode.Payg, BillingWorld.November));
        });
        Assert.True((await Set.RunAsync(BillingWorld.Owner, "contoso", null, null, null, null, null, "DE", default)).IsOk);
        _world.Use(other, Meter.Write, BillingWorld.November.AddDays(2), 12);
        await CloseWithUsageAsync();
        var waiting = await _world.InvoiceAsync();
        Assert.Equal((null, TaxRules.MissingNote), (waiting.FinalizedAt, waiting.ProblemMessage));
        // Whoever never says where they are would never pay, and nothing would ever follow from it.
        Assert.False(waiting.IsOverdue(_world.Clock.Now().AddDays(13)));
        Assert.True(waiting.IsOverdue(_world.Clock.Now().AddDays(15)));
        Assert.Contains(
            waiting.Number,
            await _world.ReadAsync(async session =>
                (
                    await DunningState.LoadAsync(
                        session,
                        _world.Northwind,
                        DunningSettings.Default,
                        _world.Clock.Now().AddDays(15),
                        default
                    )
                )!.Overdue.Select(one => one.Number)
            )
        );
        var mail = await _world.ReadAsync(async session =>
            DunningMails.Of(
                new("pat@example.com", MailZone.Of(null, null)),
                (
                    await DunningState.LoadAsync(
                        session,
                        _world.Northwind,
                        DunningSettings.Default,
                        _world.Clock.Now().AddDays(15),
                        default
                    )
                )!,
                isStep: false,
                _world.Address
            )
        );
        Assert.Equal($"Reminder: invoice {waiting.Number} is overdue", mail.Subject);
        Assert.Equal("Add your address", mail.ActionText);
        var plan = new ChangePlan(_world.Guard, _world.Database, _world.Gateway, new(_world.Database, new StandingCluster()), _world.Clock);
        await _world.OrganizationAsync("fabrikam", BillingWorld.Owner);
        Assert.Equal("billing-address-needed", (await plan.RunAsync(BillingWorld.Owner, "fabrikam", PlanCode.Payg, default)).Problem!.Code);
        var checkout = new StartCheckout(_world.Guard, _world.Database, _world.Gateway, _world.Customers, _world.Clock);
        Assert.Equal(
            "billing-address-needed",
            (await checkout.RunAsync(BillingWorld.Owner, "fabrikam", "/o/fabrikam/billing", new("https://portal.example/"), default))
                .Problem!
                .Code
        );
        Assert.Equal(InvoiceStatus.Paid, Assert.Single(await _world.InvoicesAsync(other)).Status);
        var view = (
            await new GetBillingTax(_world.Guard, _world.Database, _world.Clock).RunAsync(BillingWorld.Owner, "northwind", default)
        ).Value;
        Assert.Equal(waiting.Number, Assert.Single(view.Waiting));
        Assert.Contains(
            "waits for the customer's billing address",
            Assert.Single((await RowAsync()).Differences).Cause,
            StringComparison.Ordinal
        );

        await MoveAsync("DE");
        await _world.RunAsync();
        var invoice = await _world.InvoiceAsync();
        var expected = mode == "rates" ? 304L : 160L;
        Assert.Null(invoice.DueAt);
        Assert.Equal(
            (InvoiceStatus.Paid, expected, 1600 + expected, null),
            (invoice.Status, invoice.TaxMinor, invoice.TotalMinor, invoice.ProblemMessage)
        );
        Assert.True((await RowAsync()).IsBalanced);
    }

    [Fact]
    public async Task Without_an_address_an_invoice_can_be_issued_untaxed()
    {
        await PublishAsync("stripe", "untaxed");
        await CloseWithUsageAsync();
        var invoice = await _world.InvoiceAsync();
        Assert.Equal((InvoiceStatus.Paid, InvoiceTaxState.NotCollected, 1600L), (invoice.Status, invoice.TaxState, invoice.TotalMinor));
    }
}
