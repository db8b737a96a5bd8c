using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Audit;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Features.Organizations;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Closing an organization by its owner, suspending it by the operator.</summary>
public sealed class EndingTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly Actor Operator = new(new AccountId(Guid.CreateVersion7()), "operator@example.com", true);

    [Fact]
    public async Task An_organization_with_a_tenant_says_what_to_do_first()
    {
        await TenantAsync();
        var (dialogs, clicked) = await ConfirmClosingAsync();
        dialogs.WaitForAssertion(
            () =>
                Assert.Contains(
                    "One tenant is still there. Delete it first",
                    dialogs.Find("[data-problem=organization-not-empty]").TextContent,
                    StringComparison.Ordinal
                ),
            Soon
        );
        Assert.False(clicked.IsCompleted);
    }

    [Fact]
    public async Task An_empty_one_is_closed_after_its_name_was_typed_and_is_gone_for_its_members()
    {
        var made = (
            await Use<CreateApiKey>().RunAsync(Owner, Org, new("deploy", "viewer", null, null, null), CancellationToken.None)
        ).Value;
        var (_, clicked) = await ConfirmClosingAsync();
        await clicked;
        Assert.Equal("organization-not-found", (await Use<GetOrganization>().RunAsync(Owner, Org, CancellationToken.None)).Problem?.Code);
        Assert.Empty((await Use<ListOrganizations>().RunAsync(Owner, new(), CancellationToken.None)).Value.Items);
        Assert.Null(await Use<AuthenticateApiKey>().RunAsync(made.Text, CancellationToken.None));
        Assert.Equal("slug-taken", (await Use<CheckSlug>().RunAsync(Owner, Org, CancellationToken.None)).Problem?.Code);
    }

    [Fact]
    public async Task Without_the_name_typed_nothing_is_closed() =>
        Assert.Equal(
            "confirmation-wrong",
            (await Use<CloseOrganization>().RunAsync(Owner, Org, "northwin", CancellationToken.None)).Problem?.Code
        );

    [Fact]
    public async Task An_admin_is_told_which_role_closes()
    {
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, CancellationToken.None))!;
                (await session.Organizations.FindMembershipAsync(organization.Id, Owner.AccountId!.Value, CancellationToken.None))!.Become(
                    Role.Admin,
                    Scope.Whole
                );
                return true;
            },
            CancellationToken.None
        );
        var page = Render<GeneralPage>(parameters => parameters.Add(one => one.Org, Org));
        Assert.Contains("Only owners can close the organization.", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".btn.bad"));
    }

    [Fact]
    public async Task A_suspended_organization_says_why_and_its_members_create_nothing()
    {
        var suspended = await Use<SuspendOrganization>()
            .RunAsync(Operator, Org, "The invoice of October is unpaid", CancellationToken.None);
        Assert.True(suspended.IsOk);
        Assert.Equal(
            "organization-not-active",
            (await Use<SuspendOrganization>().RunAsync(Operator, Org, "again", CancellationToken.None)).Problem?.Code
        );
        Assert.Equal("operator-only", (await Use<ResumeOrganization>().RunAsync(Owner, Org, CancellationToken.None)).Problem?.Code);
        Assert.Equal(
            "organization-suspended",
            (await Use<CreateTenant>().RunAsync(Owner, Org, "shop", null, CancellationToken.None)).Problem?.Code
        );
        var page = Render<GeneralPage>(parameters => parameters.Add(one => one.Org, Org));
        Assert.Contains("suspended: The invoice of October is unpaid", page.Markup, StringComparison.Ordinal);
        var audit = await Use<ListAudit>().RunAsync(Owner, Org, new(Operation: "organization.suspend"), new(), CancellationToken.None);
        Assert.Equal(
            ("operator@example.com", "The invoice of October is unpaid"),
            (audit.Value.Items[0].Actor, audit.Value.Items[0].Details["reason"])
        );

        Assert.True((await Use<ResumeOrganization>().RunAsync(Operator, Org, CancellationToken.None)).IsOk);
        await TenantAsync();
        Assert.Equal(
            "organization-not-suspended",
            (await Use<ResumeOrganization>().RunAsync(Operator, Org, CancellationToken.None)).Problem?.Code
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    public async Task A_suspension_has_a_reason(string reason) =>
        Assert.Equal(
            "reason-length",
            (await Use<SuspendOrganization>().RunAsync(Operator, Org, reason, CancellationToken.None)).Problem?.Code
        );

    private async Task<(IRenderedComponent<MudBlazor.MudDialogProvider> Dialogs, Task Clicked)> ConfirmClosingAsync()
    {
        var dialogs = RenderDialogs();
        var page = Render<GeneralPage>(parameters => parameters.Add(one => one.Org, Org));
        var clicked = page.Find(".btn.bad").ClickAsync();
        dialogs.WaitForElement("#confirm-name", Soon).Input(Org);
        await dialogs.Find(".btn.bad").ClickAsync();
        return (dialogs, clicked);
    }
}
