using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Organizations;
using Portal.Features;
using Portal.Features.Migration;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>The copy of a migration on its page.</summary>
public sealed class CopyTabTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private MigrationId _migration;

    [Fact]
    public async Task Before_the_copy_it_says_what_will_be_made_and_takes_the_choices()
    {
        await PlannedAsync(("orders", 2), ("payments", 1));
        var page = Shown();
        await SeenAsync(() => Assert.Contains("2 topics with 3 partitions, in shop/default", Text(page), StringComparison.Ordinal));
        page.Find("#copy-rate-mib").Input("a lot");
        page.Find("form").Submit();
        await SeenAsync(() =>
            Assert.Contains("Enter a number of MiB", page.Find("#copy-rate-mib-note").TextContent, StringComparison.Ordinal)
        );
        page.Find("#copy-rate-mib").Input("0.01");
        page.Find("form").Submit();
        await SeenAsync(() => Assert.Contains("Use at least 64", page.Find("#copy-rate-mib-note").TextContent, StringComparison.Ordinal));
        page.Find("#copy-rate-mib").Input("1.5");
        page.Find("#copy-rate-messages").Input("5,000");
        page.FindAll("input[name=tombstones]")[2].Change(true);
        page.FindAll("input[name=too-large]")[1].Change(true);
        page.Find("form").Submit();
        await SeenAsync(() =>
            Assert.Equal(["orders", "payments"], page.FindAll("tr[data-topic]").Select(row => row.GetAttribute("data-topic")))
        );
        var settings = (await Use<GetCopyOverview>().RunAsync(Owner, Org, _migration, default)).Value.Settings!;
        Assert.Equal(
            (new CopyRate(1_572_864, 5000), Tombstones.Skip, TooLarge.Skip),
            (settings.Rate, settings.Tombstones, settings.TooLarge)
        );
        Assert.Contains("1.5 MiB/s and 5,000 msg/s", Text(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stands_in_the_way_is_named_with_a_link_and_the_copy_cannot_start()
    {
        await PlannedAsync(("orders", 1), ("x-partition-0", 1));
        var page = Shown();
        await SeenAsync(() => Assert.True(Button(page, "Start copying").HasAttribute("disabled")));
        Assert.Contains("1 topic can't move as mapped.", Text(page), StringComparison.Ordinal);
        Assert.Equal(Links.Migration(Org, _migration, "mapping"), page.Find("[data-blocked] a").GetAttribute("href"));
    }

    [Fact]
    public async Task Without_an_inventory_it_says_what_it_waits_for()
    {
        await TenantAsync();
        _migration = (await Use<CreateMigration>().RunAsync(Owner, Org, "shop", "From Kafka", Draft, default)).Value.Id;
        var page = Shown();
        await SeenAsync(() => Assert.Equal("Nothing to copy yet", page.Find(".empty h2").TextContent));
    }

    [Fact]
    public async Task Who_may_not_manage_sees_no_buttons()
    {
        await PlannedAsync(("orders", 1));
        var viewer = await MemberAsync(Role.Viewer);
        var organization = (await Use<GetOrganizationSummary>().RunAsync(viewer, Org, default)).Value;
        var before = Shown(viewer, organization);
        await SeenAsync(() => Assert.Contains("What will be created", Text(before), StringComparison.Ordinal));
        Assert.Empty(before.FindAll("form"));
        await StartAsync();
        var after = Shown(viewer, organization);
        after.WaitForElement("tr[data-topic=orders]", Soon);
        Assert.Empty(after.FindAll("main button, .card button"));
        var topic = Shown(viewer, organization, "&topic=orders");
        await SeenAsync(() => Assert.Contains("to the one with the same number", Text(topic), StringComparison.Ordinal));
        Assert.DoesNotContain(topic.FindAll("button"), button => button.TextContent is "Pause" or "Stop…" or "Verify");
    }

    [Fact]
    public async Task Progress_and_what_went_wrong_stand_at_each_topic_and_come_by_themselves()
    {
        await PlannedAsync(("orders", 2), ("payments", 1));
        await StartAsync();
        var page = Shown();
        await SeenAsync(() => Assert.Equal(["starting…", "starting…"], Chips(page)));
        await ChangeAsync(
            "orders",
            0,
            one =>
            {
                one.Begin(new(0, 1500), null, Clock.Now());
                one.Advance(Step(1200, 1500), Clock.Now());
                one.Advance(Step(1200, 1500, messages: 0), Clock.Now().AddSeconds(10));
            }
        );
        await ChangeAsync(
            "payments",
            0,
            one => one.Fail(new Problem.Conflict("record-too-large", "Partition 0 of payments, offset 31: it has 6 MiB."), Clock.Now())
        );
        await SeenAsync(() => Assert.Equal(["starting…", "needs attention"], Chips(page)));
        Assert.Contains("1,200 of 1,500", page.Find("tr[data-topic=orders]").TextContent, StringComparison.Ordinal);
        Assert.Contains("300 messages, ", page.Find("tr[data-topic=orders]").TextContent, StringComparison.Ordinal);
        Assert.Contains("2 records left out", page.Find("tr[data-topic=orders]").TextContent, StringComparison.Ordinal);
        Assert.Contains("offset 31", page.Find("tr[data-topic=payments] .error").TextContent, StringComparison.Ordinal);
        // What the copy made is no stranger that blocks it.
        var mapping = Shown(extra: null, tab: "inventory");
        await SeenAsync(() => Assert.Contains("shop/default/orders", mapping.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain("already exists", mapping.Markup, StringComparison.Ordinal);
        var run = (await Use<GetDryRun>().RunAsync(Owner, Org, _migration, null, default)).Value;
        Assert.True(run.IsReady);
        Assert.Equal(0, run.Targets.Single().HasNow);
    }

    [Fact]
    public async Task All_and_one_topic_are_paused_resumed_slowed_and_stopped_after_a_question()
    {
        await PlannedAsync(("orders", 1), ("payments", 1));
        await StartAsync();
        var dialogs = RenderDialogs();
        var page = Shown();
        page.WaitForElement("tr[data-topic=orders]", Soon);
        Button(page, "Pause all").Click();
        await SeenAsync(() => Assert.Equal(["paused", "paused"], Chips(page)));
        var topic = Shown(extra: "&topic=orders");
        await SeenAsync(() => Assert.False(Button(topic, "Resume").HasAttribute("disabled")));
        Button(topic, "Resume").Click();
        // The address is shared by what is rendered here.
        page = Shown();
        await SeenAsync(() => Assert.Equal(["starting…", "paused"], Chips(page)));
        Button(page, "Change rate").Click();
        dialogs.WaitForElement("#copy-rate-mib", Soon).Input("2");
        Button(dialogs, "Save rate").Click();
        await SeenAsync(() => Assert.Contains("2.0 MiB/s", Text(page), StringComparison.Ordinal));
        Button(page, "Stop all…").Click();
        await SeenAsync(() => Assert.Contains("Stop copying From Kafka?", dialogs.Markup, StringComparison.Ordinal));
        Assert.All(await CopiesAsync(), one => Assert.NotEqual(CopyWish.Stop, one.Partition.Wish));
        Button(dialogs, "Stop copying").Click();
        await SeenAsync(() => Assert.Equal(["stopping…", "stopping…"], Chips(page)));
    }

    [Fact]
    public async Task A_proof_is_green_sampled_or_a_list_of_differences_in_pages()
    {
        await PlannedAsync(("orders", 2), ("payments", 1));
        await StartAsync();
        foreach (var (name, number) in new[] { ("orders", 0), ("orders", 1), ("payments", 0) })
            await ChangeAsync(name, number, one => one.Begin(new(0, 40), null, Clock.Now()));
        var page = Shown();
        page.WaitForElement("tr[data-topic=orders]", Soon);
        Button(page, "Verify all").Click();
        await SeenAsync(() =>
            Assert.Contains("comparing…", page.Find("tr[data-topic=orders] [data-proof]").TextContent, StringComparison.Ordinal)
        );
        await ProvenAsync("payments", 0, sampled: true, 40, []);
        await ProvenAsync(
            "orders",
            0,
            sampled: false,
            40,
            [.. Enumerable.Range(0, 30).Select(at => new Difference(RecordFault.Missing, at))]
        );
        await ProvenAsync("orders", 1, sampled: false, 40, [new(RecordFault.Swapped, 7, 9), new(RecordFault.Changed, 12)]);
        await SeenAsync(() =>
            Assert.Contains("identical", page.Find("tr[data-topic=payments] [data-proof] .chip.good").TextContent, StringComparison.Ordinal)
        );
        Assert.Contains(
            "40 records compared, as samples",
            page.Find("tr[data-topic=payments] [data-proof]").TextContent,
            StringComparison.Ordinal
        );
        await SeenAsync(() => Assert.Equal("32 differences", page.Find("tr[data-topic=orders] [data-proof] .chip.bad").TextContent));

        var topic = Shown(extra: "&topic=orders");
        await SeenAsync(() => Assert.Equal(25, topic.FindAll("[data-differences] tbody tr").Count));
        Assert.Equal(
            ["0", "0", "Missing: Kafka has it, Pulsar doesn't."],
            topic.FindAll("[data-differences] tbody tr")[0].Children.Select(cell => cell.TextContent)
        );
        Use<NavigationManager>().NavigateTo(topic.Find("a[rel=next]").GetAttribute("href")!);
        var next = Render<MigrationPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Id, $"{_migration}"));
        await SeenAsync(() => Assert.Equal(7, next.FindAll("[data-differences] tbody tr").Count));
        Assert.Equal(
            ["1", "7", "Out of order: in Pulsar it comes after offset 9."],
            next.FindAll("[data-differences] tbody tr")[5].Children.Select(cell => cell.TextContent)
        );
    }

    [Fact]
    public async Task A_topic_that_is_not_copied_says_so()
    {
        await PlannedAsync(("orders", 1));
        var page = Shown(extra: "&topic=absent");
        await SeenAsync(() => Assert.Single(page.FindAll("[data-problem=copy-not-found]")));
    }

    private static ConnectionDraft Draft => new("kafka.example:9092", "plaintext", null, null, null);

    private CopyAdvance Step(long next, long end, int messages = 1198) =>
        new(
            0,
            next,
            end,
            next,
            null,
            messages,
            messages * 100L,
            messages == 0 ? 0 : 2,
            Clock.Now().AddSeconds(-60).ToUnixTimeMilliseconds(),
            false,
            messages == 0 ? [] : [new("too-large", 3, null, "Left out: too large."), new("too-large", 4, null, "Left out: too large.")]
        );

    private async Task PlannedAsync(params (string Name, int Partitions)[] topics)
    {
        await TenantAsync();
        foreach (var (name, partitions) in topics)
            Kafka.Topics[name] = new(partitions, 1, false, 1000, 1000, new Dictionary<string, string>())
            {
                Sample = new(10, 1000, 200, DataFormat.Text, DataFormat.Json, [], 0, 0, 0),
            };
        var made = (await Use<CreateMigration>().RunAsync(Owner, Org, "shop", "From Kafka", Draft, default)).Value;
        _migration = made.Id;
        await InventoryRun.ToEndAsync(Database, Kafka, Clock, made);
    }

    private async Task StartAsync() => Assert.True((await Use<StartCopying>().RunAsync(Owner, Org, _migration, null, new(), default)).IsOk);

    private async Task<IReadOnlyList<CopyStanding>> CopiesAsync() =>
        (await Use<ListCopies>().RunAsync(Owner, Org, _migration, null, new PageRequest(), default)).Value.Items;

    private async Task ChangeAsync(string topic, int number, Action<CopiedPartition> change)
    {
        var there = (await CopiesAsync()).Single(one => one.Partition.SourceTopic == topic && one.Partition.Number == number).Partition;
        await Database.UpdateAsync(
            null,
            there.OrganizationId,
            async session =>
            {
                change((await session.Copies.FindAsync(there.Id, default))!);
                return true;
            },
            default
        );
    }

    private async Task ProvenAsync(string topic, int number, bool sampled, long count, IReadOnlyList<Difference> differences)
    {
        var there = (await CopiesAsync()).Single(one => one.Partition.SourceTopic == topic && one.Partition.Number == number).Partition;
        await Database.UpdateAsync(
            null,
            there.OrganizationId,
            async session =>
            {
                var proof = (await session.Copies.ProofAsync(there.Id, default))!;
                proof.Look(
                    0,
                    new()
                    {
                        SourceCount = count,
                        TargetCount = count,
                        Differences = differences.Count,
                        Listed = [.. differences],
                    }
                );
                proof.End(sampled, [], Clock.Now());
                return true;
            },
            default
        );
    }

    private IRenderedComponent<MigrationPage> Shown(
        Actor? actor = null,
        OrganizationSummary? organization = null,
        string? extra = null,
        string tab = "copy"
    )
    {
        Use<NavigationManager>().NavigateTo(Links.Migration(Org, _migration, tab) + extra);
        return Render<MigrationPage>(parameters =>
        {
            parameters.Add(one => one.Org, Org).Add(one => one.Id, $"{_migration}");
            if (actor is not null)
                parameters.AddCascadingValue(actor);
            if (organization is not null)
                parameters.AddCascadingValue(organization);
        });
    }

    /// <summary>Pages read again at most four times a second, by the test's clock.</summary>
    private async Task SeenAsync(Action assertion)
    {
        for (var until = DateTime.UtcNow + Soon; ; Clock.Advance(TimeSpan.FromMilliseconds(300)))
        {
            try
            {
                assertion();
                return;
            }
            catch (Exception exception)
                when (exception is Xunit.Sdk.XunitException or ElementNotFoundException or InvalidOperationException
                    && DateTime.UtcNow < until
                )
            {
                await Task.Delay(30);
            }
        }
    }

    private static AngleSharp.Dom.IElement Button<T>(IRenderedComponent<T> page, string text)
        where T : IComponent => page.FindAll("button").Single(button => button.TextContent == text);

    private static IEnumerable<string> Chips(IRenderedComponent<MigrationPage> page) =>
        page.FindAll("tr[data-topic] td:nth-child(2) .chip").Select(chip => chip.TextContent);

    private static string Text(IRenderedComponent<MigrationPage> page) => string.Join(' ', page.Nodes.Select(node => node.TextContent));
}
