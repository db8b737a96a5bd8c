using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Migration;
using Portal.Domain.Work;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

public sealed partial class EveryKindTests
{
    /// <summary>A dead letter goes back to its topic.</summary>
    private static async Task SendBackAsync(RestClient rest, string slug)
    {
        await rest.PostAsync(
            $"{Topics(slug)}/orders/subscriptions",
            new JsonObject { ["name"] = "billing", ["deadLetters"] = true },
            HttpStatusCode.Created
        );
        var letters = $"{Topics(slug)}/orders-billing-DLQ";
        await rest.SettledAsync(letters);
        await rest.PostAsync($"{letters}/messages", new JsonObject { ["payload"] = "given up" }, HttpStatusCode.Created);
        await rest.PostAsync($"{letters}/send-back", new JsonObject(), HttpStatusCode.Accepted);
        await Eventually.TrueAsync(
            async () =>
                (await rest.GetAsync($"{letters}/send-back"))["last"] is { } last
                && (string?)last["state"] == "done"
                && (int)last["sent"]! == 1,
            $"{slug}'s dead letter is sent back"
        );
    }

    /// <summary>The inventory of a Kafka cluster, and the mapping that follows it.</summary>
    private static async Task MigrateAsync(RestClient rest, string slug)
    {
        var made = await rest.PostAsync(
            $"{Of(slug)}/migrations",
            new JsonObject
            {
                ["name"] = "move",
                ["tenant"] = $"{slug}-shop",
                ["bootstrapServers"] = "kafka.example:9092",
            },
            HttpStatusCode.Accepted
        );
        await Eventually.TrueAsync(
            async () =>
                await rest.GetAsync($"{Of(slug)}/migrations/{made["id"]}") is var now
                && (string?)now["stage"] == "planned"
                && !(bool)now["mapping"]!,
            $"{slug}'s topics are mapped"
        );
    }

    /// <summary>A plan's next version, which goes to the brokers for everybody on it.</summary>
    private static async Task PublishPlanAsync(RestClient rest)
    {
        var plan = (await rest.GetAsync("/api/v1/operator/plans"))["items"]!.AsArray().Single(plan => (string?)plan!["plan"] == "free")!;
        await rest.PutAsync(
            "/api/v1/operator/plans/free",
            new JsonObject
            {
                ["name"] = "Free",
                ["limits"] = plan["limits"]!.DeepClone(),
                ["note"] = "The same again.",
                ["basedOn"] = (long)plan["version"]!,
            }
        );
    }

    private static Task CreateTenantAsync(RestClient rest, string slug) =>
        rest.PostAsync($"{Of(slug)}/tenants", new JsonObject { ["name"] = $"{slug}-shop" }, HttpStatusCode.Accepted);

    private static string Connectors(string slug) => $"{Of(slug)}/tenants/{slug}-shop/connectors";

    private static Task CreateConnectorAsync(RestClient rest, string slug) =>
        rest.PostAsync(
            Connectors(slug),
            new JsonObject
            {
                ["namespace"] = "default",
                ["name"] = "beats",
                ["kind"] = "source",
                ["type"] = "heartbeat",
                ["topics"] = new JsonArray("default/orders"),
                ["stopped"] = true,
                ["configuration"] = new JsonObject { ["text"] = "beat" },
            },
            HttpStatusCode.Accepted
        );

    private static Task CreateTopicAsync(RestClient rest, string slug) =>
        rest.PostAsync(Topics(slug), new JsonObject { ["name"] = "orders" }, HttpStatusCode.Accepted);

    private static Task<JsonNode> CreateKeyAsync(RestClient rest, string slug) =>
        rest.PostAsync(
            $"{Of(slug)}/keys",
            new JsonObject
            {
                ["name"] = "app",
                ["tenant"] = $"{slug}-shop",
                ["namespace"] = "default",
                ["topics"] = new JsonArray("orders"),
                ["permissions"] = new JsonArray("produce"),
            },
            HttpStatusCode.Created
        );

    private static async Task DeleteAsync(RestClient rest, string path)
    {
        var (status, answer) = await rest.SendAsync(HttpMethod.Delete, path);
        Assert.True((int)status is 202 or 204, $"DELETE {path}: {(int)status} {answer}");
    }

    /// <summary>A person who presses "Try again" at everything that fails.</summary>
    private static async Task TryAgainAsync(RestClient rest, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            foreach (
                var item in (await rest.GetAsync("/api/v1/operator/work?open=true&limit=100"))["items"]!
                    .AsArray()
                    .Where(item => (int)item!["failures"]! > 0)
            )
                await rest.SendAsync(HttpMethod.Post, $"/api/v1/operator/work/{item!["id"]}/try-again", new JsonObject());
            await Task.WhenAny(Task.Delay(200, CancellationToken.None), Task.Delay(Timeout.Infinite, end));
        }
    }
}
