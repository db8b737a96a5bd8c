using Bunit;
using Portal.Domain.Common;
using Portal.Tests.Support;
using Portal.Ui;

namespace Portal.Tests.Components;

/// <summary>What was under way when a page is left ends quietly: it must not break the page that one went to.</summary>
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
        Render<CheckedName>(parameters => parameters
            .Add(one => one.Id, "name").Add(one => one.Label, "Name").Add(one => one.Value, "shop")
            .Add(one => one.Check, (_, _) =>
            {
                asked++;
                return Task.FromResult(Outcome.Done);
            }));
        await DisposeComponentsAsync();
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Task.Yield();
        Assert.Equal(0, asked);
    }

    private sealed class Waiting : PortalComponent
    {
        public CancellationToken Left => Leaving;
    }
}
