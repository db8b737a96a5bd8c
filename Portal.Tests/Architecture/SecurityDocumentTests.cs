using System.Reflection;
using System.Text.RegularExpressions;
using Portal.Domain.Access;
using Portal.Tests.Support;

namespace Portal.Tests.Architecture;

public sealed partial class SecurityDocumentTests
{
    [Fact]
    public void Every_test_that_the_security_document_names_exists()
    {
        var tests = typeof(SecurityDocumentTests)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(method => method.IsDefined(typeof(FactAttribute), inherit: true))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")
            .ToHashSet();
        var named = Named()
            .Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs/security.md")))
            .Select(match => match.Groups[1].Value)
            .Distinct()
            .ToList();
        Assert.True(named.Count > 40);
        var missing = named.Where(name => !tests.Contains(name)).ToList();
        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("2.1.1", "2.1.12", "2.2.1", "2.4.5", "2.5.7", "2.6.3", "2.8.7", "2.9.3", "2.10.4")]
    [InlineData("3.1.1", "3.2.4", "3.3.4", "3.5.3", "3.7.1")]
    [InlineData("4.1.5", "4.2.2", "4.3.3")]
    [InlineData("7.1.4", "7.2.2", "7.3.4", "7.4.3")]
    public void The_document_answers_every_section_of_the_standard(params string[] last)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs/security.md"));
        Assert.All(last, number => Assert.Contains($"\n| {number} | ", text, StringComparison.Ordinal));
    }

    /// <summary>With PORTAL_WRITE_SECURITY=1 it is written; else it has to be what the domain says.</summary>
    [Fact]
    public void The_document_shows_the_table_of_proof()
    {
        var file = Path.Combine(Repository.Root, "docs/security.md");
        var text = File.ReadAllText(file);
        var (begin, end) = (
            text.IndexOf('\n', text.IndexOf("<!-- proof:", StringComparison.Ordinal)) + 1,
            text.IndexOf("<!-- /proof -->", StringComparison.Ordinal)
        );
        var shown = text[..begin] + ProofTable.ToMarkdown() + text[end..];
        if (Environment.GetEnvironmentVariable("PORTAL_WRITE_SECURITY") == "1")
            File.WriteAllText(file, shown);
        else
            Assert.Equal(shown, text);
    }

    [GeneratedRegex(@"`([A-Z]\w+(?:Tests|Contract)\.\w+)`")]
    private static partial Regex Named();
}
