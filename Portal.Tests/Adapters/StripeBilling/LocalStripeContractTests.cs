using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Tests.Support;
using Stripe;
using Invoice = Portal.Domain.Billing.Invoice;

namespace Portal.Tests.Adapters.StripeBilling;

public class LocalStripeContractTests : PaymentGatewayContract, IAsyncLifetime
{
    private LocalStripeFixture _stripe = null!;
    private ServiceProvider _services = null!;

    private IPaymentGateway Gateway => _services.GetRequiredService<IPaymentGateway>();

    public async ValueTask InitializeAsync()
    {
        _stripe = await LocalStripeFixture.StartAsync();
        _services = Wire(_stripe.Server.ApiBase, _stripe.Server.ApiKey, _stripe.Server.WebhookSecret);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _stripe.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public Task Every_request_is_understood() => WalkAsync(Gateway, id => Task.FromResult(id));

    [Fact]
    public void It_says_that_it_is_a_stand_in() => Assert.True(Gateway.IsStandIn);

    [Fact]
    public async Task A_card_saved_in_Checkout_becomes_the_default_and_pays()
    {
        var (organization, customer) = await CustomerAsync();
        Assert.False(Ok(await Gateway.AdoptCardAsync(customer, default)));
        var returnUrl = new Uri("http://localhost:5080/o/northwind/billing?checkout=done");
        var page = Ok(await Gateway.StartCheckoutAsync(customer, organization, returnUrl, default));
        var (goesTo, _) = await _stripe.SubmitAsync(page.AbsoluteUri, ("card", "mastercard"));
        Assert.Equal(returnUrl, goesTo);

        Assert.True(Ok(await Gateway.AdoptCardAsync(customer, default)));
        var card = Ok(await Gateway.ListCardsAsync(customer, default)).Single();
        Assert.Equal(("mastercard", "4444", true), (card.Brand, card.Last4, card.IsDefault));

        var invoice = await FinalAsync(organization, customer, PayBy.Card);
        var paid = Ok(await Gateway.PayAsync(invoice.StripeInvoiceId!, default));
        Assert.Equal((InvoiceStatus.Paid, 1300, 0, invoice.Number), (paid.Status, paid.PaidMinor, paid.DueMinor, paid.Number));
        Assert.Equal(paid, Ok(await Gateway.PayAsync(invoice.StripeInvoiceId!, default)) with { LineAmounts = paid.LineAmounts });
    }

    [Fact]
    public async Task The_newest_card_of_two_Checkouts_is_the_default()
    {
        var (organization, customer) = await CustomerAsync();
        foreach (var card in new[] { "visa", "mastercard" })
        {
            var page = Ok(await Gateway.StartCheckoutAsync(customer, organization, new Uri("http://localhost:5080/back"), default));
            await _stripe.SubmitAsync(page.AbsoluteUri, ("card", card));
            Assert.True(Ok(await Gateway.AdoptCardAsync(customer, default)));
            Assert.Equal(card, Ok(await Gateway.ListCardsAsync(customer, default)).Single(saved => saved.IsDefault).Brand);
        }
    }

    [Fact]
    public async Task Asking_twice_makes_nothing_twice_even_when_Stripes_keys_have_expired()
    {
        var (organization, customer) = await CustomerAsync();
        var invoice = NewInvoice(organization, "northwind-2026-10-1", PayBy.Card);
        invoice.Drafted(Ok(await Gateway.EnsureDraftAsync(customer, invoice, 30, default)));
        var line = LinesOf(invoice).First();
        var item = Ok(await Gateway.EnsureItemAsync(customer, invoice, line, default));
        await ForgetKeysAsync();

        Assert.Equal(customer, Ok(await Gateway.EnsureCustomerAsync(organization, "northwind", "Another name", null, default)));
        Assert.Equal(invoice.StripeInvoiceId, Ok(await Gateway.EnsureDraftAsync(customer, invoice, 30, default)));
        Assert.Equal(item, Ok(await Gateway.EnsureItemAsync(customer, invoice, line, default)));
        Assert.Equal(1234, Ok(await Gateway.ReadInvoiceAsync(invoice.StripeInvoiceId!, default)).TotalMinor);
    }

    [Theory]
    [InlineData("error_after_commit")]
    [InlineData("timeout_after_commit")]
    [InlineData("error_before")]
    [InlineData("rate_limit")]
    public async Task A_failure_at_any_call_neither_loses_nor_doubles_anything(string kind)
    {
        var organization = new OrganizationId(Guid.CreateVersion7());
        await FaultAsync(kind, "/v1/customers");
        var customer = await UntilOkAsync(() => Gateway.EnsureCustomerAsync(organization, "northwind", "Northwind", null, default));
        await _stripe.SaveCardAsync(customer);
        var invoice = NewInvoice(organization, "northwind-2026-10-1", PayBy.Card);
        await FaultAsync(kind, "/v1/invoices");
        invoice.Drafted(await UntilOkAsync(() => Gateway.EnsureDraftAsync(customer, invoice, 30, default)));
        foreach (var line in LinesOf(invoice))
        {
            await FaultAsync(kind, "/v1/invoiceitems");
            await UntilOkAsync(() => Gateway.EnsureItemAsync(customer, invoice, line, default));
        }

        await FaultAsync(kind, "/v1/invoices/*/finalize");
        await UntilOkAsync(() => Gateway.FinalizeAsync(invoice.StripeInvoiceId!, default));
        await FaultAsync(kind, "/v1/invoices/*/pay");
        var paid = await UntilOkAsync(() => Gateway.PayAsync(invoice.StripeInvoiceId!, default));

        Assert.Equal((InvoiceStatus.Paid, 1300), (paid.Status, paid.PaidMinor));
        Assert.Equal(invoice.Lines.ToDictionary(line => line.Id, line => line.AmountMinor), paid.LineAmounts);
        Assert.Single(await _stripe.Client.V1.Customers.ListAsync());
        Assert.Single(await _stripe.Client.V1.Invoices.ListAsync());
        Assert.Single(await _stripe.Client.V1.Charges.ListAsync(), charge => charge.Status == "succeeded");
    }

    [Fact]
    public async Task A_declined_card_is_said_in_the_banks_words_and_Stripe_goes_on_trying()
    {
        var (organization, customer) = await CustomerAsync();
        var method = await _stripe.SaveCardAsync(customer);
        await _stripe.ControlAsync($"payment_methods/{method}", new { fail = "insufficient_funds" });
        var invoice = await FinalAsync(organization, customer, PayBy.Card);

        var problem = Assert.IsType<Problem.PaymentRequired>((await Gateway.PayAsync(invoice.StripeInvoiceId!, default)).Problem);
        Assert.Equal("card-declined", problem.Code);
        Assert.Contains("insufficient funds", problem.Message, StringComparison.Ordinal);
        var open = await _stripe.Client.V1.Invoices.GetAsync(invoice.StripeInvoiceId!);
        Assert.Equal(("open", true), (open.Status, open.AutoAdvance));
        Assert.NotNull(open.NextPaymentAttempt);

        await _stripe.ControlAsync($"payment_methods/{method}", new { fail = (string?)null });
        Assert.Equal(InvoiceStatus.Paid, Ok(await Gateway.PayAsync(invoice.StripeInvoiceId!, default)).Status);
    }

    [Fact]
    public async Task Without_a_card_nothing_is_charged_and_the_sentence_says_what_to_do()
    {
        var (organization, customer) = await CustomerAsync();
        var invoice = await FinalAsync(organization, customer, PayBy.Card);
        Assert.Equal("card-missing", Assert.IsType<Problem.PaymentRequired>((await Gateway.PayAsync(invoice.StripeInvoiceId!, default)).Problem).Code);
    }

    [Fact]
    public async Task By_invoice_it_stays_open_with_a_due_date()
    {
        var (organization, customer) = await CustomerAsync();
        var invoice = await FinalAsync(organization, customer, PayBy.Invoice);
        var open = await _stripe.Client.V1.Invoices.GetAsync(invoice.StripeInvoiceId!);
        Assert.Equal(("open", "send_invoice"), (open.Status, open.CollectionMethod));
        Assert.Equal(30, (open.DueDate!.Value - open.Created).TotalDays, 0.01);
    }

    [Fact]
    public async Task A_number_too_long_for_Stripe_is_on_the_invoice_all_the_same()
    {
        var (organization, customer) = await CustomerAsync();
        var invoice = NewInvoice(organization, "an-organisation-with-a-long-name-2026-10-1", PayBy.Card);
        var id = Ok(await Gateway.EnsureDraftAsync(customer, invoice, 30, default));
        Assert.Equal(invoice.Number, Ok(await Gateway.ReadInvoiceAsync(id, default)).Number);
        Assert.Equal(invoice.Number, (await _stripe.Client.V1.Invoices.GetAsync(id)).CustomFields.Single().Value);
    }

    [Fact]
    public async Task A_foreign_line_on_the_draft_is_counted_apart()
    {
        var (organization, customer) = await CustomerAsync();
        var invoice = NewInvoice(organization, "northwind-2026-10-1", PayBy.Card);
        var id = Ok(await Gateway.EnsureDraftAsync(customer, invoice, 30, default));
        await _stripe.Client.V1.InvoiceItems.CreateAsync(new InvoiceItemCreateOptions { Customer = customer, Invoice = id, Amount = 5, Currency = "usd" });
        var read = Ok(await Gateway.ReadInvoiceAsync(id, default));
        Assert.Equal((1, 0, 5), (read.ForeignLines, read.LineAmounts.Count, read.TotalMinor));
    }

    [Fact]
    public async Task An_absent_Stripe_and_a_wrong_key_are_told_apart()
    {
        await using var wrong = Wire(_stripe.Server.ApiBase, "sk_test_other", "whsec_1");
        Assert.Equal("stripe-key-refused", (await wrong.GetRequiredService<IPaymentGateway>().ListCardsAsync("cus_1", default)).Problem!.Code);
        await using var absent = Wire("http://127.0.0.1:1", "sk_test_other", "whsec_1");
        Assert.Equal("stripe-unavailable", (await absent.GetRequiredService<IPaymentGateway>().ListCardsAsync("cus_1", default)).Problem!.Code);
    }

    private async Task<(OrganizationId Organization, string Customer)> CustomerAsync()
    {
        var organization = new OrganizationId(Guid.CreateVersion7());
        return (organization, Ok(await Gateway.EnsureCustomerAsync(organization, "northwind", "Northwind", "pay@northwind.example", default)));
    }

    private async Task<Invoice> FinalAsync(OrganizationId organization, string customer, PayBy payBy)
    {
        var invoice = NewInvoice(organization, "northwind-2026-10-1", payBy);
        invoice.Drafted(Ok(await Gateway.EnsureDraftAsync(customer, invoice, 30, default)));
        foreach (var line in LinesOf(invoice))
            Ok(await Gateway.EnsureItemAsync(customer, invoice, line, default));
        Ok(await Gateway.FinalizeAsync(invoice.StripeInvoiceId!, default));
        return invoice;
    }

    private Task FaultAsync(string kind, string path) => _stripe.ControlAsync("faults", new { kind, path, method = "POST" });

    /// <summary>As a worker does it: again, a few times.</summary>
    private static async Task<T> UntilOkAsync<T>(Func<Task<Outcome<T>>> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            var outcome = await call();
            if (outcome.IsOk || attempt == 4)
                return Ok(outcome);
            Assert.IsType<Problem.Unavailable>(outcome.Problem);
        }
    }

    /// <summary>What Stripe does after 24 hours.</summary>
    private async Task ForgetKeysAsync()
    {
        await _stripe.Server.DisposeAsync();
        await using (var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_stripe.Folder, "localstripe.db")};Pooling=False"))
        {
            await database.OpenAsync();
            await using var command = database.CreateCommand();
            command.CommandText = "DELETE FROM answers";
            await command.ExecuteNonQueryAsync();
        }

        await _stripe.RestartAsync();
    }
}
