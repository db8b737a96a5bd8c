using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Organizations;
using Portal.Features.Credentials;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class ApiKeyPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_key_is_made_shown_once_and_listed()
    {
        var dialogs = RenderDialogs();
        var page = Render<ApiKeysPage>(parameters => parameters.Add(one => one.Org, Org));
        Assert.Contains("No API keys yet", page.Markup, StringComparison.Ordinal);

        var opened = page.Find(".empty .btn.pri").ClickAsync();
        dialogs.WaitForElement("#api-key-name", Soon).Input("deploy");
        dialogs.Find("#role").Change("Viewer");
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(() => Assert.StartsWith("ptl_", dialogs.Find(".copy .value").TextContent, StringComparison.Ordinal), Soon);
        await dialogs.Find(".btn.pri").ClickAsync();
        await opened;

        page.WaitForAssertion(
            () => Assert.Contains("Viewer", page.Find("tr[data-api-key=deploy]").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Equal("active", page.Find("tbody .chip").TextContent);
        Assert.DoesNotContain("ptl_", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_without_a_name_is_refused_at_the_field()
    {
        var dialogs = RenderDialogs();
        var page = Render<ApiKeysPage>(parameters => parameters.Add(one => one.Org, Org));
        _ = page.Find(".empty .btn.pri").ClickAsync();
        dialogs.WaitForElement("#api-key-name", Soon);
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(
            () => Assert.Contains("1 to 100 characters", dialogs.Find(".field .error").TextContent, StringComparison.Ordinal),
            Soon
        );
    }

    [Fact]
    public async Task Expiring_and_ended_keys_say_so()
    {
        var create = Use<CreateApiKey>();
        await create.RunAsync(Owner, Org, new("soon", "viewer", null, null, Clock.Now().AddDays(3)), CancellationToken.None);
        var gone = (await create.RunAsync(Owner, Org, new("gone", "viewer", null, null, null), CancellationToken.None)).Value;
        await Use<RevokeApiKey>().RunAsync(Owner, Org, gone.Key.Id, false, CancellationToken.None);
        var page = Render<ApiKeysPage>(parameters => parameters.Add(one => one.Org, Org));
        Assert.Equal("expiring", page.Find("tr[data-api-key=soon] .chip").TextContent);
        Assert.Equal("revoked", page.Find("tr[data-api-key=gone] .chip").TextContent);
        Assert.Empty(page.FindAll("tr[data-api-key=gone] button"));
    }

    [Fact]
    public async Task Revoking_names_what_was_created_with_the_key_and_ends_it_or_not()
    {
        await TenantAsync();
        var create = Use<CreateApiKey>();
        var deploy = (await create.RunAsync(Owner, Org, new("deploy", "admin", null, null, null), CancellationToken.None)).Value.Key;
        await create.RunAsync(Owner, Org, new("quiet", "viewer", null, null, null), CancellationToken.None);
        var northwind = (
            await Database.ReadAsync(session => session.Organizations.FindAsync(Org, CancellationToken.None), CancellationToken.None)
        )!.Id;
        var program = new Actor(null, "deploy", false)
        {
            Grant = new(northwind, Role.Admin, Scope.Whole),
            Behind = Owner.AccountId,
            ApiKey = deploy.Id,
        };
        // Nobody carries out grants here: it gives up waiting for them.
        var making = Use<CreateKey>()
            .RunAsync(
                program,
                Org,
                new("billing app", "shop", "default", null, false, KeyPermissions.Consume, null),
                CancellationToken.None
            );
        while (!making.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, Xunit.TestContext.Current.CancellationToken);
        }
        var made = (await making).Value.Key;
        var dialogs = RenderDialogs();
        var page = Render<ApiKeysPage>(parameters => parameters.Add(one => one.Org, Org));

        _ = page.Find("[aria-label='Revoke quiet']").ClickAsync();
        dialogs.WaitForAssertion(
            () => Assert.Contains("No keys to topics or invitations were created with it.", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        Assert.Empty(dialogs.FindAll("input[type=checkbox]"));
        await dialogs.FindAll("button").First(button => button.TextContent == "Cancel").ClickAsync();

        _ = page.Find("[aria-label='Revoke deploy']").ClickAsync();
        dialogs.WaitForAssertion(
            () =>
                Assert.Contains(
                    "What was created with it stops working too: key billing app of shop/default.",
                    dialogs.Markup,
                    StringComparison.Ordinal
                ),
            Soon
        );
        dialogs.Find("#confirm-name").Input("deploy");
        await dialogs.FindAll("button").First(button => button.TextContent == "Revoke key").ClickAsync();
        page.WaitForAssertion(() => Assert.Equal("revoked", page.Find("tr[data-api-key=deploy] .chip").TextContent), Soon);
        Assert.Contains(
            await Database.ReadAsync(session => session.Keys.LeftByApiKeysAsync(10, CancellationToken.None), CancellationToken.None),
            one => one.Id == made.Id
        );
    }

    [Fact]
    public async Task A_developer_is_told_which_role_it_takes()
    {
        await Database.UpdateAsync(
            null,
            async session =>
            {
                (
                    await session.Organizations.FindMembershipAsync(
                        (await session.Organizations.FindAsync(Org, CancellationToken.None))!.Id,
                        Owner.AccountId!.Value,
                        CancellationToken.None
                    )
                )!.Become(Role.Developer, Scope.Whole);
                return true;
            },
            CancellationToken.None
        );
        var page = Render<ApiKeysPage>(parameters => parameters.Add(one => one.Org, Org));
        Assert.Contains(
            "Only owners and admins can do this.",
            page.Find("[data-problem=role-missing]").TextContent,
            StringComparison.Ordinal
        );
        Assert.Empty(page.FindAll(".head .btn"));
    }
}
