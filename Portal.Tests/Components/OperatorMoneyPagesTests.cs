using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Work;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>The operator's pages about money say what will happen before it does.</summary>
public sealed class OperatorMoneyPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private Actor Operator => Owner with { IsOperator = true };

    [Fact]
    public async Task A_price_list_is_reviewed_and_wants_consent_to_free_meters_before_it_is_published()
    {
        await Use<EnsureShippedPriceBook>().RunAsync(default);
        var dialogs = RenderDialogs(Operator);
        var page = Render<PricesPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("2026-01", page.Markup, StringComparison.Ordinal), Soon);
        _ = Button(page, "Publish prices").ClickAsync(new());
        dialogs.WaitForAssertion(() => dialogs.Find("#price-book"), Soon);
        await dialogs.Find("#price-book").InputAsync(new() { Value = """{"version": "next", "currency": "usd", "startsAt": "2027-01-01T00:00:00Z", "meters": {"write": {"per": "GiB", "model": "perUnit", "unitPrice": "0.10"}, "read": {"per": "GiB", "model": "perUnit", "unitPrice": "0.05"}}}""" });
        await Button(dialogs, "Review changes").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("No longer charged: Storage, Partitions, Connectors.", dialogs.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("+25%", dialogs.Markup, StringComparison.Ordinal);
        Assert.Contains("No month has closed yet", dialogs.Markup, StringComparison.Ordinal);
        Assert.True(Button(dialogs, "Publish").HasAttribute("disabled"));
        await dialogs.Find("#become-free").ChangeAsync(new() { Value = true });
        await Button(dialogs, "Publish").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("scheduled", page.Markup, StringComparison.Ordinal), Soon);

        _ = page.Find("button[aria-label='Withdraw next']").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("2026-01 stays in force.", dialogs.Markup, StringComparison.Ordinal), Soon);
        await Button(dialogs, "Withdraw next").ClickAsync(new());
        page.WaitForAssertion(() => Assert.DoesNotContain("scheduled", page.Markup, StringComparison.Ordinal), Soon);
    }

    [Fact]
    public async Task Closing_a_month_says_its_sum_first_and_the_button_names_the_month()
    {
        var dialogs = RenderDialogs(Operator);
        var page = Render<JobsPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Button(page, "Close October 2026…"), Soon);
        _ = Button(page, "Close October 2026…").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("There is nothing to close", dialogs.Markup, StringComparison.Ordinal), Soon);
        Assert.True(Button(dialogs, "Close October 2026").HasAttribute("disabled"));
        await dialogs.Find("#month").ChangeAsync(new() { Value = "2026-11" });
        dialogs.WaitForAssertion(() => Assert.Contains("November 2026 isn't over yet.", dialogs.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("0 invoices", dialogs.Markup, StringComparison.Ordinal);
        Assert.Equal(0, await Database.ReadAsync(session => session.Work.CountOpenAsync(CloseMonthWork.Kind, default), default));
        await Button(dialogs, "Close November 2026").ClickAsync(new());
        Assert.Equal(1, await Database.ReadAsync(session => session.Work.CountOpenAsync(CloseMonthWork.Kind, default), default));
    }

    private static AngleSharp.Dom.IElement Button<T>(IRenderedComponent<T> within, string text) where T : Microsoft.AspNetCore.Components.IComponent =>
        within.FindAll("button").Single(button => button.TextContent.Trim() == text);
}
