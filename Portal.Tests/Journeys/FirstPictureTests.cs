using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>What is seen before anything answers, and where the keyboard is.</summary>
public sealed class FirstPictureTests
{
    private const string Api = "/api/v1/organizations/northwind";

    [Fact]
    public async Task A_cluster_that_never_answers_keeps_nobody_from_seeing_the_page()
    {
        await using var browser = await Browser.StartAsync();
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        await rest.PostAsync($"{Api}/tenants", new JsonObject { ["name"] = "shop" }, HttpStatusCode.Accepted);
        await rest.SettledAsync($"{Api}/tenants/shop/namespaces/default");
        await rest.PostAsync(
            $"{Api}/tenants/shop/namespaces/default/topics",
            new JsonObject { ["name"] = "orders" },
            HttpStatusCode.Accepted
        );
        await rest.SettledAsync($"{Api}/tenants/shop/namespaces/default/topics/orders");
        var visitor = await browser.VisitorAsync(portal.Url);
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        await visitor.Page.GotoAsync("o/northwind");
        await cluster.HangAsync();

        var slow = new List<string>();
        foreach (
            var path in new[]
            {
                "",
                "tenants",
                "tenants/new",
                "tenants/shop",
                "tenants/shop?tab=connect",
                "tenants/shop/topics/new",
                "tenants/shop/default/orders",
                "tenants/shop/default/orders?tab=messages",
                "usage",
                "billing",
                "settings/general",
                "../../operator/clusters",
                "../../operator/metering",
                "../../operator/organizations",
            }
        )
        {
            // The cluster would be waited for 12 s and more.
            var clock = Stopwatch.StartNew();
            await visitor.Page.GotoAsync($"o/northwind/{path}", new() { WaitUntil = WaitUntilState.DOMContentLoaded });
            if (clock.Elapsed > TimeSpan.FromSeconds(8))
                slow.Add($"{path}: {clock.Elapsed.TotalSeconds:0.0} s");
        }
        Assert.True(slow.Count == 0, string.Join('\n', slow));
        await visitor.Page.GotoAsync("o/northwind/tenants/shop/default/orders");
        await visitor.HeadingAsync("orders");
        // Still asked, or known from the look before to give no answer.
        await Assertions.Expect(visitor.Page.Locator("[role=status].skeleton, [data-problem]").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_keyboards_place_is_seen_at_every_stop()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        await rest.PostAsync($"{Api}/tenants", new JsonObject { ["name"] = "shop" }, HttpStatusCode.Accepted);
        var visitor = await browser.VisitorAsync(portal.Url);
        // The colors of a theme are there at once.
        await visitor.Page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        var unseen = new List<string>();
        foreach (var page in new[] { "", "sign-in", "sign-up" })
            unseen.AddRange(await UnseenAsync(visitor, page, isStatic: true));
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        foreach (
            var page in new[]
            {
                "",
                "o/northwind",
                "o/northwind/tenants/shop",
                "o/northwind/tenants/shop/topics/new",
                "o/northwind/usage",
                "o/northwind/billing",
                "o/northwind/settings/members",
                "operator/organizations",
                "account",
            }
        )
            unseen.AddRange(await UnseenAsync(visitor, page));

        Assert.True(unseen.Count == 0, string.Join('\n', unseen));
    }

    private static async Task<IReadOnlyList<string>> UnseenAsync(Visitor visitor, string page, bool isStatic = false)
    {
        // Account pages and a stranger's first page are static; on the others the first interactive picture would take the keyboard's place
        // away.
        if (isStatic || page == "account")
            await visitor.Page.GotoAsync(page);
        else
            await visitor.GoAsync(page);
        await Task.Delay(TimeSpan.FromSeconds(1));
        await visitor.Page.Locator(".skip").FocusAsync();
        var unseen = new List<string>();
        var stops = 0;
        for (; stops < 60; stops++)
        {
            await visitor.Page.Keyboard.PressAsync("Tab");
            var light = await RingAsync(visitor.Page, "light");
            if (light is null)
                break;
            var dark = await RingAsync(visitor.Page, "dark");
            unseen.AddRange(((string?[])[light, dark]).Where(said => said is { Length: > 0 }).Select(said => $"{page}: {said}"));
        }
        Assert.True(stops > 2, $"{page}: {stops} stops");
        return unseen;
    }

    private static async Task<string?> RingAsync(IPage page, string theme) =>
        await page.EvaluateAsync<string?>(Ring, theme) is { } said
            ? said.Length == 0
                ? said
                : $"{theme}: {said}"
            : null;

    /// <summary>
    /// In a theme: null past the last stop, empty for a stop whose ring is two pixels at least and stands out 3 to 1 (WCAG 2.2, 1.4.11),
    /// else what is wrong.
    /// </summary>
    private const string Ring = """
        theme => {
          localStorage.setItem("portal-theme", theme);
          document.documentElement.dataset.theme = theme;
          const at = document.activeElement;
          if (!at || at === document.body) return null;
          const style = getComputedStyle(at), width = parseFloat(style.outlineWidth), name = at.outerHTML.slice(0, 90);
          if (style.outlineStyle === "none" || width < 2) return `${style.outlineStyle} ${width}px at ${name}`;
          const parts = color => (color.match(/[\d.]+/g) ?? []).map(Number);
          const light = ([r, g, b]) => [r, g, b].map(one => one / 255).map(one => one <= .03928 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4).reduce((sum, one, place) => sum + one * [.2126, .7152, .0722][place], 0);
          let behind = parseFloat(style.outlineOffset) < 0 ? at : at.parentElement;
          while (behind && (parts(getComputedStyle(behind).backgroundColor)[3] ?? 1) < 1) behind = behind.parentElement;
          const one = light(parts(style.outlineColor)), other = light(behind ? parts(getComputedStyle(behind).backgroundColor) : [255, 255, 255]);
          const contrast = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
          return contrast < 3 ? `contrast ${contrast.toFixed(2)} at ${name}` : "";
        }
        """;
}
