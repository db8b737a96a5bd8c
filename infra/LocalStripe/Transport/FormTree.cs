using System.Web;

namespace LocalStripe.Transport;

/// <summary>
/// Stripe's bracket notation as a tree: <c>a[b][0]=x</c> and <c>a[b][]=x</c>. Each node remembers whether anybody read it:
/// what nobody read is a parameter that this stand-in does not know.
/// </summary>
internal sealed class FormTree
{
    private readonly Dictionary<string, FormTree> children = [];
    private readonly List<string> order = [];

    public string? Value { get; private set; }

    public bool WasRead { get; set; }

    public IEnumerable<(string Name, FormTree Node)> Children => order.Select(name => (name, children[name]));

    public static FormTree Parse(params string?[] encoded)
    {
        var root = new FormTree();
        foreach (var pair in encoded.SelectMany(text => (text ?? "").TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = HttpUtility.UrlDecode(equals < 0 ? pair : pair[..equals]);
            root.Put(Segments(name), equals < 0 ? "" : HttpUtility.UrlDecode(pair[(equals + 1)..]));
        }

        return root;
    }

    public FormTree? Child(string name) => children.GetValueOrDefault(name);

    /// <summary>The first value that nobody read, in brackets as the client wrote it; null when all were read.</summary>
    public string? FirstUnread(string path = "")
    {
        foreach (var (name, node) in Children)
        {
            var here = path.Length == 0 ? name : $"{path}[{name}]";
            if (node.Value is not null && !node.WasRead)
                return here;
            if (node.FirstUnread(here) is { } below)
                return below;
        }

        return null;
    }

    /// <summary>One text for all parameters, the same for the same request however the client ordered it.</summary>
    public string Fingerprint() =>
        $"{Value}({string.Join(',', Children.OrderBy(child => child.Name, StringComparer.Ordinal).Select(child => $"{child.Name}={child.Node.Fingerprint()}"))})";

    private static List<string> Segments(string name)
    {
        var bracket = name.IndexOf('[', StringComparison.Ordinal);
        if (bracket < 0)
            return [name];
        var segments = new List<string> { name[..bracket] };
        segments.AddRange(name[bracket..].Split('[', StringSplitOptions.RemoveEmptyEntries).Select(segment => segment.TrimEnd(']')));
        return segments;
    }

    private void Put(List<string> segments, string value)
    {
        var node = this;
        foreach (var segment in segments)
        {
            var name = segment.Length > 0 ? segment : node.order.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (!node.children.TryGetValue(name, out var child))
            {
                child = new FormTree();
                node.children.Add(name, child);
                node.order.Add(name);
            }

            node = child;
        }

        node.Value = value;
    }
}
