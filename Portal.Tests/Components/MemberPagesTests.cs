using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Features.Notices;
using Portal.Features.Organizations;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class MemberPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Somebody_is_invited_to_one_tenant_and_appears_below()
    {
        await TenantAsync();
        var dialogs = RenderDialogs();
        var page = Render<MembersPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Assert.Contains("No pending invitations", page.Markup, StringComparison.Ordinal), Soon);

        var opened = page.Find(".head .btn.pri").ClickAsync();
        dialogs.WaitForElement("#invite-email", Soon).Input("jo@else.example");
        dialogs.WaitForElement("#role-tenant", Soon).Change("shop");
        await dialogs.Find(".btn.pri").ClickAsync();
        await opened;

        page.WaitForAssertion(
            () => Assert.Contains("in shop", page.Find("tr[data-invitation='jo@else.example']").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Equal("pending", page.Find("tr[data-invitation] .chip").TextContent);
    }

    [Fact]
    public async Task Emails_of_a_kind_are_turned_off_for_a_member_whose_role_has_any()
    {
        await JoinAsync(Role.Viewer);
        var page = Render<MemberNoticesPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tr[data-member]").Count), Soon);
        // A viewer sees neither bills nor keys.
        Assert.Equal(3, page.FindAll("tr[data-member] input").Count);
        await page.FindAll("tr[data-member] input")[1].ChangeAsync(new() { Value = false });
        page.WaitForAssertion(
            () => Assert.Equal([true, false, true], page.FindAll("tr[data-member] input").Select(box => box.HasAttribute("checked"))),
            Soon
        );
        Assert.Equal(["off"], page.FindAll("tr[data-member] label .sub").Select(words => words.TextContent));
    }

    [Fact]
    public async Task An_address_that_is_none_is_refused_at_the_field()
    {
        var dialogs = RenderDialogs();
        var page = Render<MembersPage>(parameters => parameters.Add(one => one.Org, Org));
        _ = page.Find(".head .btn.pri").ClickAsync();
        dialogs.WaitForElement("#invite-email", Soon).Input("nobody");
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(
            () => Assert.Contains("Enter a valid email address", dialogs.Find(".field .error").TextContent, StringComparison.Ordinal),
            Soon
        );
    }

    [Fact]
    public async Task A_member_is_removed_after_the_address_was_typed()
    {
        var ines = await JoinAsync(Role.Admin);
        var dialogs = RenderDialogs();
        var page = Render<MembersPage>(parameters => parameters.Add(one => one.Org, Org));

        var clicked = page.FindAll("button").First(button => button.TextContent == "Remove").ClickAsync();
        dialogs.WaitForElement("#confirm-name", Soon);
        Assert.True(dialogs.Find(".btn.bad").HasAttribute("disabled"));
        dialogs.Find("#confirm-name").Input("unknown");
        await dialogs.Find(".btn.bad").ClickAsync();
        await clicked;

        Assert.Null(await MembershipAsync(ines));
        Assert.Single(page.FindAll("tr[data-member]"));
    }

    [Fact]
    public async Task A_viewer_sees_members_and_which_role_changes_them()
    {
        await JoinAsync(Role.Owner);
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, CancellationToken.None))!;
                (await session.Organizations.FindMembershipAsync(organization.Id, Owner.AccountId!.Value, CancellationToken.None))!.Become(
                    Role.Viewer,
                    Scope.Whole
                );
                return true;
            },
            CancellationToken.None
        );
        var page = Render<MembersPage>(parameters => parameters.Add(one => one.Org, Org));
        Assert.Equal(2, page.FindAll("tr[data-member]").Count);
        Assert.Contains(
            "Only owners and admins can invite, change, or remove members.",
            page.Find(".note").TextContent,
            StringComparison.Ordinal
        );
        Assert.Empty(page.FindAll("td.act button"));
        Assert.DoesNotContain("Invitations", page.Markup, StringComparison.Ordinal);
    }

    private async Task<AccountId> JoinAsync(Role role)
    {
        var account = new AccountId(Guid.CreateVersion7());
        await Database.UpdateAsync(
            null,
            async session =>
            {
                session.Organizations.Add(
                    new Membership((await session.Organizations.FindAsync(Org, CancellationToken.None))!.Id, account, role, Clock.Now())
                );
                return true;
            },
            CancellationToken.None
        );
        return account;
    }

    private Task<Membership?> MembershipAsync(AccountId account) =>
        Database.ReadAsync(
            async session =>
                await session.Organizations.FindMembershipAsync(
                    (await session.Organizations.FindAsync(Org, CancellationToken.None))!.Id,
                    account,
                    CancellationToken.None
                ),
            CancellationToken.None
        );
}
