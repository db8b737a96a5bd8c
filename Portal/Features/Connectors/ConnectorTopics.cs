using Portal.Domain.Connectors;

namespace Portal.Features.Connectors;

/// <summary>What a new connector reads and writes, as <c>namespace/topic</c>, while somebody chooses or names it.</summary>
public sealed class ConnectorTopics
{
    /// <summary>No topic is called so: one is created.</summary>
    public const string ToCreate = "";

    private readonly HashSet<string> _more = [];

    public ConnectorTopics() { }

    /// <param name="all">Those to choose from.</param>
    public ConnectorTopics(ConnectorKind kind, IReadOnlyList<string> all)
    {
        (Kind, All) = (kind, all);
        // Of several none is more likely than another: a sink on the wrong one would send what it holds elsewhere.
        Topic = all.Count == 1 ? all[0] : null;
    }

    public ConnectorKind Kind { get; }

    public IReadOnlyList<string> All { get; } = [];

    /// <summary>The first one, whose namespace the connector lives in; null or <see cref="ToCreate"/> before one is chosen.</summary>
    public string? Topic { get; set; }

    /// <summary>Of the topic that a source creates.</summary>
    public string NewName { get; set; } = "default/";

    /// <summary>What a function writes to; <see cref="ToCreate"/> for one by <see cref="OutputName"/>.</summary>
    public string Output { get; set; } = ToCreate;

    /// <summary>Without its namespace, which is that of <see cref="Topic"/>.</summary>
    public string OutputName { get; set; } = "";

    /// <summary>Read besides the first.</summary>
    public IReadOnlySet<string> More => _more;

    public bool Creates => Kind == ConnectorKind.Source && string.IsNullOrEmpty(Topic);

    public bool CreatesOutput => Kind == ConnectorKind.Function && Output == ToCreate;

    public string? Namespace => Topic?.Split('/')[0];

    /// <summary>All of them, the first one first.</summary>
    public IReadOnlyList<string> Chosen =>
        Creates ? Typed(NewName)
        : string.IsNullOrEmpty(Topic) ? []
        : [Topic, .. All.Where(topic => topic != Topic && _more.Contains(topic))];

    public string? ChosenOutput =>
        Kind != ConnectorKind.Function ? null
        : Output != ToCreate ? Output
        : OutputName.Trim() is { Length: > 0 } name ? $"{Namespace}/{name}"
        : null;

    public void Toggle(string topic)
    {
        if (!_more.Remove(topic))
            _more.Add(topic);
    }

    /// <summary>What a manifest says; false where a topic to read is not there: another one stands in its place.</summary>
    public bool Take(ConnectorManifest manifest)
    {
        var there = manifest.Topics.Where(All.Contains).ToList();
        var missing = manifest.Topics.FirstOrDefault(topic => !All.Contains(topic));
        if (missing is not null && Kind == ConnectorKind.Source)
            (Topic, NewName) = (null, missing);
        if (there.Count > 0)
            Topic = there[0];
        _more.Clear();
        _more.UnionWith(there.Skip(1));
        if (manifest.Output is { } output)
            (Output, OutputName) = All.Contains(output) ? (output, "") : (ToCreate, output.Split('/')[^1]);
        return missing is null || Kind == ConnectorKind.Source;
    }

    private static IReadOnlyList<string> Typed(string name) => name.Trim() is { Length: > 0 } typed ? [typed] : [];
}
