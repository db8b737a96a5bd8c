using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.TestHost;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>What a browser, a monitor and a link checker get at an address, before any circuit.</summary>
public sealed partial class PageAnswersTests
{
    [Theory]
    [InlineData("/no-such-page")]
    [InlineData("/o/northwind/no-such-page")]
    public async Task An_unknown_address_is_a_page_with_a_way_out(string address)
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();

        using var answer = await browser.GetAsync(address);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains("<h1>Page not found</h1>", page, StringComparison.Ordinal);
        Assert.Contains("Back to home", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_address_of_the_API_stays_a_problem_document()
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();

        using var answer = await browser.GetAsync("/api/v1/no-such-thing");

        Assert.Equal(
            (HttpStatusCode.NotFound, "application/problem+json"),
            (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType)
        );
    }

    [Theory]
    [InlineData("/", 200)]
    [InlineData("/sign-in", 200)]
    [InlineData("/no-such-page", 404)]
    [InlineData("/api/v1/organizations", 401)]
    [InlineData("/api/v1/no-such-thing", 404)]
    [InlineData("/css/shell.css", 200)]
    public async Task HEAD_is_GET_without_the_body(string address, int status)
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();

        using var answer = await browser.SendAsync(new(HttpMethod.Head, address));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Every_script_and_style_of_a_page_has_a_compressed_file()
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        var page = await browser.GetStringAsync("/");
        var manifest = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Portal.staticwebassets.endpoints.json"))
        )!["Endpoints"]!.AsArray();
        var compressed = manifest
            .Where(one => one!["Selectors"]!.AsArray().Any(selector => (string?)selector!["Name"] == "Content-Encoding"))
            .Select(one => (string)one!["Route"]!)
            .ToHashSet();

        var asked = File_().Matches(page).Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(asked);
        Assert.Empty(asked.Except(compressed));
    }

    [Fact]
    public async Task What_carries_a_version_is_kept_by_the_browser()
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        var sheet = $"_content/MudBlazor/MudBlazor.min.css?v={typeof(MudBlazor.MudDialog).Assembly.GetName().Version!.ToString(3)}";

        using var kept = await browser.GetAsync("/" + sheet);
        using var other = await browser.GetAsync("/_content/MudBlazor/MudBlazor.min.css?v=0");

        Assert.True(kept.Headers.CacheControl is { MaxAge.TotalDays: >= 365 }, $"{kept.StatusCode} {kept.Headers.CacheControl}");
        Assert.False(other.Headers.CacheControl is { MaxAge.TotalDays: >= 365 });
    }

    /// <summary>A third of what a first visit would load; nothing that a stranger sees needs it.</summary>
    [Theory]
    [InlineData("/")]
    [InlineData("/sign-in")]
    [InlineData("/sign-up")]
    [InlineData("/status")]
    public async Task A_stranger_loads_no_components_and_every_link_loads_its_page_anew(string address)
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        var page = await browser.GetStringAsync(address);
        Assert.DoesNotContain("MudBlazor.min", page, StringComparison.Ordinal);
        Assert.Contains("<body data-enhance-nav=\"false\">", page, StringComparison.Ordinal);
        Assert.Contains("data-interactive=\"false\"", page, StringComparison.Ordinal);
    }

    [GeneratedRegex("""(?:src|href)="([^"?]+\.(?:css|js))[?"]""")]
    private static partial Regex File_();
}
