using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Topics;
using Portal.Features.Credentials;
using Portal.Features.Topics;
using Portal.Tests.Support;
using Portal.Ui;

namespace Portal.Tests.Components;

public sealed class TopicPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Live_figures_and_subscriptions_are_shown_in_words()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        Cluster.Live = new TopicStats(
            1204,
            1 << 20,
            0,
            0,
            18L << 30,
            0,
            4,
            [new("audit-2024", null, 0, 88_412_019, 0, 0, true)],
            "broker-1"
        );

        Services.GetRequiredService<NavigationManager>().NavigateTo("?tab=subscriptions");
        var page = RenderTopic();

        page.WaitForAssertion(() => Assert.Equal("1,204\u00a0msg/s", page.Find(".stat .v").TextContent.Trim()), Soon);
        Assert.Equal("no consumers, keeps messages", page.Find("tbody .chip").TextContent);
        Assert.Contains("88,412,019", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_is_said_with_a_way_to_try_again()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        Cluster.Live = new Problem.Unavailable("cluster-away", "The cluster does not answer.");

        var page = RenderTopic();
        page.WaitForAssertion(() => Assert.Equal("cluster-away", page.Find("[data-problem]").GetAttribute("data-problem")), Soon);

        Cluster.Live = new TopicStats(1, 0, 0, 0, 0, 0, 1, [], null);
        await page.Find("[data-problem] button").ClickAsync();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-problem]")), Soon);
    }

    [Fact]
    public async Task A_topic_that_keeps_nothing_offers_no_subscription_and_says_why()
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "pulse", persistent: false);
        var tab = Render<SubscriptionsTab>(parameters =>
            parameters
                .Add(one => one.Org, Org)
                .Add(one => one.Topic, topic)
                .Add(one => one.Live, new Loading<TopicStats>.Ready(new TopicStats(0, 0, 0, 0, 0, 0, 0, [], null)))
        );

        Assert.Empty(tab.FindAll("button"));
        Assert.Contains("store messages", tab.Markup, StringComparison.Ordinal);
        var asked = await Use<CreateSubscription>()
            .RunAsync(Owner, Org, "shop", "default", "pulse", "audit", SubscriptionStart.Earliest, CancellationToken.None);
        Assert.Equal("topic-keeps-nothing", asked.Problem?.Code);
    }

    [Fact]
    public async Task A_message_that_was_sent_can_be_read()
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        var tab = Render<MessagesTab>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Topic, topic));
        Assert.Contains("counts toward data out", tab.Markup, StringComparison.Ordinal);

        tab.Find("#payload").Input("{\"order\":1}");
        await tab.Find("form.stack").SubmitAsync();
        tab.WaitForAssertion(() => Assert.Contains("id-0", tab.Find(".note.good").TextContent, StringComparison.Ordinal), Soon);
        await tab.Find("form.search").SubmitAsync();

        tab.WaitForAssertion(() => Assert.Contains("{\"order\":1}", tab.Find("tbody").TextContent, StringComparison.Ordinal), Soon);
    }

    [Fact]
    public async Task Messages_are_shown_with_their_date_and_an_empty_key_as_one()
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        Cluster.Held.Add(new("a", null, new Dictionary<string, string>(), "x"u8.ToArray(), new(2026, 3, 4, 5, 6, 7, 89, TimeSpan.Zero), 1));
        Cluster.Held.Add(
            new("b", "", new Dictionary<string, string>(), new byte[200_000], new(2026, 3, 4, 5, 6, 7, 90, TimeSpan.Zero), 200_000)
        );
        var tab = Render<MessagesTab>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Topic, topic));
        await tab.Find("form.search").SubmitAsync();

        tab.WaitForAssertion(() => Assert.Equal("Mar 4, 2026, 05:06:07.089", tab.Find("tbody time").TextContent), Soon);
        Assert.Equal(["", "(empty key)"], tab.FindAll("tbody tr td:nth-child(2)").Select(cell => cell.TextContent.Trim()));
        Assert.Contains("195 KiB", tab.FindAll("tbody tr")[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("End of the topic. 2 messages", tab.Find(".pager").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ReadEnd.Time, 0, "Stopped after 15 s, before the end of the topic")]
    [InlineData(ReadEnd.Time, 1, "Stopped after 15 s, before the end of the topic")]
    [InlineData(ReadEnd.Connection, 1, "The connection to the cluster broke")]
    [InlineData(ReadEnd.Size, 1, "This page is full at 8.0 MiB.")]
    [InlineData(ReadEnd.Limit, 1, "1 message")]
    public async Task A_read_that_ends_before_the_topic_does_says_why_and_goes_on(ReadEnd end, int messages, string says)
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        if (messages > 0)
            Cluster.Held.Add(new("a", null, new Dictionary<string, string>(), "x"u8.ToArray(), DateTimeOffset.UnixEpoch, 1));
        Cluster.ReadsTo = end;
        var tab = Render<MessagesTab>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Topic, topic));
        await tab.Find("form.search").SubmitAsync();

        tab.WaitForAssertion(() => Assert.Contains(says, tab.Find("[role=status]").TextContent, StringComparison.Ordinal), Soon);
        Assert.DoesNotContain("holds no messages", tab.Markup, StringComparison.Ordinal);
        Assert.Equal(end is ReadEnd.Time or ReadEnd.Connection ? "Continue" : "Next 50", tab.FindAll("button.link")[0].TextContent);
    }

    [Fact]
    public async Task A_search_asks_for_what_was_typed_and_says_what_is_missing()
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        foreach (var key in (string[])["k0", "k1", "k0"])
            Cluster.Held.Add(
                new($"id-{Cluster.Held.Count}", key, new Dictionary<string, string>(), "x"u8.ToArray(), DateTimeOffset.UnixEpoch, 1)
            );
        var tab = Render<MessagesTab>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Topic, topic));
        tab.Find("#begin").Change("Time");
        await tab.Find("form.search").SubmitAsync();
        Assert.Contains("Choose the date and time", tab.Find(".error").TextContent, StringComparison.Ordinal);
        tab.Find("#begin").Change("Earliest");
        tab.Find("#find-key").Input("k0");
        await tab.Find("form.search").SubmitAsync();

        tab.WaitForAssertion(() => Assert.Equal(2, tab.FindAll("tbody tr").Count), Soon);
        Assert.Contains("Looked through 3 messages, 3 B.", tab.Find(".pager").TextContent, StringComparison.Ordinal);
        Assert.EndsWith(
            "/tenants/shop/default/orders/messages.jsonl?key=k0",
            tab.Find("a[download]").GetAttribute("href"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Of_long_keys_and_properties_the_page_keeps_the_beginning()
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        var properties = Enumerable
            .Range(0, 60)
            .ToDictionary(number => $"{number}-{new string('n', 50_000)}", _ => new string('v', 50_000));
        Cluster.Held.Add(new("a", new string('k', 900_000), properties, "x"u8.ToArray(), DateTimeOffset.UnixEpoch, 1));
        var tab = Render<MessagesTab>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Topic, topic));
        await tab.Find("form.search").SubmitAsync();

        tab.WaitForAssertion(() => Assert.StartsWith("kkk", tab.Find("tbody td.key").TextContent, StringComparison.Ordinal), Soon);
        Assert.EndsWith("k…", tab.Find("tbody td.key").TextContent, StringComparison.Ordinal);
        Assert.InRange(tab.Markup.Length, 50_000, 150_000);
    }

    [Fact]
    public async Task A_message_opens_as_JSON_that_folds_as_text_and_as_bytes()
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        Cluster.Held.Add(
            new(
                "id-0",
                null,
                new Dictionary<string, string> { ["trace"] = "77" },
                """{"order":{"id":7,"lines":[1,2]},"note":"<b>"}"""u8.ToArray(),
                DateTimeOffset.UnixEpoch,
                45
            )
        );
        Cluster.Held.Add(new("id-1", null, new Dictionary<string, string>(), new byte[] { 0, 0xff, 0x41 }, DateTimeOffset.UnixEpoch, 3));
        var dialogs = RenderDialogs();
        var tab = Render<MessagesTab>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Topic, topic));
        await tab.Find("form.search").SubmitAsync();
        tab.WaitForAssertion(() => Assert.Equal(2, tab.FindAll("tbody tr").Count), Soon);
        await tab.FindAll("td.act .link")[0].ClickAsync();

        var tree = dialogs.WaitForElement(".tree", Soon);
        Assert.Contains("lines: [2]", tree.TextContent, StringComparison.Ordinal);
        Assert.Contains("\"<b>\"", tree.TextContent, StringComparison.Ordinal);
        Assert.Equal(["JSON", "Text", "Hex"], dialogs.FindAll("[role=tab]").Select(tab => tab.TextContent));
        await dialogs.FindAll("[role=tab]")[2].ClickAsync();
        Assert.StartsWith(
            "000000  7b 22 6f 72 64 65 72 22  3a 7b 22 69 64 22 3a 37  {\"order\":{\"id\":7",
            dialogs.Find("pre").TextContent,
            StringComparison.Ordinal
        );
        var line = dialogs.Find("a[download='message.jsonl']").GetAttribute("href")!;
        Assert.Contains(
            "\"messageId\":\"id-0\"",
            System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(line[(line.IndexOf(',') + 1)..])),
            StringComparison.Ordinal
        );
        await dialogs.Find(".mud-dialog-actions button").ClickAsync();

        dialogs.WaitForAssertion(() => Assert.Empty(dialogs.FindAll(".mud-dialog")), Soon);
        await tab.FindAll("td.act .link")[1].ClickAsync();
        dialogs.WaitForAssertion(() => Assert.Equal(["Hex"], dialogs.FindAll("[role=tab]").Select(tab => tab.TextContent)), Soon);
    }

    [Theory]
    [InlineData(0, 0, null, "0 entries", "It has no backlog.")]
    [InlineData(1, 385, null, "1 entry", "Its backlog of 1 entry (385 B) is no longer kept for it.")]
    [InlineData(3, 385, 25L, "3 entries", "Its backlog of 3 entries (385 B, about 25 messages) is no longer kept for it.")]
    [InlineData(3, 385, 3L, "3 entries", "Its backlog of 3 entries (385 B) is no longer kept for it.")]
    public void A_backlog_is_said_in_entries_and_messages_as_an_estimate(
        long entries,
        long bytes,
        long? estimate,
        string shown,
        string lost
    )
    {
        var one = new SubscriptionStats("audit", null, 0, entries, 0, 0, true, bytes, estimate);
        Assert.Equal(shown, Counted.Of(one.Backlog, "entry", "entries"));
        Assert.Equal(lost, BacklogText.Lost(one));
    }

    [Fact]
    public async Task A_new_topic_opens_its_page()
    {
        await TenantAsync();
        var page = Render<NewTopicPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        page.WaitForElement("#name", Soon).Input("orders");
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(
            () =>
                Assert.EndsWith(
                    "o/northwind/tenants/shop/default/orders",
                    Services.GetRequiredService<NavigationManager>().Uri,
                    StringComparison.Ordinal
                ),
            Soon
        );
    }

    [Fact]
    public async Task A_refused_topic_name_stands_at_its_field()
    {
        await TenantAsync();
        var page = Render<NewTopicPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        page.WaitForElement("#name", Soon).Input("orders-partition-1");
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains("-partition-", page.Find("#name-note").TextContent, StringComparison.Ordinal), Soon);
    }

    [Fact]
    public async Task A_key_without_permissions_is_refused_where_it_is_created()
    {
        await TenantAsync();
        var keys = Render<KeysCard>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        Services
            .GetRequiredService<NavigationManager>()
            .NavigateTo(keys.WaitForElement(".empty .btn.pri", Soon).GetAttribute("href") + "?step=access");
        var page = Render<NewKeyPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        foreach (var box in (string[])["#key-produce", "#key-consume"])
            page.WaitForElement(box, Soon).Change(false);
        Services.GetRequiredService<NavigationManager>().NavigateTo($"o/{Org}/tenants/shop/keys/new");
        page.WaitForElement("#key-name", Soon).Input("web-backend");
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal("permissions-missing", page.Find("[data-problem]").GetAttribute("data-problem")), Soon);
    }

    [Fact]
    public async Task A_rotated_key_says_when_it_ends_and_who_still_uses_it_and_is_rotated_once()
    {
        await TenantAsync();
        // Nobody carries out grants here: it gives up waiting for them.
        var making = Use<CreateKey>()
            .RunAsync(Owner, Org, new("web", "shop", "default", null, false, KeyPermissions.Consume, null), CancellationToken.None);
        while (!making.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, Xunit.TestContext.Current.CancellationToken);
        }
        Assert.True((await making).IsOk);
        var dialogs = RenderDialogs();
        var keys = Render<KeysCard>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        var clicked = keys.WaitForElement("[aria-label='Rotate key web']", Soon).ClickAsync();

        dialogs.WaitForElement("#key-overlap", Soon).Change("168");
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(
            () => Assert.Contains("token", dialogs.Find(".mud-dialog-content").TextContent, StringComparison.Ordinal),
            Soon
        );
        await dialogs.Find(".mud-dialog-actions .btn.pri").ClickAsync();
        await clicked;

        keys.WaitForAssertion(() => Assert.Equal(2, keys.FindAll("tbody tr").Count), Soon);
        Assert.Single(keys.FindAll("[aria-label='Rotate key web']"));
        Assert.Contains("rotated, ends", keys.Find("tbody tr:last-child").TextContent, StringComparison.Ordinal);
        await keys.Find("[aria-label='Check who still uses the old key web']").ClickAsync();
        keys.WaitForAssertion(
            () =>
                Assert.Contains("No WebSocket client has used it.", keys.Find("tbody tr:last-child").TextContent, StringComparison.Ordinal),
            Soon
        );
    }

    private IRenderedComponent<TopicPage> RenderTopic() =>
        Render<TopicPage>(parameters =>
            parameters
                .Add(one => one.Org, Org)
                .Add(one => one.Tenant, "shop")
                .Add(one => one.Namespace, "default")
                .Add(one => one.Name, "orders")
        );
}
