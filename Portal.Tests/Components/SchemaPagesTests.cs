using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Topics;
using Portal.Features.Topics;
using Portal.Tests.Support;
using static Portal.Tests.Support.Fakes.StandingSchemas;

namespace Portal.Tests.Components;

public sealed class SchemaPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly string First = Order(Field("id", "string"));
    private static readonly string Second = Order(Field("id", "string"), Field("note", "string", "\"\""));

    [Fact]
    public async Task Without_a_schema_the_tab_says_what_one_is_good_for_and_takes_one()
    {
        var topic = await OrdersAsync();
        var dialogs = RenderDialogs();
        var tab = Tab(topic);
        tab.WaitForAssertion(() => Assert.Equal("No schema yet", tab.Find(".empty h2").TextContent), Soon);
        Assert.Contains("Clients register a schema when they connect with one", tab.Markup, StringComparison.Ordinal);
        var pressed = await PressAsync(tab, "Upload schema");
        dialogs.WaitForElement("#schema-definition", Soon).Input(First);
        await PressInAsync(dialogs, "Upload schema");
        await pressed;
        tab.WaitForAssertion(
            () => Assert.Contains("The topic's schema is now at version 0.", tab.Find(".note.good").TextContent, StringComparison.Ordinal),
            Soon
        );
        tab.WaitForAssertion(
            () => Assert.Contains("\"name\": \"Order\"", tab.Find(".snippet pre").TextContent, StringComparison.Ordinal),
            Soon
        );
    }

    [Fact]
    public async Task A_refusal_stands_at_the_field_in_words_and_goes_when_the_text_changes()
    {
        var topic = await OrdersAsync();
        Schemas.Has(First);
        var dialogs = RenderDialogs();
        var pressed = await PressAsync(Tab(topic), "Upload schema");
        // Begins with what there is.
        Assert.Contains(
            "\"id\"",
            dialogs.WaitForElement("#schema-definition", Soon).TextContent + dialogs.Find("#schema-definition").GetAttribute("value"),
            StringComparison.Ordinal
        );
        foreach (
            var (button, typed, words) in new[]
            {
                ("Check compatibility", "{", "isn't valid JSON"),
                ("Upload schema", Order(Field("id", "long")), "Field \"id\" changed from string to long."),
                ("Check compatibility", Order(Field("id", "long")), "isn't compatible with version 0"),
            }
        )
        {
            dialogs.Find("#schema-definition").Input(typed);
            Assert.Empty(dialogs.FindAll(".error"));
            await PressInAsync(dialogs, button);
            dialogs.WaitForAssertion(
                () => Assert.Contains(words, dialogs.Find("#schema-definition-note").TextContent, StringComparison.Ordinal),
                Soon
            );
        }
        dialogs.Find("#schema-definition").Input(Second);
        await PressInAsync(dialogs, "Check compatibility");
        dialogs.WaitForAssertion(
            () => Assert.Equal("This schema is compatible and can be uploaded.", dialogs.Find("#schema-definition-note.fine").TextContent),
            Soon
        );
        Assert.Single(Schemas.Versions);
        await PressInAsync(dialogs, "Upload schema");
        await pressed;
        Assert.Equal(2, Schemas.Versions.Count);
    }

    [Fact]
    public async Task A_file_takes_the_place_of_the_text_and_one_that_is_no_text_or_too_large_is_said()
    {
        var topic = await OrdersAsync();
        var dialogs = RenderDialogs();
        var pressed = await PressAsync(Tab(topic), "Upload schema");
        dialogs.WaitForElement("#schema-file", Soon);
        var file = dialogs.FindComponent<InputFile>();
        file.UploadFiles(InputFileContent.CreateFromText(new string('x', SchemaDefinition.Largest + 1), "huge.avsc"));
        dialogs.WaitForAssertion(
            () => Assert.Contains("at most 256 KiB", dialogs.Find(".error").TextContent, StringComparison.Ordinal),
            Soon
        );
        file.UploadFiles(InputFileContent.CreateFromBinary([0xFF, 0xFE, 0x00], "picture.png"));
        dialogs.WaitForAssertion(
            () => Assert.Contains("isn't a text file", dialogs.Find(".error").TextContent, StringComparison.Ordinal),
            Soon
        );
        file.UploadFiles(InputFileContent.CreateFromText(First, "order.avsc"));
        dialogs.WaitForAssertion(
            () => Assert.Contains("order.avsc", dialogs.Find("#schema-file-held").TextContent, StringComparison.Ordinal),
            Soon
        );
        await PressInAsync(dialogs, "Upload schema");
        await pressed;
        Assert.Equal(First, Schemas.Versions[0].Definition);
    }

    [Fact]
    public async Task Versions_come_some_at_a_time_and_lead_to_themselves_and_to_a_comparison()
    {
        var topic = await OrdersAsync();
        for (var version = 0; version < 25; version++)
            Schemas.Has(Order([Field("id", "string"), .. Enumerable.Range(0, version).Select(number => Field($"n{number}", "int", "0"))]));
        var tab = Tab(topic, 20, 18);
        tab.WaitForAssertion(() => Assert.Equal(20, tab.FindAll("tbody tr").Count), Soon);
        Assert.Equal(
            ["Version 20", "Changes from version 18 to 20", "Versions", "Actions"],
            tab.FindAll(".card h2").Select(title => title.TextContent)
        );
        tab.WaitForAssertion(
            () =>
                Assert.Equal(
                    ["Field \"n18\" (int) was added with a default value.", "Field \"n19\" (int) was added with a default value."],
                    tab.FindAll(".changes li > span:last-child").Select(one => one.TextContent)
                ),
            Soon
        );
        Assert.NotEmpty(tab.FindAll(".diff .plus"));
        Assert.Contains(
            "o/northwind/tenants/shop/default/orders?tab=schema&version=20&with=24",
            tab.FindAll("tbody a").Select(link => link.GetAttribute("href"))
        );
        await tab.Find(".pager button").ClickAsync();
        tab.WaitForAssertion(() => Assert.Equal(25, tab.FindAll("tbody tr").Count), Soon);
        Assert.Empty(tab.FindAll(".pager"));
    }

    [Fact]
    public async Task Deleting_says_what_it_means_and_wants_the_topics_name()
    {
        var topic = await OrdersAsync();
        Schemas.Has(First);
        var dialogs = RenderDialogs();
        var tab = Tab(topic);
        var pressed = await PressAsync(tab, "Delete schema");
        Assert.Contains("can no longer be decoded", dialogs.WaitForElement(".mud-dialog p", Soon).TextContent, StringComparison.Ordinal);
        dialogs.Find("#confirm-name").Input("orders");
        await dialogs.Find(".btn.bad").ClickAsync();
        await pressed;
        tab.WaitForAssertion(() => Assert.Equal("No schema yet", tab.Find(".empty h2").TextContent), Soon);
        Assert.Empty(Schemas.Versions);
    }

    [Fact]
    public async Task An_outage_can_be_tried_again_and_a_version_that_is_gone_is_said()
    {
        var topic = await OrdersAsync();
        Schemas.Has(First);
        Schemas.Trouble = new Problem.Unavailable("cluster-unreachable", "The cluster can't be reached.");
        var tab = Tab(topic);
        tab.WaitForAssertion(() => Assert.NotEmpty(tab.FindAll("[data-problem=cluster-unreachable]")), Soon);
        Schemas.Trouble = null;
        await (await PressAsync(tab, "Try again", first: true));
        tab.WaitForAssertion(() => Assert.NotEmpty(tab.FindAll(".snippet pre")), Soon);
        var gone = Tab(topic, 7);
        gone.WaitForAssertion(() => Assert.NotEmpty(gone.FindAll("[data-problem=schema-version-not-found]")), Soon);
    }

    [Fact]
    public async Task Who_may_only_look_is_offered_nothing_and_told_who_may()
    {
        var topic = await OrdersAsync();
        Schemas.Has(First);
        var viewer = await MemberAsync(Role.Viewer);
        var summary = (await Use<GetOrganizationSummary>().RunAsync(viewer, Org, CancellationToken.None)).Value;
        var tab = Render<SchemaTab>(parameters =>
            parameters.AddCascadingValue(summary).Add(one => one.Org, Org).Add(one => one.Topic, topic)
        );
        tab.WaitForAssertion(
            () => Assert.Contains("Only owners, admins, and developers can do this.", tab.Markup, StringComparison.Ordinal),
            Soon
        );
        Assert.DoesNotContain("Upload schema", tab.Markup, StringComparison.Ordinal);
    }

    private async Task<Topic> OrdersAsync()
    {
        await TenantAsync();
        return await TopicAsync("shop", "orders");
    }

    private IRenderedComponent<SchemaTab> Tab(Topic topic, long? version = null, long? with = null) =>
        Render<SchemaTab>(parameters =>
            parameters.Add(one => one.Org, Org).Add(one => one.Topic, topic).Add(one => one.Version, version).Add(one => one.With, with)
        );

    /// <summary>What the click began; a dialog that it opens holds it up.</summary>
    private static async Task<Task> PressAsync(IRenderedComponent<SchemaTab> tab, string button, bool first = false)
    {
        tab.WaitForAssertion(() => Assert.Contains(tab.FindAll("button"), one => one.TextContent.Trim() == button), Soon);
        await Task.Yield();
        var found = tab.FindAll("button").Where(one => one.TextContent.Trim() == button).ToList();
        return (first ? found[0] : found.Single()).ClickAsync();
    }

    private static Task PressInAsync(IRenderedComponent<MudBlazor.MudDialogProvider> dialogs, string button) =>
        dialogs.FindAll(".mud-dialog button").Single(one => one.TextContent.Trim() == button).ClickAsync();
}
