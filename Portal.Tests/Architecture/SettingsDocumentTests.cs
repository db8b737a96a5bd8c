using System.Collections;
using System.Text.RegularExpressions;
using Portal.Hosting.Settings;
using Portal.Tests.Support;

namespace Portal.Tests.Architecture;

/// <summary>docs/settings.md names every setting that there is, and none that there isn't.</summary>
public sealed partial class SettingsDocumentTests
{
    [Fact]
    public void The_document_names_every_setting_and_no_other() =>
        Assert.Equal(
            Settings(PortalSettings.Section, typeof(PortalSettings)).Order(StringComparer.Ordinal),
            Documented().Distinct().Order(StringComparer.Ordinal)
        );

    /// <summary>As the document writes them: a group's element is <c>N</c>, a list of plain values has no end of its own.</summary>
    private static IEnumerable<string> Settings(string path, Type type) =>
        type.GetProperties()
            .Where(property => property.CanWrite)
            .SelectMany(property =>
            {
                var (own, of) = ($"{path}:{property.Name}", property.PropertyType);
                var element =
                    of != typeof(string) && typeof(IEnumerable).IsAssignableFrom(of) ? of.GetGenericArguments().FirstOrDefault() : null;
                return element is not null && IsGroup(element) ? Settings($"{own}:N", element)
                    : IsGroup(of) ? Settings(own, of)
                    : [own];
            });

    private static bool IsGroup(Type type) => type.Namespace == typeof(PortalSettings).Namespace;

    /// <summary>Of the first column; <c>:Name</c> stands beside the one before it.</summary>
    private static IEnumerable<string> Documented()
    {
        foreach (var line in Repository.Lines("docs/settings.md").Where(line => line.StartsWith("| `Portal:", StringComparison.Ordinal)))
        {
            var beside = "";
            foreach (Match match in Named().Matches(line.Split('|')[1]))
            {
                var name = match.Groups[1].Value;
                var full = name.StartsWith(':') ? beside + name : name;
                full = full.EndsWith(":N", StringComparison.Ordinal) ? full[..^2] : full;
                beside = full[..full.LastIndexOf(':')];
                yield return full;
            }
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Named();
}
