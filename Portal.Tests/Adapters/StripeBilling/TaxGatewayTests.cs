using Portal.Domain.Billing;
using Portal.Domain.Common;
using Stripe;
using static Portal.Tests.Adapters.StripeBilling.GatewaySupport;

namespace Portal.Tests.Adapters.StripeBilling;

/// <summary>Taxes against a Stripe that remembers, loses answers, and is no kinder than the real one.</summary>
public sealed class TaxGatewayTests : IAsyncLifetime
{
    private static readonly GatewayTaxRate Vat = new("DE||VAT|19|exclusive", "VAT", "DE", null, 19, false);
    private GatewayOnLocalStripe _local = null!;

    private IPaymentGateway Gateway => _local.Port;

    private StripeClient Client => _local.Stripe.Client;

    public async ValueTask InitializeAsync() => _local = await GatewayOnLocalStripe.StartAsync();

    public ValueTask DisposeAsync() => _local.DisposeAsync();

    [Fact]
    public async Task A_rate_is_there_once_whatever_fails_and_an_archived_one_is_made_anew()
    {
        foreach (var fault in new[] { "error_after_commit", "error_before", "unavailable" })
        {
            await _local.FaultAsync(fault, "/v1/tax_rates");
            await Gateway.EnsureTaxRateAsync(Vat, null, default);
        }
        await _local.Stripe.ForgetKeysAsync();
        var id = Ok(await Gateway.EnsureTaxRateAsync(Vat, null, default));
        Assert.Equal(id, Assert.Single(await Client.V1.TaxRates.ListAsync()).Id);
        Assert.Equal(id, Ok(await Gateway.EnsureTaxRateAsync(Vat, id, default)));
        var other = Ok(await Gateway.EnsureTaxRateAsync(Vat with { Key = "DE||VAT|8.1|exclusive", Percent = 8.1m }, null, default));
        Assert.NotEqual(id, other);

        await Client.V1.TaxRates.UpdateAsync(id, new TaxRateUpdateOptions { Active = false });
        var anew = Ok(await Gateway.EnsureTaxRateAsync(Vat, id, default));
        Assert.NotEqual(id, anew);
        Assert.Equal(anew, Ok(await Gateway.EnsureTaxRateAsync(Vat, id, default)));
        Assert.Equal(anew, Ok(await Gateway.EnsureTaxRateAsync(Vat, "txr_of_another_account", default)));
    }

    [Fact]
    public async Task Each_line_is_taxed_by_itself_and_a_credit_is_not()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var id = Ok(await Gateway.EnsureTaxRateAsync(Vat with { Key = "five", Percent = 5 }, null, default));
        var books = Books.New(organization, amounts: [10, 10, 1000, -500]);
        var draft = Ok(await Gateway.EnsureDraftAsync(customer, books.Draft, default));
        foreach (var line in books.Lines)
            Ok(
                await Gateway.EnsureItemAsync(
                    customer,
                    draft,
                    books.Draft,
                    line.AmountMinor < 0 ? line : line with { TaxRates = [id] },
                    default
                )
            );
        var read = Ok(await Gateway.ReadInvoiceAsync(draft, default));
        Assert.Equal((520L, 572L, 52L), (read.SubtotalMinor, read.TotalMinor, read.TaxMinor));
        Assert.Equal(
            (id, 52L, 1020L, false),
            Assert.Single(read.Taxes) is var tax ? (tax.RateId, tax.AmountMinor, tax.TaxableMinor, tax.IsInclusive) : default
        );
    }

    [Fact]
    public async Task Stripe_Tax_waits_for_a_location_and_takes_nothing_below_zero()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var books = Books.New(organization, amounts: [1000]);
        var taxed = books.Draft with { StripeTax = true };
        var draft = Ok(await Gateway.EnsureDraftAsync(customer, taxed, default));
        Ok(await Gateway.EnsureItemAsync(customer, draft, taxed, books.Lines[0], default));
        Assert.True(Ok(await Gateway.ReadInvoiceAsync(draft, default)).LacksTaxLocation);
        Assert.Equal("tax-location-invalid", (await Gateway.FinalizeAsync(draft, default)).Problem!.Code);
        Assert.Equal(
            "stripe-refused",
            (
                await Gateway.EnsureItemAsync(
                    customer,
                    draft,
                    taxed,
                    books.Lines[0] with
                    {
                        LineId = Guid.CreateVersion7(),
                        AmountMinor = -5,
                    },
                    default
                )
            )
                .Problem!
                .Code
        );

        Ok(await Gateway.SetTaxDetailsAsync(customer, new(TaxExemption.None, new(null, null, null, null, null, "DE")), default));
        Ok(await Gateway.SetStripeTaxAsync(draft, true, default));
        var located = Ok(await Gateway.ReadInvoiceAsync(draft, default));
        Assert.Equal(
            (false, 190L, "VAT", "DE", 19m),
            (located.LacksTaxLocation, located.TaxMinor, located.Taxes[0].Name, located.Taxes[0].Country, located.Taxes[0].Percent)
        );
        Ok(await Gateway.EnsureBalanceAsync(customer, taxed, 500, default));
        await _local.Stripe.ForgetKeysAsync();
        Ok(await Gateway.EnsureBalanceAsync(customer, taxed, 500, default));
        Assert.Equal(690L, Ok(await Gateway.FinalizeAsync(draft, default)).DueMinor);
        Assert.Equal(0L, (await Client.V1.Customers.GetAsync(customer)).Balance);
    }

    [Theory]
    [InlineData(TaxExemption.Exempt, "customer_exempt")]
    [InlineData(TaxExemption.Reverse, "reverse_charge")]
    public async Task Who_is_exempt_pays_none_and_Stripe_says_why(TaxExemption exemption, string reason)
    {
        var (organization, customer) = await _local.CustomerAsync();
        Ok(await Gateway.SetTaxDetailsAsync(customer, new(exemption, new(null, null, null, null, null, "DE")), default));
        var books = Books.New(organization);
        var taxed = books.Draft with { StripeTax = true };
        var draft = Ok(await Gateway.EnsureDraftAsync(customer, taxed, default));
        Ok(await Gateway.EnsureItemAsync(customer, draft, taxed, books.Lines[0], default));
        var read = Ok(await Gateway.ReadInvoiceAsync(draft, default));
        Assert.Equal((0L, reason), (read.TaxMinor, Assert.Single(read.Taxes).Reason));
    }

    [Fact]
    public async Task A_deleted_customer_is_told_apart()
    {
        var (_, customer) = await _local.CustomerAsync();
        await _local.Stripe.ControlAsync($"customers/{customer}/delete", new { });
        Assert.Equal(
            GatewayProblems.CustomerGone,
            (await Gateway.SetTaxDetailsAsync(customer, new(TaxExemption.None, null), default)).Problem!.Code
        );
    }
}
