using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>What is typed wrong, or too late, gets a sentence that says what to do: in the page and as problem+json.</summary>
public sealed class BadInputTests
{
    private const string Org = "/api/v1/organizations/northwind";

    [Fact]
    public async Task Names_that_are_taken_or_malformed_are_refused_with_the_field_and_what_to_do()
    {
        await using var portal = new PortalHost();
        using var elena = await portal.SignedUpAsync("elena@northwind.example");
        using var rival = await portal.SignedUpAsync("rick@rival.example");
        await elena.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        await rival.PostAsJsonAsync("/api/v1/organizations", new { name = "Rival", slug = "rival" });
        await elena.PostAsJsonAsync(Org + "/tenants", new { name = "shop" });

        await RefusedAsync(
            rival.PostAsJsonAsync("/api/v1/organizations", new { name = "Again", slug = "northwind" }),
            HttpStatusCode.Conflict,
            "slug-taken",
            "Choose another one"
        );
        await RefusedAsync(
            rival.PostAsJsonAsync("/api/v1/organizations", new { name = "Again", slug = "No Spaces!" }),
            HttpStatusCode.BadRequest,
            "slug-malformed",
            "Example: "
        );
        await RefusedAsync(
            rival.PostAsJsonAsync("/api/v1/organizations/rival/tenants", new { name = "shop" }),
            HttpStatusCode.Conflict,
            "tenant-name-taken",
            "unique across the platform"
        );
        await RefusedAsync(
            rival.PostAsJsonAsync("/api/v1/organizations/rival/tenants", new { name = "public" }),
            HttpStatusCode.BadRequest,
            "tenant-name-reserved",
            "Choose another"
        );
        await RefusedAsync(
            elena.PostAsJsonAsync(Org + "/tenants/shop/namespaces/default/topics", new { name = "__change_events" }),
            HttpStatusCode.BadRequest,
            "topic-name-reserved",
            null
        );
        await RefusedAsync(
            elena.PostAsJsonAsync(Org + "/tenants/shop/namespaces/default/topics", new { name = "orders", partitions = 5000 }),
            HttpStatusCode.UnprocessableEntity,
            "partitions-limit",
            null
        );
        await RefusedAsync(
            elena.PostAsJsonAsync(Org + "/tenants/shop/namespaces/nowhere/topics", new { name = "orders" }),
            HttpStatusCode.NotFound,
            "namespace-not-found",
            null
        );
    }

