using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Components;

public sealed partial class SubscriptionPagesTests
{
    [Theory]
    [InlineData(4_200, 3, "About 3,000 entries will be delivered again.", "Its 3 consumers are disconnected")]
    [InlineData(200, 1, "This moves the subscription forward: about 1,000 entries will be skipped.", "Its consumer is disconnected")]
    [InlineData(1_200, 0, "The backlog stays about as it is.", null)]
    public async Task A_rewind_is_foreseen_in_words_before_it_is_done(long behind, int consumers, string says, string? disconnects)
    {
        var topic = await OrdersAsync();
        Subscriptions.There["billing"] = new(
            new SubscriptionStats("billing", "Shared", consumers, 1_200, 0, 0, true, 3_250_586),
            null,
            [],
            []
        );
        Subscriptions.Behind = new EntryCount(behind, behind * 100);
        var dialogs = RenderDialogs();
        var view = View(topic);
        var pressed = await PressAsync(view, "Rewind to a time");
        dialogs.WaitForElement("#rewind-time", Soon);
        Assert.Contains("Times are in your time zone, UTC.", dialogs.Markup, StringComparison.Ordinal);
        await dialogs.Find(".btn.pri").ClickAsync();
        Assert.Contains("Choose the date and time", dialogs.Find("#rewind-time-note").TextContent, StringComparison.Ordinal);
        dialogs.Find("#rewind-time").Input("2026-11-23T12:30");
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(() => Assert.Equal(says, dialogs.Find(".note").TextContent.Trim()), Soon);
        Assert.Contains("Nov 23, 2026, 12:30:00 UTC", dialogs.Markup, StringComparison.Ordinal);
        if (disconnects is not null)
            Assert.Contains(disconnects, dialogs.Markup, StringComparison.Ordinal);
        Assert.Empty(Subscriptions.Asked);
        await dialogs.Find(".btn.bad").ClickAsync();
        await pressed;
        view.WaitForAssertion(
            () => Assert.Contains("Subscription rewound.", view.Find(".note.good").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Equal(["rewind billing to 2026-11-23T12:30:00.0000000Z"], Subscriptions.Asked);
    }

    [Fact]
    public async Task A_message_that_is_gone_is_said_at_its_field()
    {
        var topic = await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 10);
        Subscriptions.Behind = new Problem.Invalid("message-gone", "The topic no longer stores it.", "messageId");
        var dialogs = RenderDialogs();
        var pressed = await PressAsync(View(topic), "Rewind to a message");
        dialogs.WaitForElement("#rewind-message", Soon).Input(" 12:3 ");
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(
            () => Assert.Equal("The topic no longer stores it.", dialogs.Find("#rewind-message-note").TextContent),
            Soon
        );
        Subscriptions.Behind = new EntryCount(12, 120);
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForElement(".btn.bad", Soon);
        await dialogs.Find(".btn.bad").ClickAsync();
        await pressed;
        Assert.Equal(["rewind billing to 12:3"], Subscriptions.Asked);
    }

    [Fact]
    public async Task Expiring_is_foreseen_too_and_says_when_brokers_are_still_at_it()
    {
        var topic = await OrdersAsync();
        Subscriptions.There["billing"] = StandingSubscriptions.Waiting("billing", 1_000, 5_000, Clock.GetUtcNow().AddDays(-3));
        (Subscriptions.Behind, Subscriptions.SlowLooks) = (new EntryCount(400, 2_000), 1_000);
        var dialogs = RenderDialogs();
        var view = View(topic);
        var pressed = await PressAsync(view, "Expire old messages");
        dialogs.WaitForElement("#expire-age", Soon).Input("0");
        await dialogs.Find(".btn.pri").ClickAsync();
        Assert.Contains("at least 1", dialogs.Find("#expire-age-note").TextContent, StringComparison.Ordinal);
        dialogs.Find("#expire-age").Input("2");
        dialogs.Find("#expire-unit").Change("86400");
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(
            () => Assert.Equal("About 600 entries of 1,000 will be skipped.", dialogs.Find(".note").TextContent.Trim()),
            Soon
        );
        var expiring = dialogs.Find(".btn.bad").ClickAsync();
        while (!expiring.IsCompleted)
        {
            await Task.Delay(5);
            Clock.Advance(TimeSpan.FromMilliseconds(250));
        }
        await pressed;
        view.WaitForAssertion(
            () => Assert.Contains("The brokers are still working on it.", view.Find(".note.good").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Equal(["expire billing 172800"], Subscriptions.Asked);
    }
}
