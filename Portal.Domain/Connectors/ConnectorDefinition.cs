namespace Portal.Domain.Connectors;

/// <summary>Which way the data goes. Written <c>source</c> (into a topic), <c>sink</c> (out of topics).</summary>
public enum ConnectorKind { Source, Sink }

/// <summary>A connector that a cluster has built in.</summary>
/// <param name="Name">The cluster's name of it: <c>http-post</c>.</param>
public sealed record ConnectorType(ConnectorKind Kind, string Name, string? Description)
{
    /// <summary>As an operator's list names it: <c>sink:http-post</c>.</summary>
    public string Key => KeyOf(Kind, Name);

    public static string KeyOf(ConnectorKind kind, string name) => $"{kind.Text()}:{name}";
}

/// <summary>
/// What a field of a configuration takes. Whole numbers have 32 bits, large ones 64; anything is what has a type that the
/// portal does not know: the cluster decides.
/// </summary>
public enum FieldKind { Text, Whole, LargeWhole, Number, Flag, Map, List, Anything }

/// <summary>One setting of a connector.</summary>
/// <param name="Default">As text; null for none.</param>
/// <param name="IsMarkedSecret">The connector's author says that it is a secret.</param>
public sealed record ConnectorField(string Name, FieldKind Kind, bool Required, string? Default, string? Help, bool IsMarkedSecret)
{
    private static readonly string[] SecretWords = ["password", "passwd", "secret", "token", "credential", "apikey", "privatekey", "accesskey", "jaas"];

    /// <summary>Authors forget the mark: what is called like a secret is one.</summary>
    public bool IsSecret => IsMarkedSecret || SoundsSecret(Name);

    internal static bool SoundsSecret(string name)
    {
        var plain = name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal);
        return SecretWords.Any(word => plain.Contains(word, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>A built-in connector with what it can be told.</summary>
public sealed record ConnectorDefinition(ConnectorType Type, IReadOnlyList<ConnectorField> Fields)
{
    public ConnectorField? Find(string field) => Fields.FirstOrDefault(one => one.Name == field);
}

public static class ConnectorWords
{
    public static string Text(this ConnectorKind kind) => kind == ConnectorKind.Source ? "source" : "sink";

    public static string Text(this FieldKind kind) => kind switch
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
    public static string Text(this Guarantee guarantee) => guarantee switch
    {
        Guarantee.AtMostOnce => "at-most-once",
        Guarantee.EffectivelyOnce => "effectively-once",
        _ => "at-least-once",
    };

    public static bool TryKind(string? text, out ConnectorKind kind)
    {
        kind = text == "sink" ? ConnectorKind.Sink : ConnectorKind.Source;
        return text is "source" or "sink";
    }

    public static bool TryGuarantee(string? text, out Guarantee guarantee)
    {
        foreach (var one in Enum.GetValues<Guarantee>())
        {
            guarantee = one;
            if (one.Text() == text) return true;
        }
        guarantee = Guarantee.AtLeastOnce;
        return text is null;
    }
}
