using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Billing;
using Portal.Tests.Support;
using Portal.Tests.Support.RealServers;
using Stripe;
using static Portal.Tests.Adapters.StripeBilling.GatewaySupport;

namespace Portal.Tests.Adapters.StripeBilling;

/// <summary>Every request that the adapter makes is one that Stripe's OpenAPI document allows.</summary>
public sealed class StripeMockContractTests : PaymentGatewayContract
{
    private readonly List<string> _taken = [];
    private StripeMockServer _mock = null!;
    private ServiceProvider _services = null!;

    protected override IPaymentGateway Gateway => _services.GetRequiredService<IPaymentGateway>();

    private StripeClient Client => _services.GetRequiredService<StripeClient>();

    public override async ValueTask InitializeAsync()
    {
        _mock = await StripeMockServer.StartAsync();
        _services = Wire(
            _mock.Url,
            "sk_test_123",
            "whsec_123",
            all => all.AddHttpClient("stripe").AddHttpMessageHandler(() => new WithoutNewerParameters(_taken))
        );
    }

    public override async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _mock.DisposeAsync();
    }

    /// <summary>
    /// The mock's invoices are drafts for ever, and it deletes nothing: the requests behind that are made directly, as the adapter writes
    /// them.
    /// </summary>
    [Fact]
    public async Task What_only_a_state_leads_to_is_allowed_too()
    {
        await Client.V1.Invoices.PayAsync("in_1", new InvoicePayOptions { OffSession = true });
        await Client.V1.Invoices.UpdateAsync("in_1", new InvoiceUpdateOptions { AutoAdvance = true });
        await Client.V1.Invoices.DeleteAsync("in_1");
        await Client.V1.InvoiceItems.DeleteAsync("ii_1");
        await Client.V1.Customers.UpdateAsync(
            "cus_1",
            new CustomerUpdateOptions { InvoiceSettings = new CustomerInvoiceSettingsOptions { DefaultPaymentMethod = "pm_1" } }
        );
        await Client.V1.CreditNotes.CreateAsync(
            new CreditNoteCreateOptions
            {
                Invoice = "in_1",
                Lines =
                [
                    new CreditNoteLineOptions
                    {
                        Type = "invoice_line_item",
                        InvoiceLineItem = "il_1",
                        Amount = 5,
                    },
                ],
                Refunds = [new CreditNoteRefundOptions { Refund = "re_1", AmountRefunded = 5 }],
                EmailType = "none",
                Memo = "Counted twice",
            }
        );
        var listed = new CreditNoteListOptions { Invoice = "in_1", Limit = 100 };
        listed.AddExpand("data.refunds.refund");
        await Client.V1.CreditNotes.ListAsync(listed);
        await Client.V1.CreditNotes.GetAsync("cn_1");
        await Client.V1.Refunds.GetAsync("re_1");
        await Client.V1.Charges.GetAsync("ch_1");
        await Client.V1.Refunds.ListAsync(new RefundListOptions { PaymentIntent = "pi_1", Limit = 100 });
        await Client.V1.Customers.TaxIds.DeleteAsync("cus_1", "txi_1");
        await Client.V1.Disputes.GetAsync("du_1");
        await Client.V1.Disputes.ListAsync(new DisputeListOptions { PaymentIntent = "pi_1", Limit = 1 });
        await Client.V1.InvoicePayments.ListAsync(
            new InvoicePaymentListOptions
            {
                Payment = new InvoicePaymentPaymentOptions { Type = "payment_intent", PaymentIntent = "pi_1" },
                Limit = 1,
            }
        );
    }

    [Fact]
    public async Task Only_the_listed_parameters_are_newer_than_the_mock()
    {
        await Checkout_is_a_page_of_Stripes();
        Assert.Equal(StripeMockCheck.NewerThanTheMock, _taken.Distinct());
    }

    [Fact]
    public async Task The_mock_would_refuse_a_wrong_request()
    {
        var options = new CustomerCreateOptions();
        options.AddExtraParam("colour", "blue");
        var refusal = await Assert.ThrowsAsync<StripeException>(() => Client.V1.Customers.CreateAsync(options));
        Assert.Equal(HttpStatusCode.BadRequest, refusal.HttpStatusCode);
    }

    private sealed class WithoutNewerParameters(List<string> taken) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { } content)
            {
                var (form, newer) = StripeMockCheck.WithoutNewer(await content.ReadAsStringAsync(cancellationToken));
                taken.AddRange(newer);
                request.Content = new StringContent(form, null, "application/x-www-form-urlencoded");
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
