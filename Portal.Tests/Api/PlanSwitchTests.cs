using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>A change of plan as a customer's script sees it: previewed, asked for, taken back.</summary>
public sealed class PlanSwitchTests
{
    private const string Org = "/api/v1/organizations/northwind";

    [Fact]
    public async Task An_upgrade_is_previewed_requested_and_withdrawn_and_the_audit_log_has_it_once()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        await api.PostAsJsonAsync(
            "/api/v1/organizations",
            new
            {
                name = "Northwind",
                slug = "northwind",
                plan = "payg",
            }
        );
        var preview = (await api.GetFromJsonAsync<JsonNode>($"{Org}/billing/plan/preview?plan=payg"))!;
        Assert.Equal(
            ("payg", "free", true, null, "2026-01"),
            (
                (string)preview["plan"]!,
                (string)preview["present"]!,
                (bool)preview["needsCard"]!,
                (string?)preview["chargesFrom"],
                (string)preview["priceList"]!
            )
        );
        Assert.Contains(
            preview["limits"]!.AsArray(),
            move => (string)move!["limit"]! == "tenants" && (int)move["before"]! == 1 && (int)move["after"]! == 10
        );
        Assert.Equal(HttpStatusCode.BadRequest, (await api.GetAsync($"{Org}/billing/plan/preview?plan=gold")).StatusCode);

        Assert.Equal("payg", (string)(await api.GetFromJsonAsync<JsonNode>(Org))!["awaitingCardFor"]!);
        for (var times = 0; times < 2; times++)
            Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync($"{Org}/billing/plan/pending")).StatusCode);
        Assert.Null((string?)(await api.GetFromJsonAsync<JsonNode>(Org))!["awaitingCardFor"]);
        var kept = (await api.GetFromJsonAsync<JsonNode>($"{Org}/audit?operation=plan.keep"))!["items"]!.AsArray();
        Assert.Equal("payg", (string)Assert.Single(kept)!["details"]!["withdrawn"]!);
    }
}
