using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Tests.Support;
using Stripe;
using static Portal.Tests.Adapters.StripeBilling.GatewaySupport;

namespace Portal.Tests.Adapters.StripeBilling;

/// <summary>
/// Stripe repeats a failure under its key for a day. Whatever goes wrong at whichever call that changes something: the next
/// attempt succeeds, by itself and without a double.
/// </summary>
public sealed class KeptFailureTests : IAsyncLifetime
{
    private GatewayOnLocalStripe _local = null!;

    private LocalStripeFixture Stripe => _local.Stripe;

    public async ValueTask InitializeAsync() => _local = await GatewayOnLocalStripe.StartAsync();

    public ValueTask DisposeAsync() => _local.DisposeAsync();

    [Theory]
    [InlineData("error_before")]
    [InlineData("error_after_commit")]
    [InlineData("lock_timeout")]
    [InlineData("timeout_after_commit")]
    [InlineData("unavailable")]
    [InlineData("rate_limit")]
    public async Task After_a_failure_the_next_attempt_succeeds(string kind)
    {
        var organization = new OrganizationId(Guid.CreateVersion7());
        var customer = await SecondAsync(kind, "/v1/customers", port => port.EnsureCustomerAsync(Customer(organization), default));
        await Stripe.SaveCardAsync(customer);
        var books = Books.New(organization);
        var draft = await SecondAsync(kind, "/v1/invoices", port => port.EnsureDraftAsync(customer, books.Draft, default));
        foreach (var line in books.Lines)
            await SecondAsync(kind, "/v1/invoiceitems", port => port.EnsureItemAsync(customer, draft, books.Draft, line, default));
        await SecondAsync(kind, "/v1/invoices/*/finalize", port => port.FinalizeAsync(draft, default));
        var paid = await SecondAsync(kind, "/v1/invoices/*/pay", port => port.PayAsync(draft, default));

        Assert.Equal((InvoiceStatus.Paid, 1300), (paid.Status, paid.PaidMinor));
        Assert.Equal(books.Lines.ToDictionary(line => line.LineId, line => line.AmountMinor), paid.LineAmounts);
        await OnceEachAsync();
    }

    [Theory]
    [InlineData("error_before")]
    [InlineData("lock_timeout")]
    public async Task After_many_failures_the_first_attempt_that_can_succeed_does(string kind)
    {
        const int failures = 7;
        var (organization, customer) = await _local.CustomerAsync();
        await Stripe.SaveCardAsync(customer);
        var draft = await _local.DraftAsync(customer, Books.New(organization));
        foreach (var call in new[] { "finalize", "pay" })
        {
            await _local.FaultAsync(kind, $"/v1/invoices/*/{call}", failures);
            for (var attempt = 1; attempt <= failures; attempt++)
                Assert.IsType<Problem.Unavailable>((await TryAsync()).Problem);
            Ok(await TryAsync());

            Task<Outcome<GatewayInvoice>> TryAsync() =>
                call == "pay" ? _local.Port.PayAsync(draft, default) : _local.Port.FinalizeAsync(draft, default);
        }

        await OnceEachAsync();
    }

    [Fact]
    public async Task A_failure_is_not_asked_for_again_by_another_process()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var draft = await _local.DraftAsync(customer, Books.New(organization));
        await _local.FaultAsync("error_before", "/v1/invoices/*/finalize", times: 2);
        for (var process = 1; process <= 2; process++)
        {
            Assert.False((await _local.Port.FinalizeAsync(draft, default)).IsOk);
            await _local.RestartAsync();
        }

