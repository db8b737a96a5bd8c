using System.Net;
using System.Text.Json.Nodes;
using Portal.Domain.Common;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Journeys;

public sealed partial class RepeatAfterDeathTests
{
    /// <summary>Fresh things to make, each with names of its own.</summary>
    private static async Task<IReadOnlyList<Case>> CasesAsync(RestClient rest, Uri portal, string? kafka, string mark)
    {
        var (url, own) = (
            new JsonArray("https://tool.example/callback"),
            new JsonObject { ["name"] = $"rotated-{mark}", ["role"] = "viewer" }
        );
        var apiKey = await rest.PostAsync($"{Org}/api-keys", own.DeepClone(), HttpStatusCode.Created);
        var turned = await rest.PostAsync(
            $"{Org}/keys",
            new JsonObject
            {
                ["name"] = $"turned-{mark}",
                ["tenant"] = "shop",
                ["namespace"] = "default",
                ["topics"] = new JsonArray("orders"),
                ["permissions"] = new JsonArray("consume"),
            },
            HttpStatusCode.Created
        );
        var accountKey = await rest.PostAsync(
            "/api/v1/account/api-keys",
            new JsonObject { ["name"] = $"rotated-{mark}" },
            HttpStatusCode.Created
        );
        var client = await rest.PostAsync($"{Org}/oidc-clients", Client($"renewed-{mark}"), HttpStatusCode.Created);
        await rest.PostAsync(
            $"{Ops}/promotion-codes",
            new JsonObject
            {
                ["code"] = $"GIVEN-{mark}",
                ["amount"] = 500,
                ["currency"] = "usd",
            },
            HttpStatusCode.Created
        );
        var platformClient = await rest.PostAsync($"{Ops}/oidc-clients", Client($"renewed-{mark}"), HttpStatusCode.Created);
        var invitation = await rest.PostAsync(
            $"{Org}/invitations",
            new JsonObject { ["email"] = $"again-{mark}@example.com", ["role"] = "viewer" },
            HttpStatusCode.Created
        );
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Late", ["slug"] = $"late-{mark}" },
            HttpStatusCode.Created
        );
        var incident = await rest.PostAsync(
            $"{Ops}/incidents",
            new JsonObject { ["title"] = $"Slow {mark}", ["text"] = "Consumers get messages late." },
            HttpStatusCode.Created
        );
        var ofOrders = $"{Org}/tenants/shop/namespaces/default/topics/orders/subscriptions";
        await rest.PostAsync(ofOrders, new JsonObject { ["name"] = $"moved-{mark}" }, HttpStatusCode.Created);
        return
        [
            new(
                "POST /api/v1/organizations",
                "/api/v1/organizations",
                new JsonObject { ["name"] = mark, ["slug"] = $"made-{mark}" },
                HttpStatusCode.Created,
                () => CountAsync(rest, "/api/v1/organizations", "slug", $"made-{mark}")
            ),
            new(
                $"POST {InNamespace}/topics",
                $"{Org}/tenants/shop/namespaces/default/topics",
                new JsonObject { ["name"] = $"topic-{mark}" },
                HttpStatusCode.Accepted,
                () => CountAsync(rest, $"{Org}/tenants/shop/namespaces/default/topics", "name", $"topic-{mark}")
            ),
            new(
                $"POST {InTenant}/connectors",
                $"{Org}/tenants/shop/connectors",
                Connector($"beat-{mark}"),
                HttpStatusCode.Accepted,
                () => CountAsync(rest, $"{Org}/tenants/shop/connectors", "name", $"beat-{mark}")
            ),
            new(
                $"POST {InTenant}/functions",
                $"{Org}/tenants/shop/functions",
                Function($"score-{mark}"),
                HttpStatusCode.Accepted,
                () => CountAsync(rest, $"{Org}/tenants/shop/functions", "name", $"score-{mark}")
            ),
            .. kafka is null
                ? (Case[])[]
                :
                [
                    new(
                        Migrations,
                        $"{Org}/migrations",
                        new JsonObject
                        {
                            ["name"] = $"move-{mark}",
                            ["tenant"] = "shop",
                            ["bootstrapServers"] = kafka,
                        },
                        HttpStatusCode.Accepted,
                        () => CountAsync(rest, $"{Org}/migrations", "name", $"move-{mark}")
                    ),
                ],
            new(
                "POST /api/v1/organizations/{org}/keys",
                $"{Org}/keys",
                new JsonObject
                {
                    ["name"] = $"key-{mark}",
                    ["tenant"] = "shop",
                    ["namespace"] = "default",
                    ["topics"] = new JsonArray("orders"),
                    ["permissions"] = new JsonArray("produce"),
                },
                HttpStatusCode.Created,
                () => CountAsync(rest, $"{Org}/keys", "name", $"key-{mark}"),
                key =>
                {
                    Assert.Equal(3, ((string)key["token"]!).Split('.').Length);
                    return Task.CompletedTask;
                }
            ),
            new(
                "POST /api/v1/organizations/{org}/keys/{id}/rotate",
                $"{Org}/keys/{turned["id"]}/rotate",
                null,
                HttpStatusCode.Created,
                () => ReplacedAsync(rest, $"{Org}/keys", turned),
                made =>
                {
                    Assert.Equal(3, ((string)made["token"]!).Split('.').Length);
                    return Task.CompletedTask;
                }
            ),
            new(
                "POST /api/v1/organizations/{org}/tenants",
                $"{Org}/tenants",
                new JsonObject { ["name"] = $"tenant-{mark}" },
                HttpStatusCode.Accepted,
                () => CountAsync(rest, $"{Org}/tenants", "name", $"tenant-{mark}")
            ),
            new(
                "POST /api/v1/organizations/{org}/tenants/{tenant}/namespaces",
                $"{Org}/tenants/shop/namespaces",
                new JsonObject { ["name"] = $"space-{mark}" },
                HttpStatusCode.Accepted,
                () => CountAsync(rest, $"{Org}/tenants/shop/namespaces", "name", $"space-{mark}")
            ),
            new(
                "POST /api/v1/organizations/{org}/api-keys",
                $"{Org}/api-keys",
                new JsonObject { ["name"] = $"api-{mark}", ["role"] = "viewer" },
                HttpStatusCode.Created,
                () => CountAsync(rest, $"{Org}/api-keys", "name", $"api-{mark}"),
                key => OpensAsync(rest, key, Org)
            ),
            new(
                "POST /api/v1/organizations/{org}/api-keys/{id}/rotate",
                $"{Org}/api-keys/{apiKey["id"]}/rotate",
                null,
                HttpStatusCode.Created,
                () => ReplacedAsync(rest, $"{Org}/api-keys", apiKey),
                key => OpensAsync(rest, key, Org)
            ),
            new(
                "POST /api/v1/account/api-keys",
                "/api/v1/account/api-keys",
                new JsonObject { ["name"] = $"own-{mark}" },
                HttpStatusCode.Created,
                () => CountAsync(rest, "/api/v1/account/api-keys", "name", $"own-{mark}"),
                key => OpensAsync(rest, key, Org)
            ),
            new(
                "POST /api/v1/account/api-keys/{id}/rotate",
                $"/api/v1/account/api-keys/{accountKey["id"]}/rotate",
                null,
                HttpStatusCode.Created,
                () => ReplacedAsync(rest, "/api/v1/account/api-keys", accountKey),
                key => OpensAsync(rest, key, Org)
            ),
            new(
                "POST /api/v1/organizations/{org}/oidc-clients",
                $"{Org}/oidc-clients",
                Client($"client-{mark}"),
                HttpStatusCode.Created,
                () => CountAsync(rest, $"{Org}/oidc-clients", "name", $"client-{mark}")
            ),
            new(
                "POST /api/v1/organizations/{org}/oidc-clients/{id}/secret",
                $"{Org}/oidc-clients/{client["id"]}/secret",
                null,
                HttpStatusCode.OK,
                null
            ),
            new(
                $"POST {Ops}/oidc-clients",
                $"{Ops}/oidc-clients",
                Client($"client-{mark}"),
                HttpStatusCode.Created,
                () => CountAsync(rest, $"{Ops}/oidc-clients", "name", $"client-{mark}")
            ),
            new(
                $"POST {Ops}/oidc-clients/{{id}}/secret",
                $"{Ops}/oidc-clients/{platformClient["id"]}/secret",
                null,
                HttpStatusCode.OK,
                null
            ),
            new(
                "POST /api/v1/organizations/{org}/invitations",
                $"{Org}/invitations",
                new JsonObject { ["email"] = $"new-{mark}@example.com", ["role"] = "viewer" },
                HttpStatusCode.Created,
                () => CountAsync(rest, $"{Org}/invitations", "email", $"new-{mark}@example.com")
            ),
            new(
                "POST /api/v1/organizations/{org}/invitations/{id}/resend",
                $"{Org}/invitations/{invitation["id"]}/resend",
                null,
                HttpStatusCode.OK,
                null
            ),
            new(
                $"POST {Ops}/clusters",
                $"{Ops}/clusters",
                new JsonObject { ["name"] = $"cluster-{mark}", ["adminUrl"] = "http://127.0.0.1:9" },
                HttpStatusCode.Created,
                () => CountAsync(rest, $"{Ops}/clusters", "name", $"cluster-{mark}")
            ),
            new(
                $"POST {Ops}/price-books",
                $"{Ops}/price-books",
                PlainPrices.Book($"book-{mark}"),
                HttpStatusCode.Created,
                () => CountAsync(rest, $"{Ops}/price-books", "version", $"book-{mark}")
            ),
            new(
                $"POST {Ops}/months/{{month}}/close",
                $"{Ops}/months/{Month(mark)}/close",
                null,
                HttpStatusCode.Accepted,
                () => CountAsync(rest, $"{Ops}/jobs", "subject", Month(mark))
            ),
            new(
                $"POST {Ops}/organizations/{{org}}/view-as",
                $"{Ops}/organizations/northwind/view-as",
                new JsonObject { ["reason"] = $"ticket {mark}", ["minutes"] = 5 },
                HttpStatusCode.Created,
                null
            ),
            new(
                $"POST {Ops}/promotion-codes",
                $"{Ops}/promotion-codes",
                new JsonObject
                {
                    ["code"] = $"MADE-{mark}",
                    ["amount"] = 500,
                    ["currency"] = "usd",
                },
                HttpStatusCode.Created,
                () => CountAsync(rest, $"{Ops}/promotion-codes", "code", $"MADE-{mark}".ToUpperInvariant())
            ),
            new(
                $"POST {Ops}/tax-settings",
                $"{Ops}/tax-settings",
                new JsonObject { ["mode"] = "none", ["startsAt"] = Starts(mark) },
                HttpStatusCode.Created,
                async () =>
                    (await rest.GetAsync($"{Ops}/tax-settings"))["items"]!
                        .AsArray()
                        .Count(item => (DateTimeOffset)item!["startsAt"]! == Starts(mark))
            ),
            new(
                $"POST {Ops}/incidents",
                $"{Ops}/incidents",
                new JsonObject { ["title"] = $"Late {mark}", ["text"] = "Consumers get messages late." },
                HttpStatusCode.Created,
                () => CountAsync(rest, $"{Ops}/incidents", "title", $"Late {mark}")
            ),
            new(
                $"POST {Ops}/incidents/{{id}}/updates",
                $"{Ops}/incidents/{(Guid)incident["id"]!}/updates",
                new JsonObject { ["stage"] = "identified", ["text"] = "A broker is out of memory." },
                HttpStatusCode.OK,
                async () =>
                    (await rest.GetAsync($"{Ops}/incidents"))["items"]!
                        .AsArray()
                        .Single(item => (string?)item!["title"] == $"Slow {mark}")!["updates"]!
                        .AsArray()
                        .Count - 1
            ),
            new(
                $"POST {Ops}/organizations/{{org}}/notes",
                $"{Ops}/organizations/northwind/notes",
                new JsonObject { ["text"] = $"Called, {mark}" },
                HttpStatusCode.Created,
                () => CountAsync(rest, $"{Ops}/organizations/northwind/notes", "text", $"Called, {mark}")
            ),
            new(
                "POST /api/v1/organizations/{org}/billing/promotion-codes",
                $"/api/v1/organizations/northwind/billing/promotion-codes",
                new JsonObject { ["code"] = $"GIVEN-{mark}" },
                HttpStatusCode.OK,
                () =>
                    CountAsync(rest, "/api/v1/organizations/northwind/billing/promotion-codes", "code", $"GIVEN-{mark}".ToUpperInvariant())
            ),
            new(
                "POST /api/v1/organizations/{org}/billing/tax-ids",
                $"{Org}/billing/tax-ids",
                new JsonObject { ["type"] = "au_abn", ["value"] = TaxId(mark) },
                HttpStatusCode.Accepted,
                () => CountAsync(rest, $"{Org}/billing/tax-ids", "value", TaxId(mark))
            ),
            // Another kind each round: one that was sent is kept.
            new(
                $"POST {Ops}/emails/{{kind}}/test",
                $"{Ops}/emails/{new[] { "account.verify", "account.reset", "member.invitation", "budget.share", "billing.paid" }[mark == "x" ? 0 : mark[1] - '0']}/test",
                null,
                HttpStatusCode.OK,
                null
            ),
            new(
                $"POST {Ops}/organizations/{{org}}/credits",
                $"{Ops}/organizations/northwind/credits",
                new JsonObject { ["amount"] = 500, ["reason"] = $"goodwill {mark}" },
                HttpStatusCode.Created,
                () => CountAsync(rest, $"{Ops}/organizations/northwind/credits", "reason", $"goodwill {mark}")
            ),
            new(
                $"POST {Ops}/organizations/{{org}}/suspend",
                $"{Ops}/organizations/late-{mark}/suspend",
                new JsonObject { ["reason"] = "unpaid" },
                HttpStatusCode.OK,
                null
            ),
            new(
                "POST /api/v1/organizations/{org}/billing/checkout",
                $"{Org}/billing/checkout",
                new JsonObject { ["returnUrl"] = $"{portal}o/northwind/billing?{mark}" },
                HttpStatusCode.OK,
                null
            ),
            new(
                $"POST {InNamespace}/topics/{{topic}}/subscriptions",
                ofOrders,
                new JsonObject { ["name"] = $"sub-{mark}" },
                HttpStatusCode.Created,
                () => CountAsync(rest, ofOrders, "name", $"sub-{mark}")
            ),
            // A schema that is there keeps its version; each round has one of its own, as a kept answer would never reach the point.
            new(
                $"POST {InNamespace}/topics/{{topic}}/schema",
                $"{Org}/tenants/shop/namespaces/default/topics/orders/schema",
                new JsonObject
                {
                    ["type"] = "JSON",
                    ["definition"] = $"{{\"type\":\"record\",\"name\":\"Order\",\"doc\":\"{mark}\",\"fields\":[]}}",
                },
                HttpStatusCode.Created,
                null
            ),
            // What the first attempt did on the cluster nobody knows: a number is never skipped twice.
            new(
                $"POST {InSubscription}/skip",
                $"{ofOrders}/moved-{mark}/skip",
                new JsonObject { ["entries"] = 1 },
                HttpStatusCode.Conflict,
                null
            )
            {
                Kept = HttpStatusCode.OK,
            },
            new($"POST {InSubscription}/clear", $"{ofOrders}/moved-{mark}/clear", null, HttpStatusCode.OK, null),
            new(
                $"POST {InSubscription}/rewind",
                $"{ofOrders}/moved-{mark}/rewind",
                new JsonObject { ["time"] = "2026-01-01T00:00:00Z" },
                HttpStatusCode.OK,
                null
            ),
            new(
                $"POST {InSubscription}/expire",
                $"{ofOrders}/moved-{mark}/expire",
                new JsonObject { ["olderThanSeconds"] = 3600 },
                HttpStatusCode.OK,
                null
            ),
        ];
    }
}
