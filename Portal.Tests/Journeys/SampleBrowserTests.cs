using System.Diagnostics;
using Microsoft.Playwright;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>
/// An operator's first minutes: chooses the sample company with the account, sees it being made, walks through it, and removes it.
/// </summary>
public sealed class SampleBrowserTests(ITestOutputHelper output)
{
    private const string Email = "operator@example.com";
    private const string Password = "a quiet river bends slowly 7";

    [Theory]
    [InlineData("light")]
    [InlineData("dark", Traits = ["tier", "pictures"])]
    [InlineData("phone", Traits = ["tier", "pictures"])]
    public async Task From_the_first_run_through_the_sample_company_and_back(string look)
    {
        Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "pictures"));
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalHere.StartAsync(firstRun: false);
        var @operator = await browser.VisitorAsync(portal.Url, look);
        await @operator.Page.GotoAsync("first-run");
        await @operator.FillAsync("Email", Email);
        await @operator.FillAsync("Password", Password);
        await @operator.Page.GetByLabel("Explore with a sample company").CheckAsync();
        await @operator.PictureAsync($"sample-first-run-{look}");
        await @operator.LookedAtAsync();
        var watch = Stopwatch.StartNew();
        await @operator.PressAsync("Create account");

        await @operator.Page.WaitForURLAsync("**/operator/organizations");
        await @operator.Page.Locator("[data-sample=creating] progress").WaitForAsync();
        await @operator.InteractiveAsync();
        await @operator.PictureAsync($"sample-creating-{look}");
        await @operator.LookedAtAsync();
        var open = @operator.Page.GetByRole(AriaRole.Link, new() { Name = "Open Alder & Pine" });
        await open.WaitForAsync(new() { Timeout = 300_000 });
        output.WriteLine($"From the click to the finished company: {watch.Elapsed.TotalSeconds:0.0} s");
        await @operator.PictureAsync($"sample-ready-{look}");
        await @operator.LookedAtAsync();

        await open.ClickAsync();
        await @operator.HeadingAsync("Alder & Pine");
        if (look != "phone")
            await Assertions.Expect(@operator.Page.Locator(".org summary .chip.sample")).ToBeVisibleAsync();
        foreach (
            var (address, name) in new[]
            {
                ("o/alder-and-pine", "home"),
                ("o/alder-and-pine/usage", "usage"),
                ("o/alder-and-pine/billing", "billing"),
                ("o/alder-and-pine/tenants", "tenants"),
                ("o/alder-and-pine/tenants/alderpine-analytics/events/page-viewed?tab=messages", "messages"),
                ("o/alder-and-pine/settings/members", "members"),
                ("", "landing"),
            }
        )
        {
            if (address.Length > 0)
                await @operator.GoAsync(address);
            else
                await @operator.Page.GotoAsync(address);
            await @operator.Page.Locator("h1").First.WaitForAsync();
            await Assertions.Expect(@operator.Page.Locator(".skeleton")).ToHaveCountAsync(0);
            await @operator.PictureAsync($"sample-{name}-{look}");
            await @operator.LookedAtAsync();
        }

        await @operator.GoAsync("operator/organizations");
        await @operator.PressAsync("Remove sample company");
        await @operator.Page.Locator(".mud-dialog").WaitForAsync();
        await @operator.PictureAsync($"sample-remove-{look}");
        await @operator.LookedAtAsync();
        await @operator.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Remove sample company" }).ClickAsync();
        await @operator.Page.GetByRole(AriaRole.Button, new() { Name = "Create sample company" }).WaitForAsync(new() { Timeout = 120_000 });
        await Assertions.Expect(@operator.Page.GetByText("alder-and-pine", new() { Exact = true })).ToHaveCountAsync(0);
    }
}
