using Portal.Domain.Usage;
using Portal.Ui;

namespace Portal.Tests.Domain.Usage;

/// <summary>A cluster that is away makes what is known of the others no older.</summary>
public sealed class FreshnessTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Each_cluster_is_as_fresh_as_it_is_and_what_is_billed_waits_for_all()
    {
        var freshness = new Freshness([
            new("dead", null),
            new("late", Noon.AddHours(-14)),
            new("prod", Noon),
            new("west", Noon.AddMinutes(-1)),
        ]);
        Assert.Null(freshness.CompleteTo);
        Assert.Equal(Noon.AddMinutes(-1), freshness.MeteredTo);
        Assert.Equal(["dead", "late"], freshness.Behind.Select(one => one.Cluster));
        Assert.Equal("metered to 11:59 UTC; nothing from dead yet; late to Nov 29, 2026, 22:00 UTC", FreshnessWords.Of(freshness));
    }

    [Fact]
    public void Clusters_that_all_keep_up_are_as_fresh_as_the_slowest()
    {
        var freshness = new Freshness([new("prod", Noon), new("west", Noon.AddMinutes(-2))]);
        Assert.Equal((Noon.AddMinutes(-2), Noon.AddMinutes(-2), 0), (freshness.CompleteTo, freshness.MeteredTo, freshness.Behind.Count));
        Assert.Equal("complete to 11:58 UTC", FreshnessWords.Of(freshness, "complete"));
    }

    [Fact]
    public void Before_the_first_poll_nothing_is_metered()
    {
        Assert.Equal("nothing metered yet", FreshnessWords.Of(Freshness.None));
        Assert.Equal("nothing metered yet", FreshnessWords.Of(new([new("prod", null)])));
    }
}
