using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Desired;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>
/// What browsers are told, so that other sites and injected text can do nothing: headers, cookies, tokens of forms, origins.
/// </summary>
public sealed class BrowserDefenceTests
{
    private static readonly Uri Public = new("https://portal.example.com");

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/")]
    [InlineData("/no-such-page")]
    [InlineData("/api/v1/organizations")]
    [InlineData("/css/shell.css")]
    public async Task Every_answer_carries_the_defences(string path)
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        using var answer = await browser.GetAsync(path);
        Assert.Equal("DENY", Header(answer, "X-Frame-Options"));
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("strict-origin-when-cross-origin", Header(answer, "Referrer-Policy"));
        Assert.Equal("same-origin", Header(answer, "Cross-Origin-Opener-Policy"));
        Assert.Equal("same-origin", Header(answer, "Cross-Origin-Resource-Policy"));
        Assert.Contains("camera=()", Header(answer, "Permissions-Policy"), StringComparison.Ordinal);
        Assert.Null(Header(answer, "Server"));
        Assert.Null(Header(answer, "X-Powered-By"));
        // Not over http: a browser would ignore it, and in Development it would take localhost away from everything else.
        Assert.Null(Header(answer, "Strict-Transport-Security"));
        var policy = Header(answer, "Content-Security-Policy")!
            .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(part => part.Split(' ')[0], part => part.Split(' ')[1..]);
        // Files of this host, and inline ones that carry what was drawn for this answer alone.
        Assert.All(
            policy["script-src"],
            source => Assert.True(source == "'self'" || source.StartsWith("'nonce-", StringComparison.Ordinal), source)
        );
        Assert.Equal(["'self'"], policy["default-src"]);
        Assert.Equal(["'none'"], policy["object-src"]);
        Assert.Equal(["'self'"], policy["base-uri"]);
        Assert.Equal(["'none'"], policy["frame-ancestors"]);
        Assert.DoesNotContain("'unsafe-eval'", policy.SelectMany(part => part.Value));
        Assert.All(policy.Where(part => part.Key != "style-src"), part => Assert.DoesNotContain("'unsafe-inline'", part.Value));
    }

    [Fact]
    public async Task In_Production_browsers_keep_to_https_and_cookies_belong_to_this_host_alone()
    {
        await using var portal = new PortalHost
        {
            Environment = "Production",
            Settings =
            {
                ["Portal:AllowLocalStandIns"] = "true",
                ["Portal:PublicUrl"] = Public.ToString(),
                ["Portal:Mail:Host"] = "localhost",
                ["Portal:Mail:From"] = "portal@example.com",
            },
        };
        using var browser = portal.CreateClient(new() { AllowAutoRedirect = false, BaseAddress = Public });
        using var page = await browser.GetAsync("/sign-in");
        Assert.Equal("max-age=31536000", Header(page, "Strict-Transport-Security"));
        using var signedIn = await browser.SubmitAsync(
            "/sign-in",
            "sign-in",
            new() { ["Input.Email"] = PortalHost.OperatorEmail, ["Input.Password"] = PortalHost.OperatorPassword }
        );
        Assert.Equal(HttpStatusCode.Found, signedIn.StatusCode);
        var cookies = page.Headers.GetValues("Set-Cookie").Concat(signedIn.Headers.GetValues("Set-Cookie")).ToList();
        Assert.Contains(cookies, cookie => cookie.StartsWith("__Host-portal-session=", StringComparison.Ordinal));
        Assert.Contains(cookies, cookie => cookie.StartsWith("__Host-portal-antiforgery=", StringComparison.Ordinal));
        Assert.All(
            cookies,
            cookie =>
            {
                var parts = cookie.Split(';', StringSplitOptions.TrimEntries).Select(part => part.ToLowerInvariant()).ToList();
                Assert.StartsWith("__host-", parts[0], StringComparison.Ordinal);
                Assert.Contains("secure", parts);
                Assert.Contains("httponly", parts);
                Assert.Contains("path=/", parts);
                Assert.Contains(parts, part => part is "samesite=lax" or "samesite=strict");
                Assert.DoesNotContain(parts, part => part.StartsWith("domain=", StringComparison.Ordinal));
            }
        );
    }

    [Fact]
    public async Task No_form_is_taken_without_its_token_or_with_that_of_another_browser()
    {
        await using var portal = new PortalHost();
        using var browser = await portal.SignedUpAsync("ada@example.com");
        using var stranger = portal.Browser();
        var foreign = (await stranger.FormsOfAsync("/sign-in"))[0].Hidden.Single(field => field.Key == StaticForm.Token);
        var tried = 0;
        foreach (var client in new[] { browser, stranger })
        {
            foreach (var page in StaticForms.Pages)
            {
                foreach (var form in await client.FormsOfAsync(page))
                {
                    var fields = form
                        .Hidden.Where(field => field.Key != StaticForm.Token)
                        .Concat(form.Visible.Select(name => KeyValuePair.Create(name, "x")))
                        .ToList();
                    Assert.Equal((page, form.Name, HttpStatusCode.BadRequest), (page, form.Name, await StatusAsync(client, page, fields)));
                    if (client == browser)
                        Assert.Equal(
                            (page, form.Name, HttpStatusCode.BadRequest),
                            (page, form.Name, await StatusAsync(client, page, [.. fields, foreign]))
                        );
                    tried++;
                }
            }
        }
        Assert.True(tried > 8, $"only {tried} forms were found");
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(browser, "/sign-out", []));
    }

    [Theory]
    [InlineData("http://localhost", false)]
    [InlineData("https://localhost", true)]
    [InlineData("https://evil.example", true)]
    [InlineData("http://localhost:8080", true)]
    [InlineData("http://localhost.evil.example", true)]
    [InlineData("http://sub.localhost", true)]
    [InlineData("null", true)]
    [InlineData("file://", true)]
    public async Task A_WebSocket_is_opened_from_this_origin_only(string origin, bool refused)
    {
        await using var portal = new PortalHost();
        using var browser = portal.CreateClient(new() { AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/_blazor");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        using var answer = await browser.SendAsync(request);
        Assert.Equal(refused, answer.StatusCode == HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task What_breaks_on_our_side_is_a_problem_for_scripts_and_a_page_for_people_with_a_trace_id_and_nothing_of_the_inside()
    {
        await using var portal = new PortalHost();
        await using var broken = portal.WithWebHostBuilder(builder =>
            builder.ConfigureTestServices(services =>
                services.AddTransient<ListDifferences>(_ => throw new InvalidOperationException("the secret inside"))
            )
        );
        using var api = broken.CreateClient(new() { AllowAutoRedirect = false });
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", PortalHost.OperatorKey);
        foreach (
            var (path, type) in new[] { ("/api/v1/operator/differences", "application/problem+json"), ("/operator/clusters", "text/html") }
        )
        {
            using var answer = await api.GetAsync(path);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.Equal((HttpStatusCode.InternalServerError, type), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            Assert.Matches("[0-9a-f]{32}", text);
            Assert.DoesNotContain("the secret inside", text, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        }
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string page, IEnumerable<KeyValuePair<string, string>> fields)
    {
        using var answer = await client.PostAsync(page, new FormUrlEncodedContent(fields));
        return answer.StatusCode;
    }
}
