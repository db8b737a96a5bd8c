using System.Text.RegularExpressions;
using Portal.Tests.Support;
using Portal.Ui;

namespace Portal.Tests.Architecture;

/// <summary>Text that people type goes through one component, <see cref="TextInput"/>: the browser owns it.</summary>
public sealed partial class InputTests
{
    [Fact]
    public void Text_is_typed_into_the_one_component()
    {
        var wrong =
            from file in Repository.Sources("Portal", ".razor")
            where !file.EndsWith("/TextInput.razor", StringComparison.Ordinal)
            from Match tag in Tag().Matches(File.ReadAllText(Path.Combine(Repository.Root, file)))
            where !IsAllowed(tag.Value)
            select $"{file}: {tag.Value}: use <TextInput>";
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_hub_takes_the_longest_text_at_its_worst() =>
        Assert.True(
            TextInput.HubMessageBytes
                > 2
                    * System.Text.Encoding.UTF8.GetByteCount(
                        System.Text.Json.JsonSerializer.Serialize(new string('\u0001', TextInput.Longest))
                    )
        );

    // Boxes to tick, what nobody types, and fields of static forms, which the browser itself posts by their names.
    private static bool IsAllowed(string tag) =>
        NotTyped().IsMatch(tag)
        || tag.Contains(" name=\"", StringComparison.Ordinal)
            && !tag.Contains("@bind", StringComparison.Ordinal)
            && !tag.Contains("@on", StringComparison.Ordinal);

    [GeneratedRegex("""<(?:input|textarea|MudTextField|MudNumericField|MudAutocomplete)\b(?:[^>"]|"[^"]*")*>""")]
    private static partial Regex Tag();

    [GeneratedRegex("""\btype="(?:checkbox|radio|hidden|range)["]""")]
    private static partial Regex NotTyped();
}