        Assert.Equal(InvoiceStatus.Open, Ok(await _local.Port.FinalizeAsync(draft, default)).Status);
    }

    [Fact]
    public async Task What_has_changed_between_two_attempts_is_no_obstacle()
    {
        var organization = new OrganizationId(Guid.CreateVersion7());
        await _local.FaultAsync("error_before", "/v1/customers");
        Assert.False((await _local.Port.EnsureCustomerAsync(Customer(organization), default)).IsOk);
        Ok(await _local.Port.EnsureCustomerAsync(Customer(organization, name: "Northwind Traders"), default));
        Assert.Equal("Northwind Traders", (await Stripe.Client.V1.Customers.ListAsync()).Single().Name);
    }

    [Fact]
    public async Task A_refusal_whose_cause_is_gone_is_not_asked_for_again()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var draft = await _local.DraftAsync(customer, Books.New(organization));
        // Somebody adds more than a payment can hold, and takes it away again.
        var foreign = await Stripe.Client.V1.InvoiceItems.CreateAsync(
            new InvoiceItemCreateOptions
            {
                Customer = customer,
                Invoice = draft,
                Amount = 99_999_999,
                Currency = "usd",
            }
        );
        Assert.Equal("stripe-refused", (await _local.Port.FinalizeAsync(draft, default)).Problem?.Code);
        await Stripe.Client.V1.InvoiceItems.DeleteAsync(foreign.Id);
        Assert.Equal(1300, Ok(await _local.Port.FinalizeAsync(draft, default)).TotalMinor);
    }

    [Fact]
    public async Task A_success_that_was_undone_is_not_taken_for_one()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var books = Books.New(organization);
        var first = await _local.DraftAsync(customer, books);
        await Stripe.Client.V1.Invoices.DeleteAsync(first);

        var second = await _local.DraftAsync(customer, books);
        Assert.NotEqual(first, second);
        Assert.Equal(1300, Ok(await _local.Port.ReadInvoiceAsync(second, default)).TotalMinor);
        Assert.Equal(GatewayProblems.DraftGone, (await _local.Port.FinalizeAsync(first, default)).Problem?.Code);
    }

    [Fact]
    public async Task What_Stripe_completes_after_it_answered_with_an_error_is_not_charged_twice()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var books = Books.New(organization);
        var draft = await _local.DraftAsync(customer, books);
        // As Stripe's engineers may do it after an incident: the failed request of then appears now.
        var metadata = new Dictionary<string, string>
        {
            ["invoice_id"] = books.Draft.Id.ToString(),
            ["line_id"] = books.Lines[0].LineId.ToString(),
        };
        await Stripe.Client.V1.InvoiceItems.CreateAsync(
            new InvoiceItemCreateOptions
            {
                Customer = customer,
                Invoice = draft,
                Amount = 1234,
                Currency = "usd",
                Metadata = metadata,
            }
        );
        await Stripe.Client.V1.Invoices.CreateAsync(
            new InvoiceCreateOptions
            {
                Customer = customer,
                Metadata = new() { ["invoice_id"] = books.Draft.Id.ToString() },
            }
        );

        Assert.Equal(draft, await _local.DraftAsync(customer, books));
        Assert.Equal(1300, Ok(await _local.Port.FinalizeAsync(draft, default)).TotalMinor);
        Assert.Single(await Stripe.Client.V1.Invoices.ListAsync());
    }

    [Theory]
    [InlineData("/v1/invoices/*/pay", "timeout_after_commit")]
    [InlineData("/v1/invoices/in_*", "error_before")]
    public async Task A_refused_card_is_handed_to_Stripes_schedule_also_when_an_answer_is_lost(string path, string kind)
    {
        var (organization, customer) = await _local.CustomerAsync();
        await Stripe.SaveCardAsync(customer, "chargeCustomerFail");
        var invoice = await _local.IssuedAsync(customer, Books.New(organization));
        await _local.FaultAsync(kind, path);
        var attempts = new List<Problem?>();
        do attempts.Add((await _local.Port.PayAsync(invoice, default)).Problem);
        while (attempts[^1] is Problem.Unavailable && attempts.Count < 3);

        Assert.Equal("card-declined", attempts[^1]?.Code);
        Assert.True((await Stripe.Client.V1.Invoices.GetAsync(invoice)).AutoAdvance);
    }

    /// <summary>Two attempts at most, the second in a process of its own. Of one that finds nothing to do, the first.</summary>
    private async Task<T> SecondAsync<T>(string kind, string path, Func<IPaymentGateway, Task<Outcome<T>>> call)
    {
        await _local.FaultAsync(kind, path);
        var first = await call(_local.Port);
        if (first.IsOk)
            return first.Value;
        Assert.IsType<Problem.Unavailable>(first.Problem);
        await _local.RestartAsync();
        return Ok(await call(_local.Port));
    }

    private async Task OnceEachAsync()
    {
        Assert.Single(await Stripe.Client.V1.Customers.ListAsync());
        Assert.Single(await Stripe.Client.V1.Invoices.ListAsync());
        Assert.Equal(2, (await Stripe.Client.V1.InvoiceItems.ListAsync()).Count());
        Assert.Single(await Stripe.Client.V1.Charges.ListAsync());
    }
}
