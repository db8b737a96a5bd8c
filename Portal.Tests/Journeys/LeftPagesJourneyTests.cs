using Microsoft.Playwright;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>A network that goes away and comes back, under one visitor with many tabs and another with one.</summary>
public sealed class LeftPagesJourneyTests
{
    [Fact]
    public async Task Of_one_visitors_tabs_only_their_share_comes_back_and_anothers_page_does_too()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalHere.StartAsync(
            new Dictionary<string, string> { ["Portal__Limits__LeftPagesPerVisitor"] = "1" }
        );
        await using var wire = new TcpRelay(portal.Url.Port);
        var address = new Uri($"http://localhost:{wire.Port}/");
        var many = await browser.VisitorAsync(address);
        await many.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        var tabs = new List<IPage> { many.Page, await many.Page.Context.NewPageAsync(), await many.Page.Context.NewPageAsync() };
        foreach (var tab in tabs)
            await OpenAsync(tab, "operator/organizations");
        var one = await browser.VisitorAsync(address);
        // A stranger's page with a circuit: the first page has none.
        await OpenAsync(one.Page, "not-found");

        wire.Cut();
        foreach (var tab in tabs.Append(one.Page))
            await ModalAsync(tab, open: true);
        wire.Mend();
        await ModalAsync(one.Page, open: false);
        Assert.True(await one.Page.EvaluateAsync<bool>("() => window.stayed === true"), "the page of who has one is the same as before");
        await Eventually.TrueAsync(async () => await CountBackAsync(tabs) == 1, "one of the three tabs came back");
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.Equal(1, await CountBackAsync(tabs));
    }

    private static async Task OpenAsync(IPage page, string address)
    {
        await page.GotoAsync(address);
        await page.Locator("[data-interactive=true]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.EvaluateAsync("() => { window.stayed = true; }");
    }

    private static Task ModalAsync(IPage page, bool open) =>
        page.Locator("#components-reconnect-modal")
            .WaitForAsync(new() { State = open ? WaitForSelectorState.Visible : WaitForSelectorState.Hidden });

    /// <summary>Pages with their circuit of before: not loaded again, and no longer waiting for the connection.</summary>
    private static async Task<int> CountBackAsync(IEnumerable<IPage> tabs)
    {
        var back = 0;
        foreach (var tab in tabs)
            if (await IsBackAsync(tab))
                back++;
        return back;
    }

    private static async Task<bool> IsBackAsync(IPage tab)
    {
        try
        {
            return await tab.EvaluateAsync<bool>(
                "() => window.stayed === true && !document.getElementById('components-reconnect-modal').open"
            );
        }
        catch (PlaywrightException loading) when (loading.Message.Contains("context was destroyed", StringComparison.Ordinal))
        {
            // What was left too often loads itself anew, at this moment.
            return false;
        }
    }
}
