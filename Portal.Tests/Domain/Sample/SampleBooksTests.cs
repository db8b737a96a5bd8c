using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Sample;

/// <summary>The sample company has invoices as every customer has, and they are in nobody's books.</summary>
public sealed class SampleBooksTests : IAsyncLifetime
{
    private readonly OrganizationId _northwind = new(Guid.CreateVersion7());
    private SampleWorld _world = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await SampleWorld.CreateAsync();
        await _world.PollAsync();
        await _world.WritePastAsync();
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Its_two_months_are_closed_for_it_alone_with_an_invoice_each_whose_lines_add_up()
    {
        await _world.OrganizationAsync(_northwind, "northwind");
        await _world.CloseForSampleAsync(_world.Past.Closed[1]);
        var invoices = await _world.InvoicesAsync(_world.Id);
        Assert.Equal(_world.Past.Closed, invoices.Select(invoice => Month.Of(invoice.From)));
        foreach (var invoice in invoices)
        {
            Assert.Equal((InvoiceStage.Settled, InvoiceStatus.Paid), (invoice.Stage, invoice.Status));
            Assert.Equal([Meter.Write, Meter.Read, Meter.Storage, Meter.Partitions], invoice.Lines.Select(line => line.Meter).Order());
            Assert.Equal(invoice.TotalMinor, invoice.Lines.Sum(line => line.AmountMinor));
            Assert.InRange(invoice.TotalMinor, 10_000, 100_000);
            foreach (var line in invoice.Lines)
                Assert.Equal(line.Quantity, line.Meter.Quantity(await _world.TotalAsync(line.Meter, line.From, line.To)));
        }
        Assert.True(invoices[1].TotalMinor > invoices[0].TotalMinor);
        Assert.Empty(await _world.Database.ReadAsync(session => session.Invoices.ClosedAsync(_northwind, _world.Past.Closed[1], Now), Now));
        var last = await _world.Database.ReadAsync(session => session.Invoices.LastClosedAsync(_world.Id, Now), Now);
        Assert.Equal(_world.Past.Running.Start, last!.To);
    }

    [Fact]
    public async Task A_declined_card_leaves_its_second_invoice_open_and_out_of_the_operators_list()
    {
        await _world.CloseForSampleAsync(_world.Past.Closed[0]);
        _world.Gateway.Declines = true;
        await _world.CloseForSampleAsync(_world.Past.Closed[1]);
        var invoices = await _world.InvoicesAsync(_world.Id);
        Assert.Equal([InvoiceStatus.Paid, InvoiceStatus.Open], invoices.Select(invoice => invoice.Status));
        Assert.Empty(
            (await new ListUnsettledInvoices(_world.Guard, _world.Database).RunAsync(SampleWorld.Operator, new(), Now)).Value.Items
        );
    }

    [Fact]
    public async Task An_invoice_that_differs_at_the_gateway_is_not_in_the_operators_list_of_unsettled_ones()
    {
        _world.Gateway.Alter = invoice => invoice with { SubtotalMinor = invoice.SubtotalMinor + 1 };
        await _world.CloseForSampleAsync(_world.Past.Closed[0]);
        Assert.NotEqual(InvoiceStage.Settled, Assert.Single(await _world.InvoicesAsync(_world.Id)).Stage);
        Assert.Empty(
            (await new ListUnsettledInvoices(_world.Guard, _world.Database).RunAsync(SampleWorld.Operator, new(), Now)).Value.Items
        );
    }

    [Fact]
    public async Task A_months_close_for_everybody_leaves_it_out_and_is_not_begun_for_it()
    {
        // Nothing is left to close but the sample's months: no close begins by itself.
        await _world.RunDueClosesAsync();
        Assert.Equal(0, await _world.Database.ReadAsync(session => session.Work.CountOpenAsync(CloseMonthWork.Kind, Now), Now));

        await _world.OrganizationAsync(_northwind, "northwind");
        var job = await _world.CloseForAllAsync(_world.Past.Closed[1]);
        Assert.Equal((WorkState.Done, 1L, 1L), (job.State, job.Done, job.Total));
        Assert.Empty(await _world.InvoicesAsync(_world.Id));
        Assert.Null(await _world.Database.ReadAsync(session => session.Invoices.LastClosedAsync(_world.Id, Now), Now));
        Assert.NotNull(await _world.Database.ReadAsync(session => session.Invoices.LastClosedAsync(_northwind, Now), Now));
    }

    [Fact]
    public async Task Its_invoices_hold_no_price_list_back()
    {
        await _world.CloseForSampleAsync(_world.Past.Closed[1]);
        Assert.Null(await _world.Database.ReadAsync(session => session.Invoices.CoveredToAsync(Now), Now));
        var document = PriceBook.ShippedDocument.Replace("\"2026-01\"", "\"2026-01b\"", StringComparison.Ordinal);
        Assert.True(
            (
                await new PublishPriceBook(_world.Guard, _world.Database, _world.Clock).RunAsync(
                    SampleWorld.Operator,
                    document,
                    metersMayBecomeFree: true,
                    Now
                )
            ).IsOk
        );
    }
}
