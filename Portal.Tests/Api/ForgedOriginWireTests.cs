using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>Every endpoint that may change something, asked with a real cookie from a page of another origin, over the wire.</summary>
public sealed class ForgedOriginWireTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task No_endpoint_takes_a_cookie_from_another_origin_over_either_version_of_HTTP(int version)
    {
        await using var portal = await PortalHere.StartAsync(
            version == 2 ? new Dictionary<string, string> { ["Kestrel__EndpointDefaults__Protocols"] = "Http2" } : null
        );
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = true })
        {
            BaseAddress = portal.Url,
            DefaultRequestVersion = version == 2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var signedIn = await browser.SubmitAsync(
            "/sign-in",
            "sign-in",
            new() { ["Input.Email"] = RunningPortal.OperatorEmail, ["Input.Password"] = RunningPortal.OperatorPassword }
        );
        Assert.Equal((HttpStatusCode.Found, version), (signedIn.StatusCode, signedIn.Version.Major));

        var endpoints = portal
            .Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint =>
                (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Select(method =>
                    (Method: method, Path: PathOf(endpoint))
                )
            )
            .Where(one => one.Method is "POST" or "PUT" or "PATCH" or "DELETE" && one.Path != "/connect/authorize")
            .Distinct()
            .ToList();
        Assert.True(endpoints.Count > 60, $"only {endpoints.Count}");
        foreach (var (method, path) in endpoints)
        {
            foreach (
                var (header, value) in new[]
                {
                    ("Sec-Fetch-Site", "same-site"),
                    ("Sec-Fetch-Site", "cross-site"),
                    ("Origin", "https://evil.example"),
                    ("Origin", "null"),
                    ("Origin", $"https://localhost:{portal.Url.Port}"),
                }
            )
            {
                var code = await CodeAsync(browser, method, path, header, value);
                Assert.True(code == "origin-refused", $"{method} {path} with {header}: {value} gave {code}");
            }
        }
        // The same from a page of ours is done.
        Assert.Equal(
            "201",
            await CodeAsync(browser, "POST", "/api/v1/organizations", "Origin", portal.Url.GetLeftPart(UriPartial.Authority))
        );
    }

    private static string PathOf(RouteEndpoint endpoint) =>
        "/"
        + string.Join(
            '/',
            endpoint.RoutePattern.PathSegments.Select(segment =>
                segment.Parts is [RoutePatternLiteralPart literal] ? literal.Content : "gone"
            )
        );

    private static async Task<string> CodeAsync(HttpClient browser, string method, string path, string header, string value)
    {
        using var request = new HttpRequestMessage(new(method), path)
        {
            Version = browser.DefaultRequestVersion,
            VersionPolicy = browser.DefaultVersionPolicy,
            Content = new StringContent("""{"name": "Made", "slug": "made"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation(header, value);
        using var answer = await browser.SendAsync(request);
        Assert.Equal(browser.DefaultRequestVersion, answer.Version);
        var text = await answer.Content.ReadAsStringAsync();
        return !answer.IsSuccessStatusCode && text.StartsWith('{')
            ? (string?)JsonNode.Parse(text)!["code"] ?? ""
            : $"{(int)answer.StatusCode}";
    }
}
