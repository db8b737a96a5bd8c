using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>
/// Every route in light, dark and phone width, empty and filled, for people to look at: <c>./dev pictures</c>. A test run
/// walks the routes once, in light.
/// </summary>
public sealed class PicturesTests
{
    private static readonly string[] Operators =
    [
        "operator/setup",
        "operator/organizations",
        "operator/organizations/filled",
        "operator/organizations/filled/what-if?traffic=200",
        "operator/plans",
        "operator/prices",
        "operator/tax",
        "operator/ui",
        "operator/clusters",
        "operator/clusters/local/connectors/sink/http-post",
        "operator/incidents",
        "operator/metering",
        "operator/books",
        "operator/emails",
        "operator/emails?kind=billing.payment-failed",
        "operator/emails?kind=billing.payment-failed&show=text",
        "operator/jobs",
        "operator/sign-in",
        "operator/audit",
    ];

    private const string Orders = "o/filled/tenants/shop/default/orders?tab=subscriptions";

    /// <summary>A page, and the button that opens the dialog.</summary>
    private static readonly (string Page, string Opens)[] Dialogs =
    [
        ("o/filled/tenants/shop?tab=connect", "Rotate key web-backend"),
        (Orders, "New subscription"),
        ($"{Orders}&subscription=billing", "Rewind to a time"),
        ($"{Orders}&subscription=billing", "Skip messages"),
        ($"{Orders}&subscription=billing", "Expire old messages"),
        ($"{Orders}&subscription=billing", "Clear backlog"),
        ("o/filled/tenants/shop/default/orders?tab=schema", "Upload schema"),
    ];

