using Portal.Domain.Common;

namespace Portal.Features.Topics;

/// <summary>A message's properties as people type them: a line for each, name and value with = between them.</summary>
internal static class PropertyLines
{
    public static Outcome<Dictionary<string, string>> Read(string text)
    {
        Dictionary<string, string> properties = [];
        foreach (var line in text.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Trim().Length > 0))
        {
            var end = line.IndexOf('=', StringComparison.Ordinal);
            var name = end < 0 ? "" : line[..end].Trim();
            if (name.Length == 0)
                return new Problem.Invalid(
                    "property-malformed",
                    $"Enter each property as name=value. “{Short(line)}” isn't one.",
                    "properties"
                );
            if (!properties.TryAdd(name, line[(end + 1)..]))
                return new Problem.Invalid(
                    "property-malformed",
                    $"Property {Short(name)} is there twice. Keep one of the lines.",
                    "properties"
                );
        }
        return properties;
    }

    /// <summary>Null for properties that no lines can say.</summary>
    public static string? Write(IReadOnlyDictionary<string, string> properties)
    {
        var text = string.Join('\n', properties.Select(pair => $"{pair.Key}={pair.Value}"));
        return
            Read(text) is { IsOk: true, Value: var read }
            && read.Count == properties.Count
            && properties.All(pair => read.TryGetValue(pair.Key, out var value) && value == pair.Value)
            ? text
            : null;
    }

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
