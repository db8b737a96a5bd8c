using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;
using Portal.Ui;

namespace Portal.Tests.Journeys;

/// <summary>What a person types is what arrives, over a wire that takes 60 ms each way and sometimes breaks.</summary>
public sealed partial class TypingTests
{
    private const string Org = "o/northwind";
    private const string Billing = $"{Org}/tenants/shop/default/orders?tab=subscriptions&subscription=billing";

    /// <summary>Stands for the id of the migration.</summary>
    private const string Migration = "{migration}";
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(60);

    /// <summary>Every place with fields: its address, and the button that opens its dialog.</summary>
    private static readonly (string Address, string? Opens)[] Places =
    [
        ("organizations/new", null),
        ($"{Org}/tenants", null),
        ($"{Org}/tenants/new", null),
        ($"{Org}/tenants/shop", null),
        ($"{Org}/tenants/shop", "New namespace"),
        ($"{Org}/tenants/shop/default", null),
        ($"{Org}/tenants/shop/topics/new", null),
        ($"{Org}/tenants/shop/topics/new?step=shape", null),
        ($"{Org}/tenants/shop/topics/new?step=schema", "Avro"),
        ($"{Org}/tenants/shop/topics/new?step=subscriptions", null),
        ($"{Org}", "Search or jump to…"),
        ($"{Org}/tenants/shop/default/orders?tab=messages", null),
        ($"{Org}/tenants/shop/default/orders?tab=messages", "From a time"),
        ($"{Org}/tenants/shop/default/orders?tab=messages", "After a message ID"),
        ($"{Org}/tenants/shop/default/orders?tab=subscriptions", "New subscription"),
        ($"{Org}/tenants/shop/connectors/new", "Start from a manifest"),
        ($"{Org}/tenants/shop/connectors/new?type=source%3Aheartbeat", "Create a topic…"),
        ($"{Org}/tenants/shop/connectors/new?type=sink%3Ahttp-post", null),
        ($"{Org}/tenants/shop/connectors/new?type=sink%3Ahttp-post", "Put messages that keep failing aside"),
        ($"{Org}/tenants/shop/packages", null),
        ($"{Org}/tenants/shop/connectors/new?type=function%3Aanomaly-score", null),
        ($"{Org}/tenants/shop/connectors/new?type=function%3Aanomaly-score", "Add secret setting"),
        ($"{Org}/migrations/new", null),
        ($"{Org}/migrations", null),
        ($"{Org}/migrations/{Migration}?tab=mapping", null),
        ($"{Org}/migrations/{Migration}", "clicks > Move it"),
        ($"{Org}/migrations/{Migration}?tab=copy", null),
        ($"{Org}/migrations/{Migration}?tab=applications&group=readers", "Create subscription…"),
        ($"{Org}/migrations/{Migration}?tab=applications&group=readers", "Confirm as moved…"),
        (Billing, "Skip messages"),
        (Billing, "Rewind to a time"),
        (Billing, "Rewind to a message"),
        (Billing, "Expire old messages"),
        (Billing, "Clear backlog"),
        ($"{Org}/tenants/shop/default/orders?tab=subscriptions", "New subscription > A time"),
        ($"{Org}/tenants/shop/default/orders?tab=subscriptions", "New subscription > A message"),
        ($"{Org}/tenants/shop/default/orders?tab=schema", "Upload schema"),
        ($"{Org}/tenants/shop/keys/new", null),
        ($"{Org}/billing", "Set a budget > Hard cap"),
        ($"{Org}/settings/general", null),
        ($"{Org}/settings/general", "Close organization"),
        ($"{Org}/settings/members", "Invite member"),
        ($"{Org}/settings/api-keys", "New API key"),
        ($"{Org}/settings/sign-in", null),
        ($"{Org}/settings/applications", "Register an application"),
        ($"{Org}/settings/audit", null),
        ("operator/organizations", null),
        ("operator/organizations", "View as"),
        ("operator/organizations/northwind", null),
        ("operator/organizations/northwind", "Suspend Northwind"),
        ("operator/organizations/northwind", "Limits of Northwind"),
        ("operator/clusters", "Register cluster"),
        ("operator/clusters/local/connectors/sink/http-post", null),
        ("operator/clusters/local/connectors/function/anomaly-score", null),
        ("operator/incidents", "Post incident > Maintenance"),
        ("operator/incidents", "Update Slow consumers"),
        ("operator/prices", "Publish prices"),
        ("operator/prices", "Publish prices > Edit as JSON"),
        ("operator/tax", "Change tax settings"),
        ("operator/plans", "Edit plan Free"),
        ("operator/organizations/northwind/credits", "Grant credit"),
        ("operator/organizations/northwind/credits", "Withdraw Goodwill"),
        ("operator/invoices/northwind-last-1", "Issue credit note > An amount"),
        ("operator/dunning", "Extend time of Northwind"),
        ("operator/promotions", "Create promotion code > A credit"),
        ("operator/promotions", "Create promotion code"),
        ($"{Org}/billing", null),
        ($"{Org}/billing", "Add tax ID"),
        ($"{Org}/billing", "Add billing address"),
        ("operator/organizations/northwind", "Tax of Northwind"),
        ("operator/tax", "Change tax settings > Your own rates"),
    ];

