using Bunit;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Features.Topics;
using Portal.Tests.Support;
using Portal.Ui;

namespace Portal.Tests.Components;

/// <summary>What was under way when a page is left, or the portal stops, ends quietly: it must not break what comes next.</summary>
public sealed class LeavingTests : PageTest
{
    [Fact]
    public async Task A_page_that_was_left_still_says_that_it_was_left()
    {
        var page = Render<Waiting>();
        var waiting = page.Instance;
        await DisposeComponentsAsync();
        Assert.True(waiting.Left.IsCancellationRequested);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromMinutes(1), waiting.Left));
    }

    [Fact]
    public async Task A_name_that_is_being_checked_when_the_page_is_left_is_not_asked_for()
    {
        var asked = 0;
        Clock.AutoAdvanceAmount = TimeSpan.Zero;
        Render<CheckedName>(parameters =>
            parameters
                .Add(one => one.Id, "name")
                .Add(one => one.Label, "Name")
                .Add(one => one.Value, "shop")
                .Add(
                    one => one.Check,
                    (_, _) =>
                    {
                        asked++;
                        return Task.FromResult(Outcome.Done);
                    }
                )
        );
        await DisposeComponentsAsync();
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Task.Yield();
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task A_page_that_stays_open_while_the_portal_stops_reads_nothing_more()
    {
        var read = 0;
        Render<OnChange>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tick, _ => Task.FromResult(++read > 0)));
        await UntilAsync(() => read > 0);
        var first = read;
        await TenantAsync();
        await UntilAsync(() => read > first);

        Life.StopApplication();
        var seen = read;
        Assert.True((await Use<CreateNamespace>().RunAsync(Owner, Org, "shop", "after", CancellationToken.None)).IsOk);
        Clock.Advance(TimeSpan.FromMinutes(5));
        await Task.Delay(300, Xunit.TestContext.Current.CancellationToken);
        Assert.Equal(seen, read);
    }

    [Fact]
    public async Task A_topic_is_looked_at_no_more_when_the_portal_stops()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var looks = 0;
        var follow = Render<FollowTopic>(parameters =>
            parameters
                .Add(one => one.Org, Org)
                .Add(one => one.Tenant, "shop")
                .Add(one => one.Namespace, "default")
                .Add(one => one.Name, "orders")
                .Add(one => one.OnLook, (Outcome<TopicStats> _) => looks++)
        );
        await UntilAsync(() => looks > 0);
        var first = looks;
        await follow.Instance.LookNowAsync();
        await UntilAsync(() => looks > first);

        Life.StopApplication();
        var seen = looks;
        Clock.Advance(TimeSpan.FromMinutes(5));
        await Task.Delay(300, Xunit.TestContext.Current.CancellationToken);
        Assert.Equal(seen, looks);
    }

    // Simulated time goes on while it waits: bursts of changes are one reading.
    private async Task UntilAsync(Func<bool> seen)
    {
        for (var tries = 0; !seen() && tries < 1_000; tries++)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(10, Xunit.TestContext.Current.CancellationToken);
        }
        Assert.True(seen());
    }

    private sealed class Waiting : PortalComponent
    {
        public CancellationToken Left => Leaving;
    }
}
