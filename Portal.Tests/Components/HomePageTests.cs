using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Features.Audit;
using Portal.Features.Home;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>The home of an organization: empty, filled, and for who may not see all of it.</summary>
public sealed class HomePageTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public void A_new_organization_says_what_is_to_come_and_draws_nothing()
    {
        var page = RenderHome(Owner);
        page.WaitForAssertion(() => Assert.Contains("soon after the first message", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Empty(page.FindAll(".chart, .spark, .fold"));
        Assert.Contains("No topics yet.", page.Markup, StringComparison.Ordinal);
        Assert.Equal("Created the organization", page.Find(".activity li > div").FirstChild!.TextContent);
        Assert.Equal("o/northwind/tenants/new", page.Find(".steps a").GetAttribute("href"));
    }

    [Fact]
    public async Task Traffic_of_a_day_is_drawn_and_stands_in_a_table_and_follows_the_meter()
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        await MeterAsync(topic, 2048, 4096, Clock.GetUtcNow().AddSeconds(1));
        var page = RenderHome(Owner);
        page.WaitForAssertion(() => Assert.Contains("Traffic, last 24 hours (KiB per hour)", page.Markup, StringComparison.Ordinal), Soon);
        // Created in the running hour: one point and no ramp that leads to it.
        Assert.Equal(2, page.FindAll(".chart.only-wide circle").Count);
        Assert.Empty(page.FindAll(".chart polyline"));
        Assert.Equal(24, page.FindAll(".fold tbody tr").Count);
        Assert.Equal(["15:00, so far", "2.0\u00a0KiB", "4.0\u00a0KiB"], Cells(page));
        Assert.Contains("not metered", page.FindAll(".fold tbody tr")[1].TextContent, StringComparison.Ordinal);
        Assert.Equal("Data in and out of orders over the last 24 hours: 6.0 KiB.", page.Find("tbody .spark").GetAttribute("aria-label"));

        await MeterAsync(topic, 1024, 0, Clock.GetUtcNow().AddSeconds(2));
        Clock.Advance(TimeSpan.FromSeconds(2));
        page.WaitForAssertion(() => Assert.Equal(["15:00, so far", "3.0\u00a0KiB", "4.0\u00a0KiB"], Cells(page)), Soon);
    }

    [Fact]
    public async Task A_tenant_on_a_cluster_that_is_away_needs_attention_and_makes_nothing_else_look_unmetered()
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        await MeterAsync(topic, 2048, 0, Clock.GetUtcNow().AddSeconds(1));
        var asked = Clock.GetUtcNow();
        await Database.UpdateAsync(
            null,
            topic.OrganizationId,
            async session =>
            {
                (await session.Tenants.FindAsync(topic.TenantId, CancellationToken.None))!.Ready(asked);
                var away = new Portal.Domain.Tenants.Tenant(
                    new(Guid.CreateVersion7()),
                    topic.OrganizationId,
                    Portal.Domain.Tenants.TenantName.Create("away").Value,
                    "dead",
                    asked
                );
                away.Wait(new Problem.Unavailable("cluster-unreachable", "We can't reach it."));
                session.Tenants.Add(away);
                return true;
            },
            CancellationToken.None
        );
        Assert.Empty((await Use<ListUnready>().RunAsync(Owner, Org, CancellationToken.None)).Value.Tenants);
        Clock.Advance(TimeSpan.FromSeconds(61));

        var page = RenderHome(Owner);

        page.WaitForAssertion(() => Assert.Equal("Tenant away isn't ready yet", page.Find(".attn b").TextContent), Soon);
        Assert.Contains("We can't reach it.", page.Find(".attn").TextContent, StringComparison.Ordinal);
        Assert.Equal("o/northwind/tenants/away", page.Find(".attn a").GetAttribute("href"));
        Assert.DoesNotContain("nothing metered yet", page.Markup, StringComparison.Ordinal);
        Assert.Contains("metered to", page.Markup, StringComparison.Ordinal);
        Assert.Equal(
            ["local"],
            (await Use<GetCompleteTo>().RunAsync(Owner, Org, CancellationToken.None)).Value.Clusters.Select(one => one.Cluster)
        );
        var tenant = Render<Portal.Features.Tenants.TenantPage>(parameters =>
            parameters.Add(one => one.Org, Org).Add(one => one.TenantName, "away")
        );
        tenant.WaitForAssertion(() => Assert.Contains("create a tenant on another cluster", tenant.Markup, StringComparison.Ordinal), Soon);
        Assert.DoesNotContain("New topic", tenant.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Activity_tells_in_words_who_did_what_and_counts_what_was_done_again_and_again()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        await SendAsync();
        await SendAsync();
        var ines = await MemberAsync(Role.Developer);
        Assert.Equal("role-missing", (await Use<RenameOrganization>().RunAsync(ines, Org, "Ours", CancellationToken.None)).Problem!.Code);
        var page = RenderHome(Owner);
        page.WaitForAssertion(() => Assert.Equal(5, page.FindAll(".activity li").Count), Soon);
        Assert.Equal(
            [
                "Tried to rename the organization",
                "Sent a message to shop/default/orders, 2 times",
                "Created topic shop/default/orders",
                "Created tenant shop",
                "Created the organization",
            ],
            page.FindAll(".activity li > div")
                .Select(act => string.Concat(act.ChildNodes.Where(node => node.NodeName == "#text").Select(node => node.TextContent)))
        );
        Assert.Equal("denied", page.Find(".activity li .chip").TextContent);
        Assert.StartsWith(ines.Name, page.Find(".activity .sub").TextContent, StringComparison.Ordinal);
        Assert.NotNull(page.Find("a[href='o/northwind/settings/audit']"));
    }

    [Theory]
    [InlineData(Role.Admin, true)]
    [InlineData(Role.Billing, false)]
    [InlineData(Role.Developer, false)]
    [InlineData(Role.Viewer, false)]
    public async Task Only_who_may_read_the_audit_log_sees_activity_and_nobody_else_is_recorded_for_looking(Role role, bool sees)
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var member = await MemberAsync(role);
        var page = RenderHome(member);
        page.WaitForAssertion(() => Assert.Contains("Getting started", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Equal(sees, page.FindAll(".activity").Count > 0);
        Assert.Equal(sees, page.Markup.Contains("Created topic", StringComparison.Ordinal));
        Assert.Equal(sees, page.Markup.Contains(Owner.Name, StringComparison.Ordinal));
        Assert.Equal(role != Role.Billing, page.Markup.Contains("All tenants", StringComparison.Ordinal));
        Assert.Empty(page.FindAll("[data-problem]"));
        var log = await Use<IAuditTrail>()
            .ListAsync((await OrganizationAsync()).Id, new AuditFilter(Outcome: AuditOutcome.Refused), new(), CancellationToken.None);
        Assert.Empty(log.Items);
    }

    [Theory]
    [InlineData(Role.Owner)]
    [InlineData(Role.Billing)]
    [InlineData(Role.Viewer)]
    public async Task A_message_sent_in_the_browser_ticks_the_last_step_for_everybody_on_the_free_plan_too(Role role)
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var page = RenderHome(role == Role.Owner ? Owner : await MemberAsync(role));
        page.WaitForAssertion(() => Assert.Equal([true, true, false, false], Ticks(page)), Soon);
        Assert.Equal(role == Role.Owner, page.FindAll(".steps a").Count > 0);

        Cluster.TakesNoMessage = new Problem.Unavailable("cluster-away", "The cluster is away.");
        await SendAsync();
        Assert.Null((await OrganizationAsync()).FirstMessageAt);
        Cluster.TakesNoMessage = null;
        await SendAsync();
        Clock.Advance(TimeSpan.FromSeconds(2));
        page.WaitForAssertion(() => Assert.Equal([true, true, false, true], Ticks(page)), Soon);
    }

    [Fact]
    public async Task A_message_of_a_client_ticks_the_last_step_once_it_is_metered()
    {
        await TenantAsync();
        var topic = await TopicAsync("shop", "orders");
        await MeterAsync(topic, 10, 0, Clock.GetUtcNow());
        var page = RenderHome(await MemberAsync(Role.Viewer));
        page.WaitForAssertion(() => Assert.Equal([true, true, false, true], Ticks(page)), Soon);
    }

    [Theory]
    [InlineData("topic.create", "shop/default/orders", AuditOutcome.Allowed, "Created topic shop/default/orders")]
    [InlineData("member.change", "01930000-0000-7000-8000-000000000000", AuditOutcome.Allowed, "Changed the role of a member")]
    [InlineData("message.read", "shop/default/orders", AuditOutcome.Refused, "Tried to read messages of shop/default/orders")]
    [InlineData("subscription.skip", "shop/default/orders/audit", AuditOutcome.Allowed, "Skipped subscription shop/default/orders/audit")]
    [InlineData("work.try-again", "x", AuditOutcome.Allowed, "Retried work x")]
    [InlineData("key.create", "a{0}b", AuditOutcome.Allowed, "Created a key in a{0}b")]
    public void Records_are_told_in_words_also_of_operations_that_have_none(
        string operation,
        string subject,
        AuditOutcome outcome,
        string expected
    ) =>
        Assert.Equal(
            expected,
            AuditWords.Of(
                new(
                    Guid.Empty,
                    null,
                    1,
                    default,
                    "elena",
                    null,
                    null,
                    operation,
                    subject,
                    outcome,
                    new Dictionary<string, string>(),
                    null,
                    null,
                    ""
                )
            )
        );

    [Fact]
    public void The_portals_own_work_is_told_as_its_own()
    {
        var cut = new AuditRecord(
            Guid.Empty,
            null,
            1,
            default,
            "audit-retention",
            null,
            null,
            "audit.cut",
            "",
            AuditOutcome.Allowed,
            new Dictionary<string, string>(),
            null,
            null,
            ""
        );
        Assert.Equal(("Removed audit log entries past their retention", "Portal"), (AuditWords.Of(cut), AuditWords.Who(cut)));
        Assert.Equal("deploy", AuditWords.Who(cut with { Actor = "deploy", Address = "192.0.2.7" }));
    }

    private IRenderedComponent<OrganizationPage> RenderHome(Actor actor) =>
        Render<OrganizationPage>(parameters => parameters.Add(one => one.Org, Org).AddCascadingValue(actor));

    private static IEnumerable<bool> Ticks(IRenderedComponent<OrganizationPage> page) =>
        page.FindAll(".step").Select(step => step.ClassList.Contains("ok"));

    private static IEnumerable<string> Cells(IRenderedComponent<OrganizationPage> page) =>
        page.FindAll(".fold tbody tr")[0].Children.Select(cell => cell.TextContent.Trim());

    private Task SendAsync() =>
        Use<SendMessage>()
            .RunAsync(
                Owner,
                Org,
                "shop",
                "default",
                "orders",
                new NewMessage("hello"u8.ToArray(), null, new Dictionary<string, string>()),
                CancellationToken.None
            );

    private Task<Organization> OrganizationAsync() =>
        Database.ReadAsync(async session => (await session.Organizations.FindAsync(Org, CancellationToken.None))!, CancellationToken.None);
}