    [Theory]
    [InlineData("light")]
    [InlineData("dark", Traits = ["tier", "pictures"])]
    [InlineData("phone", Traits = ["tier", "pictures"])]
    public async Task Every_route_shows_itself_empty_and_filled(string look)
    {
        Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "pictures"));
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalHere.StartAsync();
        using var rest = await portal.OperatorAsync();
        await FillAsync(rest);
        var visitor = await browser.VisitorAsync(portal.Url, look);
        foreach (
            var open in new[]
            {
                "",
                "status",
                "sign-up",
                "sign-in",
                "sign-in/sso",
                "sign-in/failed",
                "sign-in/link",
                "forgot",
                "verify",
                "outbox",
                "invitations/none",
                "account/email/confirm",
            }
        )
            await TakeAsync(visitor, look, "public", open, interactive: false);
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        foreach (
            var own in new[]
            {
                "account",
                "account/security",
                "account/two-factor",
                "account/confirm",
                "account/email",
                "account/notifications",
                "account/api-keys",
                "account/applications",
            }
        )
            await TakeAsync(visitor, look, "account", own, interactive: false);
        foreach (
            var page in new[]
            {
                "organizations/new",
                "notifications",
                "o/empty",
                "o/empty/tenants",
                "o/empty/tenants/new",
                "o/empty/usage",
                "o/empty/billing",
                "o/empty/settings/general",
                "o/empty/settings/members",
                "o/empty/settings/api-keys",
                "o/empty/settings/sign-in",
                "o/empty/settings/applications",
                "o/empty/settings/notifications",
                "o/empty/settings/audit",
            }
        )
            await TakeAsync(visitor, look, "empty", page);
        var invoice = $"o/filled/billing/invoices/{await InvoiceAsync(rest)}";
        foreach (
            var page in new[]
            {
                invoice,
                invoice + "?meter=write",
                "o/filled",
                "o/filled/tenants",
                "o/filled/tenants/shop",
                "o/filled/tenants/shop?tab=connect",
                "o/filled/tenants/shop?tab=settings",
                "o/filled/tenants/shop/topics/new",
                "o/filled/tenants/shop/topics/new?step=shape",
                "o/filled/tenants/shop/topics/new?step=keeping",
                "o/filled/tenants/shop/topics/new?step=schema",
                "o/filled/tenants/shop/topics/new?step=subscriptions",
                "o/filled/tenants/shop/topics/new?step=review",
                "o/filled/tenants/shop/keys/new",
                "o/filled/tenants/shop/keys/new?step=access",
                "o/filled/tenants/shop/keys/new?step=expiry",
                "o/filled/tenants/shop/keys/new?step=review",
                "o/filled/tenants/new?step=cluster",
                "o/filled/tenants/new?step=review",
                "o/filled/tenants/shop/default",
                "o/filled/tenants/shop/default/orders",
                "o/filled/tenants/shop/default/clickstream",
                "o/filled/tenants/shop/default/orders?tab=subscriptions",
                "o/filled/tenants/shop/default/orders?tab=subscriptions&subscription=billing",
                "o/filled/tenants/shop/default/orders?tab=messages",
                "o/filled/tenants/shop/default/clickstream?tab=schema",
                "o/filled/tenants/shop/default/orders?tab=schema",
                "o/filled/tenants/shop/default/orders?tab=schema&version=1&with=0",
                "o/filled/tenants/shop/default/orders?tab=settings",
                "o/filled/usage",
                "o/filled/usage?range=24h&group=topic",
                "o/filled/billing",
                "o/filled/billing/what-if",
                "o/filled/billing/what-if?plan=free&traffic=200",
                "o/filled/tenants/shop?tab=connectors",
                "o/filled/tenants/shop/packages",
                "o/filled/tenants/shop/connectors/new",
                "o/filled/tenants/shop/connectors/new?type=source%3Aheartbeat",
                "o/filled/tenants/shop/connectors/default/beats",
                "o/filled/tenants/shop/connectors/new?type=function%3Aanomaly-score",
                "o/filled/tenants/shop/connectors/default/score",
                "o/filled/settings/members",
                "o/filled/settings/notifications",
                "o/filled/settings/api-keys",
            }
        )
            await TakeAsync(visitor, look, "filled", page);
        foreach (var (page, opens) in Dialogs)
        {
            await visitor.GoAsync(page);
            await visitor.PressAsync(opens);
            await visitor.Page.Locator(".mud-dialog").WaitForAsync();
            await visitor.PictureAsync($"dialog-{opens.Replace(' ', '-').ToLowerInvariant()}-{look}");
        }
        foreach (var page in Operators)
            await TakeAsync(visitor, look, "operator", page);
    }

    private static async Task TakeAsync(Visitor visitor, string look, string kind, string address, bool interactive = true)
    {
        if (interactive)
            await visitor.GoAsync(address);
        else
            await visitor.Page.GotoAsync(address);
        await visitor.Page.Locator("h1").First.WaitForAsync();
        // Where every component is shown, so is one that loads.
        if (address != "operator/ui")
            await Assertions.Expect(visitor.Page.Locator(".skeleton")).ToHaveCountAsync(0);
        await visitor.PictureAsync(
            $"{kind}-{(address.Length == 0 ? "landing" : string.Join('-', address.Split('/', '?', '=', '&')))}-{look}"
        );
    }

    /// <summary>An invoice to look at: under the shipped prices seconds of traffic cost nothing.</summary>
    private static async Task<string> InvoiceAsync(RestClient rest)
    {
        await rest.PostAsync("/api/v1/operator/price-books", PlainPrices.Book("dear"), HttpStatusCode.Created);
        return (string)(await RestThreadTests.ClosedAsync(rest, "/api/v1/organizations/filled"))["number"]!;
    }

    private static async Task FillAsync(RestClient rest)
    {
        foreach (var slug in new[] { "empty", "filled" })
            await rest.PostAsync(
                "/api/v1/organizations",
                new JsonObject { ["name"] = slug == "empty" ? "Newcomer" : "Northwind", ["slug"] = slug },
                HttpStatusCode.Created
            );
        await rest.PutAsync("/api/v1/operator/organizations/filled/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        const string org = "/api/v1/organizations/filled";
        await rest.PostAsync($"{org}/tenants", new JsonObject { ["name"] = "shop" }, HttpStatusCode.Accepted);
        await rest.SettledAsync($"{org}/tenants/shop/namespaces/default");
        foreach (var topic in new[] { "orders", "clickstream", "billing-archive" })
        {
            await rest.PostAsync(
                $"{org}/tenants/shop/namespaces/default/topics",
                new JsonObject { ["name"] = topic, ["partitions"] = topic.Length % 4 },
                HttpStatusCode.Accepted
            );
            await rest.SettledAsync($"{org}/tenants/shop/namespaces/default/topics/{topic}");
        }
        await rest.PostAsync(
            $"{org}/tenants/shop/namespaces/default/topics/orders/subscriptions",
            new JsonObject { ["name"] = "billing" },
            HttpStatusCode.Created
        );
        await rest.PostAsync(
            $"{org}/tenants/shop/connectors",
            new JsonObject
            {
                ["namespace"] = "default",
                ["name"] = "beats",
                ["kind"] = "source",
                ["type"] = "heartbeat",
                ["topics"] = new JsonArray("default/clickstream"),
                ["configuration"] = new JsonObject
                {
                    ["text"] = "beat",
                    ["failAfter"] = 3,
                    ["apiKey"] = "a-key",
                },
            },
            HttpStatusCode.Accepted
        );
        await rest.SettledAsync($"{org}/tenants/shop/connectors/default/beats");
        await rest.PostAsync(
            $"{org}/tenants/shop/functions",
            new JsonObject
            {
                ["namespace"] = "default",
                ["name"] = "score",
                ["type"] = "anomaly-score",
                ["inputs"] = new JsonArray("default/clickstream"),
                ["output"] = "default/scored",
                ["createOutput"] = true,
                ["configuration"] = new JsonObject { ["field"] = "value", ["threshold"] = 3 },
            },
            HttpStatusCode.Accepted
        );
        await rest.SettledAsync($"{org}/tenants/shop/functions/default/score");
        foreach (
            var fields in new[]
            {
                new[] { StandingSchemas.Field("id", "string") },
                [StandingSchemas.Field("id", "string"), StandingSchemas.Field("note", "string", "\"\"")],
            }
        )
        {
            var schema = new JsonObject { ["type"] = "JSON", ["definition"] = StandingSchemas.Order(fields) };
            await rest.PostAsync($"{org}/tenants/shop/namespaces/default/topics/orders/schema", schema, HttpStatusCode.Created);
        }
        var key = await rest.PostAsync(
            $"{org}/keys",
            new JsonObject
            {
                ["name"] = "web-backend",
                ["tenant"] = "shop",
                ["namespace"] = "default",
                ["permissions"] = new JsonArray("produce", "consume"),
            },
            HttpStatusCode.Created
        );
        await rest.SettledAsync($"{org}/keys/{key["id"]}");
        await rest.PostAsync(
            $"{org}/invitations",
            new JsonObject
            {
                ["email"] = "ines@northwind.example",
                ["role"] = "developer",
                ["tenant"] = "shop",
            },
            HttpStatusCode.Created
        );
        await rest.PostAsync(
            $"{org}/api-keys",
            new JsonObject { ["name"] = "deploy-pipeline", ["role"] = "developer" },
            HttpStatusCode.Created
        );
        var client = new PlainWebSocketClient(
            (string)(await rest.GetAsync($"{org}/tenants/shop/connect"))["webSocketUrl"]!,
            (string)key["token"]!
        );
        await client.SendAsync("shop/default/orders", 200, 2_048);
        await Eventually.TrueAsync(
            async () => RestThreadTests.Quantity(await rest.GetAsync($"{org}/usage"), "write") > 0,
            "usage is there"
        );
    }
}
