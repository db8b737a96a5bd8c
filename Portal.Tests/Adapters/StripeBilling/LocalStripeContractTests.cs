using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Tests.Support;
using Stripe;
using static Portal.Tests.Adapters.StripeBilling.GatewaySupport;

namespace Portal.Tests.Adapters.StripeBilling;

/// <summary>The contract, and what takes a Stripe that remembers.</summary>
public sealed class LocalStripeContractTests : PaymentGatewayContract
{
    private GatewayOnLocalStripe _local = null!;

    protected override IPaymentGateway Gateway => _local.Port;

    private LocalStripeFixture Stripe => _local.Stripe;

    public override async ValueTask InitializeAsync() => _local = await GatewayOnLocalStripe.StartAsync();

    public override ValueTask DisposeAsync() => _local.DisposeAsync();

    [Fact]
    public async Task A_card_saved_in_Checkout_becomes_the_default_and_pays()
    {
        var (organization, customer) = await _local.CustomerAsync();
        Assert.Null(Ok(await Gateway.AdoptCardAsync(customer, default)));
        var returnUrl = new Uri("http://localhost:5080/o/northwind/billing?checkout=done");
        var page = Ok(await Gateway.StartCheckoutAsync(customer, organization, returnUrl, default));
        var (goesTo, _) = await Stripe.SubmitAsync(page.AbsoluteUri, ("card", "mastercard"));
        Assert.Equal(returnUrl, goesTo);

        Assert.NotNull(Ok(await Gateway.AdoptCardAsync(customer, default)));
        var card = Ok(await Gateway.ListCardsAsync(customer, default)).Single();
        Assert.Equal(("mastercard", "4444", true), (card.Brand, card.Last4, card.IsDefault));

        var books = Books.New(organization);
        var invoice = await _local.IssuedAsync(customer, books);
        var paid = Ok(await Gateway.PayAsync(invoice, default));
        Assert.Equal((InvoiceStatus.Paid, 1300, 0, books.Draft.Number), (paid.Status, paid.PaidMinor, paid.DueMinor, paid.Number));
        Assert.Equal(paid, Ok(await Gateway.PayAsync(invoice, default)) with { LineAmounts = paid.LineAmounts });
    }

    [Fact]
    public async Task The_newest_card_of_two_Checkouts_is_the_default()
    {
        var (organization, customer) = await _local.CustomerAsync();
        foreach (var card in new[] { "visa", "mastercard" })
        {
            var page = Ok(await Gateway.StartCheckoutAsync(customer, organization, new Uri("http://localhost:5080/back"), default));
            await Stripe.SubmitAsync(page.AbsoluteUri, ("card", card));
            Assert.NotNull(Ok(await Gateway.AdoptCardAsync(customer, default)));
            Assert.Equal(card, Ok(await Gateway.ListCardsAsync(customer, default)).Single(saved => saved.IsDefault).Brand);
        }
    }

    [Fact]
    public async Task Asking_twice_makes_nothing_twice_even_when_Stripes_keys_have_expired()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var books = Books.New(organization);
        var draft = Ok(await Gateway.EnsureDraftAsync(customer, books.Draft, default));
        var item = Ok(await Gateway.EnsureItemAsync(customer, draft, books.Draft, books.Lines[0], default));
        await Stripe.ForgetKeysAsync();

