using System.Buffers;
using System.Text;
using Portal.Adapters.PulsarAdmin;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Features.Usage;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Domain.Usage;

/// <summary>
/// A customer's metrics: whose topics they show, how often a cluster is asked for them, and in which form they are written.
/// </summary>
public sealed class TopicMetricsTests : PageTest
{
    private static readonly CancellationToken Now = CancellationToken.None;

    [Fact]
    public async Task Metrics_show_the_organizations_own_topics_and_nothing_of_Pulsar_or_Portal()
    {
        await ReadyAsync("shop");
        TopicsOfBrokers.Brokers["b1"] =
        [
            Row("persistent://shop/default/orders") with
            {
                RateIn = 1.5,
                Subscriptions = [new("billing", 1, 7, 2, true)],
            },
            Row("persistent://shop/default/parts-partition-0"),
            Row("non-persistent://shop/default/ticks"),
            Row("persistent://shop/default/__change_events"),
            Row("persistent://shop/default/__portal-preview-a1-in"),
            Row("persistent://shopping/default/orders"),
            Row("persistent://public/functions/metadata"),
            Row("nonsense"),
            Row("persistent://shop/half"),
        ];
        var page = await PageAsync(await MemberAsync(Role.Viewer));
        Assert.Equal(
            ["non-persistent://shop/default/ticks", "persistent://shop/default/orders", "persistent://shop/default/parts-partition-0"],
            page.Of("pulsar_rate_in").Select(one => one["topic"])
        );
        Assert.All(page.Of("pulsar_rate_in"), one => Assert.Equal(("local", "shop/default"), (one["cluster"], one["namespace"])));
        Assert.Equal(1.5, page.Value("pulsar_rate_in", ("topic", "persistent://shop/default/orders")));
        Assert.Equal(3, page.Value("pulsar_topics_count", ("namespace", "shop/default")));
        Assert.Equal(
            (7, 2, 1),
            (
                page.Value("pulsar_subscription_back_log", ("subscription", "billing")),
                page.Value("pulsar_subscription_unacked_messages"),
                page.Value("pulsar_subscription_blocked_on_unacked_messages")
            )
        );
        Assert.Equal(
            (1, 1, 0),
            (
                page.Value("portal_cluster_up", ("cluster", "local")),
                page.Value("portal_metrics_complete"),
                page.Value("portal_metrics_topics_left_out")
            )
        );
        Assert.Equal(("counter", "gauge"), (page.Types["pulsar_in_bytes_total"], page.Types["pulsar_msg_backlog"]));
        Assert.Equal(page.Types.Keys.Order(), page.Help.Keys.Order());
        Assert.Equal(page.Types.Keys.Order(), page.Samples.Select(one => one.Name).Distinct().Order());
    }

