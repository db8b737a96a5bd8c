using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portal.Tests.Support.Journeys;
using static Portal.Tests.Support.Fakes.StandingSchemas;

namespace Portal.Tests.Journeys;

/// <summary>
/// What a person does with a topic's schema in a browser: uploaded, refused with a reason, evolved, compared, and messages read by it.
/// </summary>
public sealed class SchemaJourneyTests
{
    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task From_the_first_schema_over_a_refusal_to_a_message_read_by_it(string pulsar)
    {
        await using var browser = await Browser.StartAsync();
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var topic = $"/api/v1/organizations/northwind/tenants/{world.Tenant}/namespaces/default/topics/orders";

        var visitor = await browser.VisitorAsync(portal.Url);
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        await visitor.GoAsync($"o/northwind/tenants/{world.Tenant}/default/orders?tab=schema");
        await visitor.HeadingAsync("No schema yet");
        await visitor.LookedAtAsync();
        await visitor.PressAsync("Upload schema");
        await DefinitionAsync(visitor, Order(Field("id", "string")));
        await visitor.LookedAtAsync();
        await ConfirmAsync(visitor, "Upload schema");
        await SaysAsync(visitor, "The topic's schema is now at version 0.");
        await visitor.HeadingAsync("Version 0");

        await visitor.PressAsync("Upload schema");
        await DefinitionAsync(visitor, Order(Field("id", "long"), Field("note", "string")));
        await ConfirmAsync(visitor, "Upload schema");
        await Assertions
            .Expect(visitor.Page.Locator("#schema-definition-note"))
            .ToContainTextAsync("Field \"id\" changed from string to long.");
        await Assertions
            .Expect(visitor.Page.Locator("#schema-definition-note"))
            .ToContainTextAsync("Field \"note\" (string) was added without a default value.");
        await visitor.LookedAtAsync();
        await DefinitionAsync(visitor, Order(Field("id", "string"), Field("note", "string", "\"\"")));
        await ConfirmAsync(visitor, "Check compatibility");
        await Assertions
            .Expect(visitor.Page.Locator("#schema-definition-note"))
            .ToHaveTextAsync("This schema is compatible and can be uploaded.");
        await ConfirmAsync(visitor, "Upload schema");
        await SaysAsync(visitor, "The topic's schema is now at version 1.");
        await visitor.HeadingAsync("Version 1");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Compare with version 0" }).ClickAsync();
        await visitor.HeadingAsync("Changes from version 0 to 1");
        await Assertions
            .Expect(visitor.Page.Locator(".changes"))
            .ToContainTextAsync("Field \"note\" (string) was added with a default value.");
        await visitor.LookedAtAsync();

        await rest.PostAsync(
            $"{topic}/messages",
            new JsonObject { ["payload"] = """{"id":"a-7","note":"fragile"}""" },
            HttpStatusCode.Created
        );
        await rest.PostAsync($"{topic}/messages", new JsonObject { ["payload"] = "no order" }, HttpStatusCode.Created);
        await visitor.GoAsync($"o/northwind/tenants/{world.Tenant}/default/orders?tab=messages");
        await visitor.PressAsync("Read messages");
        await Assertions.Expect(visitor.Page.Locator("td.payload").Nth(1)).ToContainTextAsync("not decoded");
        await OpenAsync(visitor, 0);
        await Assertions.Expect(Dialog(visitor).Locator(".tree")).ToContainTextAsync("\"fragile\"");
        await ConfirmAsync(visitor, "Close");
        await OpenAsync(visitor, 1);
        await Assertions.Expect(Dialog(visitor)).ToContainTextAsync("It isn't valid JSON, which the topic's schema asks for.");
        await ConfirmAsync(visitor, "Close");
        await visitor.Page.Locator("#find-path").FillAsync("$.id=a-7");
        await visitor.PressAsync("Read messages");
        await Assertions.Expect(visitor.Page.Locator(".pager")).ToContainTextAsync("Looked through 2 messages");
        await Assertions.Expect(visitor.Page.Locator("td.payload")).ToHaveCountAsync(1);

        // What comes from now on; the reader opens a moment after the page says that it waits.
        await visitor.Page.Locator("#find-path").FillAsync("$.note");
        await visitor.Page.Locator("#begin").SelectOptionAsync("Live");
        await visitor.PressAsync("Follow messages");
        await Assertions.Expect(visitor.Page.GetByText("Waiting for new messages")).ToBeVisibleAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await rest.PostAsync(
                    $"{topic}/messages",
                    new JsonObject { ["payload"] = """{"id":"a-8","note":"just now"}""" },
                    HttpStatusCode.Created
                );
                return await visitor.Page.Locator("td.payload").CountAsync() > 0;
            },
            "a new message appears"
        );
        await Assertions.Expect(visitor.Page.Locator("td.payload").First).ToContainTextAsync("just now");
        await visitor.LookedAtAsync();
        await visitor.PressAsync("Pause");
        await Assertions.Expect(visitor.Page.Locator("[data-live=off] .chip")).ToContainTextAsync("paused");

        await visitor.GoAsync($"o/northwind/tenants/{world.Tenant}/default/orders?tab=schema");
        await visitor.PressAsync("Delete schema");
        await visitor.Page.Locator("#confirm-name").FillAsync("orders");
        await ConfirmAsync(visitor, "Delete schema");
        await visitor.HeadingAsync("No schema yet");
        Assert.Equal(
            ["schema.delete", "schema.upload", "schema.upload"],
            (await rest.GetAsync("/api/v1/organizations/northwind/audit?operation=schema"))["items"]!
                .AsArray()
                .Select(one => (string)one!["operation"]!)
        );
    }

    private static async Task OpenAsync(Visitor visitor, int row)
    {
        await visitor.Page.Locator("td.act button").Nth(row).ClickAsync();
        await Dialog(visitor).WaitForAsync();
    }

    private static Task DefinitionAsync(Visitor visitor, string definition) =>
        visitor.Page.Locator("#schema-definition").FillAsync(definition);

    private static ILocator Dialog(Visitor visitor) => visitor.Page.Locator(".mud-dialog");

    private static Task ConfirmAsync(Visitor visitor, string button) =>
        Dialog(visitor).GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    private static Task SaysAsync(Visitor visitor, string words) =>
        Assertions.Expect(visitor.Page.Locator(".note.good")).ToContainTextAsync(words);
}
