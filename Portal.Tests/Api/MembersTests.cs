using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

public sealed partial class MembersTests
{
    private const string Org = "/api/v1/organizations/northwind";

    [Fact]
    public async Task A_new_person_signs_up_through_the_invitation_and_is_removed_again()
    {
        await using var portal = new PortalHost();
        using var owner = portal.Api();
        await MadeAsync(owner, "/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        var invitation = await MadeAsync(owner, $"{Org}/invitations", new { email = "jo@else.example", role = "developer" });
        Assert.Equal(
            ("jo@else.example", "developer", "pending"),
            ((string?)invitation["email"], (string?)invitation["role"], (string?)invitation["state"])
        );

        using var jo = portal.Browser();
        var link = (await portal.NewestMailAsync("jo@else.example")).ActionUrl!.PathAndQuery;
        var joined = await jo.SubmitAsync(link, "sign-up-invited", new() { ["Input.Password"] = PortalHost.Password });
        Assert.Equal("/o/northwind", PathOf(joined));
        Assert.Contains("Northwind", await jo.GetStringAsync("/o/northwind"), StringComparison.Ordinal);

        var members = (await owner.GetFromJsonAsync<JsonNode>($"{Org}/members"))!["items"]!.AsArray();
        Assert.Equal(
            [(PortalHost.OperatorEmail, "owner"), ("jo@else.example", "developer")],
            members.Select(one => ((string)one!["email"]!, (string)one["role"]!))
        );
        Assert.Equal("accepted", (string?)(await owner.GetFromJsonAsync<JsonNode>($"{Org}/invitations"))!["items"]![0]!["state"]);
        Assert.Contains("already been accepted", await jo.GetStringAsync(link), StringComparison.Ordinal);

        var id = (string)members[1]!["id"]!;
        var changed = await owner.PutAsJsonAsync($"{Org}/members/{id}", new { role = "viewer" });
        Assert.Equal("viewer", (string?)(await changed.Content.ReadFromJsonAsync<JsonNode>())!["role"]);
        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{Org}/members/{id}")).StatusCode);
        Assert.Contains("find this organization", await jo.GetStringAsync("/o/northwind"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_signed_in_as_somebody_else_is_told_and_can_sign_out()
    {
        await using var portal = new PortalHost();
        using var owner = portal.Api();
        await MadeAsync(owner, "/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        using var eve = await portal.SignedUpAsync("eve@else.example");
        using var jo = await portal.SignedUpAsync("jo@else.example");
        await MadeAsync(owner, $"{Org}/invitations", new { email = "jo@else.example", role = "viewer" });
        var link = (await portal.NewestMailAsync("jo@else.example")).ActionUrl!.PathAndQuery;

        Assert.Contains("you are signed in as eve@else.example", await eve.GetStringAsync(link), StringComparison.Ordinal);
        var key = KeyOf(
            await (
                await eve.SubmitAsync("/account/api-keys", "new-api-key", new() { ["Input.Name"] = "laptop" })
            ).Content.ReadAsStringAsync()
        );
        using var script = portal.Api(key);
        var refused = await script.PostAsync($"/api/v1{link}/accept", null);
        Assert.Equal(
            (HttpStatusCode.Forbidden, "invitation-for-another"),
            (refused.StatusCode, (string?)(await refused.Content.ReadFromJsonAsync<JsonNode>())!["code"])
        );
        Assert.Equal(link, PathOf(await eve.SubmitAsync(link, "sign-out-invited", [])));
        Assert.Contains("returnUrl=%2Finvitations%2F", await eve.GetStringAsync(link), StringComparison.Ordinal);

        Assert.Equal("/o/northwind", PathOf(await jo.SubmitAsync(link, "accept", [])));
    }

    [Fact]
    public async Task One_account_owns_a_handful_of_free_organizations_and_its_words_do_not_reach_strangers_subjects()
    {
        await using var portal = new PortalHost { Settings = { ["Portal:Limits:FreeOrganizationsPerAccount"] = "2" } };
        using var eve = await portal.SignedUpAsync("eve@else.example");
        foreach (var slug in new[] { "northwind", "second" })
            await MadeAsync(eve, "/api/v1/organizations", new { name = "ACCOUNT LOCKED", slug });
        var third = await eve.PostAsJsonAsync("/api/v1/organizations", new { name = "Third", slug = "third" });
        Assert.Contains("organizations-limit", await third.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (
            var name in new[]
            {
                "verify now at https://evil.example",
                "www.evil.example",
                "support@evil.example",
                "PayPal: account locked. Go to evil.example/verify",
                "Go to evil\u2024com now",
            }
        )
        {
            var refused = await eve.PatchAsJsonAsync("/api/v1/organizations/northwind", new { name });
            Assert.Contains("name-address", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        foreach (var name in new[] { "Booking.com B.V.", "J.P. Morgan", "Amazon.com Services LLC" })
            Assert.Equal(HttpStatusCode.OK, (await eve.PatchAsJsonAsync("/api/v1/organizations/northwind", new { name })).StatusCode);
        await MadeAsync(eve, $"{Org}/invitations", new { email = "jo@else.example", role = "viewer" });
        Assert.Equal("You are invited to join an organization", (await portal.NewestMailAsync("jo@else.example")).Subject);
    }

    [Fact]
    public async Task What_is_made_and_ended_again_counts_for_a_day()
    {
        await using var portal = new PortalHost { Settings = { ["Portal:Limits:FreeOrganizationsPerAccount"] = "2" } };
        using var eve = await portal.SignedUpAsync("eve@else.example");
        for (var number = 0; number < 6; number++)
        {
            await MadeAsync(eve, "/api/v1/organizations", new { name = "Passing", slug = $"passing-{number}" });
            Assert.Equal(
                HttpStatusCode.NoContent,
                (
                    await eve.PostAsJsonAsync($"/api/v1/organizations/passing-{number}/close", new { confirm = $"passing-{number}" })
                ).StatusCode
            );
        }
        var seventh = await eve.PostAsJsonAsync("/api/v1/organizations", new { name = "Passing", slug = "passing-6" });
        Assert.Contains("organizations-a-day", await seventh.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_that_is_sent_again_is_a_mail()
    {
        await using var portal = new PortalHost();
        using var owner = portal.Api();
        await MadeAsync(owner, "/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        var invitation = await MadeAsync(owner, $"{Org}/invitations", new { email = "jo@else.example", role = "viewer" });
        var sent = 1;
        while (sent < 100)
        {
            using var again = await owner.PostAsync($"{Org}/invitations/{invitation["id"]}/resend", null);
            if (!again.IsSuccessStatusCode)
            {
                Assert.Contains("invitations-limit", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                break;
            }
            sent++;
        }
        Assert.Equal(10, sent);
    }

    [Fact]
    public async Task Ownership_is_given_away()
    {
        await using var portal = new PortalHost();
        using var owner = portal.Api();
        await MadeAsync(owner, "/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        using var jo = await portal.SignedUpAsync("jo@else.example");
        await MadeAsync(owner, $"{Org}/invitations", new { email = "jo@else.example", role = "viewer" });
        await jo.SubmitAsync((await portal.NewestMailAsync("jo@else.example")).ActionUrl!.PathAndQuery, "accept", []);
        var member = (string)(await owner.GetFromJsonAsync<JsonNode>($"{Org}/members"))!["items"]![1]!["id"]!;
        Assert.Equal(HttpStatusCode.NoContent, (await owner.PostAsJsonAsync($"{Org}/ownership", new { member })).StatusCode);
        var audit = (await owner.GetFromJsonAsync<JsonNode>($"{Org}/audit?operation=organization.transfer"))!["items"]![0]!;
        Assert.Equal("jo@else.example", (string?)audit["details"]!["to"]);
        Assert.Equal(HttpStatusCode.Forbidden, (await owner.PostAsJsonAsync($"{Org}/ownership", new { member })).StatusCode);
    }

    [Fact]
    public async Task A_link_that_is_none_says_so_and_nothing_more()
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        foreach (var token in new[] { "nonsense", new string('x', 300), "%20", "..%2F..%2Fetc" })
        {
            var page = await browser.GetAsync($"/invitations/{token}");
            Assert.True(
                page.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound or HttpStatusCode.BadRequest,
                $"{token}: {page.StatusCode}"
            );
        }
        Assert.Contains("This invitation link", await browser.GetStringAsync("/invitations/nonsense"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_organization_is_suspended_resumed_and_closed()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        await MadeAsync(api, "/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        var invitation = await MadeAsync(api, $"{Org}/invitations", new { email = "jo@else.example", role = "viewer" });
        const string operators = "/api/v1/operator/organizations/northwind";
        Assert.Equal(
            "reason-length",
            await CodeAsync(await api.PostAsJsonAsync($"{operators}/suspend", new { }), HttpStatusCode.BadRequest)
        );
        var suspended = await (
            await api.PostAsJsonAsync($"{operators}/suspend", new { reason = "unpaid" })
        ).Content.ReadFromJsonAsync<JsonNode>();
        Assert.Equal(("suspended", "unpaid"), ((string?)suspended!["state"], (string?)suspended["suspendedFor"]));
        Assert.Equal(
            "organization-suspended",
            await CodeAsync(await api.PostAsJsonAsync($"{Org}/tenants", new { name = "shop" }), HttpStatusCode.Forbidden)
        );
        Assert.Equal(
            "organization-suspended",
            await CodeAsync(
                await api.PostAsJsonAsync($"{Org}/invitations", new { email = "new@else.example", role = "viewer" }),
                HttpStatusCode.Forbidden
            )
        );
        Assert.Equal(
            "organization-suspended",
            await CodeAsync(await api.PostAsync($"{Org}/invitations/{invitation["id"]}/resend", null), HttpStatusCode.Forbidden)
        );
        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync($"{Org}/invitations/{invitation["id"]}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync($"{operators}/resume", null)).StatusCode);

        Assert.Equal(
            "confirmation-wrong",
            await CodeAsync(await api.PostAsJsonAsync($"{Org}/close", new { confirm = "south" }), HttpStatusCode.BadRequest)
        );
        Assert.Equal(HttpStatusCode.NoContent, (await api.PostAsJsonAsync($"{Org}/close", new { confirm = "northwind" })).StatusCode);
        Assert.Equal("organization-not-found", await CodeAsync(await api.GetAsync(Org), HttpStatusCode.NotFound));
        Assert.Empty((await api.GetFromJsonAsync<JsonNode>("/api/v1/organizations"))!["items"]!.AsArray());
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        Assert.Equal(status, answer.StatusCode);
        return (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["code"];
    }

    private static async Task<JsonNode> MadeAsync(HttpClient client, string path, object body)
    {
        var answer = await client.PostAsJsonAsync(path, body);
        Assert.True(
            answer.StatusCode == HttpStatusCode.Created,
            $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}"
        );
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private static object Key(string name) =>
        new
        {
            name,
            tenant = "shop",
            @namespace = "default",
            permissions = new[] { "produce", "consume" },
        };

    internal static string KeyOf(string html) => Regex.Match(html, "ptl_[0-9A-Za-z]{36}").Value;

    private static string? PathOf(HttpResponseMessage answer) =>
        answer.Headers.Location is { } to ? new Uri(new Uri("http://localhost"), to).AbsolutePath : null;
}
