using System.Collections.Concurrent;
using Markdig;
using Microsoft.AspNetCore.Components;

namespace Portal.Ui;

/// <summary>The texts of docs/help, which are built in, so that what the portal shows and what the repository shows are the same.</summary>
public static partial class HelpTexts
{
    private const string Prefix = "Portal.Help.";

    // The files are ours; HTML in them would be a mistake all the same.
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().Build();
    private static readonly ConcurrentDictionary<string, MarkupString> Rendered = new(StringComparer.Ordinal);

    /// <summary>Names of the files, without their endings.</summary>
    public static IReadOnlyList<string> Topics { get; } =
    [
        .. typeof(HelpTexts)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => Path.GetFileNameWithoutExtension(name[Prefix.Length..]))
            .Order(StringComparer.Ordinal),
    ];

    /// <exception cref="InvalidOperationException">There is no such file.</exception>
    public static MarkupString Of(string topic) => Rendered.GetOrAdd(topic, static name => new(Markdown.ToHtml(Source(name), Pipeline)));

    /// <summary>The same with addresses that lead somewhere: of the organization and tenant whose page is open, where one is.</summary>
    /// <param name="path">Of the page, as people see it: <c>o/northwind/tenants/shop</c>.</param>
    public static MarkupString Of(string topic, string path)
    {
        var parts = path.Split('?', '#')[0].Split('/');
        var (org, tenant) = parts is ["o", { Length: > 0 } first, ..]
            ? (first, parts is [_, _, "tenants", { Length: > 0 } second, ..] && second != "new" ? second : null)
            : (null, null);
        return org is null
            ? Of(topic)
            : new(
                Addresses()
                    .Replace(
                        Of(topic).Value,
                        found =>
                        {
                            var address = found
                                .Groups[1]
                                .Value.Replace("{org}", org, StringComparison.Ordinal)
                                .Replace("{tenant}", tenant ?? "{tenant}", StringComparison.Ordinal);
                            // Without a tenant the list of them is as near as it gets.
                            if (address.IndexOf("/{", StringComparison.Ordinal) is > 0 and var open)
                                address = address[..open];
                            var shown = System.Net.WebUtility.HtmlEncode(Uri.UnescapeDataString(address));
                            return $"<a href=\"{System.Net.WebUtility.HtmlEncode(address.TrimStart('/'))}\">{shown}</a>";
                        }
                    )
            );
    }

    [System.Text.RegularExpressions.GeneratedRegex("<code>(/o/\\{org\\}[^<]*)</code>")]
    private static partial System.Text.RegularExpressions.Regex Addresses();

    internal static string Source(string topic)
    {
        using var stream =
            typeof(HelpTexts).Assembly.GetManifestResourceStream($"{Prefix}{topic}.md")
            ?? throw new InvalidOperationException($"There is no docs/help/{topic}.md.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
