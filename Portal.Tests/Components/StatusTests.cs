using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Notices;
using Portal.Domain.Usage;
using Portal.Features.Clusters;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>How the clusters do, and what operators tell of it.</summary>
public sealed class StatusTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly Actor Operator = new(new AccountId(Guid.CreateVersion7()), "operator@example.com", true);
    private readonly SimulatedLedger _ledger = new();

    public StatusTests()
    {
        Services.AddSingleton<ICollectorLedger>(_ledger);
        Services.AddSingleton(new MeteringSettings(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(10)));
        Services.AddSingleton(new StatusSettings(IsPublic: false));
    }

    [Fact]
    public async Task A_cluster_is_what_metering_knows_of_it()
    {
        await TenantAsync();
        Assert.Equal(ClusterReach.Unknown, (await OnlyAsync()).Reach);
        var now = Clock.GetUtcNow();
        await PolledAsync(now, answering: 2, silent: 0);
        Assert.Equal((ClusterReach.Reachable, now.AddSeconds(-60)), ((await OnlyAsync()).Reach, (await OnlyAsync()).MeteredTo));
        await PolledAsync(now, answering: 1, silent: 1);
        Assert.Equal(ClusterReach.Partly, (await OnlyAsync()).Reach);
        await PolledAsync(now, answering: 0, silent: 2);
        Assert.Equal(ClusterReach.Unreachable, (await OnlyAsync()).Reach);
        await PolledAsync(now, answering: 2, silent: 0);
        Clock.Advance(TimeSpan.FromMinutes(7));
        Assert.Equal(ClusterReach.Unreachable, (await OnlyAsync()).Reach);
    }

    [Fact]
    public async Task A_cluster_that_is_away_is_said_where_one_is_chosen()
    {
        var now = Clock.GetUtcNow();
        await PolledAsync(now, answering: 0, silent: 2);
        var choice = Assert.Single((await Use<ListClusters>().RunAsync(Owner, default)).Value);
        Assert.True(choice.IsAway);
        Use<Microsoft.AspNetCore.Components.NavigationManager>().NavigateTo($"o/{Org}/tenants/new?step=cluster");
        var page = Render<Portal.Features.Tenants.NewTenantPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Assert.Equal("not reachable right now", page.Find(".choice .chip").TextContent), Soon);
        Assert.Contains("once the cluster is back", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_has_no_tenant_there_sees_nothing_of_it_and_strangers_only_what_is_public()
    {
        var stranger = new Actor(new AccountId(Guid.CreateVersion7()), "max@else.example", false);
        await TenantAsync();
        Assert.True((await PostAsync("Delayed delivery", isPublic: false)).IsOk);
        Assert.True((await PostAsync("Maintenance", isPublic: true)).IsOk);
        var get = Use<GetStatus>();
        Assert.Equal(
            ["Maintenance", "Delayed delivery"],
            (await get.RunAsync(Owner, default)).Value.Incidents.Select(incident => incident.Title)
        );
        Assert.Equal(
            (0, 0),
            ((await get.RunAsync(stranger, default)).Value.Clusters.Count, (await get.RunAsync(stranger, default)).Value.Incidents.Count)
        );
        Assert.Equal("sign-in-required", (await get.RunAsync(Actor.Anonymous, default)).Problem?.Code);
        var open = new GetStatus(Use<AccessGuard>(), Database, _ledger, Cluster, Use<MeteringSettings>(), new(IsPublic: true), Clock);
        var seen = (await open.RunAsync(Actor.Anonymous, default)).Value;
        Assert.Equal(["Maintenance"], seen.Incidents.Select(incident => incident.Title));
        Assert.Equal("1 incident ongoing", StatusWords.Of(seen));
    }

    [Fact]
    public async Task An_operator_posts_an_incident_and_those_concerned_hear_of_it_and_of_its_end()
    {
        await TenantAsync();
        var dialogs = RenderDialogs(Operator);
        var page = Render<IncidentsPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Equal("No incidents", page.Find(".empty h2").TextContent), Soon);
        _ = page.Find(".btn.pri").ClickAsync(new());
        dialogs.WaitForAssertion(() => dialogs.Find("#incident-title"), Soon);
        await dialogs.Find("#incident-title").InputAsync(new() { Value = "Delayed delivery" });
        await dialogs.Find(".btn.pri").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("Say what customers notice", dialogs.Markup, StringComparison.Ordinal), Soon);
        await dialogs.Find("#incident-text").InputAsync(new() { Value = "Consumers get messages late. We're adding brokers." });
        await dialogs.Find(".btn.pri").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Single(page.FindAll("tr[data-incident='Delayed delivery']")), Soon);

        _ = page.Find("[aria-label='Update Delayed delivery']").ClickAsync(new());
        dialogs.WaitForAssertion(() => dialogs.Find("#update-stage"), Soon);
        await dialogs.Find("#update-stage").ChangeAsync(new() { Value = "Identified" });
        await dialogs.Find("#update-text").InputAsync(new() { Value = "A broker is out of memory. We're replacing it." });
        await dialogs.Find(".btn.pri").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Equal("identified", page.Find("tr[data-incident] .chip").TextContent), Soon);

        var incident = (await Use<ListIncidents>().RunAsync(Operator, new(), default)).Value.Items[0];
        Assert.Equal(
            [(IncidentStage.Investigating, Operator.Name), (IncidentStage.Identified, Operator.Name)],
            incident.Updates.Select(update => (update.Stage, update.PostedBy))
        );
        Assert.True((await Use<EndIncident>().RunAsync(Operator, incident.Id, default)).IsOk);
        Assert.True((await Use<EndIncident>().RunAsync(Operator, incident.Id, default)).IsOk);
        Assert.Equal(
            ["Resolved: Delayed delivery", "Identified: Delayed delivery", "Delayed delivery"],
            (await Use<ListNotices>().RunAsync(Owner, NoticeWords.Code(NoticeKind.Incident), false, new(), default)).Value.Items.Select(
                seen => seen.Notice.Title
            )
        );
        Assert.Equal("operator-only", (await Use<PostIncident>().RunAsync(Owner, new(null, "x", "y", true, null), default)).Problem?.Code);
        Assert.Equal(
            "cluster-unknown",
            (await Use<PostIncident>().RunAsync(Operator, new("nowhere", "x", "y", true, null), default)).Problem?.Code
        );
        Assert.Equal(
            "incident-start-ahead",
            (await Use<PostIncident>().RunAsync(Operator, new(null, "x", "y", true, Clock.GetUtcNow().AddDays(1)), default)).Problem?.Code
        );
    }

    [Fact]
    public async Task Maintenance_is_announced_begins_by_itself_and_is_no_incident()
    {
        await TenantAsync();
        var now = Clock.GetUtcNow();
        await PolledAsync(now, answering: 2, silent: 0);
        var post = Use<PostIncident>();
        var planned = new IncidentInput(StandingName, "Upgrade to 4.2", "Clients reconnect once.", true, now.AddHours(1))
        {
            Impact = IncidentImpact.Maintenance,
            PlannedEndAt = now.AddHours(2),
        };
        Assert.Equal("incident-end-planned", (await post.RunAsync(Operator, planned with { PlannedEndAt = now }, default)).Problem?.Code);
        Assert.Equal(
            "incident-end-planned",
            (await post.RunAsync(Operator, planned with { Impact = IncidentImpact.Outage, StartedAt = null }, default)).Problem?.Code
        );
        var posted = (await post.RunAsync(Operator, planned, default)).Value;
        Assert.Equal(("All systems operational", IncidentStage.Scheduled), (await LineAsync(), posted.StageAt(now)));
        Assert.Null((await OnlyAsync()).Impact);

        Clock.Advance(TimeSpan.FromHours(1));
        await PolledAsync(Clock.GetUtcNow(), answering: 2, silent: 0);
        Assert.Equal("Maintenance in progress", await LineAsync());
        Assert.Equal(("maintenance", "warn"), StatusWords.Of(await OnlyAsync()));
        Assert.True((await PostAsync("Everything is down", isPublic: false, IncidentImpact.Outage)).IsOk);
        Assert.Equal(("outage", "bad"), StatusWords.Of(await OnlyAsync()));
        Assert.Equal("1 incident ongoing", await LineAsync());

        var update = Use<UpdateIncident>();
        var wrong = (await update.RunAsync(Operator, posted.Id, IncidentStage.Identified, "x", default)).Problem;
        Assert.Equal(("incident-stage-unknown", true), (wrong?.Code, wrong!.Message.Contains("in-progress", StringComparison.Ordinal)));
        Assert.Equal("incident-stage-unknown", (await update.RunAsync(Operator, posted.Id, null, "x", default)).Problem?.Code);
        var ended = (await update.RunAsync(Operator, posted.Id, IncidentStage.Resolved, "Done.", default)).Value;
        Assert.NotNull(ended.EndedAt);
        // It was not the end after all.
        Assert.Null((await update.RunAsync(Operator, posted.Id, IncidentStage.InProgress, "One broker more.", default)).Value.EndedAt);
    }

    [Fact]
    public async Task A_correction_changes_what_was_said_last_and_notifies_nobody()
    {
        await TenantAsync();
        var posted = (await PostAsync("Delayed delivery", isPublic: false)).Value;
        var told = await NoticesAsync();
        var corrected = (await Use<ChangeIncident>().RunAsync(Operator, posted.Id, "What was wrong.", true, default)).Value;
        Assert.Equal(("What was wrong.", true, 1), (corrected.Text, corrected.IsPublic, corrected.Updates.Count));
        Assert.Equal(told, await NoticesAsync());
    }

    private async Task<int> NoticesAsync() =>
        (await Use<ListNotices>().RunAsync(Owner, NoticeWords.Code(NoticeKind.Incident), false, new(), default)).Value.Items.Count;

    private async Task<string> LineAsync() => StatusWords.Of((await Use<GetOrganizationStatus>().RunAsync(Owner, Org, default)).Value);

    private async Task<ClusterStatus> OnlyAsync() =>
        Assert.Single((await Use<GetOrganizationStatus>().RunAsync(Owner, Org, default)).Value.Clusters);

    private Task<Outcome<Incident>> PostAsync(string title, bool isPublic, IncidentImpact impact = IncidentImpact.Degraded) =>
        Use<PostIncident>().RunAsync(Operator, new(StandingName, title, "What is wrong.", isPublic, null) { Impact = impact }, default);

    private static string StandingName => Support.Fakes.StandingCluster.Local.Name;

    private Task PolledAsync(DateTimeOffset at, int answering, int silent) =>
        _ledger.SaveAsync(
            ClusterMetering.Empty(StandingName) with
            {
                PolledAt = at,
                ListedWholeAt = at,
                CompleteTo = at.AddSeconds(-60),
                Brokers =
                [
                    .. Enumerable
                        .Range(0, answering + silent)
                        .Select(broker => new BrokerMetering($"b{broker}", at, at, broker < answering ? null : at, TimeSpan.Zero, 0, null)),
                ],
            },
            null,
            default
        );
}
