using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>An operator's look inside a customer's organization, over the API and on the page.</summary>
public sealed class ViewAsTests
{
    private const string Northwind = "/api/v1/organizations/northwind";
    private const string ViewAs = "/api/v1/operator/organizations/northwind/view-as";

    [Fact]
    public async Task A_look_needs_a_reason_reads_ends_and_is_in_the_customers_log()
    {
        await using var portal = new PortalHost();
        using var elena = await CustomerAsync(portal);
        using var @operator = await portal.OperatorAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await @operator.GetAsync(Northwind)).StatusCode);

        foreach (
            var body in new object[]
            {
                new { reason = " ", minutes = 5 },
                new { reason = "ticket 4711", minutes = 0 },
                new { reason = "ticket 4711", minutes = 241 },
                new { reason = "two\nlines", minutes = 5 },
            }
        )
            Assert.Equal(HttpStatusCode.BadRequest, (await @operator.PostAsJsonAsync(ViewAs, body)).StatusCode);
        var begun = await @operator.PostAsJsonAsync(ViewAs, new { reason = "ticket 4711: usage looks too high", minutes = 30 });
        Assert.Equal(HttpStatusCode.Created, begun.StatusCode);
        var token = (await begun.Content.ReadFromJsonAsync<JsonNode>())!["token"]!.GetValue<string>();

        using var look = portal.Api(token);
        Assert.Equal(HttpStatusCode.OK, (await look.GetAsync(Northwind + "/tenants")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await look.GetAsync(Northwind + "/usage")).StatusCode);
        var written = await look.PostAsJsonAsync(Northwind + "/tenants", new { name = "shop" });
        Assert.Equal((HttpStatusCode.Forbidden, "view-as-reads"), (written.StatusCode, await CodeAsync(written)));
        Assert.Equal(HttpStatusCode.Forbidden, (await look.GetAsync("/api/v1/operator/organizations")).StatusCode);
        // Nothing of the operator's own organizations: whoever finds the token gets this one.
        await @operator.PostAsJsonAsync("/api/v1/organizations", new { name = "Own", slug = "own" });
        Assert.Empty((await look.GetFromJsonAsync<JsonNode>("/api/v1/organizations"))!["items"]!.AsArray());

        var log = (await elena.GetFromJsonAsync<JsonNode>(Northwind + "/audit"))!["items"]!.AsArray();
        string[] operations = [.. log.Select(row => $"{row!["operation"]} {row["outcome"]} {row["onBehalfOf"]}")];
        Assert.Equal(
            [
                "tenant.create refused northwind",
                "usage.view allowed northwind",
                "tenant.list allowed northwind",
                "operator.view-as allowed ",
            ],
            operations.Take(4)
        );
        Assert.All(log.Take(4), row => Assert.Equal(PortalHost.OperatorEmail, row!["actor"]!.GetValue<string>()));
        Assert.All(
            log.Skip(1).Take(3),
            row => Assert.Equal("ticket 4711: usage looks too high", row!["details"]!["reason"]!.GetValue<string>())
        );

        Assert.Equal(HttpStatusCode.NoContent, (await @operator.DeleteAsync(ViewAs)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await look.GetAsync(Northwind + "/tenants")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await @operator.GetAsync(Northwind)).StatusCode);
    }

    [Fact]
    public async Task Only_operators_may_look_and_the_page_says_that_one_looks()
    {
        await using var portal = new PortalHost();
        using var elena = await CustomerAsync(portal);
        var refused = await elena.PostAsJsonAsync(ViewAs, new { reason = "curiosity", minutes = 5 });
        Assert.Equal((HttpStatusCode.Forbidden, "operator-only"), (refused.StatusCode, await CodeAsync(refused)));

        var browser = portal.Browser();
        await browser.SubmitAsync(
            "/sign-in",
            "sign-in",
            new() { ["Input.Email"] = PortalHost.OperatorEmail, ["Input.Password"] = PortalHost.OperatorPassword }
        );
        Assert.DoesNotContain("data-view-as", await browser.GetStringAsync("/o/northwind"), StringComparison.Ordinal);
        using var @operator = await portal.OperatorAsync();
        await @operator.PostAsJsonAsync(ViewAs, new { reason = "ticket <4711>", minutes = 30 });
        var page = await browser.GetStringAsync("/o/northwind");
        Assert.Contains("data-view-as", page, StringComparison.Ordinal);
        Assert.Contains("ticket &lt;4711&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("New tenant", page, StringComparison.Ordinal);
    }

    private static async Task<HttpClient> CustomerAsync(PortalHost portal)
    {
        var elena = await portal.SignedUpAsync("elena@northwind.example");
        Assert.Equal(
            HttpStatusCode.Created,
            (await elena.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" })).StatusCode
        );
        return elena;
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonNode>())?["code"]?.GetValue<string>();
}
