using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>
/// Sensor readings through <c>anomaly-score</c>: tried, made in a browser, read in the message browser, changed and taken away.
/// </summary>
public sealed class FunctionJourneyTests
{
    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task From_sensor_readings_to_scores_and_away_again(string pulsar)
    {
        await using var browser = await Browser.StartAsync();
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("readings");
        await rest.PutAsync($"{GatewayWorld.Operators}/northwind/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        var name = (string)(await rest.GetAsync("/api/v1/operator/clusters"))["items"]![0]!["name"]!;
        await rest.PutAsync(
            $"/api/v1/operator/clusters/{name}/connectors",
            new JsonObject { ["connectors"] = new JsonArray("source:heartbeat", "sink:http-post", "function:anomaly-score") }
        );
        var tenant = $"/api/v1/organizations/northwind/tenants/{world.Tenant}";
        foreach (var value in (double[])[20.1, 20.3, 19.9, 20.2, 20.0, 35.5, 20.1])
            await SendAsync($$"""{"sensor":"hall-1","celsius":{{FormattableString.Invariant($"{value}")}}}""");
        await SendAsync("the sensor was restarted");
        // A topic that its broker hands over meanwhile may get one of them twice: what it holds is what is tried.
        var held = (await rest.GetAsync($"{tenant}/namespaces/default/topics/readings/messages?from=earliest&limit=100"))["items"]!
            .AsArray()
            .Select(one => (string)one!["payload"]!)
            .ToList();
        var (outliers, texts) = (
            held.Count(text => text.Contains("35.5", StringComparison.Ordinal)),
            held.Count(text => !text.StartsWith('{'))
        );

        var visitor = await browser.VisitorAsync(portal.Url);
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        await visitor.GoAsync($"o/northwind/tenants/{world.Tenant}/connectors/new");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Anomaly score", Exact = true }).ClickAsync();
        await visitor.HeadingAsync("New Anomaly score function");
        await visitor.Page.Locator("#name").FillAsync("score");
        await visitor.Page.Locator("#output-name").FillAsync("scored");
        await visitor.Page.Locator("#position").SelectOptionAsync("earliest");

        // A wrong name of the field first: nothing comes out, and the preview says why.
        await visitor.PressAsync("Try it on the last 20 messages");
        await Assertions
            .Expect(visitor.Page.GetByText($"{held.Count} messages tried: {held.Count} failed."))
            .ToBeVisibleAsync(new() { Timeout = 60_000 });
        await visitor.Page.Locator("#configuration").FillAsync("""{"field": "celsius", "threshold": 10}""");
        await SweptAsync();
        await visitor.PressAsync("Try it on the last 20 messages");
        await Assertions
            .Expect(
                visitor.Page.GetByText(
                    $"{held.Count} messages tried: {outliers} passed, {held.Count - outliers - texts} filtered, {texts} failed."
                )
            )
            .ToBeVisibleAsync(new() { Timeout = 60_000 });
        await visitor.LookedAtAsync();
        await SweptAsync();
        await visitor.Page.Locator("#configuration").FillAsync("""{"field": "celsius"}""");
        await visitor.PressAsync("Create function");
        await visitor.HeadingAsync("score");
        await Assertions
            .Expect(visitor.Page.Locator(".chip").Filter(new() { HasText = "some messages fail" }).First)
            .ToBeVisibleAsync(new() { Timeout = 60_000 });
        await visitor.LookedAtAsync();

        // The scores, in the message browser.
        await visitor.GoAsync($"o/northwind/tenants/{world.Tenant}/default/scored?tab=messages");
        await visitor.PressAsync("Read messages");
        await Assertions.Expect(visitor.Page.GetByText("\"celsius\":35.5,\"anomaly\":").First).ToBeVisibleAsync(new() { Timeout = 30_000 });

        await visitor.GoAsync($"o/northwind/tenants/{world.Tenant}/connectors/default/score");
        await visitor.PressAsync("Edit settings");
        await visitor.Page.Locator("#configuration").FillAsync("""{"field": "celsius", "threshold": 3}""");
        await Assertions.Expect(visitor.Page.Locator(".changes")).ToContainTextAsync("threshold");
        await visitor.PressAsync("Save settings");
        await Eventually.TrueAsync(
            async () => !(bool)(await rest.GetAsync($"{tenant}/functions/default/score"))["changing"]!,
            "the change reaches the cluster"
        );
        await visitor.PressAsync("Stop");
        await Assertions
            .Expect(visitor.Page.Locator(".chip").Filter(new() { HasText = "stopped" }).First)
            .ToBeVisibleAsync(new() { Timeout = 30_000 });
        await visitor.PressAsync("Start");
        await Eventually.TrueAsync(
            async () => (string?)(await rest.GetAsync($"{tenant}/functions/default/score"))["wanted"] == "running",
            "the click is heard"
        );
        Assert.Equal(HttpStatusCode.NotFound, (await rest.SendAsync(HttpMethod.Get, $"{tenant}/connectors/default/score")).Status);
        await visitor.PressAsync("Delete function…");
        await visitor.Page.Locator("#confirm-name").FillAsync("score");
        await visitor.Page.Locator(".mud-dialog").GetByLabel("Also delete its subscription score").CheckAsync();
        await visitor.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Delete function", Exact = true }).ClickAsync();
        await Eventually.TrueAsync(
            async () => (await rest.SendAsync(HttpMethod.Get, $"{tenant}/functions/default/score")).Status == HttpStatusCode.NotFound,
            "the function is gone"
        );
        Assert.Empty((await rest.GetAsync($"{tenant}/namespaces/default/topics/readings/subscriptions"))["items"]!.AsArray());

        Task SendAsync(string text) =>
            rest.PostAsync(
                $"{tenant}/namespaces/default/topics/readings/messages",
                new JsonObject { ["payload"] = text },
                HttpStatusCode.Created
            );

        // The portal's own topics and function are gone, although nobody waits for it.
        Task SweptAsync() =>
            Eventually.TrueAsync(
                async () =>
                    !(await cluster.AdminAsync(HttpMethod.Get, $"persistent/{world.Tenant}/default"))
                        .ToJsonString()
                        .Contains("__portal-preview", StringComparison.Ordinal),
                "the preview leaves nothing behind"
            );
    }
}
