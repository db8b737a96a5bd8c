namespace Portal.Domain.Connectors;

/// <summary>
/// Which way the data goes. Written <c>source</c> (into a topic), <c>sink</c> (out of topics), <c>function</c> (from topics into a topic).
/// </summary>
public enum ConnectorKind
{
    Source,
    Sink,
    Function,
}

/// <summary>Functions have addresses of their own in the API; pages show them together with sources and sinks.</summary>
public enum ConnectorFamily
{
    Any,
    Connectors,
    Functions,
}

/// <summary>A source, sink or function that a cluster has built in.</summary>
/// <param name="Name">The cluster's name of it: <c>http-post</c>.</param>
public sealed record ConnectorType(ConnectorKind Kind, string Name, string? Description)
{
    /// <summary>What a guide says of it; null for nothing.</summary>
    public ConnectorGuide? Guide { get; init; }

    /// <summary>What the operator says of it; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>As people call it: <c>Apache Kafka</c>.</summary>
    public string Title => Guide?.Title ?? PackageUse.NameIn(Name) ?? Name;

    /// <summary>What it is for, in a sentence or two.</summary>
    public string? Summary => Guide?.Description ?? Description;

    /// <summary>As an operator's list names it: <c>sink:http-post</c>.</summary>
    public string Key => KeyOf(Kind, Name);

    public static string KeyOf(ConnectorKind kind, string name) => $"{kind.Text()}:{name}";
}

/// <summary>
/// What a field of a configuration takes. Whole numbers have 32 bits, large ones 64; anything is what has a type that the
/// portal does not know: the cluster decides.
/// </summary>
public enum FieldKind
{
    Text,
    Whole,
    LargeWhole,
    Number,
    Flag,
    Map,
    List,
    Anything,
}

/// <summary>One setting of a connector.</summary>
/// <param name="Default">As text; null for none.</param>
/// <param name="IsMarkedSecret">The connector's author says that it is a secret.</param>
public sealed record ConnectorField(string Name, FieldKind Kind, bool Required, string? Default, string? Help, bool IsMarkedSecret)
{
    private static readonly string[] SecretWords =
    [
        "password",
        "passwd",
        "secret",
        "token",
        "credential",
        "apikey",
        "privatekey",
        "accesskey",
        "jaas",
    ];

    /// <summary>Authors forget the mark: what is called like a secret is one.</summary>
    public bool IsSecret => IsMarkedSecret || SoundsSecret(Name);

    /// <summary>What a guide says of it; null for nothing.</summary>
    public FieldGuide? Guide { get; init; }

    /// <summary>As people call it.</summary>
    public string Label => Guide?.Label ?? Name;

    internal static bool SoundsSecret(string name)
    {
        var plain = name.Replace("-", "", StringComparison.Ordinal)
            .Replace("_", "", StringComparison.Ordinal)
            .Replace(".", "", StringComparison.Ordinal);
        return SecretWords.Any(word => plain.Contains(word, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>A built-in connector with what it can be told.</summary>
public sealed record ConnectorDefinition(ConnectorType Type, IReadOnlyList<ConnectorField> Fields)
{
    /// <summary>Clusters don't say what a function can be told: it takes settings of any name.</summary>
    public bool IsOpen => Type.Kind == ConnectorKind.Function && Fields.Count == 0;

    /// <summary>What of it belongs to the operator. None of these settings is among the fields.</summary>
    public ConnectorTerms Terms { get; init; } = ConnectorTerms.None;

    public ConnectorField? Find(string field) =>
        Terms.Closes(field) ? null
        : IsOpen
            ? new(field, FieldKind.Anything, false, null, null, false)
            {
                Guide = Type.Guide?.Fields?.FirstOrDefault(guide => guide.Name == field),
            }
        : Fields.FirstOrDefault(one => one.Name == field);
}

public static class ConnectorWords
{
    public static string Text(this ConnectorKind kind) =>
        kind switch
        {
            ConnectorKind.Source => "source",
            ConnectorKind.Sink => "sink",
            ConnectorKind.Function => "function",
        };

    /// <summary>What people call it: sources and sinks are connectors.</summary>
    public static string Noun(this ConnectorKind kind) => kind.Family().Noun();

    public static string Noun(this ConnectorFamily family) => family == ConnectorFamily.Functions ? "function" : "connector";

    public static ConnectorFamily Family(this ConnectorKind kind) =>
        kind == ConnectorKind.Function ? ConnectorFamily.Functions : ConnectorFamily.Connectors;

    internal static bool Holds(this ConnectorFamily family, ConnectorKind kind) => family == ConnectorFamily.Any || family == kind.Family();

    public static string Text(this FieldKind kind) =>
        kind switch
        {
            FieldKind.Text => "text",
            FieldKind.Whole => "int",
            FieldKind.LargeWhole => "long",
            FieldKind.Number => "number",
            FieldKind.Flag => "flag",
            FieldKind.Map => "map",
            FieldKind.List => "list",
            _ => "anything",
        };

    public static string Text(this ConnectorWish wish) => wish == ConnectorWish.Run ? "running" : "stopped";

    /// <summary>As Pulsar calls it in small letters: <c>at-least-once</c>.</summary>
    public static string Text(this Guarantee guarantee) =>
        guarantee switch
        {
            Guarantee.AtMostOnce => "at-most-once",
            Guarantee.EffectivelyOnce => "effectively-once",
            _ => "at-least-once",
        };

    public static bool TryKind(string? text, out ConnectorKind kind)
    {
        kind = text switch
        {
            "sink" => ConnectorKind.Sink,
            "function" => ConnectorKind.Function,
            _ => ConnectorKind.Source,
        };
        return kind.Text() == text;
    }

    public static bool TryGuarantee(string? text, out Guarantee guarantee)
    {
        foreach (var one in Enum.GetValues<Guarantee>())
        {
            guarantee = one;
            if (one.Text() == text)
                return true;
        }
        guarantee = Guarantee.AtLeastOnce;
        return text is null;
    }
}
