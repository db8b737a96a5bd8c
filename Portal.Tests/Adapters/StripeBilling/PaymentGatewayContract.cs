using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using static Portal.Tests.Adapters.StripeBilling.GatewaySupport;

namespace Portal.Tests.Adapters.StripeBilling;

/// <summary>
/// What the portal asks of Stripe, call by call. Run against LocalStripe, which keeps state, and against Stripe's own mock,
/// which keeps none but refuses every request that Stripe's OpenAPI document does not allow: so nothing here asserts what
/// an earlier call left behind.
/// </summary>
public abstract class PaymentGatewayContract : IAsyncLifetime
{
    private readonly OrganizationId _organization = new(Guid.CreateVersion7());

    protected abstract IPaymentGateway Gateway { get; }

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task An_organization_becomes_a_customer()
    {
        var customer = await CustomerAsync();
        Assert.StartsWith("cus_", customer, StringComparison.Ordinal);
        Assert.StartsWith(
            "cus_",
            Ok(await Gateway.EnsureCustomerAsync(Customer(_organization, customer), default)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Checkout_is_a_page_of_Stripes()
    {
        var page = Ok(
            await Gateway.StartCheckoutAsync(
                await CustomerAsync(),
                _organization,
                new Uri("http://localhost:5080/o/northwind/billing?done=1"),
                default
            )
        );
        Assert.True(page.IsAbsoluteUri);
    }

    [Fact]
    public async Task Cards_are_listed_and_the_newest_is_adopted()
    {
        var customer = await CustomerAsync();
        Assert.All(Ok(await Gateway.ListCardsAsync(customer, default)), card => Assert.Equal(4, card.Last4.Length));
        Ok(await Gateway.AdoptCardAsync(customer, default));
    }

    [Theory]
    [InlineData(PayBy.Card)]
    [InlineData(PayBy.Invoice)]
    public async Task A_month_becomes_an_invoice(PayBy payBy)
    {
        var customer = await CustomerAsync();
        var books = Books.New(_organization, payBy: payBy);
        var draft = Ok(await Gateway.EnsureDraftAsync(customer, books.Draft, default));
        foreach (var line in books.Lines)
            Assert.StartsWith(
                "ii_",
                Ok(await Gateway.EnsureItemAsync(customer, draft, books.Draft, line, default)),
                StringComparison.Ordinal
            );
        Assert.Equal("usd", Ok(await Gateway.ReadInvoiceAsync(draft, default)).Currency);
        Assert.StartsWith("in_", Ok(await Gateway.FinalizeAsync(draft, default)).Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credit_is_an_item_below_zero()
    {
        var customer = await CustomerAsync();
        var books = Books.New(_organization, amounts: [1234, 66, -500]);
        var draft = Ok(await Gateway.EnsureDraftAsync(customer, books.Draft, default));
        foreach (var line in books.Lines)
            Assert.StartsWith(
                "ii_",
                Ok(await Gateway.EnsureItemAsync(customer, draft, books.Draft, line, default)),
                StringComparison.Ordinal
            );
        Assert.StartsWith("in_", Ok(await Gateway.FinalizeAsync(draft, default)).Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disputes_are_listed_and_events_lead_to_invoices()
    {
        Ok(await Gateway.ListDisputedAsync(DateTimeOffset.UtcNow.AddDays(-120), default));
        Assert.Equal("in_1", Ok(await Gateway.FindInvoiceAsync("invoice.paid", "in_1", default)));
        Assert.Null(Ok(await Gateway.FindInvoiceAsync("customer.updated", "cus_1", default)));
    }

    [Theory]
    [InlineData(CreditNoteWay.Refund)]
    [InlineData(CreditNoteWay.Credit)]
    public async Task A_credit_note_is_issued_and_corrections_are_listed(CreditNoteWay way)
    {
        var customer = await CustomerAsync();
        var books = Books.New(_organization, payBy: PayBy.Invoice);
        var draft = Ok(await Gateway.EnsureDraftAsync(customer, books.Draft, default));
        foreach (var line in books.Lines)
            Ok(await Gateway.EnsureItemAsync(customer, draft, books.Draft, line, default));
        Ok(await Gateway.FinalizeAsync(draft, default));
        var note = new CreditNoteRequest(new CreditNoteId(Guid.CreateVersion7()), draft, 500, [], way, "Counted twice");
        Assert.StartsWith("cn_", Ok(await Gateway.EnsureCreditNoteAsync(note, default)).Id, StringComparison.Ordinal);
        Assert.NotEmpty(Ok(await Gateway.ListCorrectionsAsync(DateTimeOffset.UtcNow.AddDays(-1), default)));
    }

    [Fact]
    public async Task A_tax_id_is_added_and_removed()
    {
        var customer = await CustomerAsync();
        Assert.StartsWith(
            "txi_",
            Ok(await Gateway.EnsureTaxIdAsync(customer, "eu_vat", "DE000000000", default)).Id,
            StringComparison.Ordinal
        );
        Ok(await Gateway.RemoveTaxIdAsync(customer, "eu_vat", "DE000000000", default));
    }

    [Fact]
    public async Task A_rate_is_made_and_charged_and_the_customer_says_how_it_is_taxed()
    {
        var customer = await CustomerAsync();
        Ok(
            await Gateway.SetTaxDetailsAsync(
                customer,
                new(TaxExemption.None, new("Hauptstr. 1", null, "Berlin", "10115", null, "DE")),
                default
            )
        );
        var rate = Ok(await Gateway.EnsureTaxRateAsync(new($"DE||VAT|19|{Guid.NewGuid():N}", "VAT", "DE", null, 19, false), null, default));
        Assert.StartsWith("txr_", rate, StringComparison.Ordinal);
        var books = Books.New(_organization);
        var draft = Ok(await Gateway.EnsureDraftAsync(customer, books.Draft, default));
        foreach (var line in books.Lines)
            Ok(await Gateway.EnsureItemAsync(customer, draft, books.Draft, line with { TaxRates = [rate] }, default));
        Ok(await Gateway.ReadInvoiceAsync(draft, default));
    }

    [Fact]
    public async Task Stripe_Tax_is_turned_on_and_off_and_credits_become_a_balance()
    {
        var customer = await CustomerAsync();
        Ok(await Gateway.SetTaxDetailsAsync(customer, new(TaxExemption.Reverse, new(null, null, null, "94103", "CA", "US")), default));
        var books = Books.New(_organization);
        var taxed = books.Draft with { StripeTax = true };
        var draft = Ok(await Gateway.EnsureDraftAsync(customer, taxed, default));
        foreach (var line in books.Lines)
            Ok(await Gateway.EnsureItemAsync(customer, draft, taxed, line, default));
        Ok(await Gateway.SetStripeTaxAsync(draft, true, default));
        Ok(await Gateway.EnsureBalanceAsync(customer, taxed, 100, default));
        Ok(await Gateway.EnsureBalanceAsync(customer, taxed, 100, default));
        Ok(await Gateway.SetStripeTaxAsync(draft, false, default));
    }

    private async Task<string> CustomerAsync() => Ok(await Gateway.EnsureCustomerAsync(Customer(_organization), default));
}
