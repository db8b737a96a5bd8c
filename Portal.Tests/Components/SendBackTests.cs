using System.Text;
using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Features.Topics;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Dead letters beside their subscription, and their way back.</summary>
public sealed class SendBackTests : PageTest
{
    private static readonly CancellationToken Now = CancellationToken.None;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_subscription_names_its_dead_letters_and_how_many_wait()
    {
        var (orders, _) = await LettersAsync();
        Cluster.LiveOf["orders-billing-DLQ"] = new TopicStats(
            0,
            0,
            0,
            0,
            10,
            10,
            0,
            [new(NewTopicSubscription.DeadLetterSubscription, null, 0, 10, 0, 0, true, 4096)],
            null
        );
        var card = Render<AsideCard>(parameters =>
            parameters.Add(one => one.Org, Org).Add(one => one.Topic, orders).Add(one => one.Name, "billing")
        );
        card.WaitForAssertion(
            () => Assert.Contains("10 dead letters", card.Find("[data-aside=orders-billing-DLQ]").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Contains("/orders-billing-DLQ?tab=messages", card.Find("[data-aside] a").GetAttribute("href"), StringComparison.Ordinal);
        // One that has none shows nothing.
        var other = Render<AsideCard>(parameters =>
            parameters.Add(one => one.Org, Org).Add(one => one.Topic, orders).Add(one => one.Name, "search")
        );
        Assert.Empty(other.FindAll("[data-aside]"));
    }

    [Fact]
    public async Task What_is_sent_back_keeps_all_but_what_retries_wrote_on_it()
    {
        var (_, letters) = await LettersAsync();
        Cursors.Last = new(1, 5, -1);
        var happened = Clock.GetUtcNow().AddDays(-1);
        Cluster.Held.Add(
            new(
                "1:4",
                "k",
                new Dictionary<string, string>
                {
                    ["a"] = "1",
                    ["REAL_TOPIC"] = "x",
                    ["RECONSUMETIMES"] = "3",
                },
                "bad"u8.ToArray(),
                Clock.GetUtcNow(),
                3
            )
            {
                EventTime = happened,
            }
        );
        Cluster.Held.Add(
            new("1:5", null, new Dictionary<string, string>(), ReadOnlyMemory<byte>.Empty, Clock.GetUtcNow(), 0) { IsNull = true }
        );
        // It came after somebody asked for all up to now.
        Cluster.Held.Add(new("1:6", null, new Dictionary<string, string>(), "late"u8.ToArray(), Clock.GetUtcNow(), 4));
        var begun = (await Use<SendBack>().RunAsync(Owner, Org, "shop", "default", letters.Name, null, Now)).Value;
        Assert.Equal((SendBackState.Running, "orders"), (begun.State, begun.Target?.Name));
        Assert.Equal(
            "send-back-under-way",
            (await Use<SendBack>().RunAsync(Owner, Org, "shop", "default", letters.Name, null, Now)).Problem?.Code
        );
        await WorkAsync(letters);
        var sent = Assert.Single(Cluster.Sent);
        Assert.Equal(
            ("orders", "bad", "k", happened),
            (sent.Topic, Encoding.UTF8.GetString(sent.Message.Payload.Span), sent.Message.Key, sent.Message.EventTime)
        );
        Assert.Equal([KeyValuePair.Create("a", "1")], sent.Message.Properties);
        var last = (await Use<GetSendBack>().RunAsync(Owner, Org, "shop", "default", letters.Name, Now)).Value.Last!;
        Assert.Equal((SendBackState.Done, 1, 1), (last.State, last.Sent, last.Left));
    }

    [Fact]
    public async Task Chosen_messages_go_one_by_one_and_others_stay()
    {
        var (_, letters) = await LettersAsync();
        foreach (var entry in new[] { 3, 4, 5 })
            Cluster.Held.Add(
                new($"1:{entry}", null, new Dictionary<string, string>(), Encoding.UTF8.GetBytes($"m{entry}"), Clock.GetUtcNow(), 2)
            );
        Assert.True((await Use<SendBack>().RunAsync(Owner, Org, "shop", "default", letters.Name, ["1:4", "1:5", "1:4", "1:99"], Now)).IsOk);
        await WorkAsync(letters);
        Assert.Equal(["m4", "m5"], Cluster.Sent.Select(one => Encoding.UTF8.GetString(one.Message.Payload.Span)));
        var last = (await Use<GetSendBack>().RunAsync(Owner, Org, "shop", "default", letters.Name, Now)).Value.Last!;
        Assert.Equal((2, 1), (last.Sent, last.Left));
    }

    [Fact]
    public async Task It_is_refused_with_a_reason()
    {
        var (orders, letters) = await LettersAsync();
        Assert.Equal(
            "not-dead-letters",
            (await Use<SendBack>().RunAsync(Owner, Org, "shop", "default", orders.Name, null, Now)).Problem?.Code
        );
        Assert.Equal(
            "messages-missing",
            (await Use<SendBack>().RunAsync(Owner, Org, "shop", "default", letters.Name, [], Now)).Problem?.Code
        );
        Assert.Equal(
            "message-id-unknown",
            (await Use<SendBack>().RunAsync(Owner, Org, "shop", "default", letters.Name, ["nonsense"], Now)).Problem?.Code
        );
        Assert.Equal(
            "role-missing",
            (await Use<SendBack>().RunAsync(await MemberAsync(Role.Viewer), Org, "shop", "default", letters.Name, null, Now)).Problem?.Code
        );
        Assert.Equal(
            "send-back-ended",
            (await Use<SteerSendBack>().RunAsync(Owner, Org, "shop", "default", letters.Name, SendBackWish.Stop, Now)).Problem?.Code
        );
    }

    [Fact]
    public async Task The_card_sends_all_pauses_and_says_what_came_of_it()
    {
        var (_, letters) = await LettersAsync();
        Cursors.Last = new(1, 5, -1);
        Cluster.Held.Add(new("1:4", null, new Dictionary<string, string>(), "bad"u8.ToArray(), Clock.GetUtcNow(), 3));
        var dialogs = RenderDialogs();
        var card = Render<SendBackCard>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Topic, letters));
        card.WaitForAssertion(() => Assert.Contains("Dead letters of orders", card.Markup, StringComparison.Ordinal), Soon);
        _ = card.FindAll("button").Single(button => button.TextContent == "Send all back").ClickAsync();
        dialogs.WaitForAssertion(() => Assert.Contains("not only billing", dialogs.Markup, StringComparison.Ordinal), Soon);
        _ = dialogs.FindAll("button").Single(button => button.TextContent.Trim() == "Send all back").ClickAsync();
        card.WaitForAssertion(() => Assert.Single(card.FindAll("[data-send-back=running]")), Soon);
        _ = card.FindAll("button").Single(button => button.TextContent == "Pause").ClickAsync();
        card.WaitForAssertion(() => Assert.Single(card.FindAll("[data-send-back=paused]")), Soon);
        _ = card.FindAll("button").Single(button => button.TextContent == "Resume").ClickAsync();
        card.WaitForAssertion(() => Assert.Single(card.FindAll("[data-send-back=running]")), Soon);
        await WorkAsync(letters);
        // Changes that come in a burst are one.
        await Portal.Tests.Support.Journeys.Eventually.TrueAsync(
            () =>
            {
                Clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(card.FindAll("[data-send-back=done]").Count == 1);
            },
            "the card follows"
        );
        card.WaitForAssertion(
            () => Assert.Contains("1 message sent back.", card.Find("[data-send-back=done]").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Contains("Skip them in subscription dead-letters", card.Markup, StringComparison.Ordinal);
    }

    /// <summary>As the lane does, until it ends.</summary>
    private async Task WorkAsync(Topic letters)
    {
        for (var steps = 0; steps < 10; steps++)
        {
            var row = (
                await Database.ReadAsync(session => session.Work.FindOpenAsync(SendBackWork.Line(letters.Id), SendBackWork.Kind, Now), Now)
            )!;
            var result = await Use<SendBackSteps>()
                .RunAsync(row.PayloadOf<SendBackWork>(), new(row.Id, row.Owner, row.Checkpoint, 0, row.CreatedAt, null), Now);
            var isOver = await Database.UpdateAsync(
                null,
                async session =>
                {
                    var open = (await session.Work.FindAsync(row.Id, Now))!;
                    if (result is StepResult.GoOn on)
                        open.GoOn(on, Clock.GetUtcNow());
                    else
                        open.Finish(Assert.IsType<StepResult.Done>(result), Clock.GetUtcNow());
                    return !open.IsOpen;
                },
                Now
            );
            if (isOver)
                return;
        }
        Assert.Fail("It does not end.");
    }

    private async Task<(Topic Orders, Topic Letters)> LettersAsync()
    {
        await TenantAsync();
        await Use<CreateTopic>()
            .RunAsync(Owner, Org, "shop", "default", new("orders") { Subscriptions = [new("billing", DeadLetters: true)] }, Now);
        return await Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (
                    await session
                        .Store<Portal.Domain.Tenants.ITenantStore>()
                        .FindAsync((await session.Store<IOrganizationStore>().FindAsync(Org, Now))!.Id, "shop", Now)
                )!;
                var inside = (
                    await session.Store<Portal.Domain.Tenants.ITenantStore>().FindNamespaceAsync(organization.Id, "default", Now)
                )!;
                var (orders, letters) = (
                    (await session.Topics.FindAsync(inside.Id, "orders", null, Now))!,
                    (await session.Topics.FindAsync(inside.Id, "orders-billing-DLQ", null, Now))!
                );
                orders.Begun(Clock.GetUtcNow());
                letters.Begun(Clock.GetUtcNow());
                return (orders, letters);
            },
            Now
        );
    }
}
