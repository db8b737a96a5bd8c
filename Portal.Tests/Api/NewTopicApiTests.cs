using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support.Journeys;
using static Portal.Tests.Support.Fakes.StandingSchemas;

namespace Portal.Tests.Api;

/// <summary>A topic with all that it begins with in one call, on the stand-in: what the wizard does.</summary>
public sealed class NewTopicApiTests
{
    private const string Org = "/api/v1/organizations/northwind";
    private const string Topics = $"{Org}/tenants/shop/namespaces/default/topics";

    [Fact]
    public async Task One_call_makes_the_topic_its_schema_its_subscriptions_and_its_dead_letter_topics()
    {
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        await rest.PostAsync($"{Org}/tenants", new JsonObject { ["name"] = "shop" }, HttpStatusCode.Accepted);
        await rest.SettledAsync($"{Org}/tenants/shop/namespaces/default");

        await rest.PostAsync(
            Topics,
            new JsonObject
            {
                ["name"] = "orders",
                ["partitions"] = 2,
                ["schema"] = new JsonObject { ["type"] = "JSON", ["definition"] = Order(Field("id", "string")) },
                ["subscriptions"] = new JsonArray(
                    new JsonObject { ["name"] = "billing", ["deadLetters"] = true },
                    new JsonObject { ["name"] = "audit", ["position"] = "latest" }
                ),
            },
            HttpStatusCode.Accepted
        );
        await rest.SettledAsync($"{Topics}/orders");
        await rest.SettledAsync($"{Topics}/orders-billing-DLQ");

        Assert.Equal("JSON", (string)(await rest.GetAsync($"{Topics}/orders/schema"))["type"]!);
        Assert.Equal(
            ["audit", "billing"],
            (await rest.GetAsync($"{Topics}/orders/subscriptions"))["items"]!.AsArray().Select(one => (string)one!["name"]!)
        );
        Assert.Equal(
            ["dead-letters"],
            (await rest.GetAsync($"{Topics}/orders-billing-DLQ/subscriptions"))["items"]!.AsArray().Select(one => (string)one!["name"]!)
        );

        foreach (
            var (code, body) in new (string, JsonObject)[]
            {
                (
                    "position-unknown",
                    new() { ["name"] = "x", ["subscriptions"] = new JsonArray(new JsonObject { ["name"] = "s", ["position"] = "middle" }) }
                ),
                (
                    "topic-keeps-nothing",
                    new()
                    {
                        ["name"] = "x",
                        ["persistent"] = false,
                        ["subscriptions"] = new JsonArray(new JsonObject { ["name"] = "s" }),
                    }
                ),
                (
                    "schema-malformed",
                    new()
                    {
                        ["name"] = "x",
                        ["schema"] = new JsonObject { ["type"] = "AVRO", ["definition"] = "{}" },
                    }
                ),
            }
        )
            Assert.Equal(code, (string)(await rest.SendAsync(HttpMethod.Post, Topics, body)).Body!["code"]!);
        Assert.Equal(2, (await rest.GetAsync(Topics))["items"]!.AsArray().Count);

        // Free has five topics in a namespace, those that come with others included, and all of a request come or none.
        foreach (var name in new[] { "second", "third" })
            await rest.PostAsync(Topics, new JsonObject { ["name"] = name }, HttpStatusCode.Accepted);
        await rest.SettledAsync($"{Topics}/second");
        var both = await rest.SendAsync(
            HttpMethod.Post,
            $"{Topics}/second/subscriptions",
            new JsonObject
            {
                ["name"] = "w",
                ["deadLetters"] = true,
                ["retries"] = true,
            }
        );
        Assert.Equal("topics-limit", (string)both.Body!["code"]!);
        Assert.Equal(4, (await rest.GetAsync(Topics))["items"]!.AsArray().Count);
    }
}
