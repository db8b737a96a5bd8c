using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Work;
using Portal.Features;
using Portal.Features.Migration;
using Portal.Hosting;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Components;

/// <summary>Applications, cut-over and record of a migration on its page.</summary>
public sealed partial class MoveTabsTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private MigrationId _migration;

    [Fact]
    public async Task Before_the_copy_no_subscription_can_be_created_and_it_says_why()
    {
        await PlannedAsync(start: false);
        var dialogs = RenderDialogs();
        var page = Shown("applications");
        await SeenAsync(() =>
            Assert.Equal(["billing", "mail/out"], page.FindAll("tr[data-group]").Select(row => row.GetAttribute("data-group")))
        );
        Button(page, "Create all subscriptions…").Click();
        await SeenAsync(() => Assert.Contains("Nothing changes in Kafka.", dialogs.Markup, StringComparison.Ordinal));
        Button(dialogs, "Create all subscriptions").Click();
        await SeenAsync(() => Assert.Single(dialogs.FindAll("[data-problem=copy-not-started]")));
        Assert.Contains("No topics are being copied", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscriptions_are_wanted_for_all_groups_that_read_copied_topics()
    {
        await PlannedAsync();
        var dialogs = RenderDialogs();
        var page = Shown("applications");
        await SeenAsync(() => Assert.Equal(2, page.FindAll("tr[data-group]").Count));
        Assert.Contains("not prepared", page.Find("tr[data-group=billing]").TextContent, StringComparison.Ordinal);
        Button(page, "Create all subscriptions…").Click();
        await SeenAsync(() => Assert.Contains("Nothing changes in Kafka.", dialogs.Markup, StringComparison.Ordinal));
        Button(dialogs, "Create all subscriptions").Click();
        await SeenAsync(() => Assert.Contains("Setting up 2 subscriptions", page.Markup, StringComparison.Ordinal));
        await SeenAsync(() => Assert.Contains("preparing…", page.Find("tr[data-group=billing]").TextContent, StringComparison.Ordinal));
        // A name that Pulsar refuses gets one of its own.
        Assert.Contains("to mail-out-", page.Find("tr[data-group='mail/out']").TextContent, StringComparison.Ordinal);
        Assert.NotNull(
            await Database.ReadAsync(session => session.Work.FindOpenAsync($"watch:{_migration}", WatchMoveWork.Kind, default), default)
        );
    }

    [Fact]
    public async Task One_group_shows_its_positions_and_its_code_and_takes_another_name()
    {
        await PlannedAsync();
        var dialogs = RenderDialogs();
        var page = Shown("applications", "&group=billing");
        await SeenAsync(() =>
            Assert.Contains("\"kafka.example:9092\"", page.Find("[data-snippets]").TextContent, StringComparison.Ordinal)
        );
        Assert.Contains("persistent://shop/default/orders", page.Find("[data-snippets]").TextContent, StringComparison.Ordinal);
        Assert.Equal(["Java", "Python", "Go", "Node.js", "C#"], page.FindAll(".seg a").Select(link => link.TextContent));
        Assert.Equal(
            Links.KeysOf(Org, "shop", "default", "orders"),
            page.FindAll("a").Single(link => link.TextContent == "Create a key for this topic").GetAttribute("href")
        );
        Button(page, "Create subscription…").Click();
        dialogs.WaitForElement("#move-subscription", Soon).Input("no/slash");
        Button(dialogs, "Create subscription").Click();
        await SeenAsync(() =>
            Assert.Contains("1 to 200 letters", dialogs.Find("#move-subscription-note").TextContent, StringComparison.Ordinal)
        );
        dialogs.Find("#move-subscription").Input("billing-2");
        dialogs.FindAll("input[name=start]")[1].Change(true);
        Button(dialogs, "Create subscription").Click();
        await SeenAsync(() => Assert.Contains("billing-2", page.Find("[data-move]").TextContent, StringComparison.Ordinal));
        await ChangeAsync(
            "billing",
            (group, copy) =>
            {
                var position = new GroupPosition(group, copy);
                position.Set(7, new(PositionKind.Near, new(3, 4, -1, true), 5), Clock.Now());
                group.Placed(taken: false, Clock.Now());
                return position;
            }
        );
        await SeenAsync(() =>
            Assert.Contains("up to 5 messages delivered again", page.Find("[data-positions]").TextContent, StringComparison.Ordinal)
        );
        Assert.Contains("behind 3:4", page.Find("[data-positions]").TextContent, StringComparison.Ordinal);
        await ChangeAsync(
            "billing",
            (group, _) =>
            {
                group.SeenInPulsar(1, true, null, Clock.Now());
                return null;
            }
        );
        await SeenAsync(() => Assert.True(Button(page, "Update positions…").HasAttribute("disabled")));
        Assert.Equal(
            "subscription-in-use",
            (await Use<MoveGroups>().RunAsync(Owner, Org, _migration, [new("billing")], default)).Problem?.Code
        );
    }

    [Fact]
    public async Task A_person_confirms_what_cannot_be_seen_with_a_reason_and_withdraws_it()
    {
        await PlannedAsync();
        var dialogs = RenderDialogs();
        var page = Shown("applications", "&group=billing");
        await SeenAsync(() => Assert.Contains("not prepared", page.Markup, StringComparison.Ordinal));
        Button(page, "Confirm as moved…").Click();
        dialogs.WaitForElement("#move-note", Soon);
        Button(dialogs, "Confirm as moved").Click();
        await SeenAsync(() => Assert.Contains("Say how you know", dialogs.Find("#move-note-note").TextContent, StringComparison.Ordinal));
        dialogs.Find("#move-note").Input("Shut down last week");
        Button(dialogs, "Confirm as moved").Click();
        await SeenAsync(() =>
            Assert.Contains("by elena@northwind.example", page.Find("[data-move]").TextContent, StringComparison.Ordinal)
        );
        Assert.Contains("Shut down last week", page.Find("[data-move]").TextContent, StringComparison.Ordinal);
        Button(page, "Withdraw confirmation").Click();
        await SeenAsync(() => Assert.Contains("not prepared", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cutting_over_names_what_is_open_and_waits_for_the_word_of_a_person()
    {
        await PlannedAsync();
        var dialogs = RenderDialogs();
        var page = Shown("cut-over");
        await SeenAsync(() =>
            Assert.Contains("There is no subscription for", page.Find("[data-open]").TextContent, StringComparison.Ordinal)
        );
        var refused = await Use<CutOver>().RunAsync(Owner, Org, _migration, acceptOpen: false, default);
        Assert.Equal("cut-over-open", refused.Problem?.Code);
        Button(page, "Cut over…").Click();
        dialogs.WaitForElement("#confirm-name", Soon).Input("From Kafka");
        Button(dialogs, "Cut over").Click();
        await SeenAsync(() => Assert.Contains("catching up…", page.Markup, StringComparison.Ordinal));
        Assert.Equal(
            "cut-over-under-way",
            (await Use<SteerCopying>().RunAsync(Owner, Org, _migration, null, CopyWish.Stop, default)).Problem?.Code
        );
        Assert.Equal(
            "way-back-not-cut-over",
            (await Use<StartWayBack>().RunAsync(Owner, Org, _migration, ["orders"], false, default)).Problem?.Code
        );
        Assert.Equal("cut-over-under-way", (await Use<FinishMigration>().RunAsync(Owner, Org, _migration, default)).Problem?.Code);
    }

    [Fact]
    public async Task A_cut_over_catches_up_proves_and_stops_and_finishing_signs_the_record_and_deletes_credentials()
    {
        await PlannedAsync();
        await CutOverAsync();
        Assert.Equal("cut-over-done", (await Use<CutOver>().RunAsync(Owner, Org, _migration, acceptOpen: true, default)).Problem?.Code);
        Assert.True((await Use<FinishMigration>().RunAsync(Owner, Org, _migration, default)).IsOk);
        var over = await MigrationAsync();
        Assert.Equal((null, "elena@northwind.example"), (over.SealedConnection, over.FinishedBy));
        var record = (await Use<GetMigrationRecord>().RunAsync(Owner, Org, _migration, default)).Value;
        Assert.True(record.IsFinal);
        using var said = new StringWriter();
        Assert.Equal(0, await VerifyRecordCommand.PrintAsync(Use<VerifyRecord>(), record.Document, said, default));
        Assert.StartsWith("The record of From Kafka is whole.", said.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            1,
            await VerifyRecordCommand.PrintAsync(
                Use<VerifyRecord>(),
                record.Document.Replace("\"kafkaMessages\": 5", "\"kafkaMessages\": 6", StringComparison.Ordinal),
                said,
                default
            )
        );
        Assert.Contains("In \"partitions\", item 1 (topic orders, partition 0) was changed.", said.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", record.Document, StringComparison.OrdinalIgnoreCase);
        var page = Shown("record");
        await SeenAsync(() => Assert.Contains("elena@northwind.example", page.Find("[data-record]").TextContent, StringComparison.Ordinal));
        Assert.Contains("finished", page.Find(".chip").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Groups_go_back_to_Kafka_when_asked_and_only_those_that_have_moved_and_have_no_members()
    {
        await PlannedAsync();
        Assert.Equal(2, (await Use<MoveGroups>().RunAsync(Owner, Org, _migration, null, default)).Value);
        await ChangeAsync(
            "billing",
            (group, _) =>
            {
                group.Placed(taken: false, Clock.Now());
                return null;
            }
        );
        Assert.Equal(
            "way-back-not-cut-over",
            (await Use<StartGroupsBack>().RunAsync(Owner, Org, _migration, ["billing"], default)).Problem?.Code
        );
        await CutOverAsync();
        Assert.Equal("groups-back-count", (await Use<StartGroupsBack>().RunAsync(Owner, Org, _migration, [], default)).Problem?.Code);
        Assert.Equal(
            "group-not-moved",
            (await Use<StartGroupsBack>().RunAsync(Owner, Org, _migration, ["mail/out"], default)).Problem?.Code
        );
        var dialogs = RenderDialogs();
        var page = Shown("cut-over");
        await SeenAsync(() =>
            Assert.Equal(["billing"], page.FindAll("tr[data-group-back]").Select(row => row.GetAttribute("data-group-back")))
        );
        Button(page, "Set positions in Kafka…").Click();
        await SeenAsync(() =>
            Assert.Contains("This writes committed offsets to your Kafka cluster.", dialogs.Markup, StringComparison.Ordinal)
        );
        dialogs.Find("#confirm-name").Input("From Kafka");
        Button(dialogs, "Set positions in Kafka").Click();
        await SeenAsync(() => Assert.Contains("setting…", page.Find("tr[data-group-back=billing]").TextContent, StringComparison.Ordinal));

        // Its one member still reads in Kafka.
        var steps = new GroupBackSteps(Database, new PlainSeal(), Kafka, null!, null!, null!, null!, Clock);
        var organization = (await MigrationAsync()).OrganizationId;
        await ChangeAsync("billing", (group, copy) => new GroupPosition(group, copy));
        var refused = Assert.IsType<StepResult.Refused>(
            await steps.RunAsync(new(_migration, "billing"), new(default, null, null, 0, default, null), default)
        );
        Assert.Equal("group-has-members", refused.Problem.Code);
        await Database.UpdateAsync(
            null,
            organization,
            async session =>
            {
                await steps.RefusedAsync(session, new(_migration, "billing"), refused.Problem, default);
                return true;
            },
            default
        );
        await SeenAsync(() =>
            Assert.Contains("Stop its consumers in Kafka", page.Find("tr[data-group-back=billing]").TextContent, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_difference_in_the_last_proof_ends_the_cut_over_and_following_goes_on()
    {
        await PlannedAsync();
        Assert.True((await Use<CutOver>().RunAsync(Owner, Org, _migration, acceptOpen: true, default)).IsOk);
        await EachAsync(
            (_, copy) =>
            {
                copy.Begin(new(0, 5), null, Clock.Now());
                copy.Advance(new(0, 5, 5, 5, new(1, 4, -1), 5, 50, 0, 0, true, []), Clock.Now());
                return Task.CompletedTask;
            }
        );
        await StepAsync();
        await EachAsync(
            async (session, copy) =>
            {
                var proof = (await session.Copies.ProofAsync(copy.Id, default))!;
                proof.Look(
                    0,
                    new()
                    {
                        SourceCount = 5,
                        TargetCount = 4,
                        Differences = 1,
                    }
                );
                proof.End(false, [], Clock.Now());
            }
        );
        await StepAsync();
        var stands = await MigrationAsync();
        Assert.Equal(CutOverStage.Failed, stands.CutOver);
        Assert.Contains("differences in 1 partition", stands.CutOverProblem, StringComparison.Ordinal);
        await EachAsync(
            (_, copy) =>
            {
                Assert.Equal((CopyWish.Copy, CopyState.Following), (copy.Wish, copy.State));
                return Task.CompletedTask;
            }
        );
    }
}