    [Fact]
    public async Task Words_that_nothing_has_are_told_only_to_whoever_may_ask()
    {
        await using var portal = new PortalHost();
        using var elena = await portal.SignedUpAsync("elena@northwind.example");
        using var rival = await portal.SignedUpAsync("rick@rival.example");
        using var nobody = portal.CreateClient();
        await elena.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        await elena.PostAsJsonAsync(Org + "/tenants", new { name = "shop" });
        const string Shop = Org + "/tenants/shop";
        foreach (
            var (method, path, body, code) in new (HttpMethod, string, object?, string)[]
            {
                (HttpMethod.Get, "/api/v1/notifications?kind=x", null, "notification-kind-unknown"),
                (HttpMethod.Post, Shop + "/connectors", new { kind = "x" }, "connector-kind-unknown"),
                (HttpMethod.Post, Shop + "/connectors", new { kind = "sink", position = "x" }, "position-unknown"),
                (HttpMethod.Post, Shop + "/functions", new { guarantee = "x" }, "guarantee-unknown"),
                (HttpMethod.Post, Shop + "/functions", new { configuration = 3 }, "connector-configuration-malformed"),
            }
        )
        {
            Task<HttpResponseMessage> SendAsync(HttpClient client) =>
                client.SendAsync(new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) });
            await RefusedAsync(SendAsync(elena), HttpStatusCode.BadRequest, code, null);
            await RefusedAsync(SendAsync(nobody), HttpStatusCode.Unauthorized, "sign-in-required", null);
            if (body is not null)
                await RefusedAsync(SendAsync(rival), HttpStatusCode.NotFound, "organization-not-found", null);
        }
    }

    [Theory]
    [InlineData(AccountLinkPurpose.VerifyEmail, "valid for 24 hours and has expired")]
    [InlineData(AccountLinkPurpose.ResetPassword, "valid for one hour and has expired")]
    public async Task An_expired_link_says_so_and_what_to_do(AccountLinkPurpose purpose, string sentence)
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        await browser.SubmitAsync(
            "/sign-up",
            "sign-up",
            new() { ["Input.Email"] = "ada@example.com", ["Input.Password"] = PortalHost.Password }
        );
        var account = (
            await portal
                .Services.GetRequiredService<IPortalDatabase>()
                .ReadAsync(
                    session => session.Accounts.FindAsync(EmailAddress.Create("ada@example.com").Value, CancellationToken.None),
                    CancellationToken.None
                )
        )!;
        var seal = portal.Services.GetRequiredService<IAccountLinkSeal>();
        var token = seal.Seal(new(purpose, account.Account.Id, account.SecurityStamp, DateTimeOffset.UtcNow.AddMinutes(-1)));
        var page = await AnswerAsync(browser, purpose, token);
        Assert.Contains(sentence, page, StringComparison.Ordinal);
        Assert.Contains("Request a new one", page, StringComparison.Ordinal);
        Assert.Contains("This link is incomplete", await AnswerAsync(browser, purpose, token[..^9]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_that_cannot_be_read_are_answered_as_problems_without_a_trace_of_the_inside()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        foreach (
            var (body, type, status, code) in new[]
            {
                ("{\"name\": ", "application/json", HttpStatusCode.BadRequest, "body-not-json"),
                ("{\"name\": \"a\", \"name\": \"b\"}", "application/json", HttpStatusCode.BadRequest, "body-not-json"),
                ("{\"name\": 7}", "application/json", HttpStatusCode.BadRequest, "body-not-json"),
                ("name=shop", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType, "content-type-not-json"),
            }
        )
            await RefusedAsync(
                api.PostAsync(Org + "/tenants", new StringContent(body, System.Text.Encoding.UTF8, type)),
                status,
                code,
                null
            );
        foreach (var list in new[] { "/tenants", "/keys", "/audit", "/invoices" })
            await RefusedAsync(
                api.GetAsync(Org + list + "?after=not-a-cursor"),
                HttpStatusCode.BadRequest,
                "cursor-unknown",
                "as it was given"
            );
        await RefusedAsync(api.GetAsync(Org + "/tenants?limit=100000"), HttpStatusCode.BadRequest, "limit-out-of-range", null);
        await RefusedAsync(api.GetAsync(Org + "/usage?interval=minute"), HttpStatusCode.BadRequest, "interval-unknown", null);
    }

    [Fact]
    public async Task Null_inside_a_list_or_a_map_is_refused_and_the_place_named()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        foreach (
            var (path, body, place) in new[]
            {
                (
                    Org + "/tenants/shop/namespaces/default/topics/orders/messages",
                    """{"payload": "x", "properties": {"a": null}}""",
                    "$.properties"
                ),
                (Org + "/keys", """{"name": "k", "tenant": "shop", "namespace": "default", "permissions": [null]}""", "$.permissions"),
                (
                    Org + "/keys",
                    """{"name": "k", "tenant": "shop", "namespace": "default", "permissions": ["consume"], "topics": ["orders", null]}""",
                    "$.topics"
                ),
            }
        )
            await RefusedAsync(
                api.PostAsync(path, new StringContent(body, System.Text.Encoding.UTF8, "application/json")),
                HttpStatusCode.BadRequest,
                "body-not-json",
                place
            );
    }

    /// <summary>`topic` where `topics` was meant would make a key for all topics.</summary>
    [Theory]
    [InlineData(
        "/keys",
        """{"name": "k", "tenant": "shop", "namespace": "default", "permissions": ["consume"], "topic": "orders"}""",
        "topic"
    )]
    [InlineData(
        "/keys",
        """{"name": "k", "tenant": "shop", "namespace": "default", "permissions": ["consume"], "expires_at": "2026-12-01T00:00:00Z"}""",
        "expires_at"
    )]
    [InlineData("/tenants", """{"name": "shop", "cluster_name": "other"}""", "cluster_name")]
    public async Task A_field_that_nobody_knows_is_refused_by_name(string path, string body, string field)
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        await RefusedAsync(
            api.PostAsync(Org + path, new StringContent(body, System.Text.Encoding.UTF8, "application/json")),
            HttpStatusCode.BadRequest,
            "field-unknown",
            $"has no field '{field}'"
        );
    }

    [Theory]
    [InlineData("/tenants/shop/connectors")]
    [InlineData("/tenants/shop/functions")]
    [InlineData("/tenants/shop/functions/preview")]
    public async Task Half_a_character_in_settings_is_refused_and_the_place_named(string path)
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        var body = """{"namespace": "default", "type": "anomaly-score", "configuration": {"field": "\ud800"}}""";
        await RefusedAsync(
            api.PostAsync(Org + path, new StringContent(body, System.Text.Encoding.UTF8, "application/json")),
            HttpStatusCode.BadRequest,
            "body-not-json",
            "$.configuration"
        );
    }

    [Fact]
    public async Task A_body_beyond_every_limit_is_refused_with_a_sentence()
    {
        await using var portal = await PortalHere.StartAsync();
        // A client that waits to be told to go on, however long that takes, is answered before it has sent everything.
        using var http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) })
        {
            BaseAddress = portal.Url,
        };
        http.DefaultRequestHeaders.Authorization = new("Bearer", RunningPortal.OperatorKey);
        http.DefaultRequestHeaders.ExpectContinue = true;
        await http.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        foreach (
            var path in (string[])
                ["/api/v1/organizations", "/api/v1/organizations/northwind/tenants/shop/namespaces/default/topics/orders/messages"]
        )
            await RefusedAsync(
                http.PostAsync(
                    path,
                    new StringContent($$"""{"name": "{{new string('x', 40_000_000)}}"}""", System.Text.Encoding.UTF8, "application/json")
                ),
                HttpStatusCode.RequestEntityTooLarge,
                "body-too-large",
                "at most 4 MiB"
            );
    }

    [Fact]
    public async Task Two_spellings_of_a_name_are_one_topic()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        await api.PostAsJsonAsync(Org + "/tenants", new { name = "shop" });
        const string Topics = Org + "/tenants/shop/namespaces/default/topics";
        using var made = await api.PostAsJsonAsync(Topics, new { name = "cafe\u0301" });
        Assert.Equal("caf\u00e9", (string?)JsonNode.Parse(await made.Content.ReadAsStringAsync())!["name"]);
        await RefusedAsync(api.PostAsJsonAsync(Topics, new { name = "caf\u00e9" }), HttpStatusCode.Conflict, "topic-exists", null);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync($"{Topics}/{Uri.EscapeDataString("cafe\u0301")}")).StatusCode);
    }

    /// <summary>
    /// A reset link is looked at before a password is typed in vain; one that confirms an address when its button is pressed.
    /// </summary>
    private static async Task<string> AnswerAsync(HttpClient browser, AccountLinkPurpose purpose, string token)
    {
        var path = $"/{(purpose == AccountLinkPurpose.VerifyEmail ? "verify" : "reset")}?token={Uri.EscapeDataString(token)}";
        using var answer =
            purpose == AccountLinkPurpose.VerifyEmail ? await browser.SubmitAsync(path, "verify", []) : await browser.GetAsync(path);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    private static async Task RefusedAsync(Task<HttpResponseMessage> call, HttpStatusCode status, string code, string? says)
    {
        using var answer = await call;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(
            answer.StatusCode == status && answer.Content.Headers.ContentType?.MediaType == "application/problem+json",
            $"{answer.RequestMessage!.RequestUri}: {(int)answer.StatusCode} {text}"
        );
        var problem = JsonNode.Parse(text)!;
        Assert.Equal(code, (string?)problem["code"]);
        Assert.NotNull((string?)problem["traceId"]);
        if (says is not null)
            Assert.Contains(says, (string?)problem["detail"], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }
}
