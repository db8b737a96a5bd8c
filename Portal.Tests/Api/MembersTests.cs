using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

public sealed class MembersTests
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
    public async Task With_the_member_end_the_keys_that_they_made()
    {
        await using var portal = new PortalHost();
        using var owner = portal.Api();
        await MadeAsync(owner, "/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        using var jo = await portal.SignedUpAsync("jo@else.example");
        await MadeAsync(owner, $"{Org}/invitations", new { email = "jo@else.example", role = "admin" });
        await jo.SubmitAsync((await portal.NewestMailAsync("jo@else.example")).ActionUrl!.PathAndQuery, "accept", []);
        using var own = portal.Api(
            KeyOf(
                await (
                    await jo.SubmitAsync("/account/api-keys", "new-api-key", new() { ["Input.Name"] = "laptop" })
                ).Content.ReadAsStringAsync()
            )
        );
        using var deploy = portal.Api((string)(await MadeAsync(jo, $"{Org}/api-keys", new { name = "deploy", role = "admin" }))["key"]!);
        Assert.Equal(HttpStatusCode.OK, (await deploy.GetAsync($"{Org}/members")).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await own.DeleteAsync($"{Org}/members/me")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await deploy.GetAsync($"{Org}/members")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await own.GetAsync($"{Org}/members")).StatusCode);
        var last = await owner.DeleteAsync($"{Org}/members/me");
        Assert.Equal(
            (HttpStatusCode.Conflict, "last-owner"),
            (last.StatusCode, (string?)(await last.Content.ReadFromJsonAsync<JsonNode>())!["code"])
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_the_member_ends_what_the_programs_made_whose_secrets_they_know(bool byClient)
    {
        await using var portal = new PortalHost();
        using var owner = portal.Api();
        await MadeAsync(owner, "/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        Assert.Equal(HttpStatusCode.Accepted, (await owner.PostAsJsonAsync($"{Org}/tenants", new { name = "shop" })).StatusCode);
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await owner.PostAsJsonAsync($"{Org}/tenants/shop/namespaces/default/topics", new { name = "orders" })).StatusCode
        );
        using var jo = await portal.SignedUpAsync("jo@else.example");
        await MadeAsync(owner, $"{Org}/invitations", new { email = "jo@else.example", role = "admin" });
        await jo.SubmitAsync((await portal.NewestMailAsync("jo@else.example")).ActionUrl!.PathAndQuery, "accept", []);
        using var program = portal.Api(await SecretAsync(portal, jo, byClient));
        var ofOwner = await MadeAsync(owner, $"{Org}/keys", Key("owner's"));
        var ofProgram = await MadeAsync(program, $"{Org}/keys", Key("program's"));
        var rotated = await MadeAsync(program, $"{Org}/keys/{ofOwner["id"]}/rotate", new { overlapHours = 24 });
        // A second address of the same person, invited by the program.
        using var second = await portal.SignedUpAsync("jo@second.example");
        await MadeAsync(program, $"{Org}/invitations", new { email = "jo@second.example", role = "admin" });
        var link = (await portal.NewestMailAsync("jo@second.example")).ActionUrl!.PathAndQuery;

        var member = (string)(await owner.GetFromJsonAsync<JsonNode>($"{Org}/members"))!["items"]![1]!["id"]!;
        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{Org}/members/{member}")).StatusCode);

        Assert.Equal("invitation-revoked", await CodeAsync(await second.PostAsync($"/api/v1{link}/accept", null), HttpStatusCode.Conflict));
        foreach (var ended in new[] { ofProgram, rotated })
            Assert.NotEqual("ready", await StateOfAsync(owner, ended));
        Assert.Equal("ready", await StateOfAsync(owner, ofOwner));
        Assert.Contains(
            "Key program's of shop/default",
            (await portal.NewestMailAsync(PortalHost.OperatorEmail)).Body,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lesser_role_ends_the_keys_to_topics_that_it_could_not_make_unless_the_organization_keeps_them(bool keep)
    {
        await using var portal = new PortalHost();
        using var owner = portal.Api();
        using var jo = await WithAdminAsync(portal, owner);
        using var program = portal.Api(await SecretAsync(portal, jo, byClient: false));
        var (own, made) = (await MadeAsync(jo, $"{Org}/keys", Key("by hand")), await MadeAsync(program, $"{Org}/keys", Key("by program")));
        var member = $"{Org}/members/{(string)(await owner.GetFromJsonAsync<JsonNode>($"{Org}/members"))!["items"]![1]!["id"]!}";

        // A developer may make such keys, so they stay; the API key that may do more ends.
        Assert.Equal(["apiKey deploy"], await GivenAsync(owner, $"{member}/credentials?role=developer"));
        Assert.Equal(HttpStatusCode.OK, (await owner.PutAsJsonAsync(member, new { role = "developer" })).StatusCode);
        foreach (var key in new[] { own, made })
            Assert.Equal("ready", await StateOfAsync(owner, key));
        // One of another tenant, and a viewer, may not.
        Assert.Equal(HttpStatusCode.Accepted, (await owner.PostAsJsonAsync($"{Org}/tenants", new { name = "other" })).StatusCode);
        Assert.Equal(["key by hand", "key by program"], await GivenAsync(owner, $"{member}/credentials?role=developer&tenant=other"));
        Assert.Empty(await GivenAsync(owner, $"{member}/credentials?role=developer&tenant=shop"));
        Assert.Equal(["key by hand", "key by program"], await GivenAsync(owner, $"{member}/credentials?role=viewer"));
        Assert.Equal(["key by hand"], await GivenAsync(owner, $"{member}/credentials?role=viewer&limit=1"));
        Assert.Equal(HttpStatusCode.OK, (await owner.PutAsJsonAsync(member, new { role = "viewer", keepKeys = keep })).StatusCode);

        foreach (var key in new[] { own, made })
            Assert.Equal(keep, await StateOfAsync(owner, key) == "ready");
        Assert.Equal(
            keep ? "kept" : "ended",
            (string?)(await owner.GetFromJsonAsync<JsonNode>($"{Org}/audit?operation=member.change"))!["items"]![0]!["details"]!["keys"]
        );
        var mail = await portal.NewestMailAsync(PortalHost.OperatorEmail);
        Assert.Equal("A member's role changed", mail.Subject);
        foreach (
            var line in new[] { "Key by hand of shop/default", "Key by program of shop/default", keep ? "still work" : "were revoked" }
        )
            Assert.Contains(line, mail.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task With_an_API_key_end_the_keys_and_invitations_that_it_made_unless_they_are_kept(bool ofAccount, bool keep)
    {
        await using var portal = new PortalHost();
        using var owner = portal.Api();
        using var jo = await WithAdminAsync(portal, owner);
        var keys = ofAccount ? "/api/v1/account/api-keys" : $"{Org}/api-keys";
        var secret = ofAccount
            ? KeyOf(
                await (
                    await jo.SubmitAsync("/account/api-keys", "new-api-key", new() { ["Input.Name"] = "deploy" })
                ).Content.ReadAsStringAsync()
            )
            : await SecretAsync(portal, jo, byClient: false);
        using var leaked = portal.Api(secret);
        var byHand = await MadeAsync(jo, $"{Org}/keys", Key("by hand"));
        var before = await MadeAsync(leaked, $"{Org}/keys", Key("before the rotation"));
        await MadeAsync(leaked, $"{Org}/invitations", new { email = "eve@else.example", role = "admin" });
        var link = (await portal.NewestMailAsync("eve@else.example")).ActionUrl!.PathAndQuery;
        // What the key made before it was rotated ends with its successor.
        var first = (await jo.GetFromJsonAsync<JsonNode>(keys))!["items"]![0]!["id"];
        var rotated = await MadeAsync(jo, $"{keys}/{first}/rotate", new { overlapHours = 24 });
        using var next = portal.Api((string)rotated["key"]!);
        var after = await MadeAsync(next, $"{Org}/keys", Key("after the rotation"));

        // What will end is told before.
        if (!ofAccount)
            Assert.Equal(
                ["key before the rotation", "key after the rotation", "invitation eve@else.example"],
                await GivenAsync(jo, $"{keys}/{rotated["id"]}/credentials")
            );
        Assert.Equal(HttpStatusCode.NoContent, (await jo.DeleteAsync($"{keys}/{rotated["id"]}?keepCreated={keep}")).StatusCode);
        await Eventually.TrueAsync(
            async () => await StateOfAsync(owner, before) == "ready" == keep && await StateOfAsync(owner, after) == "ready" == keep,
            "what the key made follows it"
        );
        Assert.Equal("ready", await StateOfAsync(owner, byHand));
        using var eve = await portal.SignedUpAsync("eve@else.example");
        var accepted = await eve.PostAsync($"/api/v1{link}/accept", null);
        if (keep)
            Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        else
            Assert.Equal("invitation-revoked", await CodeAsync(accepted, HttpStatusCode.Conflict));
        if (!keep)
            Assert.NotEmpty((await owner.GetFromJsonAsync<JsonNode>($"{Org}/audit?operation=key.end-with-api-key"))!["items"]!.AsArray());
    }

    /// <summary>Jo's browser, an admin of Northwind, which has a topic.</summary>
    private static async Task<HttpClient> WithAdminAsync(PortalHost portal, HttpClient owner)
    {
        await MadeAsync(
            owner,
            "/api/v1/organizations",
            new
            {
                name = "Northwind",
                slug = "northwind",
                plan = "payg",
            }
        );
        await owner.PutAsJsonAsync("/api/v1/operator/organizations/northwind/plan", new { plan = "payg", payBy = "invoice" });
        Assert.Equal(HttpStatusCode.Accepted, (await owner.PostAsJsonAsync($"{Org}/tenants", new { name = "shop" })).StatusCode);
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await owner.PostAsJsonAsync($"{Org}/tenants/shop/namespaces/default/topics", new { name = "orders" })).StatusCode
        );
        var jo = await portal.SignedUpAsync("jo@else.example");
        await MadeAsync(owner, $"{Org}/invitations", new { email = "jo@else.example", role = "admin" });
        await jo.SubmitAsync((await portal.NewestMailAsync("jo@else.example")).ActionUrl!.PathAndQuery, "accept", []);
        return jo;
    }

    private static async Task<string[]> GivenAsync(HttpClient api, string path) =>
        [.. (await api.GetFromJsonAsync<JsonNode>(path))!["items"]!.AsArray().Select(one => $"{one!["kind"]} {one["name"]}")];

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

    /// <summary>Of a program that may do what an admin may: its API key, or the access token that it gets as a client.</summary>
    private static async Task<string> SecretAsync(PortalHost portal, HttpClient admin, bool byClient)
    {
        if (!byClient)
            return (string)(await MadeAsync(admin, $"{Org}/api-keys", new { name = "deploy", role = "admin" }))["key"]!;
        var client = await MadeAsync(
            admin,
            $"{Org}/oidc-clients",
            new
            {
                name = "machine",
                actsAlone = true,
                confidential = true,
                scopes = new[] { "portal.admin" },
            }
        );
        using var anybody = portal.CreateClient();
        var granted = await anybody.PostAsync(
            "/connect/token",
            new FormUrlEncodedContent(
                new Dictionary<string, string>
                {
                    ["grant_type"] = "client_credentials",
                    ["client_id"] = (string)client["id"]!,
                    ["client_secret"] = (string)client["secret"]!,
                }
            )
        );
        return (string)(await granted.Content.ReadFromJsonAsync<JsonNode>())!["access_token"]!;
    }

    /// <summary>Null when it is gone.</summary>
    private static async Task<string?> StateOfAsync(HttpClient api, JsonNode key)
    {
        var answer = await api.GetAsync($"{Org}/keys/{key["id"]}");
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["state"];
    }

    internal static string KeyOf(string html) => Regex.Match(html, "ptl_[0-9A-Za-z]{36}").Value;

    private static string? PathOf(HttpResponseMessage answer) =>
        answer.Headers.Location is { } to ? new Uri(new Uri("http://localhost"), to).AbsolutePath : null;
}
