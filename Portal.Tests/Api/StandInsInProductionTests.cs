using System.Net;
using System.Net.NetworkInformation;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Clusters;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>Production that runs on the stand-ins knowingly: what is there for developers and tests alone is not there.</summary>
public sealed class StandInsInProductionTests
{
    private static readonly Uri Public = new("https://portal.example.com");

    [Fact]
    public async Task What_is_for_developers_is_closed_to_strangers_customers_and_operators()
    {
        await using var portal = Production();
        using var stranger = Browser(portal);
        using var @operator = Browser(portal);
        await @operator.SubmitAsync(
            "/sign-in",
            "sign-in",
            new() { ["Input.Email"] = PortalHost.OperatorEmail, ["Input.Password"] = PortalHost.OperatorPassword }
        );
        // As somebody on the very machine, through a proxy on it that hides itself.
        using var local = portal.CreateClient(new() { AllowAutoRedirect = false, BaseAddress = new("http://localhost") });

        foreach (var client in new[] { stranger, local })
        {
            Assert.DoesNotContain("<article", await client.GetStringAsync("/outbox"), StringComparison.Ordinal);
            Assert.Contains(
                (await client.GetAsync("/metrics")).StatusCode,
                new[] { HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden }
            );
            Assert.NotEqual(HttpStatusCode.OK, (await client.GetAsync("/operator/ui")).StatusCode);
        }
        Assert.Contains("Your account may not open this page", await @operator.GetStringAsync("/operator/ui"), StringComparison.Ordinal);
        Assert.DoesNotContain("<article", await @operator.GetStringAsync("/outbox"), StringComparison.Ordinal);
        // People are told on every page that nothing here is real.
        Assert.Contains(
            "Running on stand-ins (LocalPulsar, LocalStripe)",
            await @operator.GetStringAsync("/operator/setup"),
            StringComparison.Ordinal
        );

        // What the stand-ins have for tests, and their own APIs, are not under the portal's address.
        foreach (var client in new[] { stranger, @operator, local })
        {
            foreach (
                var path in new[]
                {
                    "/_control/faults",
                    "/_control/webhooks/url",
                    "/_control/events/evt_1/resend",
                    "/_local/restart",
                    "/admin/v2/clusters",
                    "/admin/v2/_local/restart",
                    "/v1/customers",
                    "/checkout/cs_1",
                }
            )
            {
                using var asked = await client.GetAsync(path);
                using var told = await client.PostAsync(path, Json("{}"));
                Assert.True(asked.StatusCode == HttpStatusCode.NotFound, $"GET {path}: {asked.StatusCode}");
                Assert.Contains(
                    told.StatusCode,
                    new[] { HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed, HttpStatusCode.BadRequest }
                );
            }
        }
    }

    [Fact]
    public async Task The_stand_ins_listen_on_this_machine_only_and_do_nothing_without_their_keys_or_for_a_web_page()
    {
        await using var portal = Production();
        using var any = portal.CreateClient();
        var pulsar = portal.Services.GetRequiredService<IClusterCatalog>().All.Single();
        var stripe = new Uri(portal.Services.GetRequiredService<IConfiguration>()["Portal:Stripe:ApiBase"]!);
        var ports = new[] { pulsar.WebSocketUrl!.Port, stripe.Port };
        var listening = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(one => ports.Contains(one.Port)).ToList();
        Assert.Equal(2, listening.Select(one => one.Port).Distinct().Count());
        Assert.All(listening, one => Assert.True(IPAddress.IsLoopback(one.Address), $"{one} is open to others"));

        using var plain = new HttpClient();
        var admin = new UriBuilder("http", "127.0.0.1", pulsar.WebSocketUrl.Port).Uri;
        foreach (
            var path in new[]
            {
                "admin/v2/clusters",
                "admin/v2/tenants",
                "admin/v2/brokers/configuration/runtime",
                "admin/v3/sinks/public/default",
            }
        )
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, (await plain.GetAsync(new Uri(admin, path))).StatusCode));
        Assert.Contains(
            (await plain.PostAsync(new Uri(admin, "admin/v2/_local/restart"), Json("{}"))).StatusCode,
            new[] { HttpStatusCode.Unauthorized, HttpStatusCode.NotFound }
        );
        Assert.Contains(
            (await plain.PostAsync(new Uri(admin, "_local/restart"), Json("{}"))).StatusCode,
            new[] { HttpStatusCode.Unauthorized, HttpStatusCode.NotFound }
        );
        foreach (var path in new[] { "v1/customers", "v1/invoices", "v1/events" })
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, (await plain.GetAsync(new Uri(stripe, $"/{path}"))).StatusCode));

        // What steers the stand-in in Development takes no key, so here it is not there: neither for other users of the machine nor for web
        // pages.
        foreach (
            var path in new[]
            {
                "faults",
                "webhooks/url",
                "webhooks/faults",
                "payment_methods/pm_1",
                "customers/cus_1/delete",
                "invoices/in_1/act",
                "events/evt_1/resend",
            }
        )
        {
            foreach (var (header, value) in new[] { ("Accept", "*/*"), ("Origin", "https://evil.example"), ("Host", "evil.example") })
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(stripe, $"/_control/{path}"))
                {
                    Content = Json("""{"kind": "timeout", "path": "/v1/customers"}"""),
                };
                request.Headers.TryAddWithoutValidation(header, value);
                using var answer = await plain.SendAsync(request);
                Assert.False(answer.IsSuccessStatusCode, $"{path} with {header}: {answer.StatusCode}");
            }
        }
    }

    private static PortalHost Production() =>
        new()
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

    private static HttpClient Browser(PortalHost portal)
    {
        var browser = portal.CreateClient(new() { AllowAutoRedirect = false, BaseAddress = Public });
        browser.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        return browser;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
