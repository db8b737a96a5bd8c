using Portal.Tests.Support;
using Stripe;

namespace Portal.Tests.Adapters.LocalStripe;

/// <summary>What the seller does in the dashboard and the cardholder at the bank.</summary>
public class OutsideActTests
{
    [Theory]
    [InlineData("Void", "void", "invoice.voided")]
    [InlineData("MarkUncollectible", "uncollectible", "invoice.marked_uncollectible")]
    public async Task An_open_invoice_is_voided_or_given_up_on_its_page(string act, string status, string type)
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var invoice = await IssuedAsync(stripe);
        Assert.Contains("Void invoice", await stripe.Browser.GetStringAsync(invoice.HostedInvoiceUrl), StringComparison.Ordinal);
        await stripe.SubmitAsync($"{invoice.HostedInvoiceUrl}/act", ("act", act));

        Assert.Equal(status, (await stripe.Client.V1.Invoices.GetAsync(invoice.Id)).Status);
        Assert.Single(await stripe.Client.V1.Events.ListAsync(new EventListOptions { Type = type }));
        // Once more, as from another tab, changes nothing.
        await stripe.SubmitAsync($"{invoice.HostedInvoiceUrl}/act", ("act", act));
        Assert.Single(await stripe.Client.V1.Events.ListAsync(new EventListOptions { Type = type }));
    }

    [Theory]
    [InlineData(
        "WinDispute",
        "won",
        new[] { "charge.dispute.funds_reinstated", "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.created" }
    )]
    [InlineData("LoseDispute", "lost", new[] { "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.created" })]
    public async Task A_payment_is_disputed_and_the_bank_decides(string act, string status, string[] types)
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var invoice = await IssuedAsync(stripe);
        await stripe.SubmitAsync($"{invoice.HostedInvoiceUrl}/pay", ("card", "visa"));
        await stripe.SubmitAsync($"{invoice.HostedInvoiceUrl}/act", ("act", "Dispute"));
        Assert.Contains(
            "disputed by the cardholder",
            await stripe.Browser.GetStringAsync(invoice.HostedInvoiceUrl),
            StringComparison.Ordinal
        );
        var dispute = (await stripe.Client.V1.Disputes.ListAsync()).Single();
        Assert.Equal(("needs_response", 500, "usd"), (dispute.Status, dispute.Amount, dispute.Currency));
        Assert.True((await stripe.Client.V1.Charges.GetAsync(dispute.ChargeId)).Disputed);

        await stripe.SubmitAsync($"{invoice.HostedInvoiceUrl}/act", ("act", act));
        Assert.Equal(
            (status, "paid"),
            ((await stripe.Client.V1.Disputes.GetAsync(dispute.Id)).Status, (await stripe.Client.V1.Invoices.GetAsync(invoice.Id)).Status)
        );
        var events = await stripe.Client.V1.Events.ListAsync(new EventListOptions { Limit = 100 });
        Assert.Equal(
            types,
            events
                .Where(happened => happened.Type.StartsWith("charge.dispute.", StringComparison.Ordinal))
                .Select(happened => happened.Type)
        );
    }

    [Fact]
    public async Task A_deleted_customer_can_be_read_and_no_more()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var open = await IssuedAsync(stripe);
        await stripe.SaveCardAsync(open.CustomerId);
        var draft = await stripe.Client.V1.Invoices.CreateAsync(new InvoiceCreateOptions { Customer = open.CustomerId });
        await stripe.Client.V1.Customers.DeleteAsync(open.CustomerId);

        Assert.True((await stripe.Client.V1.Customers.GetAsync(open.CustomerId)).Deleted);
        Assert.Empty(await stripe.Client.V1.Customers.ListAsync());
        foreach (
            var use in new Func<Task>[]
            {
                () => stripe.Client.V1.Invoices.CreateAsync(new InvoiceCreateOptions { Customer = open.CustomerId }),
                () =>
                    stripe.Client.V1.InvoiceItems.CreateAsync(
                        new InvoiceItemCreateOptions
                        {
                            Customer = open.CustomerId,
                            Amount = 5,
                            Currency = "usd",
                        }
                    ),
                () => stripe.Client.V1.Customers.UpdateAsync(open.CustomerId, new CustomerUpdateOptions { Name = "B" }),
                () => stripe.Client.V1.Invoices.PayAsync(open.Id),
                () => stripe.Client.V1.Invoices.FinalizeInvoiceAsync(draft.Id),
            }
        )
        {
            Assert.Equal("resource_missing", (await Assert.ThrowsAsync<StripeException>(use)).StripeError.Code);
        }

        // What was issued stays, can be read with its customer, and can be voided.
        var read = await stripe.Client.V1.Invoices.GetAsync(open.Id, new InvoiceGetOptions { Expand = ["customer"] });
        Assert.Equal(("open", true), (read.Status, read.Customer.Deleted));
        Assert.Equal("void", (await stripe.Client.V1.Invoices.VoidInvoiceAsync(open.Id)).Status);
    }

    [Theory]
    [InlineData("kwd", 5124, "parameter_invalid_integer")]
    [InlineData("usd", 100_000_000, "amount_too_large")]
    [InlineData("kwd", 5120, null)]
    [InlineData("usd", 99_999_999, null)]
    public async Task Amounts_are_checked_as_Stripe_documents_them(string currency, long amount, string? code)
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var customer = await stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions());
        var adding = stripe.Client.V1.InvoiceItems.CreateAsync(
            new InvoiceItemCreateOptions
            {
                Customer = customer.Id,
                Amount = amount,
                Currency = currency,
            }
        );
        Assert.Equal(
            code,
            code is null
                ? (await adding).Amount == amount
                    ? null
                    : "other"
                : (await Assert.ThrowsAsync<StripeException>(() => adding)).StripeError.Code
        );
    }

    private static async Task<Invoice> IssuedAsync(LocalStripeFixture stripe)
    {
        var customer = await stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = "Northwind" });
        var draft = await stripe.Client.V1.Invoices.CreateAsync(new InvoiceCreateOptions { Customer = customer.Id });
        await stripe.Client.V1.InvoiceItems.CreateAsync(
            new InvoiceItemCreateOptions
            {
                Customer = customer.Id,
                Invoice = draft.Id,
                Amount = 500,
                Currency = "usd",
            }
        );
        return await stripe.Client.V1.Invoices.FinalizeInvoiceAsync(draft.Id);
    }
}
