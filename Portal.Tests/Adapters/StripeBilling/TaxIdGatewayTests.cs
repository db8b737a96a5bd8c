using Portal.Domain.Billing;
using Portal.Domain.Common;
using static Portal.Tests.Adapters.StripeBilling.GatewaySupport;

namespace Portal.Tests.Adapters.StripeBilling;

/// <summary>Tax IDs against a Stripe that remembers, loses answers, and keeps failures.</summary>
public sealed class TaxIdGatewayTests : IAsyncLifetime
{
    private GatewayOnLocalStripe _local = null!;

    private IPaymentGateway Gateway => _local.Port;

    public async ValueTask InitializeAsync() => _local = await GatewayOnLocalStripe.StartAsync();

    public ValueTask DisposeAsync() => _local.DisposeAsync();

    [Theory]
    [InlineData("DE000000000", TaxIdVerification.Verified, "Northwind")]
    [InlineData("DE111111111", TaxIdVerification.Unverified, null)]
    [InlineData("DE222222222", TaxIdVerification.Pending, null)]
    [InlineData("DE123456789", TaxIdVerification.Unavailable, null)]
    public async Task What_the_tax_office_says_is_read(string value, TaxIdVerification expected, string? name)
    {
        var (_, customer) = await _local.CustomerAsync();
        var there = Ok(await Gateway.EnsureTaxIdAsync(customer, "eu_vat", value, default));
        Assert.Equal((expected, name), (there.Verification, there.VerifiedName));
    }

    [Fact]
    public async Task It_is_there_once_whatever_fails_is_printed_on_invoices_and_can_be_removed_and_added_again()
    {
        var (organization, customer) = await _local.CustomerAsync();
        foreach (var fault in new[] { "error_after_commit", "error_before", "unavailable" })
        {
            await _local.FaultAsync(fault, "/v1/customers/*/tax_ids");
            await Gateway.EnsureTaxIdAsync(customer, "eu_vat", "DE000000000", default);
        }
        await _local.Stripe.ForgetKeysAsync();
        Ok(await Gateway.EnsureTaxIdAsync(customer, "eu_vat", "DE000000000", default));
        Assert.Single(await _local.Stripe.Client.V1.Customers.TaxIds.ListAsync(customer));
        var invoice = await _local.Stripe.Client.V1.Invoices.GetAsync(await _local.IssuedAsync(customer, Books.New(organization)));
        Assert.Equal(["DE000000000"], invoice.CustomerTaxIds.Select(one => one.Value));

        for (var round = 0; round < 2; round++)
        {
            Ok(await Gateway.RemoveTaxIdAsync(customer, "eu_vat", "DE000000000", default));
            Assert.Empty(await _local.Stripe.Client.V1.Customers.TaxIds.ListAsync(customer));
            Ok(await Gateway.EnsureTaxIdAsync(customer, "eu_vat", "DE000000000", default));
        }
    }

    [Fact]
    public async Task What_Stripe_does_not_take_says_so_and_a_deleted_customer_is_told_apart()
    {
        var (_, customer) = await _local.CustomerAsync();
        Assert.Equal("stripe-refused", (await Gateway.EnsureTaxIdAsync(customer, "eu_vat", "no number", default)).Problem!.Code);
        await _local.Stripe.ControlAsync($"customers/{customer}/delete", new { });
        Assert.Equal(
            GatewayProblems.CustomerGone,
            (await Gateway.EnsureTaxIdAsync(customer, "eu_vat", "DE000000000", default)).Problem!.Code
        );
        Assert.True((await Gateway.RemoveTaxIdAsync(customer, "eu_vat", "DE000000000", default)).IsOk);
    }
}
