using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Portal.Domain.Common;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Journeys;

/// <summary>
/// Every POST that makes something, with an Idempotency-Key, killed with -9 before its commit, after it, and before its
/// answer; then sent again: one thing is there, and the answer is the one of whoever made it, secret included.
/// </summary>
public sealed partial class RepeatAfterDeathTests(ITestOutputHelper output, PostgresServer postgres)
{
    private const string Org = "/api/v1/organizations/northwind";
    private const string Ops = "/api/v1/operator";

    /// <summary>Makes nothing of its own, or nothing that the database could hold together with its answer.</summary>
    private static readonly string[] Others =
    [
        // Messages go to the cluster alone: after a death the repeat sends once more, as a producer without deduplication does.
        $"{InNamespace}/topics/{{topic}}/messages",
        // Need dead letters, which clients make, and one run at a time; the others want of it what is then already wanted.
        $"{InNamespace}/topics/{{topic}}/send-back",
        $"{InNamespace}/topics/{{topic}}/send-back/pause",
        $"{InNamespace}/topics/{{topic}}/send-back/resume",
        $"{InNamespace}/topics/{{topic}}/send-back/stop",
        // Try a function or connector and take it away again; what a killed one made is swept.
        $"{InTenant}/functions/preview",
        $"{InTenant}/connectors/trial",
        // Asks the cluster and changes nothing.
        $"{InSubscription}/analyze",
        $"{InNamespace}/topics/{{topic}}/schema/check",
        $"{Ops}/audit/verify",
        $"{Ops}/plans/{{plan}}/preview",
        $"{Ops}/price-books/preview",
        // What Stripe or a person has to have done before cannot be repeated by a script here; kept in the same way.
        "/api/v1/organizations/{org}/billing/checkout/complete",
        "/api/v1/invitations/{token}/accept",
        "/api/v1/account/logins/unlink",
        $"{Ops}/sign-in-domains/{{org}}/approve",
        // Ends what the other cases need, or needs that they failed.
        "/api/v1/organizations/{org}/close",
        "/api/v1/organizations/{org}/ownership",
        "/api/v1/organizations/{org}/tenants/{tenant}/retry",
        $"{Ops}/organizations/{{org}}/resume",
        $"{Ops}/oidc/keys/rotate",
        // Asks the books and changes nothing; the other needs an invoice that Stripe issued (OperatorMoneyTests repeat it).
        $"{Ops}/invoices/{{number}}/credit-notes/preview",
        $"{Ops}/invoices/{{number}}/credit-notes",
        // What is read stays read.
        "/api/v1/notifications/read",
        "/api/v1/notifications/{id}/read",
        // Ends what is then already over.
        $"{Ops}/incidents/{{id}}/end",
        // Needs something left of a credit.
        $"{Ops}/organizations/{{org}}/credits/{{credit}}/withdraw",
        // Needs an invoice that is overdue; the others want of an organization what is then already wanted of it.
        $"{Ops}/organizations/{{org}}/dunning/extend",
        $"{Ops}/organizations/{{org}}/dunning/turn-off",
        $"{Ops}/organizations/{{org}}/dunning/turn-on",
        // Asks the cluster and changes nothing; the others change a cluster to what it then already is.
        $"{Ops}/clusters/{{name}}/check",
        $"{Ops}/clusters/{{name}}/drain",
        $"{Ops}/clusters/{{name}}/activate",
        // There is one at a time; while it is being made its job is the answer (SampleJourneyTests).
        $"{Ops}/sample",
        // Needs an invoice that is blocked, and is refused once it no longer is.
        $"{Ops}/invoices/{{number}}/compare-again",
        // Wants of a connector what is then already wanted of it.
        $"{InTenant}/connectors/{{namespace}}/{{name}}/start",
        $"{InTenant}/connectors/{{namespace}}/{{name}}/stop",
        $"{InTenant}/connectors/{{namespace}}/{{name}}/restart",
        $"{InTenant}/functions/{{namespace}}/{{name}}/start",
        $"{InTenant}/functions/{{namespace}}/{{name}}/stop",
        $"{InTenant}/functions/{{namespace}}/{{name}}/restart",
        // Asks a Kafka cluster and changes nothing; a look that is under way is the answer to whoever wants one.
        "/api/v1/organizations/{org}/migrations/test",
        "/api/v1/organizations/{org}/migrations/{migration}/inventory",
        // Leave what is being copied or compared already as it is, and want of a copy what is then already wanted of it.
        "/api/v1/organizations/{org}/migrations/{migration}/copy",
        "/api/v1/organizations/{org}/migrations/{migration}/proof",
        "/api/v1/organizations/{org}/migrations/{migration}/copy/pause",
        "/api/v1/organizations/{org}/migrations/{migration}/copy/resume",
        "/api/v1/organizations/{org}/migrations/{migration}/copy/stop",
        // Leave a subscription that is on its way, a cut-over or a way back that is under way, and say once more what was said; a migration
        // is finished once.
        "/api/v1/organizations/{org}/migrations/{migration}/subscriptions",
        "/api/v1/organizations/{org}/migrations/{migration}/applications/confirm",
        "/api/v1/organizations/{org}/migrations/{migration}/cut-over",
        "/api/v1/organizations/{org}/migrations/{migration}/way-back",
        "/api/v1/organizations/{org}/migrations/{migration}/way-back/groups",
        "/api/v1/organizations/{org}/migrations/{migration}/finish",
        // Need work that is open, and change it to what it then already is.
        $"{Ops}/work/{{work}}/try-again",
        $"{Ops}/work/{{work}}/skip",
        $"{Ops}/work/{{work}}/pause",
        $"{Ops}/work/{{work}}/resume",
        $"{Ops}/work/{{work}}/stop",
    ];

