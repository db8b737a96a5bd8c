using Portal.Hosting;
using Portal.Hosting.Settings;
using Portal.Shell;

namespace Portal.Tests.Api;

/// <summary>Pages that lost their connection: each visitor has a share of those that are kept.</summary>
public sealed class LeftPagesTests
{
    private readonly List<string> _ended = [];

    [Fact]
    public void One_visitors_tabs_push_out_their_own_oldest_and_nobody_elses()
    {
        var left = new LeftPages(new PortalSettings { Limits = new() { LeftPagesPerVisitor = 3 } });
        var other = Page("other");
        left.Leave("other", other);
        var pages = Enumerable.Range(0, 10).Select(number => Page($"{number}")).ToList();
        foreach (var page in pages)
            left.Leave("visitor", page);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], _ended);
        // One that is looked at again makes room.
        left.Return("visitor", pages[7]);
        left.Leave("visitor", Page("10"));
        Assert.Equal(7, _ended.Count);
        left.Leave("visitor", Page("11"));
        Assert.Equal("8", _ended[^1]);
    }

    [Fact]
    public void Nothing_is_remembered_of_visitors_whose_pages_came_back_or_closed()
    {
        var left = new LeftPages(new PortalSettings());
        for (var number = 0; number < 1_000; number++)
        {
            var page = Page($"{number}");
            left.Leave($"visitor {number}", page);
            left.Return($"visitor {number}", page);
            left.Return($"visitor {number}", page);
        }
        Assert.Equal(0, left.Visitors);
        Assert.Empty(_ended);
    }

    private PageLife Page(string name)
    {
        var page = new PageLife();
        page.Ended += () => _ended.Add(name);
        return page;
    }
}
