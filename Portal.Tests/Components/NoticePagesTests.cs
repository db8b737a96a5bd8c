using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Notices;
using Portal.Features.Notices;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>The bell and the page behind it.</summary>
public sealed class NoticePagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public void Without_notifications_both_say_what_is_to_come()
    {
        var (bell, page) = (Render<NoticeBell>(), Render<NoticesPage>());
        bell.WaitForAssertion(() => Assert.Contains("No notifications.", bell.Markup, StringComparison.Ordinal), Soon);
        Assert.Empty(bell.FindAll(".unread"));
        page.WaitForAssertion(() => Assert.Equal("No notifications", page.Find(".empty h2").TextContent), Soon);
    }

    [Fact]
    public async Task The_bell_counts_what_is_unread_as_it_comes_and_opening_one_reads_it_everywhere()
    {
        await TellAsync("Topic shop/default/orders couldn't be created");
        var (bell, other) = (Render<NoticeBell>(), Render<NoticeBell>());
        bell.WaitForAssertion(() => Assert.Equal("1", bell.Find(".unread").TextContent), Soon);
        await TellAsync("The inventory of migration From Kafka is complete", NoticeKind.Finished);
        Clock.Advance(TimeSpan.FromSeconds(2));
        bell.WaitForAssertion(() => Assert.Equal("2", bell.Find(".unread").TextContent), Soon);
        Assert.Equal("Notifications, 2 unread", bell.Find("summary .visually-hidden").TextContent);

        await bell.Find("a.notice:not(.read)").ClickAsync(new());
        Clock.Advance(TimeSpan.FromSeconds(2));
        other.WaitForAssertion(() => Assert.Equal("1", other.Find(".unread").TextContent), Soon);
        await bell.Find("button.link").ClickAsync(new());
        Clock.Advance(TimeSpan.FromSeconds(2));
        other.WaitForAssertion(() => Assert.Empty(other.FindAll(".unread")), Soon);
    }

    [Fact]
    public async Task The_page_filters_and_marks_and_pages()
    {
        for (var number = 0; number < 30; number++)
            await TellAsync($"Failure {number}");
        await TellAsync("Invoice northwind-2026-10-1 is paid", NoticeKind.Invoice);
        var page = Render<NoticesPage>();
        page.WaitForAssertion(() => Assert.Equal(25, page.FindAll(".notices li").Count), Soon);
        Assert.Single(page.FindAll(".pager a[rel=next]"));
        Assert.Equal("Invoice northwind-2026-10-1 is paid", page.Find(".notices b").TextContent);
        await page.Find("button[aria-label='Mark “Invoice northwind-2026-10-1 is paid” as read']").ClickAsync(new());
        Clock.Advance(TimeSpan.FromSeconds(2));
        page.WaitForAssertion(() => Assert.Contains("read", page.Find(".notices .notice").ClassList), Soon);

        Use<NavigationManager>().NavigateTo("notifications?kind=invoice");
        var invoices = Render<NoticesPage>();
        invoices.WaitForAssertion(() => Assert.Single(invoices.FindAll(".notices li")), Soon);
        Use<NavigationManager>().NavigateTo("notifications?kind=invoice&show=unread");
        var unread = Render<NoticesPage>();
        unread.WaitForAssertion(() => Assert.Equal("Nothing matches", unread.Find(".empty h2").TextContent), Soon);
        await page.FindAll("button").Single(button => button.TextContent == "Mark all as read").ClickAsync(new());
        Assert.Equal(0, (await Use<CountUnreadNotices>().RunAsync(Owner, default)).Value);
    }

    private Task TellAsync(string title, NoticeKind kind = NoticeKind.Failed) =>
        Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, default))!;
                session.Notices.Add(
                    new Notice(
                        new(Clock.NewUuid()),
                        kind,
                        NoticeAudience.Of(organization.Id, Permission.ViewOrganization),
                        title,
                        "Why it is so.",
                        "o/northwind",
                        Clock.Now()
                    )
                );
                return true;
            },
            default
        );
}