    [Fact]
    public async Task Every_field_holds_what_was_typed_fast()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalAsync();
        await using var wire = new TcpRelay(portal.Url.Port, OneWay);
        var migration = await MigrationAsync(portal);
        var left = new ConcurrentQueue<(string Address, string? Opens)>(Places);
        var met = new ConcurrentDictionary<string, bool>();
        var wrong = new ConcurrentQueue<string>();

        // Somebody who types waits most of the time: three do so at once.
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => TypeAsync()));

        async Task TypeAsync()
        {
            var visitor = await OperatorAsync(browser, wire);
            while (left.TryDequeue(out var place))
            {
                var (address, opens) = place;
                await visitor.GoAsync(address.Replace(Migration, migration, StringComparison.Ordinal));
                var within = await OpenAsync(visitor, opens);
                await visitor.Page.Locator($"{within} [data-held]").First.WaitForAsync();
                // Several kinds of one limit are one field.
                var ids = (
                    await visitor
                        .Page.Locator($"{within} [data-held]:enabled:visible")
                        .EvaluateAllAsync<string[]>("fields => fields.map(field => field.id)")
                )
                    .Where(id => met.TryAdd($"{id} {address} {opens}", true))
                    .ToList();
                foreach (var id in ids.Where(id => !IsLimit(id)).Concat(ids.Where(IsLimit).Take(1)))
                foreach (var line in await TypedWrongAsync(visitor, $"{within} [id='{id}']", $"{address} {opens} #{id}"))
                    wrong.Enqueue(line);
            }
        }

        static bool IsLimit(string id) => id.StartsWith("limit-", StringComparison.Ordinal);

        Assert.True(wrong.IsEmpty, string.Join('\n', wrong));
        var typedInto = met.Keys.Select(one => one.Split(' ')[0]).ToHashSet();
        Assert.Empty(FieldsOfTheSources().Except(typedInto));
    }

    [Fact]
    public async Task Text_that_is_typed_before_the_page_is_interactive_stays()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalAsync();
        await using var wire = new TcpRelay(portal.Url.Port, TimeSpan.FromMilliseconds(250));
        var visitor = await OperatorAsync(browser, wire);

        await visitor.Page.GotoAsync($"{Org}/tenants/shop/topics/new", new() { WaitUntil = WaitUntilState.Commit });
        await visitor.Page.Locator("#name").FocusAsync();
        const string text = "orders-of-november-2026-and-later";
        Assert.Equal(0, await visitor.Page.Locator("[data-interactive=true]").CountAsync());
        foreach (var letter in text)
            await PressedAsync(visitor.Page, letter);

        await visitor.InteractiveAsync();
        await HeldAsync(visitor.Page.Locator("#name"), text);
        await visitor.PressAsync("Create topic");
        await visitor.HeadingAsync(text);
    }

    [Fact]
    public async Task A_form_may_be_sent_before_the_name_that_the_page_proposes_has_come_back()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalAsync();
        await using var wire = new TcpRelay(portal.Url.Port, TimeSpan.FromMilliseconds(250));
        var visitor = await OperatorAsync(browser, wire);
        await visitor.GoAsync("organizations/new");

        await visitor.FillAsync("Name", "Southwind Traders");
        await visitor.Page.Keyboard.PressAsync("Enter");

        await visitor.HeadingAsync("Southwind Traders");
        Assert.EndsWith("/o/southwind-traders", visitor.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_ends_with_the_words_that_stand_in_its_box_and_follows_the_back_button()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalAsync();
        await using var wire = new TcpRelay(portal.Url.Port, OneWay);
        var visitor = await OperatorAsync(browser, wire);
        await visitor.GoAsync($"{Org}/tenants?search=shop");
        var box = visitor.Page.Locator("#search-search");
        await Assertions.Expect(box).ToHaveValueAsync("shop");

        await box.FocusAsync();
        await visitor.Page.Keyboard.PressAsync("End");
        foreach (var letter in "pingcart")
            await PressedAsync(visitor.Page, letter);

        await visitor.Page.WaitForURLAsync(
            url => url.EndsWith("search=shoppingcart", StringComparison.Ordinal),
            new() { WaitUntil = WaitUntilState.Commit }
        );
        await HeldAsync(box, "shoppingcart");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Home" }).First.ClickAsync();
        await visitor.HeadingAsync("Northwind");
        await visitor.Page.GoBackAsync();
        await Assertions.Expect(box).ToHaveValueAsync("shoppingcart");
    }

    [Fact]
    public async Task A_long_message_arrives_whole()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalAsync();
        await using var wire = new TcpRelay(portal.Url.Port, OneWay);
        var visitor = await OperatorAsync(browser, wire);
        string[] payloads = [new('"', 9_216), new('漢', 6_000), new('\u0001', 20_000), new('x', TextInput.Longest)];
        foreach (var payload in payloads)
        {
            await visitor.GoAsync($"{Org}/tenants/shop/default/orders?tab=messages");
            await visitor.Page.Locator("#payload").FillAsync(payload);
            await visitor.PressAsync("Send");
            await Assertions.Expect(visitor.Page.Locator(".note.good")).ToContainTextAsync("Sent");
        }
        using var rest = portal.Rest();
        var page = await rest.GetAsync($"{Api}/tenants/shop/namespaces/default/topics/orders/messages");
        Assert.Equal(payloads, page["items"]!.AsArray().Select(message => Text(message!)));
    }

    [Fact]
    public async Task Too_long_a_text_is_said_and_nothing_is_done()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalAsync();
        var visitor = await OperatorAsync(browser, portal.Url.Port);
        await visitor.GoAsync("operator/prices");
        await visitor.PressAsync("Publish prices");
        await visitor.PressAsync("Edit as JSON");
        var document = visitor.Page.Locator("#price-book");
        var small = (await document.InputValueAsync()).Replace("\"version\": \"", "\"version\": \"small-", StringComparison.Ordinal);
        await document.FillAsync(small);
        await HeldAsync(document, small);

        await document.FillAsync(small + new string(' ', TextInput.Longest));
        await visitor.PressAsync("Review changes");

        Assert.Contains(
            "The limit is 65,536.",
            await document.EvaluateAsync<string>("field => field.validationMessage"),
            StringComparison.Ordinal
        );
        await Task.Delay(TimeSpan.FromSeconds(1));
        await Assertions.Expect(document).ToBeVisibleAsync();
        using var rest = portal.Rest();
        Assert.DoesNotContain("small-", (await rest.GetAsync("/api/v1/operator/price-books")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_typed_while_the_wire_is_cut_is_what_is_sent_afterwards()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalAsync();
        await using var wire = new TcpRelay(portal.Url.Port, OneWay);
        var visitor = await OperatorAsync(browser, wire);
        await visitor.GoAsync($"{Org}/tenants/shop/default/orders?tab=messages");
        var payload = visitor.Page.Locator("#payload");
        await payload.FillAsync("before");
        await HeldAsync(payload, "before");

        wire.Cut();
        await visitor.Page.Locator("#components-reconnect-modal[open]").WaitForAsync();
        await Assertions.Expect(payload).ToBeFocusedAsync();
        foreach (var letter in " and after")
            await PressedAsync(visitor.Page, letter);
        wire.Mend();
        await visitor.Page.Locator("#components-reconnect-modal:not([open])").WaitForAsync(new() { State = WaitForSelectorState.Attached });

        await HeldAsync(payload, "before and after");
        await visitor.PressAsync("Send");
        await Assertions.Expect(visitor.Page.Locator(".note.good")).ToContainTextAsync("Sent 16 B");
    }

    [Fact]
    public async Task What_was_typed_is_there_after_a_restart_of_the_portal()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalProcess.StartAsync();
        await PrepareAsync(portal);
        var visitor = await OperatorAsync(browser, portal.Url.Port);
        await visitor.GoAsync($"{Org}/tenants/shop/topics/new");
        await visitor.Page.Locator("#name").FillAsync("kept-over-a-restart");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Subscriptions" }).ClickAsync();
        await visitor.Page.Locator("#subscriptions").FillAsync("billing\naudit");

        portal.Kill();
        await portal.StartAgainAsync();

        // While it is offline, the page takes no click.
        await visitor
            .Page.Locator("body:not([data-offline]) [data-interactive=true]")
            .First.WaitForAsync(new() { Timeout = 120_000, State = WaitForSelectorState.Attached });
        await HeldAsync(visitor.Page.Locator("#subscriptions"), "billing\naudit");
        // The step before is kept too, and the way back to it.
        await visitor.Page.GoBackAsync();
        await HeldAsync(visitor.Page.Locator("#name"), "kept-over-a-restart");
        await visitor.PressAsync("Create topic");
        await visitor.HeadingAsync("kept-over-a-restart");
    }

    [Fact]
    public async Task A_refusal_at_a_field_goes_when_the_field_changes_and_Enter_presses_a_dialogs_button()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalAsync();
        var visitor = await OperatorAsync(browser, portal.Url.Port);
        await visitor.GoAsync($"{Org}/settings/api-keys");
        await visitor.PressAsync("New API key");
        var name = visitor.Page.Locator("#api-key-name");
        var error = visitor.Page.Locator(".mud-dialog .error");
        await name.PressAsync("Enter");
        await error.WaitForAsync();
        await Assertions.Expect(name).ToBeFocusedAsync();
        await Assertions.Expect(name).ToHaveAttributeAsync("aria-invalid", "true");

        await name.PressSequentiallyAsync(" ");
        await Assertions.Expect(error).ToBeHiddenAsync();
        await name.PressAsync("Enter");
        await error.WaitForAsync();

        await name.FillAsync("web-backend");
        await Assertions.Expect(error).ToBeHiddenAsync();
        await name.PressAsync("Enter");
        await visitor.Page.Locator(".mud-dialog").GetByText("Copy this key now.").WaitForAsync();
    }

    /// <summary>Presses the button of that name, or chooses where messages begin; what the fields are in.</summary>
    private static async Task<IReadOnlyList<string>> TypedWrongAsync(Visitor visitor, string selector, string where)
    {
        var field = visitor.Page.Locator(selector);
        var type = await field.GetAttributeAsync("type");
        var keys = type switch
        {
            "date" => "11282026",
            "datetime-local" => "11282026>021530P",
            "number" => "12",
            "email" => "jo.quick@northwind.example",
            _ => selector.Contains("limit-", StringComparison.Ordinal) ? "1234" : "orders2026-eu",
        };
        var expected = type switch
        {
            "date" => "2026-11-28",
            "datetime-local" => "2026-11-28T14:15:30",
            _ => keys,
        };
        var value = "";
        // The browser takes digits of a date apart when a second passes between them: what a slow machine typed is typed again, and is a
        // fault when it is wrong each time.
        for (var tries = 0; tries < (expected == keys ? 1 : 10) && value != expected; tries++)
        {
            if (tries > 0)
                await field.FillAsync("");
            // Out and in again: a date that was taken apart left the cursor in its year.
            if (tries > 0)
                await field.BlurAsync();
            await field.FocusAsync();
            if (expected == keys)
                await visitor.Page.Keyboard.PressAsync("Control+A");
            foreach (var key in keys)
                await PressedAsync(visitor.Page, key);
            await Task.Delay(OneWay * 8);
            value = await field.InputValueAsync();
        }
        if (value != expected)
            return [$"{where}: '{value}' for '{expected}'"];
        try
        {
            await HeldAsync(field, expected);
            return [];
        }
        catch (PlaywrightException)
        {
            return [$"{where}: the server holds {await field.GetAttributeAsync("data-held")} of '{expected}', {TextStamp.Of(expected)}"];
        }
    }

    private static string Text(JsonNode message) => (string)message["payload"]!;

    private static IEnumerable<string> FieldsOfTheSources() =>
        from file in Repository.Sources("Portal", ".razor")
        from Match field in Field().Matches(File.ReadAllText(Path.Combine(Repository.Root, file)))
        select field.Groups[1].Value;

    [GeneratedRegex("""<(?:TextInput|CheckedName) Id="([a-z][a-z-]*)["]""")]
    private static partial Regex Field();
}
