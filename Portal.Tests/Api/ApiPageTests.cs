using System.Net;
using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>The API's document as a page.</summary>
public sealed partial class ApiPageTests
{
    [Fact]
    public async Task The_readable_page_stands_under_the_content_security_policy_and_asks_nobody_else()
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        using var answer = await browser.GetAsync("/api/");
        var html = await answer.Content.ReadAsStringAsync();
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        var scripts = Script().Matches(html);
        Assert.NotEmpty(scripts);
        Assert.All(
            scripts,
            script => Assert.Contains($"'nonce-{WebUtility.HtmlDecode(script.Groups["nonce"].Value)}'", policy, StringComparison.Ordinal)
        );
        Assert.DoesNotContain("unsafe-inline", policy.Split("script-src")[1].Split(';')[0], StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
        Assert.Equal("application/json", (await browser.GetAsync("/openapi/v1.json")).Content.Headers.ContentType?.MediaType);
    }

    [GeneratedRegex("<script[^>]*nonce=\"(?<nonce>[^\"]+)\"")]
    private static partial Regex Script();
}
