using System.Collections.Concurrent;
using Markdig;
using Microsoft.AspNetCore.Components;

namespace Portal.Ui;

/// <summary>The texts of docs/help, which are built in, so that what the portal shows and what the repository shows are the same.</summary>
public static class HelpTexts
{
    private const string Prefix = "Portal.Help.";

    // The files are ours; HTML in them would be a mistake all the same.
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().Build();
    private static readonly ConcurrentDictionary<string, MarkupString> Rendered = new(StringComparer.Ordinal);

    /// <summary>Names of the files, without their endings.</summary>
    public static IReadOnlyList<string> Topics { get; } =
        [.. typeof(HelpTexts).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => Path.GetFileNameWithoutExtension(name[Prefix.Length..])).Order(StringComparer.Ordinal)];

    /// <exception cref="InvalidOperationException">There is no such file.</exception>
    public static MarkupString Of(string topic) => Rendered.GetOrAdd(topic, static name => new(Markdown.ToHtml(Source(name), Pipeline)));

    internal static string Source(string topic)
    {
        using var stream = typeof(HelpTexts).Assembly.GetManifestResourceStream($"{Prefix}{topic}.md") ?? throw new InvalidOperationException($"There is no docs/help/{topic}.md.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
