using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>
/// Two replicas on one PostgreSQL. A script asks one or the other for all that a customer and an operator ask for, and at a
/// moment that a seed chooses one of them is killed with -9 or stopped for half a minute. The other carries on: everything
/// asked for is there in the end, once. <c>PORTAL_SEEDS=50</c> runs more of it than a usual run has time for.
/// </summary>
public sealed class ReplicaTests(ITestOutputHelper output, PostgresServer postgres)
{
    private static readonly int Seeds = int.TryParse(
        Environment.GetEnvironmentVariable("PORTAL_SEEDS"),
        CultureInfo.InvariantCulture,
        out var seeds
    )
        ? seeds
        : 4;

    private static readonly string Month = DateTimeOffset.UtcNow.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Whichever_replica_dies_or_hangs_in_the_middle_of_whatever_work_all_is_done_once()
    {
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var stripe = await StripeBeside.StartAsync();
        var settings = new Dictionary<string, string>(cluster.Settings.Concat(stripe.Settings))
        {
            ["Portal__Database__Provider"] = "PostgreSql",
            ["Portal__Database__ConnectionString"] = await postgres.NewEmptyDatabaseAsync(),
        };
        await using var one = await PortalProcess.StartAsync(settings);
        await using var other = await PortalProcess.StartAsync(settings);
        await stripe.SendEventsToAsync(one.Url);
        var pair = new Pair(one, other);
        await pair.AskAsync(HttpMethod.Post, "/api/v1/operator/price-books", PlainPrices.Book("dear"));

        for (var seed = 1; seed <= Seeds; seed++)
        {
            var world = new World(pair, cluster, stripe, $"replica-{seed}", new Random(seed));
            output.WriteLine(await world.LiveAsync());
            await world.CheckAsync();
        }
        var chains = (await pair.AskAsync(HttpMethod.Post, "/api/v1/operator/audit/verify", []))!["items"]!.AsArray();
        Assert.NotEmpty(chains);
        Assert.All(chains, chain => Assert.Equal("whole", (string?)chain!["state"]));
    }

    [Fact]
    public async Task A_page_on_one_replica_shows_what_is_done_on_the_other()
    {
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        await using var browser = await Browser.StartAsync();
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var stripe = await StripeBeside.StartAsync();
        var settings = new Dictionary<string, string>(cluster.Settings.Concat(stripe.Settings))
        {
            ["Portal__Database__Provider"] = "PostgreSql",
            ["Portal__Database__ConnectionString"] = await postgres.NewEmptyDatabaseAsync(),
        };
        await using var here = await PortalHere.StartAsync(settings);
        await using var there = await PortalHere.StartAsync(settings);
        using var rest = there.Rest();
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        var visitor = await browser.VisitorAsync(here.Url);
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        await visitor.GoAsync("o/northwind/tenants");
        await Assertions.Expect(visitor.Page.GetByText("No tenants yet")).ToBeVisibleAsync();
        await rest.PostAsync("/api/v1/organizations/northwind/tenants", new JsonObject { ["name"] = "shop" }, HttpStatusCode.Accepted);
        await rest.SettledAsync("/api/v1/organizations/northwind/tenants/shop");
        var ready = Stopwatch.StartNew();
        await Assertions.Expect(visitor.Page.Locator("tr").Filter(new() { HasText = "shop" }).Locator(".chip")).ToHaveTextAsync("ready");
        output.WriteLine($"shown {ready.ElapsedMilliseconds} ms after it was ready");
    }

    /// <summary>What a seed's customer asks for, step by step, and the one misfortune in the middle of it.</summary>
    private sealed class World(Pair pair, TestedCluster cluster, StripeBeside stripe, string slug, Random chance)
    {
        private string Org => $"/api/v1/organizations/{slug}";

        private string Space => $"{Org}/tenants/{slug}-shop/namespaces/default";

