using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

public sealed partial class MembersTests
{
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
}
