using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Desired;
using Portal.Domain.Tenants;
using Portal.Domain.Work;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>
/// The operator's pages about clusters and work: a cluster that hangs keeps nobody from the page, and work that fails can be tried again or
/// skipped.
/// </summary>
public sealed class ClusterPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly Actor Operator = new(new AccountId(Guid.CreateVersion7()), "operator@example.com", true);

    [Fact]
    public void The_page_is_there_while_a_cluster_has_not_answered_and_says_then_why()
    {
        var answer = new TaskCompletionSource<Outcome<ClusterHealth>>();
        Cluster.Check = () => answer.Task;
        var page = Render<ClustersPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("checking…", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("local", page.Markup, StringComparison.Ordinal);
        Assert.Contains("All clear", page.Markup, StringComparison.Ordinal);
        answer.SetResult(new Problem.Unavailable("cluster-unreachable", "The cluster 'local' does not answer."));
        page.WaitForAssertion(() => Assert.Contains("The cluster 'local' does not answer.", page.Markup, StringComparison.Ordinal), Soon);
    }

    [Fact]
    public void What_is_wrong_with_the_portals_own_settings_stands_above_the_clusters()
    {
        InstallationWarnings.Add(new("Portal:KeyRing:Key is not set."));
        var page = Render<ClustersPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Equal("Portal:KeyRing:Key is not set.", page.Find("p.note.warn").TextContent), Soon);
    }

    [Theory]
    [InlineData("http://broker:8080", "b9:8080", true)] // by its address
    [InlineData("http://other:8080", "b1:8080", true)] // by a broker that both list
    [InlineData("http://other:8080", "b9:8080", false)]
    public async Task The_same_Pulsar_under_a_second_name_is_said(string address, string broker, bool same)
    {
        Cluster.Check = () =>
            Task.FromResult<Outcome<ClusterHealth>>(
                new ClusterHealth(
                    "4.2.4",
                    "standalone",
                    [Cluster.Candidates.Count == 0 || same ? "b1:8080" : broker],
                    TimeSpan.FromSeconds(10),
                    []
                )
            );
        await Use<RegisterCluster>().RunAsync(Operator, "prod", new("http://broker:8080"), CancellationToken.None);
        var asked = 0;
        // The candidate is asked first, then the one that is registered.
        Cluster.Check = () =>
            Task.FromResult<Outcome<ClusterHealth>>(
                new ClusterHealth("4.2.4", "standalone", [asked++ == 0 ? broker : "b1:8080"], TimeSpan.FromSeconds(10), [])
            );
        var found = (await Use<PreflightCluster>().RunAsync(Operator, "again", new(address), CancellationToken.None)).Value;
        Assert.Equal(
            same,
            found.Findings.Any(one =>
                one.State == FindingState.Warning && one.Sentence.Contains("the same Pulsar as cluster prod", StringComparison.Ordinal)
            )
        );
        Assert.True(found.IsUsable);
    }

    [Fact]
    public async Task A_cluster_is_registered_after_a_check_whose_findings_are_shown()
    {
        Cluster.Check = () =>
            Task.FromResult<Outcome<ClusterHealth>>(
                new ClusterHealth(
                    "4.2.4",
                    "pulsar-eu",
                    ["b1:8080", "b2:8080"],
                    TimeSpan.FromSeconds(10),
                    ["statsUpdateFrequencyInSecs is 60."]
                )
            );
        var dialogs = RenderDialogs(Operator);
        var page = Render<ClustersPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.NotNull(page.Find(".acts .btn.pri")), Soon);
        page.Find(".acts .btn.pri").Click();
        dialogs.WaitForAssertion(() => Assert.NotNull(dialogs.Find("#cluster-name")), Soon);
        dialogs.Find("#cluster-name").Input("eu");
        dialogs.Find("#cluster-admin-url").Input("http://broker:8080");
        dialogs.Find("#cluster-broker-url").Input("http://broker:6650");
        dialogs.Find(".mud-dialog-actions .btn.pri").Click();
        dialogs.WaitForAssertion(
            () =>
                Assert.Contains(
                    "Broker URL is 'http://broker:6650'",
                    dialogs.Find("#cluster-broker-url-note").TextContent,
                    StringComparison.Ordinal
                ),
            Soon
        );
        Assert.Empty(Cluster.Candidates);

        dialogs.Find("#cluster-broker-url").Input("pulsar://b1:6650,b2:6650");
        dialogs.Find("#cluster-admin-token").Input("super-secret");
        dialogs.Find(".mud-dialog-actions .btn.pri").Click();
        dialogs.WaitForAssertion(
            () =>
                Assert.Equal(
                    ["Good", "Good", "Good", "Warning"],
                    dialogs.FindAll("[data-finding]").Select(row => row.GetAttribute("data-finding"))
                ),
            Soon
        );
        Assert.Equal(("eu", "super-secret"), (Assert.Single(Cluster.Candidates).Name, Cluster.Candidates[0].AdminToken));
        Assert.Null(await Database.ReadAsync(session => session.Clusters.FindAsync("eu", CancellationToken.None), CancellationToken.None));

        dialogs.Find(".mud-dialog-actions .btn.pri").Click();
        page.WaitForAssertion(() => Assert.Contains("pulsar://b1:6650,b2:6650", page.Markup, StringComparison.Ordinal), Soon);
        Assert.DoesNotContain("super-secret", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Proving_who_one_is_happens_in_another_tab_and_keeps_what_is_typed_in_the_dialog()
    {
        Cluster.Check = () =>
            Task.FromResult<Outcome<ClusterHealth>>(new ClusterHealth("4.2.4", "pulsar-eu", ["b1:8080"], TimeSpan.FromSeconds(10), []));
        var staleProof = Operator with { Session = new SessionId(Guid.NewGuid()) };
        var dialogs = RenderDialogs(staleProof);
        var page = Render<ClustersPage>(parameters => parameters.AddCascadingValue(staleProof));
        page.WaitForAssertion(() => Assert.NotNull(page.Find(".acts .btn.pri")), Soon);
        page.Find(".acts .btn.pri").Click();
        dialogs.WaitForAssertion(() => Assert.NotNull(dialogs.Find("#cluster-name")), Soon);
        dialogs.Find("#cluster-name").Input("eu");
        dialogs.Find("#cluster-admin-url").Input("http://broker:8080");
        dialogs.Find(".mud-dialog-actions .btn.pri").Click();
        dialogs.WaitForAssertion(() => Assert.NotEmpty(dialogs.FindAll("[data-finding]")), Soon);
        dialogs.Find(".mud-dialog-actions .btn.pri").Click();

        dialogs.WaitForAssertion(
            () =>
                Assert.Equal(
                    "account/confirm?elsewhere=true",
                    dialogs.Find("[data-problem=confirm-identity] a[target=_blank]").GetAttribute("href")
                ),
            Soon
        );
        Assert.Equal("eu", dialogs.Find("#cluster-name").GetAttribute("value"));
    }

    [Fact]
    public async Task A_change_keeps_the_secrets_that_are_left_empty_and_a_check_uses_them()
    {
        await Use<RegisterCluster>().RunAsync(Operator, "eu", new("http://broker:8080", AdminToken: "kept"), CancellationToken.None);
        var dialogs = RenderDialogs(Operator);
        var page = Render<ClustersPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.NotNull(page.Find("[aria-label='Edit cluster eu']")), Soon);
        Assert.Empty(page.FindAll("[aria-label='Edit cluster local']"));
        Assert.Contains("managed by settings", page.Markup, StringComparison.Ordinal);
        page.Find("[aria-label='Edit cluster eu']").Click();
        dialogs.WaitForAssertion(() => Assert.NotNull(dialogs.Find("#cluster-admin-url")), Soon);
        Assert.Contains("Leave empty to keep", dialogs.Find("#cluster-admin-token-note").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("kept", dialogs.Markup, StringComparison.Ordinal);
        dialogs.Find("#cluster-admin-url").Input("http://other:8080");
        Cluster.Check = () =>
            Task.FromResult<Outcome<ClusterHealth>>(
                new Problem.Unavailable("cluster-unauthorized", "The cluster 'eu' does not accept the credentials.")
            );
        dialogs.Find(".mud-dialog-actions .btn.pri").Click();
        dialogs.WaitForAssertion(() => Assert.Contains("Save anyway", dialogs.Markup, StringComparison.Ordinal), Soon);
        Assert.Equal("kept", Assert.Single(Cluster.Candidates).AdminToken);
        dialogs.Find(".mud-dialog-actions .btn.pri").Click();
        page.WaitForAssertion(() => Assert.Contains("http://other:8080", page.Markup, StringComparison.Ordinal), Soon);
    }

    [Fact]
    public async Task The_saved_token_goes_to_another_address_for_whoever_may_change_the_cluster_now()
    {
        await Use<RegisterCluster>().RunAsync(Operator, "eu", new("http://broker:8080", AdminToken: "kept"), CancellationToken.None);
        var signedIn = new AccountSession(
            new(Guid.NewGuid()),
            Operator.AccountId!.Value,
            SignInMethod.Password,
            null,
            null,
            Use<TimeProvider>().GetUtcNow().AddDays(-15)
        );
        await Use<IPortalDatabase>()
            .UpdateAsync(
                null,
                null,
                session =>
                {
                    session.Sessions.Add(signedIn);
                    return Task.FromResult(true);
                },
                CancellationToken.None
            );
        var check = Use<PreflightCluster>();
        var stale = Operator with { Session = signedIn.Id, ProvedHere = true };
        Assert.Equal(
            "confirm-identity",
            (await check.RunAsync(stale, "eu", new("http://other:8080"), CancellationToken.None)).Problem?.Code
        );
        Assert.Empty(Cluster.Candidates);
        Assert.True((await check.RunAsync(stale, "eu", new("http://broker:8080"), CancellationToken.None)).IsOk);
        Assert.True((await check.RunAsync(stale, "eu", new("http://other:8080", AdminToken: "another"), CancellationToken.None)).IsOk);
        Assert.Equal(["kept", "another"], Cluster.Candidates.Select(one => one.AdminToken));
    }

    [Fact]
    public async Task A_cluster_is_drained_and_activated_there_and_one_with_tenants_is_not_removed()
    {
        await Use<RegisterCluster>().RunAsync(Operator, "eu", new("http://broker:8080"), CancellationToken.None);
        var dialogs = RenderDialogs(Operator);
        var page = Render<ClustersPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.NotNull(page.Find("[aria-label='Drain cluster local']")), Soon);
        await TenantAsync();
        var drained = page.Find("[aria-label='Drain cluster local']").ClickAsync();
        dialogs.WaitForAssertion(
            () => Assert.Contains("Tenants that are there keep working", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        await dialogs.FindAll(".mud-dialog-actions .btn").First(button => button.TextContent == "Drain cluster").ClickAsync();
        await drained;
        page.WaitForAssertion(() => Assert.NotNull(page.Find("[aria-label='Activate cluster local']")), Soon);
        Assert.Equal(
            "cluster-drained",
            (await Use<CreateTenant>().RunAsync(Owner, Org, "another", "local", CancellationToken.None)).Problem?.Code
        );
        page.Find("[aria-label='Activate cluster local']").Click();
        page.WaitForAssertion(() => Assert.NotNull(page.Find("[aria-label='Drain cluster local']")), Soon);

        page.Find("[aria-label='Remove cluster eu']").Click();
        dialogs.WaitForAssertion(() => Assert.NotNull(dialogs.Find("#confirm-name")), Soon);
        dialogs.Find("#confirm-name").Input("eu");
        dialogs.Find(".mud-dialog-actions .btn.bad").Click();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[aria-label='Remove cluster eu']")), Soon);
    }

    [Fact]
    public async Task A_warning_that_was_seen_to_asks_no_more_until_it_reads_otherwise()
    {
        var warnings = new[] { "authenticateMetricsEndpoint is false.", "statsUpdateFrequencyInSecs is 60." };
        Cluster.Check = () =>
            Task.FromResult<Outcome<ClusterHealth>>(
                new ClusterHealth("4.2.4", "pulsar-eu", ["b1:8080"], TimeSpan.FromSeconds(10), warnings)
            );
        var page = Render<ClustersPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("[data-warning]").Count), Soon);
        await page.Find("[aria-label='Accept: authenticateMetricsEndpoint is false.']").ClickAsync();
        page.WaitForAssertion(() => Assert.Single(page.FindAll("[data-warning]")), Soon);
        Assert.Contains("needs attention", page.Markup, StringComparison.Ordinal);
        await page.Find("[aria-label='Accept: statsUpdateFrequencyInSecs is 60.']").ClickAsync();
        page.WaitForAssertion(() => Assert.Contains("healthy", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("2 accepted warnings", page.Markup, StringComparison.Ordinal);

        warnings = ["authenticateMetricsEndpoint is false.", "statsUpdateFrequencyInSecs is 90."];
        page = Render<ClustersPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(
            () => Assert.Contains("90", Assert.Single(page.FindAll("[data-warning]")).TextContent, StringComparison.Ordinal),
            Soon
        );
        await page.Find("[aria-label='Show again: authenticateMetricsEndpoint is false.']").ClickAsync();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("[data-warning]").Count), Soon);
    }

    [Fact]
    public async Task What_is_wrong_with_an_address_is_said_of_the_address()
    {
        Cluster.Check = () =>
            Task.FromResult<Outcome<ClusterHealth>>(
                new Problem.Unavailable("cluster-unreachable", "We can't reach the cluster 'eu' right now.")
            );
        var found = (await Use<PreflightCluster>().RunAsync(Operator, "eu", new("http://broker:8080"), CancellationToken.None)).Value;
        Assert.Equal(
            "Nothing answers at http://broker:8080. Check the address and the port, and that Portal's machine may connect to it.",
            found.Findings[0].Sentence
        );
    }

    [Fact]
    public async Task A_difference_is_listed_with_what_is_done_about_it()
    {
        await Database.UpdateAsync(
            null,
            session =>
            {
                session.Differences.Add(
                    new(
                        Guid.CreateVersion7(),
                        "local",
                        new(Guid.CreateVersion7()),
                        new(Guid.CreateVersion7()),
                        "shop/default",
                        DifferenceKind.Policy,
                        "retention",
                        true,
                        Clock.GetUtcNow()
                    )
                );
                return Task.FromResult(true);
            },
            CancellationToken.None
        );
        var page = Render<ClustersPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("A namespace policy was changed", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("repairing", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_that_keeps_failing_stands_on_the_page_and_is_skipped_there()
    {
        var id = await Database.UpdateAsync(
            null,
            session =>
            {
                var item = session.Work.Add(Clock, new CutWorkWork(), new("upkeep", "x", null, "orders of shop", WorkPriority.Waiting));
                for (var failure = 0; failure < 5; failure++)
                    item.Postpone(
                        new Problem.Unavailable("unexpected-error", "Something went wrong on our side."),
                        null,
                        "TimeoutException: No.",
                        "trace-7",
                        Clock.GetUtcNow()
                    );
                return Task.FromResult(item.Id);
            },
            CancellationToken.None
        );
        var page = Render<JobsPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("orders of shop", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("Trace trace-7", page.Markup, StringComparison.Ordinal);
        Assert.Contains("needs attention", page.Markup, StringComparison.Ordinal);
        await page.Find("[aria-label='Skip orders of shop']").ClickAsync();
        page.WaitForAssertion(() => Assert.DoesNotContain("orders of shop", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Equal(
            WorkState.Skipped,
            (await Database.ReadAsync(session => session.Work.FindAsync(id, CancellationToken.None), CancellationToken.None))!.State
        );
    }

    [Fact]
    public void A_customer_sees_neither()
    {
        var clusters = Render<ClustersPage>(parameters => parameters.AddCascadingValue(Owner));
        clusters.WaitForAssertion(() => Assert.NotNull(clusters.Find("[data-problem]")), Soon);
        var jobs = Render<JobsPage>(parameters => parameters.AddCascadingValue(Owner));
        jobs.WaitForAssertion(() => Assert.NotNull(jobs.Find("[data-problem]")), Soon);
    }
}