        /// <returns>What happened to whom, for the log.</returns>
        public async Task<string> LiveAsync()
        {
            var steps = Steps();
            var (at, victim, kill, after) = (
                chance.Next(steps.Count),
                chance.Next(2),
                chance.Next(2) == 0,
                TimeSpan.FromMilliseconds(chance.Next(400))
            );
            var story = $"{slug}: replica {victim} is {(kill ? "killed" : "stopped")} {after.TotalMilliseconds} ms into {steps[at].Name}";
            for (var index = 0; index < steps.Count; index++)
            {
                var misfortune = index == at ? pair.StrikeAsync(victim, kill, after) : Task.CompletedTask;
                try
                {
                    await steps[index].DoneAsync();
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    throw new InvalidOperationException($"{story}; then {steps[index].Name}: {exception.Message}", exception);
                }
                await misfortune;
            }
            return story;
        }

        public async Task CheckAsync()
        {
            var topics = (await cluster.AdminAsync(HttpMethod.Get, $"persistent/{slug}-shop/default"))
                .AsArray()
                .Select(topic => (string)topic!)
                .ToList();
            Assert.Equal([$"persistent://{slug}-shop/default/kept"], topics);
            var grants = (await cluster.AdminAsync(HttpMethod.Get, $"namespaces/{slug}-shop/default"))["auth_policies"]!;
            var roles = grants["namespace_auth"]!
                .AsObject()
                .Concat(grants["destination_auth"]!.AsObject().SelectMany(topic => topic.Value!.AsObject()));
            // Beside it stands the portal's own mark, which is no key's.
            Assert.Single(roles.Select(grant => grant.Key).Where(role => role.StartsWith("key-", StringComparison.Ordinal)).Distinct());
            var customers = (await stripe.ListAsync("customers?limit=100")).Where(customer => (string?)customer["name"] == slug).ToList();
            Assert.Single(customers);
            var invoices = (await stripe.ListAsync($"invoices?limit=100&customer={customers[0]["id"]}")).ToList();
            var ours = (await pair.AskAsync(HttpMethod.Get, $"{Org}/invoices", null))!["items"]!.AsArray();
            var invoice = Assert.Single(ours)!;
            Assert.Equal(
                ((string?)invoice["stripeInvoiceId"], (long)invoice["total"]!),
                ((string?)Assert.Single(invoices)["id"], (long)invoices[0]["total"]!)
            );
            var mails = (await pair.AskAsync(HttpMethod.Get, $"{Org}/invitations", null))!["items"]!.AsArray();
            Assert.Single(mails);
        }

        private List<Step> Steps() =>
            [
                new("the organization", () => MadeAsync("/api/v1/organizations", new() { ["name"] = slug, ["slug"] = slug })),
                new(
                    "its plan",
                    () =>
                        pair.AskAsync(
                            HttpMethod.Put,
                            $"/api/v1/operator/organizations/{slug}/plan",
                            new() { ["plan"] = "payg", ["payBy"] = "invoice" }
                        )
                ),
                new(
                    "the tenant",
                    async () =>
                    {
                        await MadeAsync($"{Org}/tenants", new() { ["name"] = $"{slug}-shop" });
                        await ReadyAsync(Space);
                    }
                ),
                new(
                    "the topics",
                    async () =>
                    {
                        foreach (var name in new[] { "kept", "dropped" })
                            await MadeAsync($"{Space}/topics", new() { ["name"] = name });
                        foreach (var name in new[] { "kept", "dropped" })
                            await ReadyAsync($"{Space}/topics/{name}");
                    }
                ),
                new(
                    "the keys",
                    async () =>
                    {
                        foreach (var name in new[] { "kept", "dropped" })
                            await MadeAsync($"{Org}/keys", Key(name));
                        foreach (var key in await ItemsAsync("keys"))
                            await ReadyAsync($"{Org}/keys/{key["id"]}");
                    }
                ),
                new(
                    "an invitation",
                    () => MadeAsync($"{Org}/invitations", new() { ["email"] = $"jo@{slug}.example", ["role"] = "viewer" })
                ),
                new(
                    "traffic",
                    async () =>
                    {
                        await MadeAsync($"{Space}/topics/kept/messages", new() { ["payload"] = new string('x', 2_000) });
                        await Eventually.TrueAsync(
                            async () => (long)(await pair.AskAsync(HttpMethod.Get, $"{Org}/billing/current", null))!["total"]! > 80,
                            "there is something to pay"
                        );
                    }
                ),
                new(
                    "a retention",
                    () => pair.AskAsync(HttpMethod.Put, $"{Space}/retention", new() { ["timeMinutes"] = 60, ["sizeBytes"] = 10 << 20 })
                ),
                new(
                    "a deleted key",
                    async () =>
                    {
                        var dropped = (await ItemsAsync("keys")).Single(key => (string?)key["name"] == "dropped");
                        await GoesAsync($"{Org}/keys/{dropped["id"]}");
                    }
                ),
                new("a deleted topic", () => GoesAsync($"{Space}/topics/dropped")),
                new(
                    "the close",
                    async () =>
                    {
                        var job = (string)(await MadeAsync($"/api/v1/operator/months/{Month}/close", new() { ["early"] = true }))["job"]!;
                        await Eventually.TrueAsync(
                            async () =>
                                (string?)(await pair.AskAsync(HttpMethod.Get, $"/api/v1/operator/jobs/{job}", null))!["state"]
                                == "succeeded",
                            "the close succeeds"
                        );
                    }
                ),
            ];

