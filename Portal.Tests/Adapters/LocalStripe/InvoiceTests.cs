using System.Text;
using Portal.Tests.Support;
using Stripe;

namespace Portal.Tests.Adapters.LocalStripe;

public class InvoiceTests
{
    [Fact]
    public async Task A_draft_with_items_is_finalised_paid_and_read_back()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var customer = await NewCustomerAsync(stripe);
        await stripe.SaveCardAsync(customer.Id);
        var draft = await DraftAsync(stripe, customer.Id, "acme-2026-11-1", 1234, 66);

        var final = await stripe.Client.V1.Invoices.FinalizeInvoiceAsync(draft.Id);
        Assert.Equal(("open", 1300, "acme-2026-11-1"), (final.Status, final.AmountDue, final.Number));
        var paid = await stripe.Client.V1.Invoices.PayAsync(draft.Id);
        Assert.Equal(("paid", 1300, 0), (paid.Status, paid.AmountPaid, paid.AmountRemaining));

        var read = await stripe.Client.V1.Invoices.GetAsync(
            draft.Id,
            new InvoiceGetOptions { Expand = ["payments.data.payment.payment_intent", "customer"] }
        );
        Assert.Equal(1300, read.Payments.Data.Single().Payment.PaymentIntent.AmountReceived);
        Assert.Equal(1300, (await stripe.Client.V1.Charges.ListAsync()).Single().AmountCaptured);
        Assert.Equal(customer.Id, read.Customer.Id);
        Assert.Equal([1234L, 66L], read.Lines.Select(line => line.Amount));
    }

    [Fact]
    public async Task A_declined_card_leaves_the_invoice_open_and_says_why()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var customer = await NewCustomerAsync(stripe);
        await stripe.SaveCardAsync(customer.Id, "chargeCustomerFail");
        var draft = await DraftAsync(stripe, customer.Id, null, 500);
        await stripe.Client.V1.Invoices.FinalizeInvoiceAsync(draft.Id);

        var refusal = await Assert.ThrowsAsync<StripeException>(() => stripe.Client.V1.Invoices.PayAsync(draft.Id));
        Assert.Equal(
            (402, "card_error", "card_declined", "generic_decline"),
            ((int)refusal.HttpStatusCode, refusal.StripeError.Type, refusal.StripeError.Code, refusal.StripeError.DeclineCode)
        );
        var open = await stripe.Client.V1.Invoices.GetAsync(draft.Id);
        Assert.Equal(("open", 1, 500), (open.Status, open.AttemptCount, open.AmountRemaining));
    }

    [Fact]
    public async Task A_card_that_wants_its_owner_is_confirmed_on_the_hosted_page()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var customer = await NewCustomerAsync(stripe);
        var draft = await DraftAsync(stripe, customer.Id, null, 500);
        await stripe.Client.V1.Invoices.FinalizeInvoiceAsync(draft.Id);
        var method = await stripe.Client.V1.PaymentMethods.AttachAsync(
            "pm_card_authenticationRequired",
            new PaymentMethodAttachOptions { Customer = customer.Id }
        );

        var refusal = await Assert.ThrowsAsync<StripeException>(() =>
            stripe.Client.V1.Invoices.PayAsync(draft.Id, new InvoicePayOptions { PaymentMethod = method.Id })
        );
        Assert.Equal("invoice_payment_intent_requires_action", refusal.StripeError.Code);

        var open = await stripe.Client.V1.Invoices.GetAsync(draft.Id);
        Assert.Contains("Confirm the payment", await stripe.Browser.GetStringAsync(open.HostedInvoiceUrl), StringComparison.Ordinal);
        await stripe.SubmitAsync($"{open.HostedInvoiceUrl}/authenticate", ("answer", "complete"));
        Assert.Equal("paid", (await stripe.Client.V1.Invoices.GetAsync(draft.Id)).Status);
    }

    [Fact]
    public async Task An_issued_invoice_takes_no_items_and_cannot_be_deleted()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var customer = await NewCustomerAsync(stripe);
        var draft = await DraftAsync(stripe, customer.Id, null, 500);
        await stripe.Client.V1.Invoices.FinalizeInvoiceAsync(draft.Id);

        Assert.Equal(
            "invoice_not_editable",
            (await Assert.ThrowsAsync<StripeException>(() => AddAsync(stripe, customer.Id, draft.Id, 1))).StripeError.Code
        );
        await Assert.ThrowsAsync<StripeException>(() => stripe.Client.V1.Invoices.DeleteAsync(draft.Id));
        await Assert.ThrowsAsync<StripeException>(() => stripe.Client.V1.Invoices.FinalizeInvoiceAsync(draft.Id));
        Assert.Equal("void", (await stripe.Client.V1.Invoices.VoidInvoiceAsync(draft.Id)).Status);
        await Assert.ThrowsAsync<StripeException>(() => stripe.Client.V1.Invoices.PayAsync(draft.Id));
    }

    [Fact]
    public async Task Pending_items_of_others_stay_off_a_draft_that_excludes_them()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var customer = await NewCustomerAsync(stripe);
        await stripe.Client.V1.InvoiceItems.CreateAsync(
            new InvoiceItemCreateOptions
            {
                Customer = customer.Id,
                Amount = 900,
                Currency = "usd",
            }
        );

        Assert.Empty((await DraftAsync(stripe, customer.Id, null)).Lines);
        var including = await stripe.Client.V1.Invoices.CreateAsync(
            new InvoiceCreateOptions { Customer = customer.Id, PendingInvoiceItemsBehavior = "include" }
        );
        Assert.Equal(900, including.Total);
    }

    [Fact]
    public async Task Lines_beyond_the_first_ten_are_read_by_cursor()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var customer = await NewCustomerAsync(stripe);
        var draft = await DraftAsync(stripe, customer.Id, null, [.. Enumerable.Range(1, 25).Select(amount => (long)amount)]);

        var read = await stripe.Client.V1.Invoices.GetAsync(draft.Id);
        Assert.Equal((10, true), (read.Lines.Data.Count, read.Lines.HasMore));
        var all = await stripe
            .Client.V1.Invoices.LineItems.ListAutoPagingAsync(draft.Id, new InvoiceLineItemListOptions { Limit = 7 })
            .ToListAsync();
        Assert.Equal(Enumerable.Range(1, 25).Select(amount => (long)amount), all.Select(line => line.Amount));
    }

    [Fact]
    public async Task An_invoice_for_nothing_is_paid_when_it_is_finalised()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var draft = await DraftAsync(stripe, (await NewCustomerAsync(stripe)).Id, null);
        Assert.Equal("paid", (await stripe.Client.V1.Invoices.FinalizeInvoiceAsync(draft.Id)).Status);
    }

    [Fact]
    public async Task Less_than_the_smallest_charge_is_owed_by_the_next_invoice()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var customer = await NewCustomerAsync(stripe);
        var small = await stripe.Client.V1.Invoices.FinalizeInvoiceAsync((await DraftAsync(stripe, customer.Id, null, 30)).Id);
        Assert.Equal(("paid", 0, 30), (small.Status, small.AmountDue, small.EndingBalance));
        var next = await stripe.Client.V1.Invoices.FinalizeInvoiceAsync((await DraftAsync(stripe, customer.Id, null, 100)).Id);
        Assert.Equal(("open", 130), (next.Status, next.AmountDue));
    }

    [Fact]
    public async Task An_invoice_to_be_sent_has_a_due_date_a_page_and_a_PDF()
    {
        await using var stripe = await LocalStripeFixture.StartAsync();
        var customer = await NewCustomerAsync(stripe);
        var draft = await stripe.Client.V1.Invoices.CreateAsync(
            new InvoiceCreateOptions
            {
                Customer = customer.Id,
                CollectionMethod = "send_invoice",
                DaysUntilDue = 30,
            }
        );
        await AddAsync(stripe, customer.Id, draft.Id, 123456);
        var sent = await stripe.Client.V1.Invoices.SendInvoiceAsync(draft.Id);

        Assert.Equal(30, (sent.DueDate!.Value - sent.Created).TotalDays, 0.01);
        var page = await stripe.Browser.GetStringAsync(sent.HostedInvoiceUrl);
        Assert.Contains("USD 1,234.56", page, StringComparison.Ordinal);
        var pdf = await stripe.Browser.GetByteArrayAsync(sent.InvoicePdf);
        Assert.StartsWith("%PDF-1.4", Encoding.Latin1.GetString(pdf), StringComparison.Ordinal);
        AssertCrossReferences(pdf);
    }

    /// <summary>A reader finds every object where the table says it is.</summary>
    private static void AssertCrossReferences(byte[] pdf)
    {
        var text = Encoding.Latin1.GetString(pdf);
        var table = int.Parse(text[(text.LastIndexOf("startxref\n", StringComparison.Ordinal) + 10)..].Split('\n')[0]);
        var rows = text[table..].Split('\n').Skip(2).TakeWhile(row => row.Length == 19).Skip(1).ToList();
        Assert.NotEmpty(rows);
        for (var index = 0; index < rows.Count; index++)
            Assert.StartsWith($"{index + 1} 0 obj", text[int.Parse(rows[index][..10])..], StringComparison.Ordinal);
    }

    private static Task<Customer> NewCustomerAsync(LocalStripeFixture stripe) =>
        stripe.Client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = "Northwind", Email = "pay@northwind.example" });

    private static Task<InvoiceItem> AddAsync(LocalStripeFixture stripe, string customer, string invoice, long amount) =>
        stripe.Client.V1.InvoiceItems.CreateAsync(
            new InvoiceItemCreateOptions
            {
                Customer = customer,
                Invoice = invoice,
                Amount = amount,
                Currency = "usd",
                Description = $"Written (GiB) {amount}",
                Period = new InvoiceItemPeriodOptions
                {
                    Start = new DateTime(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc),
                    End = new DateTime(2026, 12, 1, 0, 0, 0, DateTimeKind.Utc),
                },
            }
        );

    private static async Task<Invoice> DraftAsync(LocalStripeFixture stripe, string customer, string? number, params long[] amounts)
    {
        var draft = await stripe.Client.V1.Invoices.CreateAsync(
            new InvoiceCreateOptions
            {
                Customer = customer,
                Number = number,
                AutoAdvance = false,
                PendingInvoiceItemsBehavior = "exclude",
            }
        );
        foreach (var amount in amounts)
            await AddAsync(stripe, customer, draft.Id, amount);
        return draft;
    }
}
