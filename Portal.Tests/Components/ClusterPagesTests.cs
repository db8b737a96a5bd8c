using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Desired;
using Portal.Domain.Work;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>The operator's pages about clusters and work: a cluster that hangs keeps nobody from the page, and work that fails can be tried again or skipped.</summary>
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
    public async Task A_difference_is_listed_with_what_is_done_about_it()
    {
        await Database.UpdateAsync(null, session =>
        {
            session.Differences.Add(new(Guid.CreateVersion7(), "local", new(Guid.CreateVersion7()), new(Guid.CreateVersion7()), "shop/default", DifferenceKind.Policy, "retention", true, Clock.GetUtcNow()));
            return Task.FromResult(true);
        }, CancellationToken.None);
        var page = Render<ClustersPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("A namespace policy was changed", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("repairing", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_that_keeps_failing_stands_on_the_page_and_is_skipped_there()
    {
        var id = await Database.UpdateAsync(null, session =>
        {
            var item = session.Work.Add(Clock, new CutWorkWork(), new("upkeep", "x", null, "orders of shop", WorkPriority.Waiting));
            for (var failure = 0; failure < 5; failure++) item.Postpone(new Problem.Unavailable("unexpected-error", "Something went wrong on our side."), null, "TimeoutException: No.", "trace-7", Clock.GetUtcNow());
            return Task.FromResult(item.Id);
        }, CancellationToken.None);
        var page = Render<JobsPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("orders of shop", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("Trace trace-7", page.Markup, StringComparison.Ordinal);
        Assert.Contains("needs attention", page.Markup, StringComparison.Ordinal);
        await page.Find("[aria-label='Skip orders of shop']").ClickAsync();
        page.WaitForAssertion(() => Assert.DoesNotContain("orders of shop", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Equal(WorkState.Skipped, (await Database.ReadAsync(session => session.Work.FindAsync(id, CancellationToken.None), CancellationToken.None))!.State);
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
