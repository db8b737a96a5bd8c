namespace Portal.Tests.Architecture;

/// <summary>One feature's code names something of another one's.</summary>
/// <param name="From">The feature, as its folder is called.</param>
/// <param name="Where">The member or file that names it.</param>
/// <param name="What">What it names there.</param>
public sealed record FeatureUse(string From, string To, string Where, string What);

/// <summary>Who of the features knows whom, and by which members.</summary>
public sealed class FeatureGraph
{
    private const int MostPlaces = 8;

    private readonly Dictionary<(string From, string To), SortedSet<string>> _uses = [];

    public FeatureGraph(IEnumerable<FeatureUse> uses)
    {
        foreach (var use in uses.Where(use => use.From != use.To))
        {
            if (!_uses.TryGetValue((use.From, use.To), out var places))
                _uses[(use.From, use.To)] = places = new(StringComparer.Ordinal);
            places.Add($"{use.Where} uses {use.What}");
        }
    }

    public IReadOnlyList<string> KnownTo(string feature) =>
        [.. _uses.Keys.Where(edge => edge.From == feature).Select(edge => edge.To).Order(StringComparer.Ordinal)];

    public bool Has(string from, string to) => _uses.ContainsKey((from, to));

    /// <summary>For people: the edge and the members that make it.</summary>
    public string Describe(string from, string to)
    {
        var places = _uses[(from, to)];
        var more = places.Count > MostPlaces ? $"{Environment.NewLine}    and {places.Count - MostPlaces} more" : "";
        return $"{from} → {to}{string.Concat(places.Take(MostPlaces).Select(place => $"{Environment.NewLine}    {place}"))}{more}";
    }

    /// <summary>The features of a shortest circle, each knowing the next and the last the first; empty when there is none.</summary>
    public IReadOnlyList<string> ShortestCircle()
    {
        IReadOnlyList<string> shortest = [];
        foreach (var start in _uses.Keys.Select(edge => edge.From).Distinct().Order(StringComparer.Ordinal))
            if (WayBack(start) is { } circle && (shortest.Count == 0 || circle.Count < shortest.Count))
                shortest = circle;
        return shortest;
    }

    /// <summary>Null when there is no circle, else what has to be looked at: every edge of a shortest one.</summary>
    public string? DescribeCircle()
    {
        var circle = ShortestCircle();
        if (circle.Count == 0)
            return null;
        var edges = circle.Select((from, index) => Describe(from, circle[(index + 1) % circle.Count]));
        return $"{string.Join(" → ", circle)} → {circle[0]}{Environment.NewLine}{string.Join(Environment.NewLine, edges)}";
    }

    private List<string>? WayBack(string start)
    {
        var cameFrom = new Dictionary<string, string>();
        var next = new Queue<string>([start]);
        while (next.TryDequeue(out var feature))
        {
            foreach (var known in KnownTo(feature))
            {
                if (known == start)
                {
                    var circle = new List<string> { feature };
                    while (circle[^1] != start)
                        circle.Add(cameFrom[circle[^1]]);
                    circle.Reverse();
                    return circle;
                }
                if (cameFrom.TryAdd(known, feature))
                    next.Enqueue(known);
            }
        }
        return null;
    }
}
