using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Billing;

/// <summary>An organization's tax IDs, from what is typed to what the tax office says.</summary>
public sealed class TaxIdTests : IAsyncLifetime
{
    private BillingWorld _world = null!;

    private AddTaxId Adding => new(_world.Guard, _world.Database, _world.Clock);

    public async ValueTask InitializeAsync() => _world = await BillingWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData("eu_vat", "DE123456789", true)]
    [InlineData("eu_vat", "de 123 456 789", true)]
    [InlineData("eu_vat", "ATU12345678", true)]
    [InlineData("eu_vat", "FRAB123456789", true)]
    [InlineData("eu_vat", "NL123456789B01", true)]
    [InlineData("eu_vat", "EL123456789", true)]
    [InlineData("eu_vat", "GR123456789", false)]
    [InlineData("eu_vat", "GB123456789", false)]
    [InlineData("eu_vat", "DE12345678", false)]
    [InlineData("eu_vat", "123456789", false)]
    [InlineData("eu_vat", "DE", false)]
    [InlineData("gb_vat", "GB123456789", true)]
    [InlineData("gb_vat", "123456789", false)]
    [InlineData("ch_vat", "CHE-123.456.789 MWST", true)]
    [InlineData("ch_vat", "CHE-123.456.789", false)]
    [InlineData("us_ein", "12-3456789", true)]
    [InlineData("us_ein", "12-345678", false)]
    [InlineData("ca_gst_hst", "123456789RT0002", true)]
    [InlineData("ca_bn", "123456789RT0002", false)]
    [InlineData("au_abn", "12 345 678 912", true)]
    [InlineData("br_cnpj", "01.234.456/5432-10", true)]
    [InlineData("jp_trn", "T1234567891234", true)]
    [InlineData("us_ein", "12-3456789\n", true)]
    [InlineData("us_ein", "١٢٣٤٥٦٧٨٩", false)]
    public void A_tax_id_is_checked_by_its_format(string type, string value, bool fits) =>
        Assert.Equal(fits, TaxIdFormats.Fits(TaxIdFormats.Find(type)!, TaxIdFormats.Plain(value)));

    [Fact]
    public void Every_example_fits_its_own_format() =>
        Assert.All(TaxIdFormats.All, format => Assert.True(TaxIdFormats.Fits(format, TaxIdFormats.Plain(format.Example)), format.Type));

    [Fact]
    public async Task What_is_added_is_sent_to_Stripe_and_verified_and_removed_again()
    {
        var added = (await Adding.RunAsync(BillingWorld.Owner, "northwind", "eu_vat", "de 123 456 789", default)).Value;
        Assert.Equal((TaxIdState.Pending, "DE123456789"), (added.State, added.Value));
        await _world.RunAsync();
        var there = await OnlyAsync();
        Assert.Equal(
            (TaxIdState.Ready, TaxIdVerification.Verified, "Northwind GmbH"),
            (there.State, there.Verification, there.VerifiedName)
        );
        Assert.Equal(("cus_northwind", "eu_vat", "DE123456789"), Assert.Single(_world.Gateway.TaxIds).Key);
        Assert.Contains(
            await _world.AuditAsync(_world.Northwind),
            record => record.Operation == "tax-id.add" && record.Details["value"] == "de 123 456 789"
        );
        Assert.Equal(
            "tax-id-exists",
            (await Adding.RunAsync(BillingWorld.Owner, "northwind", "eu_vat", "DE123456789", default)).Problem!.Code
        );

        Assert.True((await Removing(added.Id.ToString())).IsOk);
        await _world.RunAsync();
        Assert.Empty(await AllAsync());
        Assert.Empty(_world.Gateway.TaxIds);
        Assert.Equal("tax-id-not-found", (await Removing(added.Id.ToString())).Problem!.Code);
        Assert.Equal("tax-id-not-found", (await Removing("none")).Problem!.Code);
    }

    [Fact]
    public async Task One_that_waits_for_the_tax_office_is_looked_at_again_and_makes_way_when_it_is_removed()
    {
        _world.Gateway.Verifies = TaxIdVerification.Pending;
        var added = (await Adding.RunAsync(BillingWorld.Owner, "northwind", "eu_vat", "DE123456789", default)).Value;
        await _world.RunAsync();
        Assert.Equal(TaxIdVerification.Pending, (await OnlyAsync()).Verification);
        _world.Gateway.Verifies = TaxIdVerification.Unverified;
        _world.Clock.Advance(TimeSpan.FromMinutes(10));
        await _world.RunAsync();
        Assert.Equal(TaxIdVerification.Unverified, (await OnlyAsync()).Verification);

        _world.Gateway.Verifies = TaxIdVerification.Pending;
        var second = (await Adding.RunAsync(BillingWorld.Owner, "northwind", "gb_vat", "GB123456789", default)).Value;
        await _world.RunAsync();
        Assert.True((await Removing(second.Id.ToString())).IsOk);
        await _world.RunAsync();
        Assert.Equal(added.Id, (await OnlyAsync()).Id);
    }

    [Fact]
    public async Task What_Stripe_refuses_says_why_and_can_be_removed()
    {
        _world.Gateway.Fail = (call, _) =>
            call == "tax-id" ? new Problem.Conflict("stripe-refused", "Stripe reports: Invalid value for eu_vat.") : null;
        var added = (await Adding.RunAsync(BillingWorld.Owner, "northwind", "eu_vat", "DE123456789", default)).Value;
        await _world.RunAsync();
        Assert.Equal(
            (TaxIdState.Refused, "Stripe reports: Invalid value for eu_vat."),
            await OnlyAsync() is var one ? (one.State, one.ProblemMessage) : default
        );
        Assert.True((await Removing(added.Id.ToString())).IsOk);
        await _world.RunAsync();
        Assert.Empty(await AllAsync());
    }

    [Fact]
    public async Task A_customer_who_is_replaced_at_Stripe_gets_them_again()
    {
        await Adding.RunAsync(BillingWorld.Owner, "northwind", "eu_vat", "DE123456789", default);
        await _world.RunAsync();
        _world.Gateway.DeleteCustomer("cus_northwind");
        await _world.Customers.ReplaceAsync("cus_northwind", default);
        Assert.Equal(TaxIdState.Pending, (await OnlyAsync()).State);
        await _world.RunAsync();
        Assert.Equal(TaxIdState.Ready, (await OnlyAsync()).State);
        Assert.Contains(("cus_northwind_again", "eu_vat", "DE123456789"), _world.Gateway.TaxIds.Keys);
    }

    [Fact]
    public async Task Five_are_the_most_and_each_refusal_names_its_field()
    {
        Assert.Equal(
            "tax-id-type-unknown",
            (await Adding.RunAsync(BillingWorld.Owner, "northwind", "mars_vat", "1", default)).Problem!.Code
        );
        var malformed = (await Adding.RunAsync(BillingWorld.Owner, "northwind", "us_ein", "12", default)).Problem!;
        Assert.Equal(
            ("tax-id-malformed", "This isn't a valid US EIN. One looks like this: 12-3456789."),
            (malformed.Code, malformed.Message)
        );
        Assert.Equal("tax-id-malformed", (await Adding.RunAsync(BillingWorld.Owner, "northwind", "us_ein", null, default)).Problem!.Code);
        for (var number = 0; number < AddTaxId.Most; number++)
            Assert.True((await Adding.RunAsync(BillingWorld.Owner, "northwind", "us_ein", $"12345678{number}", default)).IsOk);
        Assert.Equal(
            "tax-ids-too-many",
            (await Adding.RunAsync(BillingWorld.Owner, "northwind", "us_ein", "123456789", default)).Problem!.Code
        );
    }

    private Task<Outcome<Done>> Removing(string id) =>
        new RemoveTaxId(_world.Guard, _world.Database, _world.Clock).RunAsync(BillingWorld.Owner, "northwind", id, default);

    private async Task<IReadOnlyList<TaxId>> AllAsync() =>
        (await new ListTaxIds(_world.Guard, _world.Database).RunAsync(BillingWorld.Owner, "northwind", default)).Value;

    private async Task<TaxId> OnlyAsync() => Assert.Single(await AllAsync());
}
