using System.Text.RegularExpressions;
using Portal.Domain.Common;
using Portal.Tests.Support;

namespace Portal.Tests.Architecture;

/// <summary>
/// The features of Portal.Domain stand above each other (docs/architecture.md): each knows those below it and none above.
/// A use case that needs two of them lives in the upper one; where the lower one begins something that the upper one has a
/// part in, the lower one declares a port.
/// </summary>
public sealed partial class FeatureTests
{
    private static readonly Lazy<FeatureGraph> Graph = new(() => new(Compiled().Concat(Written())));

    [Theory]
    [InlineData("Common")]
    [InlineData("Access", "Common")]
    [InlineData("Work", "Common", "Access")]
    public void What_every_feature_stands_on_knows_none_of_them(string ground, params string[] below)
    {
        var above = Graph.Value.KnownTo(ground).Except(below).Select(feature => Graph.Value.Describe(ground, feature));
        Assert.True(
            !above.Any(),
            $"{ground} is what features stand on. Move what needs them up, or declare a port "
                + $"here:{Environment.NewLine}{string.Join(Environment.NewLine, above)}"
        );
    }

    [Fact]
    public void No_feature_is_known_to_one_that_it_knows()
    {
        var circle = Graph.Value.DescribeCircle();
        Assert.True(
            circle is null,
            "Features know each other in a circle. Take out one of its edges (docs/architecture.md says which way they "
                + $"go):{Environment.NewLine}{circle}"
        );
    }

    [Fact]
    public void The_order_of_features_in_the_document_is_the_one_in_force()
    {
        var order = DocumentedOrder().ToList();
        Assert.Equal(
            Repository.Sources("Portal.Domain", ".cs").Select(FeatureOf).OfType<string>().Distinct().Order(StringComparer.Ordinal),
            order.Order(StringComparer.Ordinal)
        );
        var upward =
            from feature in order
            from known in Graph.Value.KnownTo(feature)
            where order.IndexOf(known) > order.IndexOf(feature)
            select Graph.Value.Describe(feature, known);
        Assert.True(
            !upward.Any(),
            "The list in docs/architecture.md has the first of these below the "
                + $"second:{Environment.NewLine}{string.Join(Environment.NewLine, upward)}"
        );
    }

    /// <summary>What somebody looks for in one tree is found under the same name in the other.</summary>
    [Fact]
    public void The_pages_are_in_folders_named_as_the_features_of_the_domain()
    {
        string[] ofPagesAlone = ["Api", "Home", "Operator"];
        var known = Directory
            .GetDirectories(Path.Combine(Repository.Root, "Portal.Domain"))
            .Select(Path.GetFileName)
            .Concat(ofPagesAlone)
            .ToHashSet();
        Assert.All(
            Directory.GetDirectories(Path.Combine(Repository.Root, "Portal/Features")),
            folder => Assert.Contains(Path.GetFileName(folder), known)
        );
    }

    [Fact]
    public void Uses_inside_asynchronous_methods_and_lambdas_are_seen()
    {
        var uses = AssemblyUses.Of(typeof(FeatureTests).Assembly).Where(use => use.From == typeof(FeatureTests)).ToList();
        Assert.Contains(uses, use => use.To == typeof(SeenInALambda) && use.Member == nameof(UsesOthersAsync));
        Assert.Contains(uses, use => use.To == typeof(SeenAsAnArgument<>) && use.Member == nameof(UsesOthersAsync));
        Assert.Contains(uses, use => use.To == typeof(SeenInAPattern) && use.Member == nameof(UsesOthersAsync));
    }

    [Fact]
    public void The_shortest_circle_is_told_with_the_members_that_make_it()
    {
        var graph = new FeatureGraph([
            new("A", "B", "One.RunAsync", "Two"),
            new("B", "C", "Two.Name", "Three"),
            new("C", "A", "Three", "One"),
            new("C", "D", "Three.Go", "Four"),
            new("D", "C", "Four", "Three"),
            new("D", "D", "Four", "Five"),
        ]);
        Assert.Equal(["C", "D"], graph.ShortestCircle());
        Assert.Equal(
            $"C → D → C{Environment.NewLine}C → D{Environment.NewLine}    Three.Go uses Four{Environment.NewLine}D → "
                + $"C{Environment.NewLine}    Four uses Three",
            graph.DescribeCircle()
        );
        Assert.Null(
            new FeatureGraph([new("A", "B", "One", "Two"), new("A", "C", "One", "Three"), new("B", "C", "Two", "Three")]).DescribeCircle()
        );
    }

    private static async Task<int> UsesOthersAsync(object given)
    {
        await Task.Yield();
        var numbers = new[] { 1 }.Select(number => SeenInALambda.Twice(number)).ToList();
        return given is SeenInAPattern ? numbers.Count : Enumerable.Empty<SeenAsAnArgument<int>>().Count();
    }

    private static IEnumerable<FeatureUse> Compiled() =>
        from use in AssemblyUses.Of(typeof(Problem).Assembly)
        let user = FeatureOf(use.From)
        let used = FeatureOf(use.To)
        where user is not null && used is not null
        select new FeatureUse(user, used, use.Member is "" ? use.From.Name : $"{use.From.Name}.{use.Member}", use.To.Name);

    /// <summary>Constants and names are gone from the assembly; what they came from is not.</summary>
    private static IEnumerable<FeatureUse> Written() =>
        from file in Repository.Sources("Portal.Domain", ".cs")
        let user = FeatureOf(file)
        where user is not null
        from line in Repository.Lines(file)
        from Match match in FeatureName().Matches(line)
        select new FeatureUse(user, match.Groups[1].Value, file, match.Value);

    private static string? FeatureOf(Type type) =>
        type.Namespace is { } name && FeatureName().Match(name) is { Success: true } match ? match.Groups[1].Value : null;

    private static string? FeatureOf(string file) =>
        file.Split('/') is ["Portal.Domain", var feature, _, ..] && feature is not ("bin" or "obj") ? feature : null;

    /// <summary>The rows of the document's table, from the bottom up.</summary>
    private static IEnumerable<string> DocumentedOrder() =>
        Repository
            .Lines("docs/architecture.md")
            .SkipWhile(line => line != "## Who knows whom")
            .Select(line => FeatureRow().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"\bPortal\.Domain\.([A-Z]\w+)")]
    private static partial Regex FeatureName();

    [GeneratedRegex(@"^\| `([A-Z]\w+)` \|")]
    private static partial Regex FeatureRow();
}

internal static class SeenInALambda
{
    public static int Twice(int number) => 2 * number;
}

internal sealed class SeenAsAnArgument<T>
{
    public T? Value { get; init; }
}

internal sealed class SeenInAPattern;
