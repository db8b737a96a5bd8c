using Bunit;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Features.Tenants;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class NamespacePageTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task What_is_typed_becomes_the_wish_in_the_unit_that_was_chosen()
    {
        await TenantAsync();
        var page = RenderPage();
        Assert.Contains("In force: 1 day. Free allows up to 2 days.", page.Markup, StringComparison.Ordinal);

        page.Find("#limit-retention-time").Input("36");
        await page.Find("select[aria-label='Retention time: unit']").ChangeAsync("hours");
        page.Find("#limit-message-ttl").Input("1.5");
        page.Find("#limit-publish-messages").Input("10");
        await page.Find("#when-full").ChangeAsync("consumer_backlog_eviction");
        await page.Find("#compatibility").ChangeAsync("FULL");
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal("Saved.", page.Find("form [role=status]").TextContent), Soon);
        Assert.Equal(
            new NamespaceWishes(TimeSpan.FromHours(36))
            {
                MessageTtl = TimeSpan.FromHours(36),
                PublishRate = new(10, null),
                WhenBacklogFull = BacklogFull.DropOldest,
                SchemaCompatibility = SchemaCompatibility.Full,
            },
            (await ViewAsync()).Namespace.Wishes
        );
        Assert.Equal("36", page.Find("#limit-message-ttl").GetAttribute("value"));
        Assert.Equal("false", page.Find("[data-applied]").GetAttribute("data-applied"));
    }

    [Theory]
    [InlineData("limit-retention-size", "much", "Enter a number, or leave the field empty.")]
    [InlineData("limit-retention-size", "1e3", "Enter a number, or leave the field empty.")]
    [InlineData("limit-backlog-quota", "0", "Choose a backlog quota between 1 MiB and 1 PiB")]
    [InlineData("limit-dispatch-messages", "-4", "Choose a rate between 1 msg/s")]
    public async Task A_value_that_cannot_be_is_said_at_its_field_and_stays_there(string field, string typed, string sentence)
    {
        await TenantAsync();
        var page = RenderPage();
        page.Find($"#{field}").Input(typed);
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains(sentence, page.Find(".field .error").TextContent, StringComparison.Ordinal), Soon);
        Assert.Equal(typed, page.Find($"#{field}").GetAttribute("value"));
        Assert.Equal(NamespaceWishes.None, (await ViewAsync()).Namespace.Wishes);
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once_and_only_while_it_is_wrong()
    {
        await TenantAsync();
        var page = RenderPage();
        page.Find("#limit-retention-size").Input("much");
        page.Find("#limit-publish-bytes").Input("-1");
        page.Find("#limit-dispatch-messages").Input("-4");
        await page.Find("form").SubmitAsync();

        Assert.Equal(
            ["limit-retention-size", "limit-publish-bytes", "limit-dispatch-messages"],
            page.FindAll("input[aria-invalid=true]").Select(input => input.Id)
        );
        Assert.Equal("Check the 3 marked fields.", page.Find(".line > .error").TextContent);
        page.Find("#limit-retention-size").Input("20");
        page.Find("#limit-publish-bytes").Input("");
        page.Find("#limit-dispatch-messages").Input("");
        page.Find("#limit-backlog-quota").Input("30");
        await page.Find("form").SubmitAsync();

        Assert.Equal(
            "The backlog quota of 30.0 MiB must be smaller than the retention size of 20.0 MiB.",
            Assert.Single(page.FindAll(".field .error")).TextContent
        );
        page.Find("#limit-backlog-quota").Input("10");
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal("Saved.", page.Find("form [role=status]").TextContent), Soon);
        Assert.Empty(page.FindAll("input[aria-invalid=true]"));
    }

    [Fact]
    public async Task More_than_the_plan_allows_is_refused_with_the_plan_that_lifts_it()
    {
        await TenantAsync();
        var page = RenderPage();
        page.Find("#limit-backlog-quota").Input("300");
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(
            () => Assert.Contains("Pay as you go", page.Find("[data-problem=backlog-quota-limit]").TextContent, StringComparison.Ordinal),
            Soon
        );
    }

    [Fact]
    public async Task A_retention_that_had_to_be_raised_is_said()
    {
        await TenantAsync();
        await Use<SetNamespacePolicies>()
            .RunAsync(Owner, Org, "shop", "default", new NamespaceWishes(null, 10 * ByteSize.MiB), null, CancellationToken.None);
        var page = RenderPage();
        Assert.Contains("In force: 257 MiB.", page.Markup, StringComparison.Ordinal);
        Assert.Contains("lower the quota as well", page.Find(".note.warn").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_by_somebody_else_shows_without_taking_what_is_typed()
    {
        await TenantAsync();
        var page = RenderPage();
        page.Find("#limit-message-ttl").Input("5");
        await Use<SetRetention>().RunAsync(Owner, Org, "shop", "default", TimeSpan.FromHours(2), null, CancellationToken.None);
        Clock.Advance(TimeSpan.FromSeconds(2));

        page.WaitForAssertion(() => Assert.Contains("In force: 2 hours.", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Equal("5", page.Find("#limit-message-ttl").GetAttribute("value"));

        // And saving it takes nothing back.
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(() => Assert.Equal("Saved.", page.Find("form [role=status]").TextContent), Soon);
        Assert.Equal(
            new NamespaceWishes(TimeSpan.FromHours(2)) { MessageTtl = TimeSpan.FromDays(5) },
            (await ViewAsync()).Namespace.Wishes
        );
    }

    private IRenderedComponent<NamespacePage> RenderPage() =>
        Render<NamespacePage>(parameters =>
            parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop").Add(one => one.Namespace, "default")
        );

    private async Task<NamespacePoliciesView> ViewAsync() =>
        (await Use<GetNamespacePolicies>().RunAsync(Owner, Org, "shop", "default", CancellationToken.None)).Value;
}
