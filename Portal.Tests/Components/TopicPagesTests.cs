using Portal.Domain.Topics;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Features.Credentials;
using Portal.Features.Topics;
using Portal.Ui;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class TopicPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Live_figures_and_subscriptions_are_shown_in_words()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        Cluster.Live = new TopicStats(1204, 1 << 20, 0, 0, 18L << 30, 0, 4, [new("audit-2024", null, 0, 88_412_019, 0, 0, true)], "broker-1");

        var page = RenderTopic();

        page.WaitForAssertion(() => Assert.Equal("1,204\u00a0msg/s", page.Find(".stat .v").TextContent.Trim()), Soon);
        Assert.Equal("idle, still costs", page.Find("tbody .chip").TextContent);
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
        var tab = Render<SubscriptionsTab>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Topic, topic)
            .Add(one => one.Live, new Loading<TopicStats>.Ready(new TopicStats(0, 0, 0, 0, 0, 0, 0, [], null))));

        Assert.Empty(tab.FindAll("button"));
        Assert.Contains("keeps no messages", tab.Markup, StringComparison.Ordinal);
        var asked = await Use<CreateSubscription>().RunAsync(Owner, Org, "shop", "default", "pulse", "audit", true, CancellationToken.None);
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
        await tab.Find("form").SubmitAsync();
        tab.WaitForAssertion(() => Assert.Contains("id-0", tab.Find(".note.good").TextContent, StringComparison.Ordinal), Soon);
        await tab.Find(".empty .btn.pri").ClickAsync();

        tab.WaitForAssertion(() => Assert.Contains("{\"order\":1}", tab.Find("tbody").TextContent, StringComparison.Ordinal), Soon);
    }

    [Fact]
    public async Task A_new_topic_opens_its_page()
    {
        await TenantAsync();
        var page = Render<NewTopicPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        page.WaitForElement("#name", Soon).Input("orders");
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.EndsWith("o/northwind/tenants/shop/default/orders", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal), Soon);
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
    public async Task A_key_without_permissions_is_refused_in_its_dialog()
    {
        await TenantAsync();
        var dialogs = RenderDialogs();
        var keys = Render<KeysCard>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        var clicked = keys.WaitForElement(".empty .btn.pri", Soon).ClickAsync();

        dialogs.WaitForElement("#key-name", Soon).Input("web-backend");
        for (var box = 0; box < 2; box++) dialogs.FindAll("fieldset .check input")[box].Change(false);
        await dialogs.Find(".btn.pri").ClickAsync();

        dialogs.WaitForAssertion(() => Assert.Equal("permissions-missing", dialogs.Find("[data-problem]").GetAttribute("data-problem")), Soon);
        await dialogs.Find(".mud-dialog-actions .btn").ClickAsync();
        await clicked;
    }

    private IRenderedComponent<TopicPage> RenderTopic() => Render<TopicPage>(parameters =>
        parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop").Add(one => one.Namespace, "default").Add(one => one.Name, "orders"));
}
