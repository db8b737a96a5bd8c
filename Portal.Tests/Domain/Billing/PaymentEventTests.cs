using Portal.Domain.Billing;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Billing;

/// <summary>Stripe's events, which come in any order and side by side.</summary>
public sealed class PaymentEventTests : IAsyncLifetime
{
    private BillingWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await BillingWorld.CreateAsync();
        _world.Use(Meter.Write, BillingWorld.November.AddDays(3), 12);
        await _world.CloseAsync(early: true);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Events_about_one_invoice_are_looked_into_one_after_another_whatever_object_they_name()
    {
        var invoice = await _world.InvoiceAsync();
        string[] types = ["invoice.paid", "charge.refunded", "invoice.updated"];
        await _world.ChangeAsync(session =>
        {
            foreach (var (number, type) in types.Index())
            {
                var happened = new PaymentEventWork($"evt_{number}", type, invoice.StripeInvoiceId, null);
                session.Work.Add(_world.Clock, happened, happened.Place(invoice.OrganizationId));
            }
            return Task.CompletedTask;
        });
        // The events alone: where are the looks that they lead to?
        await new WorkPump(
            _world.Database,
            _world.Clock,
            new HandlePaymentEvent(_world.Database, _world.Gateway, null!, null!, _world.Clock)
        ).RunAsync();
        var looks = (await _world.Database.ReadAsync(session => session.Work.ListAsync(new(Open: true), new(), default), default))
            .Items.Where(work => work.Kind == LookAtInvoiceWork.Kind)
            .ToList();
        Assert.Equal(
            [.. types.Select(_ => ($"invoice:{invoice.Id}", WorkPriority.Waiting))],
            looks.Select(look => (look.Line, look.Priority))
        );
    }
}