        private JsonObject Key(string name) =>
            new()
            {
                ["name"] = name,
                ["tenant"] = $"{slug}-shop",
                ["namespace"] = "default",
                ["topics"] = new JsonArray("kept"),
                ["permissions"] = new JsonArray("produce"),
            };

        private async Task<List<JsonNode>> ItemsAsync(string what) =>
            [.. (await pair.AskAsync(HttpMethod.Get, $"{Org}/{what}", null))!["items"]!.AsArray().Select(item => item!)];

        private async Task<JsonNode> MadeAsync(string path, JsonObject body) => (await pair.AskAsync(HttpMethod.Post, path, body))!;

        private Task ReadyAsync(string path) =>
            Eventually.TrueAsync(
                async () => (string?)(await pair.AskAsync(HttpMethod.Get, path, null))!["state"] == "ready",
                $"{path} is ready"
            );

        private async Task GoesAsync(string path)
        {
            await pair.AskAsync(HttpMethod.Delete, path, null);
            await Eventually.TrueAsync(async () => await pair.AskAsync(HttpMethod.Get, path, null) is null, $"{path} is gone");
        }
    }

    private sealed record Step(string Name, Func<Task> DoneAsync);

    /// <summary>The two replicas, as a client behind a load balancer has them: what fails at one is asked of the other.</summary>
    private sealed class Pair(PortalProcess one, PortalProcess other)
    {
        private readonly PortalProcess[] _replicas = [one, other];
        private readonly RestClient[] _clients = [one.Rest(), other.Rest()];
        private int _asked;

        /// <returns>The answer; null for 404.</returns>
        public async Task<JsonNode?> AskAsync(HttpMethod method, string path, JsonObject? body)
        {
            var key = $"replica-{Guid.NewGuid():N}";
            JsonNode? answer = null;
            var said = "";
            await Eventually.TrueAsync(
                async () =>
                {
                    try
                    {
                        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
                        var client = _clients[Interlocked.Increment(ref _asked) % 2];
                        (var status, answer) = await client
                            .SendAsync(method, path, body?.DeepClone(), method == HttpMethod.Post ? key : null)
                            .WaitAsync(patience.Token);
                        if (status == HttpStatusCode.NotFound && method != HttpMethod.Post)
                            answer = null;
                        else if ((int)status >= 300)
                            said = $"{(int)status} {answer}";
                        // Busy with the same request that the one who is away began, or away itself: asked again.
                        return (int)status is < 300 or 404 ? true
                            : status is HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable ? false
                            : throw new InvalidOperationException($"{method} {path}: {said}");
                    }
                    catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
                    {
                        said = exception.Message;
                        return false;
                    }
                },
                () => $"{method} {path}: {said}"
            );
            return answer;
        }

        public async Task StrikeAsync(int victim, bool kill, TimeSpan after)
        {
            await Task.Delay(after);
            if (kill)
            {
                _replicas[victim].Kill();
                await _replicas[victim].StartAgainAsync();
                return;
            }
            _replicas[victim].Pause();
            await Task.Delay(TimeSpan.FromSeconds(30));
            _replicas[victim].Continue();
        }
    }
}
