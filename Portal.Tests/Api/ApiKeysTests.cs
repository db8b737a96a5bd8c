using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

public sealed class ApiKeysTests
{
    private const string Keys = "/api/v1/organizations/northwind/api-keys";

    [Fact]
    public async Task A_key_of_an_organization_acts_in_its_role_and_only_there()
    {
        await using var portal = new PortalHost();
        using var owner = await OwnerAsync(portal);
        var made = await PostAsync(owner, Keys, new { name = "deploy", role = "developer" });
        Assert.Equal(("deploy", "developer"), ((string?)made["name"], (string?)made["role"]));
        Assert.StartsWith("ptl_", (string?)made["key"], StringComparison.Ordinal);
        using var key = portal.Api((string)made["key"]!);

        Assert.Equal(HttpStatusCode.OK, (await key.GetAsync("/api/v1/organizations/northwind/tenants")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await key.PostAsJsonAsync("/api/v1/organizations/northwind/tenants", new { name = "shop" })).StatusCode
        );
        Assert.Equal("role-missing", await RefusedAsync(key, Keys, HttpStatusCode.Forbidden));
        Assert.Equal("organization-not-found", await RefusedAsync(key, "/api/v1/organizations/southwind", HttpStatusCode.NotFound));
        Assert.Equal("account-needed", await RefusedAsync(key, "/api/v1/account/api-keys", HttpStatusCode.Forbidden));

        var audit = await owner.GetFromJsonAsync<JsonNode>("/api/v1/organizations/northwind/audit?operation=tenant");
        Assert.Equal("key:deploy", (string?)audit!["items"]![0]!["actor"]);
    }

    [Fact]
    public async Task A_scoped_key_sees_its_tenant_and_no_other()
    {
        await using var portal = new PortalHost();
        using var owner = await OwnerAsync(portal);
        (
            await portal.Api().PutAsJsonAsync("/api/v1/operator/organizations/northwind/plan", new { plan = "payg", payBy = "invoice" })
        ).EnsureSuccessStatusCode();
        foreach (var name in new[] { "shop", "plant" })
            (await owner.PostAsJsonAsync("/api/v1/organizations/northwind/tenants", new { name })).EnsureSuccessStatusCode();
        using var key = portal.Api(
            (string)
                (
                    await PostAsync(
                        owner,
                        Keys,
                        new
                        {
                            name = "shop only",
                            role = "developer",
                            tenant = "shop",
                        }
                    )
                )["key"]!
        );

        var tenants = await key.GetFromJsonAsync<JsonNode>("/api/v1/organizations/northwind/tenants");
        Assert.Equal("shop", (string?)Assert.Single(tenants!["items"]!.AsArray())!["name"]);
        Assert.Equal(HttpStatusCode.NotFound, (await key.GetAsync("/api/v1/organizations/northwind/tenants/plant")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await key.PostAsJsonAsync("/api/v1/organizations/northwind/tenants", new { name = "third" })).StatusCode
        );
    }

    [Fact]
    public async Task A_revoked_key_fails_on_its_next_call_and_a_rotated_one_after_its_overlap()
    {
        await using var portal = new PortalHost();
        using var owner = await OwnerAsync(portal);
        var first = await PostAsync(owner, Keys, new { name = "deploy", role = "viewer" });
        using var old = portal.Api((string)first["key"]!);
        Assert.Equal(HttpStatusCode.OK, (await old.GetAsync("/api/v1/organizations/northwind")).StatusCode);

        var second = await PostAsync(owner, $"{Keys}/{first["id"]}/rotate", new { overlapHours = 1 });
        using var next = portal.Api((string)second["key"]!);
        Assert.Equal(HttpStatusCode.OK, (await old.GetAsync("/api/v1/organizations/northwind")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await next.GetAsync("/api/v1/organizations/northwind")).StatusCode);
        var shown = await owner.GetFromJsonAsync<JsonNode>($"{Keys}/{first["id"]}");
        Assert.Equal(("expiring", (string?)second["id"]), ((string?)shown!["state"], (string?)shown["replacedBy"]));

        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{Keys}/{first["id"]}")).StatusCode);
        Assert.Equal("api-key-refused", await RefusedAsync(old, "/api/v1/organizations/northwind", HttpStatusCode.Unauthorized));
        await PostAsync(owner, $"{Keys}/{second["id"]}/rotate", new { overlapHours = 0 });
        Assert.Equal("api-key-refused", await RefusedAsync(next, "/api/v1/organizations/northwind", HttpStatusCode.Unauthorized));
        Assert.Equal(HttpStatusCode.NotFound, (await owner.DeleteAsync($"{Keys}/no-uuid")).StatusCode);
    }

