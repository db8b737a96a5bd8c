using Bunit;
using Portal.Domain.Billing;
using Portal.Domain.Work;
using Portal.Features.Billing;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Tax IDs on the billing page.</summary>
public sealed class TaxIdPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task One_is_added_shown_and_removed_and_a_wrong_one_says_how_it_looks()
    {
        var dialogs = RenderDialogs(Owner);
        var card = Render<TaxIdsCard>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.MayManage, true));
        card.WaitForAssertion(() => Assert.Contains("No tax IDs yet.", card.Markup, StringComparison.Ordinal), Soon);
        _ = card.Find("button.btn").ClickAsync(new());
        dialogs.WaitForAssertion(() => dialogs.Find("#tax-id-value"), Soon);
        await dialogs.Find("#tax-id-type").ChangeAsync(new() { Value = "us_ein" });
        Assert.Contains("Looks like 12-3456789.", dialogs.Markup, StringComparison.Ordinal);
        await dialogs.Find("#tax-id-value").InputAsync(new() { Value = "12" });
        await dialogs.Find(".btn.pri").ClickAsync(new());
        dialogs.WaitForAssertion(
            () =>
                Assert.Contains(
                    "This isn't a valid US EIN.",
                    dialogs.Markup.Replace("&#x27;", "'", StringComparison.Ordinal),
                    StringComparison.Ordinal
                ),
            Soon
        );
        await dialogs.Find("#tax-id-value").InputAsync(new() { Value = "12-3456789" });
        await dialogs.Find(".btn.pri").ClickAsync(new());
        card.WaitForAssertion(() => Assert.Equal("123456789", card.Find("[data-tax-id]").GetAttribute("data-tax-id")), Soon);
        Assert.Contains("being added", card.Markup, StringComparison.Ordinal);

        _ = card.Find("button[aria-label='Remove 123456789']").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("Remove 123456789?", dialogs.Markup, StringComparison.Ordinal), Soon);
        await dialogs.FindAll("button").Single(button => button.TextContent.Trim() == "Remove tax ID").ClickAsync(new());
        card.WaitForAssertion(() => Assert.Contains("being removed", card.Markup, StringComparison.Ordinal), Soon);
        Assert.Equal(2, await Database.ReadAsync(session => session.Work.CountOpenAsync(SendTaxIdWork.Kind, default), default));
    }
}
