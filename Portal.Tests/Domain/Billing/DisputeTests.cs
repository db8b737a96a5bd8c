using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Billing;

/// <summary>A cardholder disputes a payment, and Stripe's events of it are lost.</summary>
public sealed class DisputeTests : IAsyncLifetime
{
    private BillingWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await BillingWorld.CreateAsync();
        _world.Use(Meter.Write, BillingWorld.November.AddDays(3), 12);
        await _world.CloseAsync(early: true);
        await Recurring.EnsureAsync(_world.Database, _world.Clock, new ReconcileDisputesWork(), Lanes.Stripe, "disputed payments", default);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task The_paid_invoice_says_so_until_the_bank_has_decided()
    {
        foreach (
            var (state, says) in new[]
            {
                (DisputeState.Open, "until it decides"),
                (DisputeState.Lost, "returned 16.00 USD"),
                (DisputeState.Won, null),
            }
        )
        {
            _world.Gateway.Alter = invoice => invoice with { Dispute = new GatewayDispute(state, 1600) };
            await LookedAsync();
            var invoice = await _world.InvoiceAsync();
            Assert.Equal(InvoiceStatus.Paid, invoice.Status);
            if (says is null)
                Assert.Null(invoice.ProblemMessage);
            else
                Assert.Contains(says, invoice.ProblemMessage, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_dispute_that_is_known_asks_nothing_more_of_Stripe()
    {
        _world.Gateway.Alter = invoice => invoice with { Dispute = new GatewayDispute(DisputeState.Open, 1600) };
        await LookedAsync();
        var calls = _world.Gateway.Calls;
        await LookedAsync();
        Assert.Equal(calls + 1, _world.Gateway.Calls);
    }

    private async Task LookedAsync()
    {
        _world.Clock.Advance(_world.Settings.ReconcileEvery);
        await _world.RunAsync();
    }
}