    private const string Migrations = "POST /api/v1/organizations/{org}/migrations";
    private const string InTenant = "/api/v1/organizations/{org}/tenants/{tenant}";
    private const string InSubscription = $"{InNamespace}/topics/{{topic}}/subscriptions/{{subscription}}";
    private const string InNamespace = "/api/v1/organizations/{org}/tenants/{tenant}/namespaces/{namespace}";

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("PostgreSql", Traits = ["tier", "thorough"])]
    public async Task Killed_at_every_point_a_repeated_request_makes_one_thing_and_gets_the_first_answer(string provider)
    {
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var stripe = await StripeBeside.StartAsync();
        var settings = new Dictionary<string, string>(cluster.Settings.Concat(stripe.Settings))
        {
            ["Portal__SignIn__ConfirmAfterMinutes"] = "1440",
        };
        if (provider == "PostgreSql")
        {
            Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
            (settings["Portal__Database__Provider"], settings["Portal__Database__ConnectionString"]) = (
                "PostgreSql",
                await postgres.NewEmptyDatabaseAsync()
            );
        }
        await using var portal = await PortalProcess.StartAsync(settings, armed: true);
        using var rest = await portal.OperatorAsync();
        await PrepareAsync(rest);
        // A migration is made over a connection that works: only where there is a Kafka.
        var kafka = KafkaServer.MissingReason is null ? (await KafkaServer.SharedAsync()).Plaintext : null;
        var template = await CasesAsync(rest, portal.Url, kafka, "x");
        await EveryPostIsThereAsync(rest, template);
        foreach (var (index, point) in KillPoint.OfRequests.Index())
        {
            // Before the commit a request holds the database's only writer: they die one by one there, two of them.
            var cases = await CasesAsync(rest, portal.Url, kafka, $"{(char)('a' + index)}{index + 1}");
            if (point == KillPoint.RequestBeforeCommit)
                foreach (var one in cases.Take(2))
                    await DieAndRepeatAsync(portal, rest, point, [one]);
            else
                await DieAndRepeatAsync(portal, rest, point, cases);
            output.WriteLine($"{provider}, {point}: {cases.Count} requests");
        }
    }

    private async Task DieAndRepeatAsync(PortalProcess portal, RestClient rest, string point, IReadOnlyList<Case> cases)
    {
        portal.Arm($"{point}*{cases.Count}");
        var sent = cases.Select(one => SendAsync(rest, one)).ToList();
        await Eventually.TrueAsync(
            () => Task.FromResult(portal.HasEnded),
            () =>
                $"all {cases.Count} reach {point} and the portal dies: "
                + $"{string.Join('\n', sent.Where(task => task.IsCompletedSuccessfully).Select(task => task.Result))}\n{portal.Said}"
        );
        await Task.WhenAll(sent);
        portal.Arm("");
        await portal.StartAgainAsync();
        foreach (var one in cases)
        {
            var back = Stopwatch.StartNew();
            var (status, body) = (await SendAsync(rest, one))!.Value;
            output.WriteLine($"{point}: {one.Operation} answered after {back.ElapsedMilliseconds} ms");
            var wanted = point == KillPoint.RequestBeforeAnswer ? one.Kept ?? one.Status : one.Status;
            Assert.True(status == wanted, $"{point} {one.Path}: {(int)status} {body}");
            var (_, again) = (await SendAsync(rest, one))!.Value;
            Assert.Equal(body, again);
            if (one.Count is { } count)
                Assert.True(await count() == 1, $"{point} {one.Path} made {await count()} things");
            if (one.Check is { } check && body is not null)
                await check(JsonNode.Parse(body)!);
        }
    }

    private static async Task<(HttpStatusCode Status, string? Body)?> SendAsync(RestClient rest, Case one)
    {
        try
        {
            var (status, body) = await rest.SendAsync(HttpMethod.Post, one.Path, one.Body?.DeepClone(), "repeat-" + one.Name);
            return (status, body?.ToJsonString());
        }
        catch (HttpRequestException)
        {
            // It died before it could answer.
            return null;
        }
    }

    private static async Task PrepareAsync(RestClient rest)
    {
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        await rest.PutAsync($"{Ops}/organizations/northwind/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        // A cluster that is no stand-in of the portal's own offers what its operator allows.
        var clusterName = (string)(await rest.GetAsync("/api/v1/operator/clusters"))["items"]![0]!["name"]!;
        await rest.PutAsync(
            $"/api/v1/operator/clusters/{clusterName}/connectors",
            new JsonObject { ["connectors"] = new JsonArray("source:heartbeat", "function:anomaly-score") }
        );
        await rest.PostAsync($"{Org}/tenants", new JsonObject { ["name"] = "shop" }, HttpStatusCode.Accepted);
        await rest.SettledAsync($"{Org}/tenants/shop/namespaces/default");
        await rest.PostAsync(
            $"{Org}/tenants/shop/namespaces/default/topics",
            new JsonObject { ["name"] = "orders" },
            HttpStatusCode.Accepted
        );
        await rest.SettledAsync($"{Org}/tenants/shop/namespaces/default/topics/orders");
    }

    private static JsonObject Connector(string name) =>
        new()
        {
            ["namespace"] = "default",
            ["name"] = name,
            ["kind"] = "source",
            ["type"] = "heartbeat",
            ["topics"] = new JsonArray("default/orders"),
            ["stopped"] = true,
            ["configuration"] = new JsonObject { ["text"] = "beat" },
        };

    private static JsonObject Function(string name) =>
        new()
        {
            ["namespace"] = "default",
            ["name"] = name,
            ["type"] = "anomaly-score",
            ["inputs"] = new JsonArray("default/orders"),
            ["output"] = $"default/of-{name}",
            ["createOutput"] = true,
            ["stopped"] = true,
        };

    /// <summary>Another number each round.</summary>
    private static string TaxId(string mark) => $"{10_000_000_000 + mark.Aggregate(0, (sum, letter) => sum * 31 + letter) % 1_000_000}";

    private static DateTimeOffset Starts(string mark) =>
        new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(
            mark.Aggregate(0, (sum, letter) => sum * 31 + letter) % 1_000_000
        );

    private static string Month(string mark) => $"2020-0{mark.Sum(one => one) % 9 + 1}";

    private static JsonObject Client(string name) =>
        new()
        {
            ["name"] = name,
            ["confidential"] = true,
            ["redirectUris"] = new JsonArray("https://tool.example/callback"),
            ["scopes"] = new JsonArray("openid"),
        };

    /// <summary>A new endpoint is a new case here, or stands among the others with a reason.</summary>
    private static async Task EveryPostIsThereAsync(RestClient rest, IReadOnlyList<Case> cases)
    {
        var document = new ApiDocument(await rest.GetAsync("/openapi/v1.json"));
        var posts = document
            .Operations.Where(operation => operation.Method == "POST")
            .Select(operation => operation.Path)
            .Except(Others)
            .Except(KafkaServer.MissingReason is null ? [] : [Migrations["POST ".Length..]]);
        Assert.Equal(
            posts.Order(StringComparer.Ordinal),
            cases.Select(one => one.Operation["POST ".Length..]).Order(StringComparer.Ordinal)
        );
    }

    private static async Task<int> CountAsync(RestClient rest, string list, string field, string value) =>
        (await rest.GetAsync(list + "?limit=1000"))["items"]!.AsArray().Count(one => (string?)one![field] == value);

    private static async Task<int> ReplacedAsync(RestClient rest, string list, JsonNode old) =>
        (await rest.GetAsync(list + "?limit=1000"))["items"]!
            .AsArray()
            .Count(one => (string?)one!["name"] == (string?)old["name"] && (string?)one["id"] != (string?)old["id"]);

    private static async Task OpensAsync(RestClient rest, JsonNode made, string address)
    {
        using var client = rest.As((string)made["key"]!);
        await client.GetAsync(address);
    }

    private sealed record Case(
        string Operation,
        string Path,
        JsonNode? Body,
        HttpStatusCode Status,
        Func<Task<int>>? Count,
        Func<JsonNode, Task>? Check = null
    )
    {
        /// <summary>What it answers where the first answer was kept, if that differs.</summary>
        public HttpStatusCode? Kept { get; init; }

        public string Name => $"{Path}{Body?.ToJsonString().GetHashCode(StringComparison.Ordinal)}";
    }
}
