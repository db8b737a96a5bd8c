using AngleSharp.Dom;
using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Features.Billing;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Taxes on pages: the operator's settings, the customer's address, an invoice.</summary>
public sealed class TaxPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private Actor Operator => Owner with { IsOperator = true };

    [Fact]
    public async Task Rates_are_typed_row_by_row_and_a_wrong_one_is_named()
    {
        var dialogs = RenderDialogs(Operator);
        var page = Render<TaxPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("No tax is charged", page.Markup, StringComparison.Ordinal), Soon);
        _ = Button(page, "Change tax settings").ClickAsync(new());
        dialogs.WaitForAssertion(() => dialogs.Find("input[value=rates]"), Soon);
        await dialogs.Find("input[value=rates]").ChangeAsync(new() { Value = "rates" });
        await dialogs.Find("#tax-seller").ChangeAsync(new() { Value = "DE" });
        await dialogs.Find("#tax-country-0").InputAsync(new() { Value = "DE" });
        await dialogs.Find("#tax-name-0").InputAsync(new() { Value = "VAT" });
        await dialogs.Find("#tax-percent-0").InputAsync(new() { Value = "nineteen" });
        await Button(dialogs, "Publish tax settings").ClickAsync(new());
        dialogs.WaitForAssertion(
            () => Assert.Contains("Row 1: enter a percentage from 0 to 100", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        await dialogs.Find("#tax-percent-0").InputAsync(new() { Value = "19" });
        await Button(dialogs, "Add rate").ClickAsync(new());
        await Button(dialogs, "Publish tax settings").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Equal("DE", page.Find("[data-rate]").GetAttribute("data-rate")), Soon);
        Assert.Contains("in force", page.Markup, StringComparison.Ordinal);
        Assert.Contains("19%", page.Markup, StringComparison.Ordinal);

        var refused = Render<TaxPage>();
        refused.WaitForAssertion(() => Assert.Equal("operator-only", refused.Find("[data-problem]").GetAttribute("data-problem")), Soon);
    }

    [Fact]
    public async Task A_customer_gives_an_address_and_reads_how_it_is_taxed()
    {
        await PublishAsync();
        var dialogs = RenderDialogs(Owner);
        var card = Render<BillingAddressCard>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.MayManage, true));
        card.WaitForAssertion(() => Assert.Contains("Tax depends on your billing address.", card.Markup, StringComparison.Ordinal), Soon);
        _ = Button(card, "Add billing address").ClickAsync(new());
        dialogs.WaitForAssertion(() => dialogs.Find("#address-country"), Soon);
        await Button(dialogs, "Save address").ClickAsync(new());
        dialogs.WaitForAssertion(
            () => Assert.Contains("Choose the country that you are billed in.", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        await dialogs.Find("#address-country").ChangeAsync(new() { Value = "DE" });
        await dialogs.Find("#address-city").InputAsync(new() { Value = "Berlin" });
        await Button(dialogs, "Save address").ClickAsync(new());
        card.WaitForAssertion(() => Assert.Equal("taxed", card.Find("[data-taxed]").GetAttribute("data-taxed")), Soon);
        Assert.Contains("Invoices include VAT of 19%.", card.Markup, StringComparison.Ordinal);
        Assert.Contains("Germany", card.Find("[data-address]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_exempts_a_customer_for_a_reason()
    {
        await PublishAsync();
        var organization = await Database.ReadAsync(async session => (await session.Organizations.FindAsync(Org, default))!, default);
        var dialogs = RenderDialogs(Operator);
        var opened = await dialogs.InvokeAsync(() =>
            Dialogs.ShowAsync<CustomerTaxDialog>(
                "Tax",
                new MudBlazor.DialogParameters<CustomerTaxDialog> { { shown => shown.Organization, organization } }
            )
        );
        dialogs.WaitForAssertion(() => dialogs.Find("#tax-exemption"), Soon);
        await dialogs.Find("#tax-exemption").ChangeAsync(new() { Value = "exempt" });
        await Button(dialogs, "Set tax").ClickAsync(new());
        dialogs.WaitForAssertion(
            () => Assert.Contains("Give a reason of 1 to 200 characters", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        await dialogs.Find("#tax-reason").InputAsync(new() { Value = "Certificate 4711" });
        await Button(dialogs, "Set tax").ClickAsync(new());
        Assert.False((await opened.Result)!.Canceled);
        Assert.Equal(
            TaxExemption.Exempt,
            (await Database.ReadAsync(session => session.Taxes.ProfileAsync(organization.Id, default), default))!.Exemption
        );
    }

    [Fact]
    public async Task An_invoice_has_taxes_between_discounts_and_credits()
    {
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, default))!;
                var (month, book) = (new Month(2026, 10), new PriceBookId(Guid.NewGuid()));
                session.Invoices.Add(
                    new Invoice(
                        new InvoiceId(Guid.CreateVersion7()),
                        organization.Id,
                        "northwind-2026-10-1",
                        month,
                        month.Start,
                        month.End,
                        Currency.Usd,
                        PayBy.Card,
                        [
                            new InvoiceLine(
                                Guid.CreateVersion7(),
                                Meter.Storage,
                                book,
                                month.Start,
                                month.End,
                                100,
                                16,
                                1600,
                                "100 GiB-months at 0.16"
                            ),
                        ],
                        0,
                        Clock.GetUtcNow(),
                        [new InvoiceAdjustment(Guid.CreateVersion7(), AdjustmentKind.Discount, -600, "Promotion code HALF")],
                        new(InvoiceTaxState.Taxed, "VAT number FRAB123456789 isn't verified, so tax is charged.", [], false),
                        [new InvoiceTax(Guid.CreateVersion7(), 0, "VAT", "FR", null, 20, false, 1000, 200)]
                    )
                );
                return true;
            },
            default
        );
        var page = Render<InvoicePage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Number, "northwind-2026-10-1"));
        page.WaitForAssertion(() => Assert.Equal("200", page.Find("[data-tax-minor]").GetAttribute("data-tax-minor")), Soon);
        Assert.Contains("VAT France, 20%", page.Markup, StringComparison.Ordinal);
        Assert.Contains("on $10.00", page.Markup, StringComparison.Ordinal);
        Assert.Contains("so tax is charged.", page.Find("[data-tax-note]").TextContent, StringComparison.Ordinal);
        Assert.Equal("1200", page.Find("[data-total-minor]").GetAttribute("data-total-minor"));
    }

    private Task PublishAsync() =>
        Database.UpdateAsync(
            null,
            session =>
            {
                session.Taxes.Add(
                    TaxBook
                        .Create(
                            Guid.CreateVersion7(),
                            new(
                                "rates",
                                "DE",
                                null,
                                new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
                                [new("DE", null, "VAT", 19, false)]
                            ),
                            "operator",
                            Clock.GetUtcNow()
                        )
                        .Value
                );
                return Task.FromResult(true);
            },
            default
        );

    private MudBlazor.IDialogService Dialogs => Use<MudBlazor.IDialogService>();

    private static IElement Button(IRenderedComponent<Microsoft.AspNetCore.Components.IComponent> inside, string text) =>
        inside.FindAll("button").Single(button => button.TextContent.Trim() == text);
}
