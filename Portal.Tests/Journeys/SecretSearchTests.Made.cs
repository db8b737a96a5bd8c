using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Domain.Migration;
using Portal.Tests.Adapters.PulsarAdmin;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

public sealed partial class SecretSearchTests
{
    private async Task ConnectorsAsync(ConnectorWorld world, HttpClient http, string hook)
    {
        for (var number = 1; number <= 3; number++)
            await world.SendAsync($$"""{"celsius": {{number}}}""");
        var (tenant, dead) = (world.Tenant, "http://127.0.0.1:1/");
        // One with what is escaped on the way, and one that fails all the time.
        await AskAsync(
            http,
            HttpMethod.Post,
            $"{tenant}/connectors",
            Sink("hook", hook, Secret("a sink's secret", "q\"\\/+&=% ü<é>'")),
            HttpStatusCode.Accepted
        );
        await AskAsync(
            http,
            HttpMethod.Post,
            $"{tenant}/connectors",
            Sink("failing", dead, Secret("a failing sink's secret")),
            HttpStatusCode.Accepted
        );
        await AskAsync(
            http,
            HttpMethod.Post,
            $"{tenant}/connectors",
            Sink("refused", "nowhere", Secret("a refused sink's secret")),
            HttpStatusCode.BadRequest
        );
        var marked = Sink("marked", hook, Secret("a third sink's secret"));
        marked["configuration"]!["timeoutMs"] = Secret("a secret in a field of numbers");
        await AskAsync(http, HttpMethod.Post, $"{tenant}/connectors", marked, HttpStatusCode.BadRequest);
        await AskAsync(
            http,
            HttpMethod.Post,
            $"{tenant}/functions",
            new JsonObject
            {
                ["namespace"] = "default",
                ["name"] = "score",
                ["type"] = "anomaly-score",
                ["inputs"] = new JsonArray("default/orders"),
                ["output"] = "default/scored",
                ["createOutput"] = true,
                ["position"] = "earliest",
                ["configuration"] = new JsonObject
                {
                    ["field"] = "celsius",
                    ["api-token"] = Secret("a function's token"),
                    ["hall"] = Secret("a function's marked setting"),
                },
                ["secrets"] = new JsonArray("hall"),
            },
            HttpStatusCode.Accepted
        );
        foreach (var path in (string[])["connectors/default/hook", "connectors/default/failing", "functions/default/score"])
            await world.Rest.SettledAsync($"{tenant}/{path}");
        await AskAsync(
            http,
            HttpMethod.Put,
            $"{tenant}/connectors/default/failing",
            new JsonObject
            {
                ["configuration"] = new JsonObject { ["url"] = dead, ["authorization"] = Secret("a changed secret") },
            },
            HttpStatusCode.Accepted
        );
        await AskAsync(
            http,
            HttpMethod.Put,
            $"{tenant}/connectors/default/applied/manifest",
            new JsonObject
            {
                ["kind"] = "sink",
                ["type"] = "http-post",
                ["topics"] = new JsonArray("default/orders"),
                ["configuration"] = new JsonObject { ["url"] = dead, ["authorization"] = Secret("a manifest's secret") },
                ["secrets"] = new JsonArray("authorization"),
            },
            HttpStatusCode.OK
        );
        foreach (
            var (url, secret) in ((string, string)[])
                [(dead, "the secret of a trial that failed"), (hook, "the secret of a trial that worked")]
        )
            await TriedAsync(url, secret);
        await AskAsync(
            http,
            HttpMethod.Post,
            $"{tenant}/functions/preview",
            new JsonObject
            {
                ["namespace"] = "default",
                ["type"] = "anomaly-score",
                ["input"] = "default/orders",
                ["configuration"] = new JsonObject { ["field"] = "celsius", ["api-token"] = Secret("a preview's secret") },
            },
            HttpStatusCode.OK
        );
        await world.SweptAsync();
        await Eventually.TrueAsync(
            async () => (bool)(await world.Rest.GetAsync($"{tenant}/connectors/default/failing/status"))["failing"]!,
            "the failing one is seen"
        );

        async Task TriedAsync(string url, string secret)
        {
            var trial = Sink("", url, Secret(secret));
            trial.Remove("name");
            trial.Remove("topics");
            trial.Remove("position");
            trial["topic"] = "default/orders";
            await AskAsync(http, HttpMethod.Post, $"{tenant}/connectors/trial", trial, HttpStatusCode.OK);
            await world.SweptAsync();
        }
    }

    private static JsonObject Sink(string name, string url, string secret) =>
        new()
        {
            ["namespace"] = "default",
            ["name"] = name,
            ["kind"] = "sink",
            ["type"] = "http-post",
            ["topics"] = new JsonArray("default/orders"),
            ["position"] = "earliest",
            ["configuration"] = new JsonObject { ["url"] = url, ["authorization"] = secret },
        };

    private async Task MigrationsAsync(ConnectorWorld world, HttpClient http)
    {
        JsonObject Kafka(string secret) =>
            new()
            {
                ["tenant"] = world.Name,
                ["bootstrapServers"] = "127.0.0.1:1",
                ["security"] = "sasl-plain",
                ["user"] = "copier",
                ["password"] = Secret(secret),
            };
        await AskAsync(http, HttpMethod.Post, $"{Org}/migrations/test", Kafka("the secret of a test of Kafka"), HttpStatusCode.OK);
        var wanted = Kafka("a migration's secret");
        wanted["name"] = "From Kafka";
        await AskAsync(http, HttpMethod.Post, $"{Org}/migrations", wanted, HttpStatusCode.Accepted);
        var migration = (string)(await world.Rest.GetAsync($"{Org}/migrations"))["items"]![0]!["id"]!;
        var other = Kafka("a migration's changed secret");
        other.Remove("tenant");
        await AskAsync(http, HttpMethod.Put, $"{Org}/migrations/{migration}/connection", other);
        await AskAsync(http, HttpMethod.Post, $"{Org}/migrations/{migration}/inventory", new JsonObject());
    }
}
