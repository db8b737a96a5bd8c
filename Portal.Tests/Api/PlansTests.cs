using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>Plans and an organization's own limits, as an operator's script sees them.</summary>
public sealed class PlansTests
{
    private const string Free = "/api/v1/operator/plans/free";
    private const string Limits = "/api/v1/operator/organizations/northwind/limits";

    [Fact]
    public async Task A_plan_is_read_previewed_and_published_and_a_stale_change_is_refused()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        var plans = (await api.GetFromJsonAsync<JsonNode>("/api/v1/operator/plans"))!["items"]!.AsArray();
        Assert.Equal(
            [("free", 1), ("payg", 0), ("dedicated", 0)],
            plans.Select(plan => ((string)plan!["plan"]!, (int)plan["organizations"]!))
        );
        var limits = plans[0]!["limits"]!.DeepClone().AsObject();
        limits["tenants"] = 3;
        limits["connectors"] = null;

        var preview = await AnswerAsync(api.PostAsJsonAsync(Free + "/preview", new { limits }), HttpStatusCode.OK);
        Assert.Equal(
            (1, 1, 0, 0),
            ((int)preview["basedOn"]!, (int)preview["organizations"]!, (int)preview["over"]!, preview["items"]!.AsArray().Count)
        );
        var published = await AnswerAsync(
            api.PutAsJsonAsync(
                Free,
                new
                {
                    name = "Starter",
                    limits,
                    note = "Room to try",
                    basedOn = 1,
                }
            ),
            HttpStatusCode.OK
        );
        Assert.Equal(
            (2, "Starter", 3, PortalHost.OperatorEmail),
            (
                (int)published["version"]!,
                (string)published["name"]!,
                (int)published["limits"]!["tenants"]!,
                (string)published["publishedBy"]!
            )
        );
        Assert.True(published["limits"]!.AsObject().ContainsKey("connectors"));
        var stale = await AnswerAsync(
            api.PutAsJsonAsync(
                Free,
                new
                {
                    name = "Free",
                    limits,
                    note = "Again",
                    basedOn = 1,
                }
            ),
            HttpStatusCode.Conflict
        );
        Assert.Equal(("plan-changed", "basedOn"), ((string)stale["code"]!, (string)stale["field"]!));
        Assert.Equal(
            "based-on-missing",
            (string)
                (
                    await AnswerAsync(
                        api.PutAsJsonAsync(
                            Free,
                            new
                            {
                                name = "Free",
                                limits,
                                note = "Again",
                            }
                        ),
                        HttpStatusCode.BadRequest
                    )
                )["code"]!
        );

        var first = (await api.GetFromJsonAsync<JsonNode>(Free + "/versions?limit=1"))!;
        Assert.Equal(2, (int)first["items"]![0]!["version"]!);
        var second = (await api.GetFromJsonAsync<JsonNode>($"{Free}/versions?limit=1&after={first["next"]}"))!;
        Assert.Equal((1, null), ((int)second["items"]![0]!["version"]!, (string?)second["next"]));
        Assert.Equal(
            "plan-unknown",
            (string)(await AnswerAsync(api.GetAsync("/api/v1/operator/plans/gold/versions"), HttpStatusCode.BadRequest))["code"]!
        );
    }

    [Fact]
    public async Task Own_limits_are_set_by_name_hold_at_once_and_are_removed()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        Assert.Equal(0, (int)(await api.GetFromJsonAsync<JsonNode>(Limits))!["revision"]!);
        const string tenants = "/api/v1/organizations/northwind/tenants";
        await AnswerAsync(api.PostAsJsonAsync(tenants, new { name = "first" }), HttpStatusCode.Accepted);
        Assert.Equal(
            "tenants-limit",
            (string)(await AnswerAsync(api.PostAsJsonAsync(tenants, new { name = "second" }), HttpStatusCode.UnprocessableEntity))["code"]!
        );

        var set = await AnswerAsync(
            api.PutAsJsonAsync(
                Limits,
                new
                {
                    own = new Dictionary<string, long?> { ["tenants"] = 2, ["connectors"] = null },
                    note = "As agreed",
                    basedOn = 0,
                }
            ),
            HttpStatusCode.OK
        );
        Assert.Equal(
            (1, 2, 2, "As agreed"),
            ((int)set["revision"]!, (int)set["limits"]!["tenants"]!, set["own"]!.AsObject().Count, (string)set["note"]!)
        );
        Assert.Equal(2, (int)set["limits"]!["namespacesPerTenant"]!);
        await AnswerAsync(api.PostAsJsonAsync(tenants, new { name = "second" }), HttpStatusCode.Accepted);
        var stale = await AnswerAsync(
            api.PutAsJsonAsync(
                Limits,
                new
                {
                    own = new { tenants = 9 },
                    note = "Again",
                    basedOn = 0,
                }
            ),
            HttpStatusCode.Conflict
        );
        Assert.Equal("limits-changed", (string)stale["code"]!);

        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync(Limits)).StatusCode);
        var reset = (await api.GetFromJsonAsync<JsonNode>(Limits))!;
        Assert.Equal((2, 0, 1), ((int)reset["revision"]!, reset["own"]!.AsObject().Count, (int)reset["limits"]!["tenants"]!));
        // Both tenants stay; a third is refused.
        Assert.Equal(2, (await api.GetFromJsonAsync<JsonNode>(tenants))!["items"]!.AsArray().Count);
        Assert.Equal(
            "tenants-limit",
            (string)(await AnswerAsync(api.PostAsJsonAsync(tenants, new { name = "third" }), HttpStatusCode.UnprocessableEntity))["code"]!
        );
    }

    private static async Task<JsonNode> AnswerAsync(Task<HttpResponseMessage> sent, HttpStatusCode expected)
    {
        using var answer = await sent;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }
}
