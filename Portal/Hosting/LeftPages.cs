using Portal.Hosting.Settings;
using Portal.Shell;

namespace Portal.Hosting;

/// <summary>
/// Pages whose connection is gone and that may come back: the framework keeps so many for everybody together and drops
/// the oldest. Here each visitor, an account or an address without one, has a share of them, and loses their own oldest
/// page beyond it, so that nobody's tabs push out another's.
/// </summary>
internal sealed class LeftPages(PortalSettings settings)
{
    /// <summary>What the framework keeps, for about three minutes. Each is about 270 KB of the first page.</summary>
    public const int Together = 500;

    private readonly Dictionary<string, LinkedList<PageLife>> _visitors = [];
    private readonly Lock _gate = new();

    public void Leave(string visitor, PageLife page)
    {
        PageLife? oldest = null;
        lock (_gate)
        {
            if (!_visitors.TryGetValue(visitor, out var pages))
                _visitors[visitor] = pages = [];
            pages.AddLast(page);
            if (pages.Count > settings.Limits.LeftPagesPerVisitor)
            {
                oldest = pages.First!.Value;
                pages.RemoveFirst();
            }
        }
        oldest?.End();
    }

    /// <summary>It is looked at again, or gone.</summary>
    public void Return(string visitor, PageLife page)
    {
        lock (_gate)
        {
            if (!_visitors.TryGetValue(visitor, out var pages) || !pages.Remove(page))
                return;
            if (pages.Count == 0)
                _visitors.Remove(visitor);
        }
    }

    /// <summary>How many visitors have left pages.</summary>
    internal int Visitors
    {
        get
        {
            lock (_gate)
                return _visitors.Count;
        }
    }
}