        Assert.Equal(customer, Ok(await Gateway.EnsureCustomerAsync(Customer(organization, name: "Another name"), default)));
        Assert.Equal(draft, Ok(await Gateway.EnsureDraftAsync(customer, books.Draft, default)));
        Assert.Equal(item, Ok(await Gateway.EnsureItemAsync(customer, draft, books.Draft, books.Lines[0], default)));
        Assert.Equal(1234, Ok(await Gateway.ReadInvoiceAsync(draft, default)).TotalMinor);
    }

    [Fact]
    public async Task Two_who_ask_at_once_get_the_same()
    {
        var organization = new OrganizationId(Guid.CreateVersion7());
        await _local.FaultAsync("latency", "/v1/customers", times: 1);
        var customers = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Gateway.EnsureCustomerAsync(Customer(organization), default))
        );
        var customer = Assert.Single(customers.Select(Ok).Distinct());
        var books = Books.New(organization);
        var drafts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Gateway.EnsureDraftAsync(customer, books.Draft, default)));
        Assert.Equal(drafts.Select(Ok).Distinct(), (await Stripe.Client.V1.Invoices.ListAsync()).Select(invoice => invoice.Id));
    }

    [Fact]
    public async Task A_declined_card_is_said_in_the_banks_words_and_Stripe_goes_on_trying()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var method = await Stripe.SaveCardAsync(customer);
        await Stripe.ControlAsync($"payment_methods/{method}", new { fail = "insufficient_funds" });
        var invoice = await _local.IssuedAsync(customer, Books.New(organization));

        var problem = Assert.IsType<Problem.PaymentRequired>((await Gateway.PayAsync(invoice, default)).Problem);
        Assert.Equal("card-declined", problem.Code);
        Assert.Contains("insufficient funds", problem.Message, StringComparison.Ordinal);
        Assert.Contains("insufficient funds", Ok(await Gateway.ReadInvoiceAsync(invoice, default)).PaymentError, StringComparison.Ordinal);
        var open = await Stripe.Client.V1.Invoices.GetAsync(invoice);
        Assert.Equal(("open", true), (open.Status, open.AutoAdvance));
        Assert.NotNull(open.NextPaymentAttempt);

        await Stripe.ControlAsync($"payment_methods/{method}", new { fail = (string?)null });
        Assert.Equal(InvoiceStatus.Paid, Ok(await Gateway.PayAsync(invoice, default)).Status);
        Assert.Null(Ok(await Gateway.ReadInvoiceAsync(invoice, default)).PaymentError);
    }

    [Fact]
    public async Task What_credits_pay_for_is_not_charged_and_an_invoice_that_they_pay_whole_needs_no_card()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var whole = await _local.IssuedAsync(customer, Books.New(organization, amounts: [1234, -1234]));
        var paid = Ok(await Gateway.PayAsync(whole, default));
        Assert.Equal((InvoiceStatus.Paid, 0, 0, 0), (paid.Status, paid.TotalMinor, paid.PaidMinor, paid.DueMinor));
        Assert.Equal([-1234, 1234], paid.LineAmounts.Values.Order());

        await Stripe.SaveCardAsync(customer);
        var part = Ok(
            await Gateway.PayAsync(
                await _local.IssuedAsync(customer, Books.New(organization, "northwind-2026-10-2", amounts: [1234, -234])),
                default
            )
        );
        Assert.Equal((InvoiceStatus.Paid, 1000, 1000), (part.Status, part.SubtotalMinor, part.PaidMinor));
    }

    [Fact]
    public async Task Without_a_card_nothing_is_charged_and_the_sentence_says_what_to_do()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var invoice = await _local.IssuedAsync(customer, Books.New(organization));
        Assert.Equal("card-missing", Assert.IsType<Problem.PaymentRequired>((await Gateway.PayAsync(invoice, default)).Problem).Code);
    }

    [Fact]
    public async Task By_invoice_it_stays_open_with_a_due_date()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var open = await Stripe.Client.V1.Invoices.GetAsync(
            await _local.IssuedAsync(customer, Books.New(organization, payBy: PayBy.Invoice))
        );
        Assert.Equal(("open", "send_invoice"), (open.Status, open.CollectionMethod));
        Assert.Equal(30, (open.DueDate!.Value - open.Created).TotalDays, 0.01);
    }

    [Fact]
    public async Task A_number_too_long_for_Stripe_or_taken_there_is_on_the_invoice_all_the_same()
    {
        var (organization, customer) = await _local.CustomerAsync();
        await Stripe.Client.V1.Invoices.CreateAsync(new InvoiceCreateOptions { Customer = customer, Number = "northwind-2026-10-2" });
        foreach (var number in new[] { "an-organization-with-a-long-name-2026-10-1", "northwind-2026-10-2" })
        {
            var id = Ok(await Gateway.EnsureDraftAsync(customer, Books.New(organization, number).Draft, default));
            Assert.Equal(number, Ok(await Gateway.ReadInvoiceAsync(id, default)).Number);
            Assert.Equal(number, (await Stripe.Client.V1.Invoices.GetAsync(id)).CustomFields.Single().Value);
        }
    }

    [Fact]
    public async Task A_foreign_line_on_the_draft_is_counted_apart()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var id = Ok(await Gateway.EnsureDraftAsync(customer, Books.New(organization).Draft, default));
        await Stripe.Client.V1.InvoiceItems.CreateAsync(
            new InvoiceItemCreateOptions
            {
                Customer = customer,
                Invoice = id,
                Amount = 5,
                Currency = "usd",
            }
        );
        var read = Ok(await Gateway.ReadInvoiceAsync(id, default));
        Assert.Equal((1, 0, 5), (read.ForeignLines, read.LineAmounts.Count, read.TotalMinor));
    }

    [Fact]
    public async Task A_dispute_is_found_from_its_event_and_without_it()
    {
        var (organization, customer) = await _local.CustomerAsync();
        await Stripe.SaveCardAsync(customer);
        var invoice = await _local.IssuedAsync(customer, Books.New(organization));
        Ok(await Gateway.PayAsync(invoice, default));
        Assert.Null(Ok(await Gateway.ReadInvoiceAsync(invoice, default)).Dispute);

        await Stripe.ControlAsync($"invoices/{invoice}/act", new { act = "dispute" });
        var dispute = (await Stripe.Client.V1.Disputes.ListAsync()).Single();
        Assert.Equal(invoice, Ok(await Gateway.FindInvoiceAsync("charge.dispute.created", dispute.Id, default)));
        Assert.Equal(
            [new(invoice, new(DisputeState.Open, 1300))],
            Ok(await Gateway.ListDisputedAsync(DateTimeOffset.UtcNow.AddHours(-1), default))
        );
        var disputed = Ok(await Gateway.ReadInvoiceAsync(invoice, default));
        Assert.Equal((InvoiceStatus.Paid, new GatewayDispute(DisputeState.Open, 1300)), (disputed.Status, disputed.Dispute));
        Assert.Contains("13.00 USD", PaymentTrouble.Of(disputed), StringComparison.Ordinal);

        // A restricted key that may not read disputes still sees that the invoice is paid.
        await _local.FaultAsync("forbidden", "/v1/disputes", method: "GET");
        Assert.Equal(InvoiceStatus.Paid, Ok(await Gateway.ReadInvoiceAsync(invoice, default)).Status);

        await Stripe.ControlAsync($"invoices/{invoice}/act", new { act = "win_dispute" });
        var won = Ok(await Gateway.ReadInvoiceAsync(invoice, default));
        Assert.Equal(DisputeState.Won, won.Dispute!.State);
        Assert.Null(PaymentTrouble.Of(won));
    }

    [Fact]
    public async Task Amounts_in_three_decimals_are_sent_as_Stripe_takes_them()
    {
        Assert.True(Currency.TryParse("kwd", out var kwd));
        var (organization, customer) = await _local.CustomerAsync();
        var books = Books.New(organization, currency: "kwd", amounts: [Money.Round(5.1243m, kwd).Minor, Money.Round(0.0061m, kwd).Minor]);
        Assert.Equal([5120, 10], books.Lines.Select(line => line.AmountMinor));
        Assert.Equal(5130, Ok(await Gateway.ReadInvoiceAsync(await _local.IssuedAsync(customer, books), default)).TotalMinor);
    }

    [Fact]
    public async Task What_no_payment_can_hold_is_said_before_anything_is_made()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var problem = (await Gateway.EnsureDraftAsync(customer, Books.New(organization, amounts: [99_999_999, 1]).Draft, default)).Problem;
        Assert.Equal("invoice-too-large", Assert.IsType<Problem.Conflict>(problem).Code);
        Assert.Contains("$999,999.99", problem!.Message, StringComparison.Ordinal);
        Assert.Empty(await Stripe.Client.V1.Invoices.ListAsync());
        await _local.IssuedAsync(customer, Books.New(organization, amounts: [99_999_999]));
    }

    [Fact]
    public async Task An_absent_Stripe_and_a_wrong_key_are_told_apart()
    {
        await using var wrong = Wire(Stripe.Server.ApiBase, "sk_test_other", "whsec_1");
        Assert.Equal(
            "stripe-key-refused",
            (await wrong.GetRequiredService<IPaymentGateway>().ListCardsAsync("cus_1", default)).Problem!.Code
        );
        await using var absent = Wire("http://127.0.0.1:1", "sk_test_other", "whsec_1");
        Assert.Equal(
            "stripe-unavailable",
            (await absent.GetRequiredService<IPaymentGateway>().ListCardsAsync("cus_1", default)).Problem!.Code
        );
    }
}