    [Fact]
    public async Task A_key_of_an_account_acts_as_it_and_a_bound_one_no_further_than_its_role()
    {
        await using var portal = new PortalHost();
        using var owner = await OwnerAsync(portal);
        using var whole = portal.Api((string)(await PostAsync(owner, "/api/v1/account/api-keys", new { name = "laptop" }))["key"]!);
        using var bound = portal.Api(
            (string)(await PostAsync(owner, "/api/v1/account/api-keys", new { name = "dashboard", role = "viewer" }))["key"]!
        );

        // No key makes another credential: with it ends what came of it.
        foreach (
            var (path, body) in new (string, object)[]
            {
                ("/api/v1/account/api-keys", new { name = "more" }),
                (Keys, new { name = "more", role = "viewer" }),
                (
                    "/api/v1/organizations/northwind/oidc-clients",
                    new
                    {
                        name = "machine",
                        actsAlone = true,
                        confidential = true,
                        scopes = new[] { "portal.admin" },
                    }
                ),
            }
        )
            Assert.Equal("people-only", await ProblemAsync(await whole.PostAsJsonAsync(path, body), HttpStatusCode.Forbidden));
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await whole.PostAsJsonAsync("/api/v1/organizations/northwind/tenants", new { name = "shop" })).StatusCode
        );
        Assert.Equal(
            "scope-missing",
            await ProblemAsync(
                await bound.PostAsJsonAsync("/api/v1/organizations/northwind/tenants", new { name = "other" }),
                HttpStatusCode.Forbidden
            )
        );
        Assert.Equal(
            "people-only",
            await ProblemAsync(await bound.PostAsJsonAsync("/api/v1/account/api-keys", new { name = "more" }), HttpStatusCode.Forbidden)
        );
        Assert.Equal(HttpStatusCode.OK, (await bound.GetAsync("/api/v1/organizations/northwind/tenants")).StatusCode);

        var audit = await owner.GetFromJsonAsync<JsonNode>("/api/v1/organizations/northwind/audit?operation=tenant.create&outcome=allowed");
        var row = audit!["items"]![0]!;
        Assert.Equal(("elena@northwind.example", "key:laptop"), ((string?)row["actor"], (string?)row["details"]!["via"]));
    }

    [Fact]
    public async Task A_kept_answer_is_not_given_to_a_key_that_may_do_less()
    {
        await using var portal = new PortalHost();
        using var owner = await OwnerAsync(portal);
        using var bound = portal.Api(
            (string)(await PostAsync(owner, "/api/v1/account/api-keys", new { name = "dashboard", role = "viewer" }))["key"]!
        );
        foreach (var client in new[] { owner, bound })
            client.DefaultRequestHeaders.Add("Idempotency-Key", "one");
        Assert.Contains(
            "ptl_",
            (string?)(await PostAsync(owner, Keys, new { name = "deploy", role = "admin" }))["key"],
            StringComparison.Ordinal
        );
        Assert.Equal(
            "scope-missing",
            await ProblemAsync(await bound.PostAsJsonAsync(Keys, new { name = "deploy", role = "admin" }), HttpStatusCode.Forbidden)
        );
    }

    [Fact]
    public async Task The_last_use_of_a_key_is_shown_with_its_address()
    {
        await using var portal = new PortalHost();
        using var owner = await OwnerAsync(portal);
        var made = await PostAsync(owner, Keys, new { name = "deploy", role = "viewer" });
        using var key = portal.Api((string)made["key"]!);
        await key.GetAsync("/api/v1/organizations/northwind");
        await Eventually.TrueAsync(
            async () => (string?)(await owner.GetFromJsonAsync<JsonNode>($"{Keys}/{made["id"]}"))!["lastUsedAt"] is not null,
            "the use is written down"
        );
    }

    [Fact]
    public async Task The_accounts_page_makes_and_ends_keys()
    {
        await using var portal = new PortalHost();
        using var browser = await portal.SignedUpAsync("elena@northwind.example");
        var shown = await (
            await browser.SubmitAsync("/account/api-keys", "new-api-key", new() { ["Input.Name"] = "laptop", ["Input.Days"] = "30" })
        ).Content.ReadAsStringAsync();
        var text = Regex.Match(shown, "ptl_[0-9A-Za-z]{36}").Value;
        using var api = portal.Api(text);
        var list = await api.GetFromJsonAsync<JsonNode>("/api/v1/account/api-keys");
        var id = (string)list!["items"]![0]!["id"]!;
        Assert.DoesNotContain(text, await browser.GetStringAsync("/account/api-keys"), StringComparison.Ordinal);

        var asked = await browser.GetStringAsync($"/account/api-keys?revoke={id}");
        Assert.Contains("Revoke laptop?", asked, StringComparison.Ordinal);
        Assert.Contains("No keys to topics or invitations were created with it.", asked, StringComparison.Ordinal);
        await browser.SubmitAsync($"/account/api-keys?revoke={id}", "keys", new() { ["Change.Revoke"] = id });
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/api/v1/account/api-keys")).StatusCode);
    }

    [Fact]
    public async Task Revoking_an_accounts_key_names_what_was_created_with_it_in_every_organization()
    {
        await using var portal = new PortalHost();
        using var owner = await OwnerAsync(portal);
        await PostAsync(owner, "/api/v1/organizations", new { name = "Southwind", slug = "southwind" });
        var made = await PostAsync(owner, "/api/v1/account/api-keys", new { name = "laptop" });
        using (var script = portal.Api((string)made["key"]!))
        {
            await PostAsync(script, "/api/v1/organizations/northwind/invitations", new { email = "jo@example.com", role = "viewer" });
            await PostAsync(script, "/api/v1/organizations/southwind/invitations", new { email = "mo@example.com", role = "developer" });
        }
        var id = (string)made["id"]!;
        var listed = (await owner.GetFromJsonAsync<JsonNode>($"/api/v1/account/api-keys/{id}/credentials"))!["items"]!.AsArray();
        Assert.Equal(
            ["jo@example.com northwind: Viewer", "mo@example.com southwind: Developer"],
            listed.Select(given => $"{given!["name"]} {given["place"]}")
        );
        var page = await owner.GetStringAsync($"/account/api-keys?revoke={id}");
        Assert.Contains("invitation of jo@example.com", page, StringComparison.Ordinal);
        Assert.Contains("invitation of mo@example.com", page, StringComparison.Ordinal);
        using var stranger = await portal.SignedUpAsync("eve@example.com");
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/v1/account/api-keys/{id}/credentials")).StatusCode);

        await owner.SubmitAsync($"/account/api-keys?revoke={id}", "keys", new() { ["Change.Revoke"] = id });
        foreach (var organization in new[] { "northwind", "southwind" })
        {
            var invitations = (await owner.GetFromJsonAsync<JsonNode>($"/api/v1/organizations/{organization}/invitations"))![
                "items"
            ]!.AsArray();
            Assert.DoesNotContain(invitations, invitation => (string?)invitation!["state"] == "pending");
        }
    }

    /// <summary>The browser of the account that owns <c>northwind</c>: keys are made by people.</summary>
    private static async Task<HttpClient> OwnerAsync(PortalHost portal)
    {
        var owner = await portal.SignedUpAsync("elena@northwind.example");
        await PostAsync(owner, "/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        return owner;
    }

    private static async Task<JsonNode> PostAsync(HttpClient client, string path, object body)
    {
        var answer = await client.PostAsJsonAsync(path, body);
        Assert.True(
            answer.StatusCode == HttpStatusCode.Created,
            $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}"
        );
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private static async Task<string?> RefusedAsync(HttpClient client, string path, HttpStatusCode status) =>
        await ProblemAsync(await client.GetAsync(path), status);

    private static async Task<string?> ProblemAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        Assert.Equal(status, answer.StatusCode);
        return (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["code"];
    }
}
