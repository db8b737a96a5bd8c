using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Topics;
using Portal.Features.Topics;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class TopicOverviewTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Who_is_connected_what_partitions_carry_and_the_schema_are_shown()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders", partitions: 2);
        Cluster.Live = Live(producers: 1);
        Cluster.Schema = new TopicSchema("AVRO", 3, Clock.GetUtcNow().AddDays(-2));

        var page = RenderTopic();

        page.WaitForAssertion(
            () => Assert.Equal("till-0 10.1.2.3:50112 12 msg/s 3.0 KiB/s 2 h ago Pulsar-Java-v4.0.7", Text(page, "Producers")),
            Soon
        );
        Assert.Equal("desk 10.1.2.4:41000 · Pulsar-Go-0.14 billing billing Shared 12 msg/s 40 1,000 1 h ago", Text(page, "Consumers"));
        Assert.Equal("1 12 msg/s 3.0 KiB/s 0 msg/s 0 B/s 20.0 MiB 1.0 MiB", Text(page, "Partitions"));
        page.WaitForAssertion(
            () => Assert.Equal(["AVRO", "3", "2 days ago"], Card(page, "Schema").QuerySelectorAll("dd").Select(one => one.TextContent)),
            Soon
        );
        Assert.Equal(
            $"o/{Org}/tenants/shop?tab=connect&topic=default%2Forders",
            Card(page, "Keys").QuerySelector("a")!.GetAttribute("href")
        );
    }

    [Fact]
    public async Task A_long_list_shows_a_page_and_more_on_demand()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders", partitions: 2);
        Cluster.Live = Live(producers: 23);

        var page = RenderTopic();

        page.WaitForAssertion(() => Assert.Equal(10, Card(page, "Producers").QuerySelectorAll("tbody tr").Length), Soon);
        Assert.Contains("23 producers in all", Card(page, "Producers").TextContent, StringComparison.Ordinal);
        await page.FindAll(".pager button").Single(button => button.TextContent == "Show 10 more").ClickAsync();
        Assert.Equal(20, Card(page, "Producers").QuerySelectorAll("tbody tr").Length);
    }

    [Fact]
    public async Task What_was_seen_last_stays_with_its_time_while_brokers_are_away()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders", partitions: 2);
        Cluster.Live = Live(producers: 1);
        var page = RenderTopic();
        page.WaitForAssertion(() => Assert.Contains("till-0", Text(page, "Producers"), StringComparison.Ordinal), Soon);

        foreach (
            var problem in new Problem[]
            {
                new Problem.NotFound("topic-not-on-cluster", "It is gone."),
                new Problem.Unavailable("cluster-unreachable", "Away."),
            }
        )
        {
            Cluster.Live = problem;
            for (var look = 0; look < 3; look++)
                Clock.Advance(TimeSpan.FromMinutes(1));
            page.WaitForAssertion(
                () =>
                    Assert.Contains(
                        problem is Problem.NotFound ? "doesn't list this topic" : "can't get live figures",
                        page.Find("[data-stale]").TextContent,
                        StringComparison.Ordinal
                    ),
                Soon
            );
            Assert.Contains("Last updated", page.Find("[data-stale]").TextContent, StringComparison.Ordinal);
            Assert.Contains("till-0", Text(page, "Producers"), StringComparison.Ordinal);
        }
        Cluster.Live = Live(producers: 1);
        Clock.Advance(TimeSpan.FromMinutes(1));
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-stale]")), Soon);
    }

    [Fact]
    public async Task Where_clients_connect_from_is_not_for_who_may_only_look()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders", partitions: 2);
        Cluster.Live = Live(producers: 1);
        var viewer = await MemberAsync(Role.Viewer);

        var asked = await Use<GetTopicLive>().RunAsync(viewer, Org, "shop", "default", "orders", CancellationToken.None);
        using var watch = (await Use<WatchTopicLive>().RunAsync(viewer, Org, "shop", "default", "orders", CancellationToken.None)).Value;
        var watched = await watch.NextAsync(CancellationToken.None);

        foreach (var seen in new[] { asked.Value, watched.Value })
        {
            Assert.Equal(("till-0", null), (seen.ConnectedProducers[0].Name, seen.ConnectedProducers[0].Address));
            Assert.Equal(
                ("desk", null),
                (seen.Subscriptions[0].ConnectedConsumers[0].Name, seen.Subscriptions[0].ConnectedConsumers[0].Address)
            );
        }
        Assert.Equal(
            "10.1.2.3:50112",
            (await Use<GetTopicLive>().RunAsync(Owner, Org, "shop", "default", "orders", CancellationToken.None))
                .Value
                .ConnectedProducers[0]
                .Address
        );
    }

    [Fact]
    public async Task Without_clients_and_schema_the_page_says_what_to_do()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");

        var page = RenderTopic();

        page.WaitForAssertion(() => Assert.Contains("No schema.", Card(page, "Schema").TextContent, StringComparison.Ordinal), Soon);
        page.WaitForAssertion(
            () => Assert.Equal(["Connect a client", "Connect a client"], page.FindAll("section.card a.btn").Select(one => one.TextContent)),
            Soon
        );
        Assert.DoesNotContain(page.FindAll("h2"), title => title.TextContent == "Partitions");
    }

    [Fact]
    public async Task A_deleted_topic_leads_to_the_topics_of_its_namespace()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var dialogs = RenderDialogs();
        Services.GetRequiredService<NavigationManager>().NavigateTo("?tab=settings");
        var page = Render<TopicSettingsTab>(parameters =>
            parameters
                .Add(one => one.Org, Org)
                .Add(
                    one => one.Topic,
                    Use<GetTopic>().RunAsync(Owner, Org, "shop", "default", "orders", CancellationToken.None).Result.Value
                )
        );
        var clicked = page.Find(".btn.bad").ClickAsync();
        dialogs.WaitForElement("#confirm-name", Soon).Input("orders");
        await dialogs.Find(".mud-dialog-actions .btn.bad").ClickAsync();
        await clicked;

        Assert.EndsWith(
            $"o/{Org}/tenants/shop?namespace=default",
            Services.GetRequiredService<NavigationManager>().Uri,
            StringComparison.Ordinal
        );
        Assert.Equal("Topic orders is being deleted.", Assert.Single(Use<MudBlazor.ISnackbar>().ShownSnackbars).Message?.ToString());
    }

    [Fact]
    public async Task Keys_of_a_topic_are_those_that_cover_it()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        await TopicAsync("shop", "clicks");
        foreach (var (name, topics) in new (string, string[]?)[] { ("all", null), ("one", ["orders"]), ("other", ["clicks"]) })
        {
            // It waits for the broker, on this clock.
            var made = Use<CreateKey>()
                .RunAsync(Owner, Org, new(name, "shop", "default", topics, false, KeyPermissions.Produce, null), CancellationToken.None);
            while (!made.IsCompleted)
            {
                Clock.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(1);
            }
            Assert.True((await made).IsOk);
        }

        var found = await Use<ListKeys>()
            .RunAsync(Owner, Org, new("shop", "default", "orders"), new PageRequest(100), CancellationToken.None);

        Assert.Equal(["all", "one"], found.Value.Items.Select(key => key.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            "topic-not-found",
            (await Use<ListKeys>().RunAsync(Owner, Org, new("shop", "default", "none"), new PageRequest(100), CancellationToken.None))
                .Problem
                ?.Code
        );
    }

    private TopicStats Live(int producers)
    {
        var now = Clock.GetUtcNow();
        return new TopicStats(
            12,
            3072,
            12,
            3072,
            40 << 20,
            2 << 20,
            producers,
            [
                new("billing", "Shared", 1, 40, 12, 40, true)
                {
                    ConnectedConsumers = [new("desk", "10.1.2.4:41000", "Pulsar-Go-0.14", now.AddHours(-1), 40, false, 12, 1000)],
                },
            ],
            null,
            2
        )
        {
            ConnectedProducers =
            [
                .. Enumerable
                    .Range(0, producers)
                    .Select(number => new TopicProducer(
                        $"till-{number}",
                        "10.1.2.3:50112",
                        "Pulsar-Java-v4.0.7",
                        now.AddHours(-2),
                        12,
                        3072
                    )),
            ],
            PartitionFigures = [new(0, 0, 0, 0, 0, 20 << 20, 1 << 20), new(1, 12, 3072, 0, 0, 20 << 20, 1 << 20)],
        };
    }

    private static AngleSharp.Dom.IElement Card(IRenderedComponent<TopicPage> page, string title) =>
        page.FindAll("section.card").Single(card => card.QuerySelector("h2")?.TextContent == title);

    /// <summary>The last row of a card's table.</summary>
    private static string Text(IRenderedComponent<TopicPage> page, string title) =>
        string.Join(' ', Card(page, title).QuerySelectorAll("tbody tr")[^1].QuerySelectorAll("td").SelectMany(cell => Words(cell)))
            .Replace('\u00a0', ' ');

    private static IEnumerable<string> Words(AngleSharp.Dom.INode node) =>
        node.NodeType == AngleSharp.Dom.NodeType.Text
            ? node.TextContent.Trim() is { Length: > 0 } text
                ? [text]
                : []
            : node.ChildNodes.SelectMany(Words);

    private IRenderedComponent<TopicPage> RenderTopic() =>
        Render<TopicPage>(parameters =>
            parameters
                .Add(one => one.Org, Org)
                .Add(one => one.Tenant, "shop")
                .Add(one => one.Namespace, "default")
                .Add(one => one.Name, "orders")
        );
}
