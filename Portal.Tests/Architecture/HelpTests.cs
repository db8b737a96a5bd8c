using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Portal.Tests.Support;
using Portal.Ui;

namespace Portal.Tests.Architecture;

/// <summary>The texts of docs/help: each page that opens one finds it, and what it names is there.</summary>
public sealed partial class HelpTests
{
    public static TheoryData<string> Topics => [.. HelpTexts.Topics];

    [Fact]
    public void Every_text_that_a_page_opens_is_there_and_every_text_is_opened()
    {
        var opened = Repository
            .Sources("Portal/Features", ".razor")
            .SelectMany(file =>
                Opened().Matches(File.ReadAllText(Path.Combine(Repository.Root, file))).Select(match => match.Groups[1].Value)
            )
            // The tenant's page opens the text of its tab.
            .Concat(["connect", "connectors", "migration", "topics"])
            .Distinct()
            .Order(StringComparer.Ordinal);
        Assert.Equal(HelpTexts.Topics, opened);
        Assert.Equal(
            HelpTexts.Topics,
            Directory
                .GetFiles(Path.Combine(Repository.Root, "docs/help"), "*.md")
                .Select(file => Path.GetFileNameWithoutExtension(file)!)
                .Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public void It_is_short_and_every_address_in_it_is_one_of_a_page(string topic)
    {
        var text = HelpTexts.Source(topic);
        Assert.InRange(Words().Count(text), 80, 220);
        Assert.StartsWith("# ", text, StringComparison.Ordinal);
        Assert.Contains("<h1>", HelpTexts.Of(topic).Value, StringComparison.Ordinal);
        var routes = typeof(HelpTexts)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes<RouteAttribute>())
            .Select(route => Parameter().Replace(route.Template, "{}"))
            .ToHashSet(StringComparer.Ordinal);
        var named = Address().Matches(text).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(named);
        Assert.All(named, address => Assert.Contains(Parameter().Replace(address.Split('?')[0], "{}"), routes));
    }

    [GeneratedRegex("Help=\"([a-z-]+)\"")]
    private static partial Regex Opened();

    [GeneratedRegex(@"[\w']+")]
    private static partial Regex Words();

    [GeneratedRegex(@"`(/[^`\s]*)`")]
    private static partial Regex Address();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
