using System.Text;
using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Features.Topics;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Components;

/// <summary>The message browser: new messages while somebody looks on, and an old one sent once more.</summary>
public sealed class LiveMessagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task New_messages_appear_newest_first_and_pause_and_resume()
    {
        var tab = await FollowAsync();
        tab.WaitForAssertion(() => Assert.Contains("Waiting for new messages", tab.Markup, StringComparison.Ordinal), Soon);
        Cluster.Feeds.Send(Said("first", 1), Said("second", 2));
        await UntilAsync(tab, () => tab.FindAll("tbody tr").Count == 2);
        Assert.StartsWith("second", tab.Find("tbody .payload").TextContent, StringComparison.Ordinal);
        Assert.Contains("event Mar 4, 2026, 05:06:07.000", tab.Find("tbody .payload").TextContent, StringComparison.Ordinal);
        Assert.Contains("2 messages received.", tab.Find(".pager").TextContent, StringComparison.Ordinal);
        Assert.Equal("live", tab.Find(".chip").TextContent);

        await tab.FindAll("button").Single(button => button.TextContent == "Pause").ClickAsync();
        tab.WaitForAssertion(() => Assert.Equal("paused", tab.Find(".chip").TextContent), Soon);
        await Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Open == 0), "nothing is read while nobody looks");
        Assert.Equal(2, tab.FindAll("tbody tr").Count);

        _ = tab.FindAll("button").Single(button => button.TextContent == "Resume").ClickAsync();
        await Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Open == 1), "it is read again");
        Cluster.Feeds.Send(Said("third", 3));
        await UntilAsync(tab, () => tab.FindAll("tbody tr").Count == 3);

        await tab.FindAll("button").Single(button => button.TextContent == "Clear list").ClickAsync();
        tab.WaitForAssertion(() => Assert.Empty(tab.FindAll("tbody tr")), Soon);
    }

    [Fact]
    public async Task A_page_keeps_the_newest_and_says_how_many_it_dropped()
    {
        var tab = await FollowAsync();
        for (var batch = 0; batch < 5; batch++)
        {
            var before = Cluster.Feeds.Taken;
            Cluster.Feeds.Send([.. Enumerable.Range(0, 50).Select(number => Said($"{batch}-{number}", number))]);
            await Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Taken == before + 50), "they are taken");
            Clock.Advance(TimeSpan.FromSeconds(2));
        }
        await UntilAsync(tab, () => tab.Find(".pager").TextContent.Contains("250 messages received", StringComparison.Ordinal));
        Assert.Equal(LiveMessages.MostShown, tab.FindAll("tbody tr").Count);
        Assert.Contains("50 earlier messages dropped from this list.", tab.Find(".pager").TextContent, StringComparison.Ordinal);
        Assert.StartsWith("4-49", tab.Find("tbody .payload").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_pauses_by_itself_when_nobody_clicks_and_ends_with_the_page()
    {
        var tab = await FollowAsync();
        await UntilAsync(
            tab,
            () => tab.Markup.Contains("Paused after 5 minutes without a click", StringComparison.Ordinal),
            TimeSpan.FromSeconds(20)
        );
        Assert.Equal("paused", tab.Find(".chip").TextContent);
        await Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Open == 0), "the reader is closed");

        _ = tab.FindAll("button").Single(button => button.TextContent == "Resume").ClickAsync();
        await Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Open == 1), "it is read again");
        await DisposeComponentsAsync();
        await Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Open == 0), "the page was left");
    }

    [Fact]
    public async Task A_cluster_that_lets_nobody_read_is_said()
    {
        Cluster.Feeds.Refuses = new Problem.Unavailable("topic-busy", "As many clients as the plan allows are connected.");
        var tab = await FollowAsync(open: false);
        await UntilAsync(tab, () => tab.FindAll("[data-problem=topic-busy]").Count == 1);
        Assert.Equal("reconnecting…", tab.Find(".chip").TextContent);
        Cluster.Feeds.Refuses = null;
        await UntilAsync(tab, () => tab.FindAll("[data-problem]").Count == 0, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_message_is_repeated_from_its_dialog()
    {
        Cluster.Origin = new MessageOrigin("till-7", 41);
        Cluster.Held.Add(
            new(
                "1:2",
                "k1",
                new Dictionary<string, string> { ["region"] = "eu=west" },
                "{\"order\":1}"u8.ToArray(),
                DateTimeOffset.UnixEpoch,
                11
            )
        );
        Cluster.Held.Add(new("1:3", null, new Dictionary<string, string>(), new byte[] { 0xFF, 0 }, DateTimeOffset.UnixEpoch, 2));
        var dialogs = RenderDialogs();
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        var tab = Render<MessagesTab>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Topic, topic));
        await tab.Find("form.search").SubmitAsync();
        tab.WaitForAssertion(() => Assert.Equal(2, tab.FindAll("tbody tr").Count), Soon);

        _ = tab.FindAll("tbody button")[0].ClickAsync();
        dialogs.WaitForAssertion(() => Assert.Contains("till-7", dialogs.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("41", dialogs.Markup, StringComparison.Ordinal);
        await Repeat().ClickAsync();
        tab.WaitForAssertion(() => Assert.Contains("copy of the message you opened", tab.Markup, StringComparison.Ordinal), Soon);
        await tab.Find("form.stack").SubmitAsync();
        tab.WaitForAssertion(() => Assert.Equal(3, Cluster.Held.Count), Soon);
        var again = Cluster.Held[2];
        Assert.Equal(
            ("k1", "{\"order\":1}", "eu=west"),
            (again.Key, Encoding.UTF8.GetString(again.Payload.Span), again.Properties["region"])
        );

        _ = tab.FindAll("tbody button")[1].ClickAsync();
        dialogs.WaitForAssertion(() => Assert.True(Repeat().HasAttribute("disabled")), Soon);

        AngleSharp.Dom.IElement Repeat() => dialogs.FindAll("button").Single(button => button.TextContent == "Send again");
    }

    [Fact]
    public async Task A_message_without_a_value_is_not_shown_as_an_empty_one()
    {
        Cluster.Held.Add(
            new("1:2", "k1", new Dictionary<string, string>(), Array.Empty<byte>(), DateTimeOffset.UnixEpoch, 0) { IsNull = true }
        );
        Cluster.Held.Add(new("1:3", "k2", new Dictionary<string, string>(), Array.Empty<byte>(), DateTimeOffset.UnixEpoch, 0));
        var dialogs = RenderDialogs();
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        var tab = Render<MessagesTab>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Topic, topic));
        await tab.Find("form.search").SubmitAsync();
        tab.WaitForAssertion(() => Assert.Equal(2, tab.FindAll("tbody tr").Count), Soon);
        Assert.Contains(
            tab.FindAll("tbody .payload"),
            cell => cell.TextContent.StartsWith("null value (tombstone)", StringComparison.Ordinal)
        );
        Assert.Contains(tab.FindAll("tbody .payload"), cell => cell.TextContent.StartsWith("(empty)", StringComparison.Ordinal));

        var row = tab.FindAll("tbody tr").Single(one => one.TextContent.Contains("tombstone", StringComparison.Ordinal));
        _ = row.QuerySelector("button")!.ClickAsync();
        dialogs.WaitForAssertion(() => Assert.Contains("null value (tombstone)", dialogs.Markup, StringComparison.Ordinal), Soon);
        Assert.Empty(dialogs.FindAll("[role=tab]"));
        Assert.True(dialogs.FindAll("button").Single(button => button.TextContent == "Send again").HasAttribute("disabled"));
        var line = Uri.UnescapeDataString(dialogs.Find("a[download]").GetAttribute("href")!.Split("base64,")[1]);
        var written = System.Text.Json.Nodes.JsonNode.Parse(Convert.FromBase64String(line))!;
        Assert.Equal((null, null, true), ((string?)written["payload"], (string?)written["payloadBase64"], (bool)written["nullValue"]!));
    }

    [Theory]
    [InlineData("region", "Enter each property as name=value. “region” isn't one.")]
    [InlineData("=eu", "Enter each property as name=value. “=eu” isn't one.")]
    [InlineData("a=1\na=2", "Property a is there twice. Keep one of the lines.")]
    public async Task Properties_that_are_none_are_said(string typed, string says)
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        var tab = Render<MessagesTab>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Topic, topic));
        tab.Find("#payload").Input("x");
        tab.Find("#properties").Input(typed);
        await tab.Find("form.stack").SubmitAsync();
        tab.WaitForAssertion(
            () => Assert.Contains(says, tab.Markup.Replace("&#x27;", "'", StringComparison.Ordinal), StringComparison.Ordinal),
            Soon
        );
        Assert.Empty(Cluster.Held);
    }

    private async Task<IRenderedComponent<MessagesTab>> FollowAsync(bool open = true)
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        var tab = Render<MessagesTab>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Topic, topic));
        tab.Find("#begin").Change("Live");
        Assert.Equal("Follow messages", tab.Find("form.search button").TextContent);
        await tab.Find("form.search").SubmitAsync();
        if (open)
            await Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Open == 1), "the reader is open");
        return tab;
    }

    /// <summary>Lets time pass, by which the page takes what came.</summary>
    private Task UntilAsync(IRenderedComponent<MessagesTab> tab, Func<bool> holds, TimeSpan? step = null) =>
        Eventually.TrueAsync(
            async () =>
            {
                Clock.Advance(step ?? TimeSpan.FromMilliseconds(400));
                await tab.InvokeAsync(() => { });
                return holds();
            },
            () => tab.Markup
        );

    private static Message Said(string text, int number) =>
        new($"1:{number}", null, new Dictionary<string, string>(), Encoding.UTF8.GetBytes(text), DateTimeOffset.UnixEpoch, text.Length)
        {
            EventTime = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero),
        };
}
