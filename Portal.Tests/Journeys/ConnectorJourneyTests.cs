using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portal.Tests.Adapters.PulsarAdmin;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>
/// A source into a topic and a sink out of it, made in a browser: data arrives, a wrong address is said, nothing is left.
/// </summary>
public sealed class ConnectorJourneyTests
{
    private const string Secret = "Bearer s3cret-of-the-hook";

    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task From_a_heartbeat_to_a_web_hook_and_away_again(string pulsar)
    {
        await using var browser = await Browser.StartAsync();
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        await using var hook = PostTarget.Start();
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("pulse");
        await rest.PutAsync($"{GatewayWorld.Operators}/northwind/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        var name = (string)(await rest.GetAsync("/api/v1/operator/clusters"))["items"]![0]!["name"]!;
        await rest.PutAsync(
            $"/api/v1/operator/clusters/{name}/connectors",
            new JsonObject { ["connectors"] = new JsonArray("source:heartbeat", "sink:http-post") }
        );
        var tenant = $"/api/v1/organizations/northwind/tenants/{world.Tenant}";

        var visitor = await browser.VisitorAsync(portal.Url);
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        await visitor.GoAsync($"o/northwind/tenants/{world.Tenant}?tab=connectors");
        await visitor.HeadingAsync("No connectors or functions");
        await visitor.LookedAtAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "New connector or function" }).First.ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Heartbeat", Exact = true }).ClickAsync();
        await visitor.HeadingAsync("New Heartbeat source");
        await visitor.Page.Locator("#name").FillAsync("beats");
        await visitor.PressAsync("Create connector");
        await Assertions.Expect(visitor.Page.GetByText("Enter a value for Text.")).ToBeVisibleAsync();
        await visitor.LookedAtAsync();
        await visitor.Page.Locator("#field-text").FillAsync("beat");
        await visitor.PressAsync("Create connector");
        await visitor.HeadingAsync("beats");
        await StateAsync(visitor, "running");
        await visitor.LookedAtAsync();

        // A wrong address first: the instance says so.
        var nowhere = new Uri(portal.Url, "no-such-hook").ToString();
        await visitor.GoAsync($"o/northwind/tenants/{world.Tenant}/connectors/new?type=sink%3Ahttp-post");
        await visitor.Page.Locator("#name").FillAsync("hook");
        await visitor.Page.Locator("#position").SelectOptionAsync("earliest");
        await visitor.Page.Locator("#field-url").FillAsync("nowhere");
        await visitor.Page.Locator("#field-authorization").FillAsync(Secret);
        await visitor.PressAsync("Create connector");
        await Assertions.Expect(visitor.Page.GetByText("Write the address with http:// or https://")).ToBeVisibleAsync();
        await visitor.Page.Locator("#field-url").FillAsync(nowhere);
        // Tried first: what it would meet is said before there is anything, and nothing of the trial stays.
        await visitor.PressAsync("Try it");
        await Assertions
            .Expect(visitor.Page.Locator(".changes").GetByText("The sink failed. It confirmed 0 of"))
            .ToBeVisibleAsync(new() { Timeout = 90_000 });
        await Assertions.Expect(visitor.Page.Locator(".changes").GetByText($"{nowhere} answered 4")).ToBeVisibleAsync();
        await visitor.LookedAtAsync();
        await Eventually.TrueAsync(
            async () =>
                !(await cluster.AdminAsync(HttpMethod.Get, $"persistent/{world.Tenant}/default"))
                    .ToJsonString()
                    .Contains("__portal-preview", StringComparison.Ordinal),
            "the trial leaves nothing behind"
        );
        await visitor.PressAsync("Create connector");
        await visitor.HeadingAsync("hook");
        await Assertions.Expect(visitor.Page.GetByText($"{nowhere} answered 4")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await StateAsync(visitor, "failing");
        await visitor.PressAsync("Edit settings");
        await Assertions.Expect(visitor.Page.Locator("#field-authorization")).ToHaveValueAsync("");
        await visitor.Page.Locator("#field-url").FillAsync(hook.Url);
        await visitor.PressAsync("Save settings");
        // Where the secret goes has changed, so it is asked for again.
        await Assertions
            .Expect(visitor.Page.GetByText("Enter Authorization header again, because you changed Address."))
            .ToBeVisibleAsync();
        await visitor.LookedAtAsync();
        await visitor.Page.Locator("#field-authorization").FillAsync(Secret);
        await visitor.PressAsync("Save settings");
        await Eventually.TrueAsync(() => Task.FromResult(hook.Bodies.Contains("beat 1")), "the first message arrives");
        // Nobody is told it.
        Assert.All(hook.Authorizations, one => Assert.Equal(Secret, one));
        await StateAsync(visitor, "running");
        Assert.DoesNotContain("s3cret", await visitor.Page.ContentAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", (await rest.GetAsync($"{tenant}/connectors")).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "s3cret",
            (await rest.GetAsync("/api/v1/organizations/northwind/audit")).ToJsonString(),
            StringComparison.Ordinal
        );

        foreach (
            var file in Directory
                .EnumerateFiles(portal.DataFolder, "*", SearchOption.AllDirectories)
                .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal))
        )
            Assert.DoesNotContain("s3cret-of-the-hook", await TextAsync(file), StringComparison.Ordinal);

        await visitor.PressAsync("Stop");
        await StateAsync(visitor, "stopped");
        await visitor.PressAsync("Start");
        await StateAsync(visitor, "running");
        await visitor.PressAsync("Delete connector…");
        await visitor.Page.Locator("#confirm-name").FillAsync("hook");
        await visitor.Page.Locator(".mud-dialog").GetByLabel("Also delete its subscription hook").CheckAsync();
        await visitor
            .Page.Locator(".mud-dialog")
            .GetByRole(AriaRole.Button, new() { Name = "Delete connector", Exact = true })
            .ClickAsync();
        await GoneAsync("hook");
        Assert.Empty((await rest.GetAsync($"{tenant}/namespaces/default/topics/pulse/subscriptions"))["items"]!.AsArray());
        // A namespace goes with the source that writes into it, and waits for it.
        Assert.Equal(HttpStatusCode.Accepted, (await rest.SendAsync(HttpMethod.Delete, $"{tenant}/namespaces/default?force=true")).Status);
        await Eventually.TrueAsync(
            async () => (await rest.SendAsync(HttpMethod.Get, $"{tenant}/namespaces/default")).Status == HttpStatusCode.NotFound,
            "the namespace is gone"
        );
        await GoneAsync("beats");
        await visitor.GoAsync($"o/northwind/tenants/{world.Tenant}/connectors");
        await visitor.HeadingAsync("No connectors or functions");

        Task GoneAsync(string connector) =>
            Eventually.TrueAsync(
                async () =>
                    (await rest.SendAsync(HttpMethod.Get, $"{tenant}/connectors/default/{connector}")).Status == HttpStatusCode.NotFound,
                $"{connector} is gone"
            );
    }

    /// <summary>Its bytes, one character each: the database is open meanwhile.</summary>
    private static async Task<string> TextAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    private static Task StateAsync(Visitor visitor, string words) =>
        Assertions
            .Expect(visitor.Page.Locator(".chip").Filter(new() { HasText = words }).First)
            .ToBeVisibleAsync(new() { Timeout = 30_000 });
}
