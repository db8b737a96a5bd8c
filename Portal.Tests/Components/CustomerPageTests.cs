using Bunit;
using MudBlazor;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Domain.Work;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>What an operator finds when a customer calls, and what there is to do before the first one comes.</summary>
public sealed class CustomerPageTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly Actor Operator = new(new AccountId(Guid.CreateVersion7()), "operator@example.com", true);

    [Fact]
    public async Task A_tenant_that_is_not_ready_is_found_by_its_customer_with_the_reason()
    {
        var tenant = await TenantAsync();
        await TopicAsync("shop", "orders");
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var item = (
                    await session.Work.ListAsync(new WorkFilter(Open: true, Owned: true), new PageRequest(100), CancellationToken.None)
                ).Items.First(one => one.Kind == CreateTenantWork.Kind);
                var row = (await session.Work.FindAsync(item.Id, CancellationToken.None))!;
                for (var time = 0; time < 7; time++)
                    row.Postpone(
                        new Problem.Unavailable("cluster-unreachable", "We can't reach the cluster 'prod' right now."),
                        null,
                        null,
                        null,
                        Clock.GetUtcNow()
                    );
                return true;
            },
            CancellationToken.None
        );

        var page = Render<CustomerPage>(parameters => parameters.Add(one => one.Org, Org).AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Equal("Northwind", page.Find("h1").TextContent), Soon);
        var stuck = page.Find($"[data-work='{CreateTenantWork.Kind}']").TextContent;
        Assert.Contains("Create tenant shop", stuck, StringComparison.Ordinal);
        Assert.Contains("failed 7 times", stuck, StringComparison.Ordinal);
        Assert.Contains("We can't reach the cluster 'prod' right now.", stuck, StringComparison.Ordinal);
        Assert.Contains("creating…", page.Find("[data-tenant=shop]").TextContent, StringComparison.Ordinal);
        Assert.Equal("shop", tenant.Name);

        var jobs = Render<JobsPage>(parameters => parameters.AddCascadingValue(Operator));
        jobs.WaitForAssertion(
            () =>
                Assert.Contains(
                    "Create tenant shop",
                    jobs.Find($"[data-work='{CreateTenantWork.Kind}']").TextContent,
                    StringComparison.Ordinal
                ),
            Soon
        );
        Assert.Equal("operator/organizations/northwind", jobs.Find("[data-work] a").GetAttribute("href"));
        await page.Find("[aria-label='Try shop again']").ClickAsync();
        page.WaitForAssertion(
            () => Assert.Contains("Nothing this customer asked for is failing", page.Markup, StringComparison.Ordinal),
            Soon
        );
    }

    [Fact]
    public async Task Notes_are_operators_own()
    {
        var dialogs = RenderDialogs(Operator);
        var page = Render<CustomerPage>(parameters => parameters.Add(one => one.Org, Org).AddCascadingValue(Operator));
        page.WaitForElement("#note", Soon);
        await page.FindAll(".btn").First(button => button.TextContent == "Add note").ClickAsync();
        page.WaitForAssertion(
            () => Assert.Contains("Write 1 to 4,000 characters.", page.Find("#note-note").TextContent, StringComparison.Ordinal),
            Soon
        );
        page.Find("#note").Input("Asked for a discount in March.\nCall Elena.");
        await page.FindAll(".btn").First(button => button.TextContent == "Add note").ClickAsync();
        page.WaitForAssertion(() => Assert.Equal("Asked for a discount in March.\nCall Elena.", page.Find(".written p").TextContent), Soon);
        Assert.Contains("operator@example.com", page.Find(".written .sub").TextContent, StringComparison.Ordinal);

        Assert.Equal(
            "operator-only",
            (await Use<ListOperatorNotes>().RunAsync(Owner, Org, new PageRequest(), CancellationToken.None)).Problem!.Code
        );
        var removed = page.Find("[aria-label='Delete note from operator@example.com']").ClickAsync();
        dialogs.WaitForElement(".btn.bad, .btn.pri", Soon);
        await dialogs.FindAll(".btn").First(button => button.TextContent == "Delete note").ClickAsync();
        await removed;
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".written")), Soon);
    }

    [Fact]
    public void A_customer_sees_none_of_it()
    {
        var page = Render<CustomerPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Assert.Equal("operator-only", page.Find("[data-problem]").GetAttribute("data-problem")), Soon);
    }

    [Fact]
    public async Task The_setup_guide_ticks_what_is_really_so()
    {
        var page = Render<SetupPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForElement("[data-step]", Soon);
        Assert.Equal(["Create the operator account", "Send email", "Encrypt the key ring", "Welcome your first customer"], Done(page));
        Assert.Equal("operator/prices", page.Find("[data-step='Set your prices'] a").GetAttribute("href"));

        var book = PriceBook
            .ShippedDocument.Replace("2026-01\"", "2026-12\"", StringComparison.Ordinal)
            .Replace("2026-01-01T", "2026-12-01T", StringComparison.Ordinal);
        Assert.Null(
            (
                await Use<PublishPriceBook>()
                    .RunAsync(Operator with { ProvedHere = true }, book, metersMayBecomeFree: false, CancellationToken.None)
            ).Problem
        );
        page = Render<SetupPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("Set your prices", Done(page)), Soon);
    }

    [Fact]
    public void Every_kind_of_work_has_words()
    {
        var kinds = typeof(IWorkPayload)
            .Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false, IsInterface: false } && type.IsAssignableTo(typeof(IWorkPayload)))
            .Select(type => (string)type.GetProperty(nameof(IWorkPayload.Kind))!.GetValue(null)!);
        Assert.DoesNotContain(kinds, kind => !WorkWords.Knows(kind));
    }

    private static IEnumerable<string?> Done(IRenderedComponent<SetupPage> page) =>
        page.FindAll("[data-done=true]").Select(step => step.GetAttribute("data-step"));
}
