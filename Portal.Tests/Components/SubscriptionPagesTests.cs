using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Topics;
using Portal.Features.Topics;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;
using Portal.Ui;

namespace Portal.Tests.Components;

public sealed partial class SubscriptionPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task The_list_leads_to_a_subscription_whatever_it_is_called_and_says_what_is_blocked()
    {
        var topic = await OrdersAsync();
        var tab = Tab(
            topic,
            new SubscriptionStats("a/b", "Shared", 1, 5, 0, 7, true, BlockedConsumers: 1),
            new SubscriptionStats("..", "Shared", 1, 5, 0, 9, true, IsBlocked: true)
        );
        Assert.Equal(["consumers blocked", "blocked"], tab.FindAll("tbody .chip").Select(chip => chip.TextContent));
        Assert.Contains("7 messages unacknowledged", tab.Markup, StringComparison.Ordinal);
        Assert.Equal(
            [
                "o/northwind/tenants/shop/default/orders?tab=subscriptions&subscription=a%2Fb",
                "o/northwind/tenants/shop/default/orders?tab=subscriptions&subscription=..",
            ],
            tab.FindAll("tbody a").Select(link => link.GetAttribute("href"))
        );
    }

    [Fact]
    public async Task A_subscription_shows_what_waits_since_when_and_who_is_connected()
    {
        var topic = await OrdersAsync();
        Subscriptions.There["billing"] = new(
            new SubscriptionStats("billing", "Shared", 2, 1_200, 0, 50, true, 3_250_586, BlockedConsumers: 1),
            Clock.GetUtcNow().AddHours(-3),
            [],
            [
                new("desk-1", "10.0.0.7:55012", "Pulsar-Java-v4.0.7", Clock.GetUtcNow().AddDays(-2), 50, true, 0),
                new("desk-2", null, null, null, 0, false, 4),
            ]
        );
        var view = View(topic);
        view.WaitForAssertion(
            () =>
                Assert.Equal(
                    ["1,200\u00a0entries", "3 h ago", "50\u00a0messages", "2"],
                    view.FindAll(".stat .v").Select(value => value.TextContent.Trim())
                ),
            Soon
        );
        Assert.Contains("1 consumer is blocked", view.Find(".note.warn").TextContent, StringComparison.Ordinal);
        Assert.Equal(["blocked", "connected"], view.FindAll("tbody .chip").Select(chip => chip.TextContent));
        Assert.Contains("10.0.0.7:55012 · Pulsar-Java-v4.0.7", view.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partitions_are_shown_each_with_its_backlog_a_few_at_first()
    {
        var topic = await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting(
            "billing",
            100,
            0,
            null,
            true,
            [.. Enumerable.Range(0, 40).Select(number => new PartitionBacklog(number, number, number * 10, 0, null))]
        );
        var view = View(topic);
        view.WaitForAssertion(() => Assert.Equal(16, view.FindAll("tbody tr").Count), Soon);
        await view.Find(".pager .link").ClickAsync();
        Assert.Equal(32, view.FindAll("tbody tr").Count);
    }

    [Fact]
    public async Task One_that_is_gone_says_so_and_an_outage_can_be_tried_again()
    {
        var topic = await OrdersAsync();
        var view = View(topic);
        view.WaitForAssertion(() => Assert.Equal("subscription-not-found", view.Find("[data-problem]").GetAttribute("data-problem")), Soon);
        Assert.NotNull(view.Find(".tools a").GetAttribute("href"));
    }

    [Fact]
    public async Task Who_may_only_look_is_offered_nothing_and_told_who_may()
    {
        var topic = await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10);
        var viewer = await MemberAsync(Role.Viewer);
        var summary = (await Use<GetOrganizationSummary>().RunAsync(viewer, Org, CancellationToken.None)).Value;
        var view = Render<SubscriptionView>(parameters =>
            parameters
                .AddCascadingValue(summary)
                .Add(one => one.Org, Org)
                .Add(one => one.Topic, topic)
                .Add(one => one.Name, "billing")
                .Add(one => one.Live, new Loading<TopicStats>.Pending())
        );
        view.WaitForAssertion(
            () => Assert.Contains("Only owners, admins, and developers can do this.", view.Markup, StringComparison.Ordinal),
            Soon
        );
        Assert.Empty(view.FindAll("button"));
    }

    [Theory]
    [InlineData(true, false, "belongs to a reader")]
    [InlineData(false, false, "doesn't store messages")]
    public async Task What_cannot_be_moved_says_why(bool persistent, bool durable, string why)
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders", persistent);
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10, durable: durable);
        var view = View(topic);
        view.WaitForAssertion(() => Assert.Contains(why, view.Markup, StringComparison.Ordinal), Soon);
        Assert.Empty(view.FindAll("button"));
    }

    [Fact]
    public async Task Clearing_says_how_much_it_is_about_wants_the_name_and_says_what_it_did()
    {
        var topic = await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 1_200, 3_250_586);
        var dialogs = RenderDialogs();
        var view = View(topic);
        var pressed = await PressAsync(view, "Clear backlog");
        Assert.Contains(
            "About 1,200 entries waiting (3.1 MiB) will be skipped. A batch counts as one entry.",
            dialogs.WaitForElement(".mud-dialog p", Soon).TextContent,
            StringComparison.Ordinal
        );
        Assert.True(dialogs.Find(".btn.bad").HasAttribute("disabled"));
        dialogs.Find("#confirm-name").Input("billing");
        await dialogs.Find(".btn.bad").ClickAsync();
        await pressed;
        view.WaitForAssertion(
            () =>
                Assert.Contains(
                    "Backlog cleared. The backlog went from 1,200 entries to 0.",
                    view.Find(".note.good").TextContent,
                    StringComparison.Ordinal
                ),
            Soon
        );
        Assert.Equal(["clear billing"], Subscriptions.Asked);
    }

    [Fact]
    public async Task Skipping_counts_with_what_is_typed_and_stays_open_when_it_is_refused()
    {
        var topic = await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting(
            "billing",
            100,
            5_000,
            null,
            true,
            new(0, 30, 1_500, 0, null),
            new(1, 70, 3_500, 0, null)
        );
        var dialogs = RenderDialogs();
        var view = View(topic);
        var pressed = await PressAsync(view, "Skip messages");
        Assert.Equal("1", dialogs.WaitForElement("#skip-partition", Soon).GetAttribute("value"));
        await dialogs.Find(".btn.bad").ClickAsync();
        dialogs.WaitForAssertion(
            () =>
                Assert.Contains("Enter how many entries to skip", dialogs.Find("#skip-entries-note").TextContent, StringComparison.Ordinal),
            Soon
        );
        dialogs.Find("#skip-entries").Input("90");
        Assert.Contains(
            "The oldest 70 entries of about 70 will be skipped.",
            dialogs.Find("[role=status]").TextContent,
            StringComparison.Ordinal
        );
        Subscriptions.Trouble = new Problem.Unavailable("cluster-unreachable", "Away.");
        await dialogs.Find(".btn.bad").ClickAsync();
        dialogs.WaitForAssertion(
            () => Assert.Equal("cluster-unreachable", dialogs.Find("[data-problem]").GetAttribute("data-problem")),
            Soon
        );
        Subscriptions.Trouble = null;
        dialogs.Find("#skip-entries").Input("60");
        await dialogs.Find(".btn.bad").ClickAsync();
        await pressed;
        view.WaitForAssertion(
            () => Assert.Contains("went from 100 entries to 40", view.Find(".note.good").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Equal("skip billing 60 in 1", Subscriptions.Asked[^1]);
    }

    [Fact]
    public async Task An_analysis_is_made_on_demand_and_says_when_it_is_not_all()
    {
        var topic = await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10);
        Subscriptions.Analysis = new Problem.TooMany("analysis-under-way", "Another one is under way.", TimeSpan.FromSeconds(10));
        var view = View(topic);
        await await PressAsync(view, "Analyze backlog");
        view.WaitForAssertion(() => Assert.Equal("analysis-under-way", view.Find("[data-problem]").GetAttribute("data-problem")), Soon);
        Subscriptions.Analysis = new BacklogAnalysis(10_000, 248_000, 3, false, "1:0", "1:9999");
        await await PressAsync(view, "Analyze backlog");
        view.WaitForAssertion(() => Assert.Contains("more than 248,000", view.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("A broker stopped at its limit", view.Markup, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "#subscription-time", "2026-11-23T12:30", "rewind audit to 2026-11-23T12:30:00.0000000Z")]
    [InlineData(3, "#subscription-message", "12:3", "rewind audit to 12:3")]
    public async Task A_new_subscription_may_begin_at_a_time_or_a_message(int choice, string field, string typed, string asked)
    {
        var topic = await OrdersAsync();
        Subscriptions.There["audit"] = StandingSubscriptions.Waiting("audit", 10);
        var dialogs = RenderDialogs();
        var pressed = Tab(topic).Find(".tools .btn").ClickAsync();
        dialogs.WaitForElement("#subscription-name", Soon).Input("audit");
        dialogs.FindAll("input[type=radio]")[choice].Change(true);
        await dialogs.Find(".btn.pri").ClickAsync();
        Assert.NotEmpty(dialogs.Find($"{field}-note").TextContent);
        Assert.Empty(Subscriptions.Asked);
        dialogs.Find(field).Input(typed);
        await dialogs.Find(".btn.pri").ClickAsync();
        await pressed;
        Assert.Equal([asked], Subscriptions.Asked);
    }

    [Fact]
    public async Task A_deleted_subscription_leads_back_to_the_list()
    {
        var topic = await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 0);
        var dialogs = RenderDialogs();
        var pressed = await PressAsync(View(topic), "Delete subscription");
        dialogs.WaitForElement("#confirm-name", Soon).Input("billing");
        await dialogs.Find(".btn.bad").ClickAsync();
        await pressed;
        Assert.EndsWith(
            "o/northwind/tenants/shop/default/orders?tab=subscriptions",
            Services.GetRequiredService<NavigationManager>().Uri,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Peeking_shows_what_comes_next_of_a_partition_and_opens_it()
    {
        var topic = await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting(
            "billing",
            10,
            0,
            null,
            true,
            new(0, 4, 40, 0, null),
            new(1, 6, 60, 0, null)
        );
        Subscriptions.Next.Add(new("1:7:1", "k7", new Dictionary<string, string>(), "{\"order\":7}"u8.ToArray(), Clock.GetUtcNow(), 11));
        var dialogs = RenderDialogs();
        var view = View(topic);
        view.WaitForAssertion(
            () =>
                Assert.Equal(
                    ["Partition 0: 4 entries", "Partition 1: 6 entries"],
                    view.FindAll("#peek-partition option").Select(one => one.TextContent)
                ),
            Soon
        );
        view.Find("#peek-partition").Change("1");
        await await PressAsync(view, "Peek at messages");
        Assert.Equal(["peek billing 10 in 1"], Subscriptions.Asked);
        view.WaitForAssertion(() => Assert.Contains("{\"order\":7}", view.Find("td.payload").TextContent, StringComparison.Ordinal), Soon);
        var opened = view.Find("[aria-label='Open message 1:7:1']").ClickAsync();
        Assert.Contains("order", dialogs.WaitForElement(".tree", Soon).TextContent, StringComparison.Ordinal);
        await opened;
        Subscriptions.Next.Clear();
        await await PressAsync(view, "Peek at messages");
        view.WaitForAssertion(() => Assert.Contains("Nothing is waiting in this partition.", view.Markup, StringComparison.Ordinal), Soon);
        Subscriptions.Trouble = new Problem.Unavailable("cluster-unreachable", "Away.");
        await await PressAsync(view, "Peek at messages");
        view.WaitForAssertion(() => Assert.NotEmpty(view.FindAll("[data-problem=cluster-unreachable]")), Soon);
    }

    private async Task<Topic> OrdersAsync()
    {
        await TenantAsync();
        return await TopicAsync("shop", "orders");
    }

    private IRenderedComponent<SubscriptionsTab> Tab(Topic topic, params SubscriptionStats[] subscriptions) =>
        Render<SubscriptionsTab>(parameters =>
            parameters
                .Add(one => one.Org, Org)
                .Add(one => one.Topic, topic)
                .Add(one => one.Live, new Loading<TopicStats>.Ready(new TopicStats(0, 0, 0, 0, 0, 0, 0, subscriptions, null)))
        );

    private IRenderedComponent<SubscriptionView> View(Topic topic) =>
        Render<SubscriptionView>(parameters =>
            parameters
                .Add(one => one.Org, Org)
                .Add(one => one.Topic, topic)
                .Add(one => one.Name, "billing")
                .Add(one => one.Live, new Loading<TopicStats>.Pending())
        );

    /// <summary>What the click began; a dialog that it opens holds it up.</summary>
    private static async Task<Task> PressAsync(IRenderedComponent<SubscriptionView> view, string button)
    {
        view.WaitForAssertion(() => Assert.NotEmpty(view.FindAll("button")), Soon);
        await Task.Yield();
        return view.FindAll("button").Single(one => one.TextContent.Trim() == button).ClickAsync();
    }
}
