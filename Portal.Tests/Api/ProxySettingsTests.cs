using System.Net;
using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>A proxy that ends TLS and of which nobody told Portal, or that rewrites what the browser sent.</summary>
public sealed class ProxySettingsTests
{
    [Theory]
    [InlineData("portal.example.com", null)]
    [InlineData("PORTAL.example.com:443", null)]
    [InlineData("inner:5080", null)]
    [InlineData("10.0.0.5", "https")]
    [InlineData("localhost", "http")]
    public async Task People_sign_in_whatever_the_proxy_makes_of_Host_and_scheme(string host, string? forwarded)
    {
        await using var portal = new PortalHost { Settings = { ["Portal:PublicUrl"] = "https://portal.example.com" } };
        using var proxy = portal.CreateClient(new() { AllowAutoRedirect = false, HandleCookies = false });
        var cookies = new Dictionary<string, string>();
        foreach (var page in new[] { "/sign-in", "/sign-up", "/forgot" })
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, page, null)).StatusCode);

        var html = await (await SendAsync(HttpMethod.Get, "/sign-in", null)).Content.ReadAsStringAsync();
        var form = html.Split("<form").First(part => part.Contains("value=\"sign-in\"", StringComparison.Ordinal));
        var fields = Regex
            .Matches(form, "<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")
            .ToDictionary(match => match.Groups[1].Value, match => WebUtility.HtmlDecode(match.Groups[2].Value));
        (fields["Input.Email"], fields["Input.Password"]) = (PortalHost.OperatorEmail, PortalHost.OperatorPassword);
        var signedIn = await SendAsync(HttpMethod.Post, "/sign-in", new FormUrlEncodedContent(fields));
        Assert.True(signedIn.StatusCode == HttpStatusCode.Found, $"{signedIn.StatusCode}: {await signedIn.Content.ReadAsStringAsync()}");
        // Nobody is sent to the inner address.
        var to = new Uri(new Uri("https://portal.example.com"), signedIn.Headers.Location!);
        Assert.Equal("https://portal.example.com", to.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, "/account", null)).StatusCode);

        async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content)
        {
            var request = new HttpRequestMessage(method, path) { Content = content, Headers = { Host = host } };
            request.Headers.TryAddWithoutValidation("Origin", "https://portal.example.com");
            if (forwarded is not null)
                request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", forwarded);
            if (cookies.Count > 0)
                request.Headers.TryAddWithoutValidation(
                    "Cookie",
                    string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"))
                );
            var answer = await proxy.SendAsync(request);
            if (answer.Headers.TryGetValues("Set-Cookie", out var set))
                foreach (var one in set.Select(text => text.Split(';')[0].Split('=', 2)))
                    cookies[one[0]] = one[1];
            return answer;
        }
    }
}
