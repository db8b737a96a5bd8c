using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Hosting;
using Portal.Hosting.Settings;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>Requests that a browser sends with its cookie because a page of somebody else's told it to.</summary>
public sealed class OwnOriginTests
{
    [Fact]
    public async Task No_endpoint_takes_a_cookie_from_a_page_of_another_origin()
    {
        await using var portal = new PortalHost();
        using var browser = await portal.SignedUpAsync("ada@example.com");
        browser.DefaultRequestHeaders.Remove("Sec-Fetch-Site");
        var tried = 0;
        foreach (var (method, path) in UnsafeEndpoints(portal))
        {
            var isApi = path.StartsWith("/api/", StringComparison.Ordinal);
            Assert.Equal("origin-refused", await SendAsync(browser, method, path, "Sec-Fetch-Site", "same-site"));
            Assert.Equal("origin-refused", await SendAsync(browser, method, path, "Sec-Fetch-Site", "cross-site"));
            foreach (var origin in new[] { "http://localhost:8080", "https://localhost", "https://evil.example", "null" })
                Assert.Equal("origin-refused", await SendAsync(browser, method, path, "Origin", origin));
            if (isApi)
                Assert.Equal("origin-refused", await SendAsync(browser, method, path, null, null));
            tried++;
        }
        Assert.True(tried > 60, $"only {tried}");
        Assert.Equal("done", await SendAsync(browser, "POST", "/api/v1/organizations", "Origin", "http://localhost"));
    }

    [Fact]
    public async Task A_key_counts_wherever_it_is_sent_from_and_other_credentials_do_not_hide_a_cookie()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        api.DefaultRequestHeaders.Add("Origin", "https://evil.example");
        api.DefaultRequestHeaders.Add("Cookie", "portal-session=x");
        Assert.Equal(
            HttpStatusCode.Created,
            (await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" })).StatusCode
        );
        using var browser = await portal.SignedUpAsync("ada@example.com");
        browser.DefaultRequestHeaders.Remove("Sec-Fetch-Site");
        // A browser sends what an address names: http://x:y@host/.
        browser.DefaultRequestHeaders.Authorization = new("Basic", "eDp5");
        Assert.Equal("origin-refused", await SendAsync(browser, "POST", "/api/v1/organizations", "Origin", "https://evil.example"));
    }

    /// <summary>The same for a WebSocket over HTTP/1.1 and one over HTTP/2, which has neither GET nor Upgrade.</summary>
    [Theory]
    [InlineData("https://portal.example.com", null, true)]
    [InlineData("https://PORTAL.example.com", null, true)]
    [InlineData("http://portal.example.com", null, false)]
    [InlineData("https://portal.example.com:8443", null, false)]
    [InlineData("https://evil.example", null, false)]
    [InlineData("https://inner:5080", null, false)]
    [InlineData(null, "same-site", false)]
    [InlineData(null, "same-origin", true)]
    [InlineData(null, null, true)]
    public async Task A_WebSocket_is_opened_from_the_public_origin_only(string? origin, string? site, bool accepted)
    {
        foreach (var http2 in new[] { false, true })
        {
            var passed = false;
            var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
            // What a proxy in between made of it.
            (context.Request.Scheme, context.Request.Host, context.Request.Path, context.Request.Method) = (
                "http",
                new("inner:5080"),
                "/_blazor",
                http2 ? "CONNECT" : "GET"
            );
            if (http2)
                context.Features.Set<IHttpExtendedConnectFeature>(new Extended());
            else
                context.Request.Headers.Upgrade = "websocket";
            if (origin is not null)
                context.Request.Headers.Origin = origin;
            if (site is not null)
                context.Request.Headers["Sec-Fetch-Site"] = site;
            await new OwnOrigin(Pass, new PortalSettings { PublicUrl = "https://portal.example.com/" }, new Cookies()).InvokeAsync(context);
            Assert.Equal((http2, accepted), (http2, passed));

            Task Pass(HttpContext passing)
            {
                passed = true;
                return Task.CompletedTask;
            }
        }
    }

    private static IEnumerable<(string Method, string Path)> UnsafeEndpoints(PortalHost portal) =>
        from endpoint in portal.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
        where method is "POST" or "PUT" or "PATCH" or "DELETE"
        let path = "/"
            + string.Join(
                '/',
                endpoint.RoutePattern.PathSegments.Select(segment =>
                    segment.Parts is [RoutePatternLiteralPart literal] ? literal.Content : "gone"
                )
            )
        where path != "/connect/authorize"
        select (method, path);

    private static async Task<string> SendAsync(HttpClient client, string method, string path, string? header, string? value)
    {
        using var request = new HttpRequestMessage(new(method), path)
        {
            Content = new StringContent("""{"name": "Made", "slug": "made"}""", Encoding.UTF8, "application/json"),
        };
        if (header is not null)
            request.Headers.TryAddWithoutValidation(header, value);
        using var answer = await client.SendAsync(request);
        if (answer.IsSuccessStatusCode)
            return "done";
        var text = await answer.Content.ReadAsStringAsync();
        return text.StartsWith('{') ? (string?)JsonNode.Parse(text)!["code"] ?? "" : $"{(int)answer.StatusCode}";
    }

    private sealed class Extended : IHttpExtendedConnectFeature
    {
        public bool IsExtendedConnect => true;
        public string? Protocol => "websocket";

        public ValueTask<Stream> AcceptAsync() => throw new NotSupportedException();
    }

    private sealed class Cookies : IOptionsMonitor<CookieAuthenticationOptions>
    {
        public CookieAuthenticationOptions CurrentValue => Get(IdentityConstants.ApplicationScheme);

        public CookieAuthenticationOptions Get(string? name) => new() { Cookie = { Name = "portal-session" } };

        public IDisposable? OnChange(Action<CookieAuthenticationOptions, string?> listener) => null;
    }
}