    [Fact]
    public async Task A_role_in_one_place_and_a_question_about_one_place_see_that_place()
    {
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, Now))!;
                organization.ChangePlan(PlanCode.Payg, PayBy.Invoice);
                session.Organizations.Add(new PlanPeriod(organization.Id, PlanCode.Payg, Clock.GetUtcNow().HourStart()));
                return true;
            },
            Now
        );
        await ReadyAsync("shop", "stock");
        TopicsOfBrokers.Brokers["b1"] =
        [
            Row("persistent://shop/default/orders"),
            Row("persistent://shop/archive/orders"),
            Row("persistent://stock/default/parts"),
            Row("persistent://other/default/secret"),
        ];
        Assert.Equal(
            ["persistent://shop/archive/orders", "persistent://shop/default/orders", "persistent://stock/default/parts"],
            await SeenAsync(Owner)
        );
        Assert.Equal(["persistent://stock/default/parts"], await SeenAsync(await MemberAsync(Role.Viewer, new("stock"))));
        Assert.Equal(["persistent://shop/default/orders"], await SeenAsync(await MemberAsync(Role.Developer, new("shop", "default"))));
        Assert.Equal(["persistent://stock/default/parts"], await SeenAsync(Owner, "stock"));
        Assert.Equal(["persistent://shop/default/orders"], await SeenAsync(Owner, "shop", "default"));
        var limited = await MemberAsync(Role.Viewer, new("stock"));
        foreach (
            var (actor, tenant, @namespace, code) in new[]
            {
                (Owner, "nowhere", null, "tenant-not-found"),
                (Owner, "shop", "nowhere", "namespace-not-found"),
                (Owner, null, "default", "scope-without-tenant"),
                (Owner, "other", null, "tenant-not-found"),
                (limited, "shop", null, "tenant-not-found"),
                (await MemberAsync(Role.Billing), null, null, "role-missing"),
            }
        )
            Assert.Equal(code, (await Use<GetTopicMetrics>().RunAsync(actor, Org, tenant, @namespace, Now)).Problem?.Code);
    }

    [Fact]
    public async Task A_cluster_is_asked_once_an_interval_however_many_scrape()
    {
        await ReadyAsync("shop");
        TopicsOfBrokers.Brokers["b1"] = [Row("persistent://shop/default/orders") with { MessagesIn = 1 }];
        var gate = new TaskCompletionSource();
        TopicsOfBrokers.Ready = gate.Task;
        var scrapes = Enumerable.Range(0, 20).Select(_ => PageAsync(Owner)).ToList();
        await Eventually.TrueAsync(() => Task.FromResult(TopicsOfBrokers.Looks == 1), "the cluster is asked");
        gate.SetResult();
        Assert.All(await Task.WhenAll(scrapes), page => Assert.Equal(1, page.Value("pulsar_in_messages_total")));
        Assert.Equal(1, TopicsOfBrokers.Looks);

        TopicsOfBrokers.Brokers["b1"] = [Row("persistent://shop/default/orders") with { MessagesIn = 2 }];
        Clock.Advance(MetricLooks.Every / 2);
        var kept = await PageAsync(Owner);
        Assert.Equal((1, 1), (kept.Value("pulsar_in_messages_total"), TopicsOfBrokers.Looks));
        Assert.InRange(kept.Value("portal_metrics_age_seconds"), 7.5, 10);
        Clock.Advance(MetricLooks.Every);
        Assert.Equal((2, 2), ((await PageAsync(Owner)).Value("pulsar_in_messages_total"), TopicsOfBrokers.Looks));
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_says_so_and_shows_no_topics()
    {
        await ReadyAsync("shop");
        TopicsOfBrokers.Away = new Problem.Unavailable("cluster-unreachable", "Away.");
        var page = await PageAsync(Owner);
        Assert.Equal((0, 0), (page.Value("portal_cluster_up", ("cluster", "local")), page.Value("portal_metrics_complete")));
        Assert.DoesNotContain(
            page.Samples,
            one => one.Name.StartsWith("pulsar_", StringComparison.Ordinal) || one.Name == "portal_metrics_age_seconds"
        );

        // One broker of two.
        TopicsOfBrokers.Away = null;
        (TopicsOfBrokers.Brokers["b1"], TopicsOfBrokers.Brokers["b2"]) = ([Row("persistent://shop/default/orders")], null);
        Clock.Advance(MetricLooks.Every);
        page = await PageAsync(Owner);
        Assert.Equal((1, 0), (page.Value("portal_cluster_up"), page.Value("portal_metrics_complete")));
        Assert.Single(page.Of("pulsar_rate_in"));
    }

    [Fact]
    public async Task A_cluster_that_takes_long_shows_its_last_picture_with_its_age()
    {
        await ReadyAsync("shop");
        TopicsOfBrokers.Brokers["b1"] = [Row("persistent://shop/default/orders")];
        await PageAsync(Owner);
        var gate = new TaskCompletionSource();
        TopicsOfBrokers.Ready = gate.Task;
        Clock.Advance(MetricLooks.Every * 2);
        var scrape = PageAsync(Owner);
        await Eventually.TrueAsync(
            () =>
            {
                Clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(scrape.IsCompleted);
            },
            "the scrape no longer waits"
        );
        var page = await scrape;
        Assert.Single(page.Of("pulsar_rate_in"));
        Assert.True(page.Value("portal_metrics_age_seconds") >= 30);
        gate.SetResult();
    }

    [Fact]
    public async Task An_answer_has_its_bound_and_says_what_it_left_out()
    {
        await ReadyAsync("shop");
        TopicsOfBrokers.Brokers["b1"] =
        [
            .. Enumerable.Range(0, GetTopicMetrics.MostTopics + 7).Select(number => Row($"persistent://shop/default/t{number}")),
        ];
        var metrics = (await Use<GetTopicMetrics>().RunAsync(Owner, Org, null, null, Now)).Value;
        Assert.Equal(
            (GetTopicMetrics.MostTopics, 7, 1),
            (metrics.Clusters[0].Namespaces[0].Topics.Count, metrics.LeftOut, TopicsOfBrokers.Looks)
        );
    }

    [Fact]
    public async Task A_topic_that_moves_between_brokers_is_shown_once()
    {
        await ReadyAsync("shop");
        TopicsOfBrokers.Brokers["b1"] = [Row("persistent://shop/default/orders") with { MessagesIn = 900 }];
        TopicsOfBrokers.Brokers["b2"] =
        [
            Row("persistent://shop/default/orders") with
            {
                MessagesIn = 3,
                Subscriptions = [new("billing", 2, 0, 0, false)],
            },
        ];
        Assert.Equal(3, (await PageAsync(Owner)).Value("pulsar_in_messages_total"));
    }

    [Fact]
    public async Task Any_name_and_any_number_keeps_the_format()
    {
        const string odd = "a\\b\"c\nd{e}=f, é";
        var metrics = new TopicMetrics(
            [
                new(
                    "up",
                    TimeSpan.FromMilliseconds(1500),
                    true,
                    [
                        new(
                            "shop/default",
                            [
                                Row("persistent://shop/default/orders") with
                                {
                                    BytesIn = long.MaxValue,
                                    RateOut = 1e-7,
                                    AverageSize = 12345678.25,
                                    Subscriptions = [new(odd, 0, 5, 0, false)],
                                },
                            ]
                        ),
                    ]
                ),
                new("down", null, false, []),
            ],
            12
        );
        using var stream = new MemoryStream();
        await TopicMetricsText.WriteAsync(stream, metrics);
        var page = PrometheusPage.Parse(Encoding.UTF8.GetString(stream.ToArray()));
        Assert.Equal(5, page.Value("pulsar_subscription_back_log", ("subscription", odd), ("topic", "persistent://shop/default/orders")));
        Assert.Equal(
            (1e-7, 12345678.25, (double)long.MaxValue),
            (page.Value("pulsar_rate_out"), page.Value("pulsar_average_msg_size"), page.Value("pulsar_in_bytes_total"))
        );
        Assert.Equal(
            (1, 0, 1.5, 12),
            (
                page.Value("portal_cluster_up", ("cluster", "up")),
                page.Value("portal_cluster_up", ("cluster", "down")),
                page.Value("portal_metrics_age_seconds"),
                page.Value("portal_metrics_topics_left_out")
            )
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Statistics_are_read_in_whatever_pieces_they_come(int piece)
    {
        var document = Encoding.UTF8.GetBytes(
            """
            {"shop/default":{"0x0_0xf":{"persistent":{"persistent://shop/default/orders":{
              "publishers":[{"msgRateIn":9.0,"producerName":"portal-producer-1","metadata":{"producerName":"portal-producer-2"}},{"producerName":"till-1"},{"producerName":"till-2"}],
              "replication":{"eu":{"msgRateIn":5.0,"consumers":[{"a":1}]}},
              "subscriptions":{
                "reader-1":{"consumers":[{"consumerName":"portal-reader-9","msgRateOut":3.0}],"msgBacklog":100},
                "billing":{"consumers":[{"consumerName":"a","unackedMessages":50,"metadata":{"msgBacklog":9}},{"consumerName":"portal-reader-8"}],"msgBacklog":4,"msgRateExpired":0.5,"msgRateOut":2.5,
                           "messageAckRate":1.25,"msgThroughputOut":256.5,"msgRateRedeliver":0.25,"type":"Shared","blockedSubscriptionOnUnackedMsgs":true,"unackedMessages":6},
                "idle":{"consumers":[],"msgBacklog":1}},
              "producerCount":3,"averageMsgSize":10.5,"msgRateIn":1.5,"msgRateOut":2.5,"msgInCount":10,"bytesInCount":1000,"msgOutCount":20,"bytesOutCount":2000,
              "msgThroughputIn":15.5,"msgThroughputOut":25.5,"storageSize":5000,"backlogSize":400,"later":{"msgInCount":7}}},
             "non-persistent":{"non-persistent://shop/default/ticks":{"publishers":[],"subscriptions":{},"producerCount":0,"msgInCount":1}},
             "other":{"persistent://shop/default/none":{"msgInCount":1}}}}}
            """
        );
        List<TopicFigures> rows = [];
        var parser = new TopicFiguresParser();
        for (var (read, end) = (0, 0); !parser.IsComplete; )
        {
            end = Math.Min(end + piece, document.Length);
            var part = new ReadOnlySequence<byte>(document.AsMemory(read, end - read));
            read += (int)part.Slice(0, parser.Parse(part, end == document.Length, rows)).Length;
        }
        Assert.Equal(["persistent://shop/default/orders", "non-persistent://shop/default/ticks"], rows.Select(row => row.Partition));
        var orders = rows[0];
        Assert.Equal(
            (2, 2, 5, 10, 1000, 20, 2000, 5000, 400),
            (
                orders.Producers,
                orders.Consumers,
                orders.Backlog,
                orders.MessagesIn,
                orders.BytesIn,
                orders.MessagesOut,
                orders.BytesOut,
                orders.StorageBytes,
                orders.BacklogBytes
            )
        );
        Assert.Equal(
            (1.5, 2.5, 15.5, 25.5, 10.5),
            (orders.RateIn, orders.RateOut, orders.ThroughputIn, orders.ThroughputOut, orders.AverageSize)
        );
        Assert.Equal(
            [
                new SubscriptionFigures("billing", 2, 4, 6, true)
                {
                    RateOut = 2.5,
                    ThroughputOut = 256.5,
                    RateRedelivered = 0.25,
                    RateExpired = 0.5,
                    RateAcknowledged = 1.25,
                },
                new("idle", 0, 1, 0, false),
            ],
            orders.Subscriptions
        );
        Assert.Equal((0, 1), (rows[1].Producers, rows[1].MessagesIn));
    }

    private static TopicFigures Row(string partition) => new(partition, 0, []);

    /// <summary>Tenants that their cluster has.</summary>
    private async Task ReadyAsync(params string[] names)
    {
        foreach (var name in names)
        {
            var made = await TenantAsync(name);
            await Database.UpdateAsync(
                null,
                async session =>
                {
                    (await session.Store<Portal.Domain.Tenants.ITenantStore>().FindAsync(made.Id, Now))!.Ready(Clock.GetUtcNow());
                    return true;
                },
                Now
            );
        }
    }

    private async Task<PrometheusPage> PageAsync(Actor actor, string? tenant = null, string? @namespace = null)
    {
        using var stream = new MemoryStream();
        await TopicMetricsText.WriteAsync(stream, (await Use<GetTopicMetrics>().RunAsync(actor, Org, tenant, @namespace, Now)).Value);
        return PrometheusPage.Parse(Encoding.UTF8.GetString(stream.ToArray()));
    }

    private async Task<IEnumerable<string>> SeenAsync(Actor actor, string? tenant = null, string? @namespace = null) =>
        (await PageAsync(actor, tenant, @namespace)).Of("pulsar_rate_in").Select(one => one["topic"]);
}
