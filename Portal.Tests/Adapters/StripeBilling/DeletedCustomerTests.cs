using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Tests.Support;
using Stripe;
using static Portal.Tests.Adapters.StripeBilling.GatewaySupport;

namespace Portal.Tests.Adapters.StripeBilling;

/// <summary>
/// Somebody deletes a customer in Stripe's dashboard. Whether Stripe leaves the drafts behind is not documented: both are gone through.
/// </summary>
public sealed class DeletedCustomerTests : IAsyncLifetime
{
    private GatewayOnLocalStripe _local = null!;

    private IPaymentGateway Gateway => _local.Port;

    private LocalStripeFixture Stripe => _local.Stripe;

    public async ValueTask InitializeAsync() => _local = await GatewayOnLocalStripe.StartAsync();

    public ValueTask DisposeAsync() => _local.DisposeAsync();

    [Fact]
    public async Task Another_takes_its_place_once_and_has_no_card_yet()
    {
        var (organization, gone) = await _local.CustomerAsync();
        await Stripe.SaveCardAsync(gone);
        await DeleteAsync(gone, keepDrafts: false);

        Assert.Null(Ok(await Gateway.AdoptCardAsync(gone, default)));
        Assert.Empty(Ok(await Gateway.ListCardsAsync(gone, default)));
        Assert.Equal(
            GatewayProblems.CustomerGone,
            (await Gateway.StartCheckoutAsync(gone, organization, new Uri("http://localhost:5080/back"), default)).Problem?.Code
        );

        await _local.FaultAsync("timeout_after_commit", "/v1/customers");
        Assert.False((await Gateway.EnsureCustomerAsync(Customer(organization, gone), default)).IsOk);
        var present = Ok(await Gateway.EnsureCustomerAsync(Customer(organization, gone), default));
        Assert.NotEqual(gone, present);
        Assert.Equal(present, Ok(await Gateway.EnsureCustomerAsync(Customer(organization, present), default)));
        var only = (await Stripe.Client.V1.Customers.ListAsync()).Single();
        Assert.Equal(
            (present, organization.ToString(), gone),
            (only.Id, only.Metadata["organization_id"], only.Metadata["replaces_customer"])
        );
        Ok(await Gateway.StartCheckoutAsync(present, organization, new Uri("http://localhost:5080/back"), default));
    }

    [Fact]
    public async Task A_customer_of_another_account_is_no_deleted_one()
    {
        // As with a key that was mixed up: nothing may be made in that account.
        var problem = (
            await Gateway.EnsureCustomerAsync(Customer(new OrganizationId(Guid.CreateVersion7()), "cus_of_another"), default)
        ).Problem;
        Assert.Equal("stripe-object-missing", Assert.IsType<Problem.Conflict>(problem).Code);
        Assert.Contains("Portal:Stripe:ApiKey", problem!.Message, StringComparison.Ordinal);
        Assert.Empty(await Stripe.Client.V1.Customers.ListAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_draft_is_made_anew_for_the_new_customer(bool keepDrafts)
    {
        var (organization, gone) = await _local.CustomerAsync();
        var books = Books.New(organization);
        var draft = Ok(await Gateway.EnsureDraftAsync(gone, books.Draft, default));
        Ok(await Gateway.EnsureItemAsync(gone, draft, books.Draft, books.Lines[0], default));
        await DeleteAsync(gone, keepDrafts);

        Assert.Equal(
            GatewayProblems.DraftGone,
            (await Gateway.EnsureItemAsync(gone, draft, books.Draft, books.Lines[1], default)).Problem?.Code
        );
        Assert.Equal(GatewayProblems.DraftGone, (await Gateway.ReadInvoiceAsync(draft, default)).Problem?.Code);
        Assert.Equal(GatewayProblems.DraftGone, (await Gateway.FinalizeAsync(draft, default)).Problem?.Code);
        Assert.Equal(GatewayProblems.CustomerGone, (await Gateway.EnsureDraftAsync(gone, books.Draft, default)).Problem?.Code);

        var present = Ok(await Gateway.EnsureCustomerAsync(Customer(organization, gone), default));
        var issued = Ok(await Gateway.ReadInvoiceAsync(await _local.IssuedAsync(present, books), default));
        Assert.Equal((present, 1300, books.Draft.Number), (issued.CustomerId, issued.TotalMinor, issued.Number));
        Assert.Equal(issued.Id, (await Stripe.Client.V1.Invoices.ListAsync()).Single().Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_draft_that_was_never_noted_does_not_stay_behind(bool keepDrafts)
    {
        var (organization, gone) = await _local.CustomerAsync();
        var books = Books.New(organization);
        Ok(await Gateway.EnsureDraftAsync(gone, books.Draft, default));
        await DeleteAsync(gone, keepDrafts);
        var present = Ok(await Gateway.EnsureCustomerAsync(Customer(organization, gone), default));

        var draft = Ok(await Gateway.EnsureDraftAsync(present, books.Draft, default));
        var only = (await Stripe.Client.V1.Invoices.ListAsync()).Single();
        Assert.Equal((draft, present, books.Draft.Number), (only.Id, only.CustomerId, only.Number));
    }

    [Fact]
    public async Task An_issued_invoice_is_kept_and_never_issued_to_the_new_customer_again()
    {
        var (organization, gone) = await _local.CustomerAsync();
        await Stripe.SaveCardAsync(gone);
        var (open, paid) = (Books.New(organization), Books.New(organization, "northwind-2026-10-2"));
        var openId = await _local.IssuedAsync(gone, open);
        var paidId = await _local.IssuedAsync(gone, paid);
        Ok(await Gateway.PayAsync(paidId, default));
        await DeleteAsync(gone, keepDrafts: false);
        var present = Ok(await Gateway.EnsureCustomerAsync(Customer(organization, gone), default));

        Assert.Equal(openId, Ok(await Gateway.EnsureDraftAsync(gone, open.Draft, default)));
        Assert.Equal(openId, Ok(await Gateway.EnsureDraftAsync(present, open.Draft, default)));
        Assert.Equal(paidId, Ok(await Gateway.EnsureDraftAsync(present, paid.Draft, default)));
        Assert.Equal(InvoiceStatus.Paid, Ok(await Gateway.PayAsync(paidId, default)).Status);
        Assert.Equal("card-missing", Assert.IsType<Problem.PaymentRequired>((await Gateway.PayAsync(openId, default)).Problem).Code);
        Assert.Equal(2, (await Stripe.Client.V1.Invoices.ListAsync()).Count());

        // Its page still takes a card.
        var page = (await Stripe.Client.V1.Invoices.GetAsync(openId)).HostedInvoiceUrl;
        await Stripe.SubmitAsync($"{page}/pay", ("card", "visa"));
        Assert.Equal(InvoiceStatus.Paid, Ok(await Gateway.ReadInvoiceAsync(openId, default)).Status);
    }

    private Task DeleteAsync(string customer, bool keepDrafts) => Stripe.ControlAsync($"customers/{customer}/delete", new { keepDrafts });
}
