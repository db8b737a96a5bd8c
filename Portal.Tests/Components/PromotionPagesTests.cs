using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Features.Billing;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Promotion codes: made on the operator's page, redeemed on the customer's.</summary>
public sealed class PromotionPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private Actor Operator => Owner with { IsOperator = true };

    [Fact]
    public async Task The_operator_creates_and_withdraws_codes()
    {
        var dialogs = RenderDialogs(Operator);
        var page = Render<PromotionCodesPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("No promotion codes yet", page.Markup, StringComparison.Ordinal), Soon);
        _ = page.Find(".btn.pri").ClickAsync(new());
        dialogs.WaitForAssertion(() => dialogs.Find("#promo-code"), Soon);
        await dialogs.Find("#promo-code").InputAsync(new() { Value = "x" });
        await dialogs.Find(".btn.pri").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("Use 3 to 40 letters", dialogs.Markup, StringComparison.Ordinal), Soon);
        await dialogs.Find("#promo-code").InputAsync(new() { Value = "spring-20" });
        await dialogs.Find("#promo-most").InputAsync(new() { Value = "50" });
        await dialogs.Find("#promo-ends").InputAsync(new() { Value = "2026-12-31" });
        await dialogs.Find(".btn.pri").ClickAsync(new());
        page.WaitForAssertion(
            () => Assert.Contains("20% off for 3 months", page.Find("tr[data-promotion=SPRING-20]").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Contains("0 of 50", page.Markup, StringComparison.Ordinal);
        _ = page.Find("button[aria-label='Withdraw SPRING-20']").ClickAsync(new());
        dialogs.WaitForAssertion(
            () => Assert.Contains("Nobody can redeem SPRING-20 anymore.", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        await dialogs.FindAll("button").First(button => button.TextContent.Trim() == "Withdraw code").ClickAsync(new());
        page.WaitForAssertion(
            () => Assert.Contains("withdrawn", page.Find("tr[data-promotion=SPRING-20]").TextContent, StringComparison.Ordinal),
            Soon
        );
    }

    [Fact]
    public async Task The_customer_redeems_one_and_reads_what_is_wrong_with_another()
    {
        await Use<CreatePromotionCode>().RunAsync(Operator, new("SPRING-20", 20, null, null, 2, null, null), default);
        var card = Render<CreditsCard>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.MayManage, true));
        card.WaitForAssertion(() => card.Find("#promotion-code"), Soon);
        await card.Find("#promotion-code").InputAsync(new() { Value = "SPRNG-20" });
        await card.Find("form").SubmitAsync();
        card.WaitForAssertion(
            () => Assert.Contains("There is no promotion code “SPRNG-20”. Check how it's spelled.", card.Markup, StringComparison.Ordinal),
            Soon
        );
        await card.Find("#promotion-code").InputAsync(new() { Value = "spring-20" });
        await card.Find("form").SubmitAsync();
        card.WaitForAssertion(() => Assert.Equal("SPRING-20", card.Find("[data-share]").GetAttribute("data-share")), Soon);
        Assert.Contains("until the end of December 2026.", card.Markup, StringComparison.Ordinal);
        Assert.Contains("SPRING-20 takes 20% off your usage.", card.Markup, StringComparison.Ordinal);
    }
}
