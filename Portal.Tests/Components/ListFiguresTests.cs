using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Features.Tenants;
using Portal.Features.Topics;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Lists of tenants and topics with what the meter knows of each row.</summary>
public sealed class ListFiguresTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_topic_that_was_never_metered_claims_no_figures()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var list = RenderTopics();
        list.WaitForAssertion(() => Assert.Equal(["—", "—"], list.FindAll("tbody .dim").Select(cell => cell.TextContent)), Soon);
        Assert.Empty(list.FindAll(".spark"));
        Assert.DoesNotContain("November", list.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_topics_carry_traffic_storage_and_cost_and_follow_the_meter()
    {
        await TenantAsync();
        var orders = await TopicAsync("shop", "orders");
        await TopicAsync("shop", "clicks");
        await ChargeAsync();
        await MeterAsync(orders, 3 * ByteSize.MiB, ByteSize.MiB, Clock.GetUtcNow().AddSeconds(1), kept: 5 * ByteSize.MiB);
        var list = RenderTopics();
        list.WaitForAssertion(
            () => Assert.Equal(["clicks", "", "—", "$0.00", "orders", "4.0\u00a0MiB", "5.0\u00a0MiB", "$3.00"], Figures(list)),
            Soon
        );
        Assert.Equal("Data in and out of orders over the last 24 hours: 4.0 MiB.", list.Find("tbody .spark").GetAttribute("aria-label"));
        Assert.Equal("5.0 MiB stored · $3.00", list.FindAll("tbody .only-phone")[1].TextContent);
        Assert.Contains("November", list.Find("thead").TextContent, StringComparison.Ordinal);

        await MeterAsync(orders, 2 * ByteSize.MiB, 0, Clock.GetUtcNow().AddSeconds(2), kept: 7 * ByteSize.MiB);
        Clock.Advance(TimeSpan.FromSeconds(2));
        list.WaitForAssertion(() => Assert.Equal(["orders", "6.0\u00a0MiB", "7.0\u00a0MiB", "$5.00"], Figures(list).Skip(4)), Soon);
    }

    [Fact]
    public async Task Rows_of_tenants_carry_topics_storage_and_cost()
    {
        await TenantAsync();
        var page = Render<TenantsPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Assert.Equal(["0", "—"], page.FindAll("tbody td.n").Select(cell => cell.TextContent.Trim())), Soon);
        Assert.Equal("on local", page.Find("tbody .sub").TextContent);

        await ChargeAsync();
        var orders = await TopicAsync("shop", "orders");
        await TopicAsync("shop", "clicks");
        await MeterAsync(orders, 3 * ByteSize.MiB, 0, Clock.GetUtcNow().AddSeconds(1), kept: ByteSize.GiB);
        Clock.Advance(TimeSpan.FromSeconds(2));
        page.WaitForAssertion(
            () => Assert.Equal(["2", "1.0\u00a0GiB", "$3.00"], page.FindAll("tbody td.n").Select(cell => cell.TextContent.Trim())),
            Soon
        );
    }

    [Fact]
    public async Task A_long_list_has_the_figures_of_its_page()
    {
        await TenantAsync();
        var first = await TopicAsync("shop", "a-first");
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var inside = (await session.Tenants.FindNamespaceAsync(first.NamespaceId, CancellationToken.None))!;
                for (var index = 0; index < 60; index++)
                {
                    var topic = new Topic(
                        new(Guid.CreateVersion7()),
                        inside,
                        TopicName.Create($"topic-{index:00}").Value,
                        true,
                        4,
                        Clock.GetUtcNow()
                    );
                    topic.Ready(Clock.GetUtcNow());
                    session.Topics.Add(topic);
                }
                return true;
            },
            CancellationToken.None
        );
        await MeterAsync(first, 10, 20, Clock.GetUtcNow().AddSeconds(1), kept: 30);
        var list = RenderTopics();
        list.WaitForAssertion(() => Assert.Equal(["a-first", "30\u00a0B", "30\u00a0B"], Figures(list).Take(3)), Soon);
        Assert.Equal(50, list.FindAll("tbody tr").Count);
        Assert.Equal("persistent · 4 partitions", list.FindAll("tbody tr")[1].QuerySelector(".sub")!.TextContent);
        Assert.NotNull(list.Find(".pager"));
    }

    private IRenderedComponent<TopicList> RenderTopics() =>
        Render<TopicList>(parameters =>
            parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop").Add(one => one.Namespace, "default")
        );

    private static IEnumerable<string> Figures(IRenderedComponent<TopicList> list)
    {
        var columns = HasCosts(list) ? 4 : 3;
        return list.FindAll("tbody tr")
            .SelectMany(row =>
                row.Children.Take(columns)
                    .Select(
                        (cell, index) =>
                            index switch
                            {
                                0 => cell.QuerySelector("a")!.TextContent,
                                1 => (cell.QuerySelector(".sub")?.TextContent ?? "").Replace(' ', '\u00a0'),
                                _ => cell.TextContent.Trim(),
                            }
                    )
            );
    }

    private static bool HasCosts(IRenderedComponent<TopicList> list) =>
        list.Find("thead").TextContent.Contains("November", StringComparison.Ordinal);

    /// <summary>A dollar per MiB written, for all of the month.</summary>
    private Task ChargeAsync() =>
        Database.UpdateAsync(
            null,
            async session =>
            {
                const string Book = """
                    {"version": "dear", "currency": "usd", "startsAt": "2026-01-01T00:00:00Z", "meters": {"write": {"per": "MiB", "model": "perUnit", "unitPrice": "1"}}}
                    """;
                var organization = (await session.Organizations.FindAsync(Org, CancellationToken.None))!;
                organization.ChangePlan(PlanCode.Payg, PayBy.Invoice);
                session.Organizations.Add(new PlanPeriod(organization.Id, PlanCode.Payg, Clock.GetUtcNow().HourStart()));
                session.PriceBooks.Add(
                    new PriceBookRecord(
                        new(Guid.CreateVersion7()),
                        "dear",
                        Currency.Usd,
                        PriceBook.Parse(Book).Value.StartsAt,
                        Clock.GetUtcNow(),
                        "operator",
                        Book
                    )
                );
                return true;
            },
            CancellationToken.None
        );
}
