using System.Text;

namespace LocalPulsar.Admin;

internal delegate Task<Answer> Handler(Call call);

/// <summary>
/// Finds the handler of a path. Paths are split before they are decoded, as a broker does, so that a name may hold
/// anything, an encoded slash too. Fixed parts win over named ones.
/// </summary>
internal sealed class Router
{
    private readonly Node _root = new();
    private readonly List<(string Method, string Pattern)> _routes = [];

    /// <summary>Every method and pattern that is mapped, in order.</summary>
    public IReadOnlyList<(string Method, string Pattern)> Routes => _routes;

    /// <summary>A path of persistent topics alone.</summary>
    public void MapPersistent(string method, string rest, Handler handler) =>
        Map(method, $"admin/v2/persistent/{{tenant}}/{{ns}}{rest}", handler);

    /// <summary>A path of topics, in both domains.</summary>
    public void MapTopic(string method, string rest, Handler handler)
    {
        foreach (var domain in (string[])["persistent", "non-persistent"])
            Map(method, $"admin/v2/{domain}/{{tenant}}/{{ns}}{rest}", handler, domain);
    }

    public void Map(string method, string pattern, Handler handler, string domain = "persistent")
    {
        var node = _root;
        var names = new List<string>();
        foreach (var part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part[0] == '{')
            {
                names.Add(part[1..^1]);
                node = node.Any ??= new Node();
            }
            else
            {
                node = node.Fixed.TryGetValue(part, out var next) ? next : node.Fixed[part] = new Node();
            }
        }
        node.Handlers.Add(method, (handler, names, domain));
        _routes.Add((method, pattern));
    }

    /// <summary>
    /// The decoded parts of a raw request target; a plus sign is a blank, and what follows a semicolon no part of the name, as on a broker.
    /// </summary>
    public static List<string> Split(string target)
    {
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target : target[..query];
        return
        [
            .. path.Split('/', StringSplitOptions.RemoveEmptyEntries)
                .Select(part => Uri.UnescapeDataString(part.Split(';')[0].Replace("+", "%20", StringComparison.Ordinal))),
        ];
    }

    public (Handler? Handler, IReadOnlyDictionary<string, string> Segments) Find(string method, List<string> parts)
    {
        var values = new List<string>();
        if (Walk(_root, parts, 0, values, method) is not { } node)
            return (null, new Dictionary<string, string>());
        var found = node.Handlers[method];
        var segments = found.Names.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second);
        segments["domain"] = found.Domain;
        return (found.Handler, segments);
    }

    /// <summary>Whether a path takes any method at all.</summary>
    public bool Knows(List<string> parts) => Walk(_root, parts, 0, [], null) is not null;

    private static Node? Walk(Node node, List<string> parts, int at, List<string> values, string? method)
    {
        if (at == parts.Count)
            return node.Handlers.Count > 0 && (method is null || node.Handlers.ContainsKey(method)) ? node : null;
        if (node.Fixed.TryGetValue(parts[at], out var next) && Walk(next, parts, at + 1, values, method) is { } exact)
            return exact;
        if (node.Any is null)
            return null;
        values.Add(parts[at]);
        if (Walk(node.Any, parts, at + 1, values, method) is { } named)
            return named;
        values.RemoveAt(values.Count - 1);
        return null;
    }

    private sealed class Node
    {
        public Dictionary<string, Node> Fixed { get; } = new(StringComparer.Ordinal);
        public Node? Any { get; set; }
        public Dictionary<string, (Handler Handler, List<string> Names, string Domain)> Handlers { get; } = [];
    }
}
