using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using LocalPulsar;

namespace Portal.Bench;

/// <summary>
/// What the WebSocket gateway costs: messages of 1 KiB, each confirmed, from four producers with a hundred on their way,
/// and one at a time for the delay; then the memory of quiet sessions. Baseline, in the same run: the same clients at the
/// broker. Portal is a process of its own. The broker is LocalPulsar, in this one, or a real one that the variables
/// <c>PULSAR_ADMIN_URLS</c>, <c>PULSAR_WEBSOCKET_URL</c>, <c>PULSAR_ADMIN_TOKEN</c> and <c>PULSAR_TOKEN_PRIVATE_KEY</c> describe.
/// </summary>
internal static class GatewayBench
{
    private const int Producers = 4;
    private const int OnTheirWay = 100;
    private const int OneByOne = 2_000;

    // A topic takes 500 producers, and 2,000 are measured as they are: a part of them, multiplied, would multiply what grows once.
    private const int Topics = 5;
    private const int Quiet = 2_000;
    private const string ApiKey = "bench-key-0123456789abcdef0123456789abcdef";
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(8);
    private static readonly byte[] Frame = Encoding.UTF8.GetBytes($$"""{"payload":"{{Convert.ToBase64String(new byte[1024])}}"}""");

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("portal-bench-").FullName;
        await using var local = Real is null
            ? await LocalPulsarServer.StartAsync(
                new()
                {
                    DataFolder = Path.Combine(folder, "pulsar"),
                    Port = 0,
                    Clock = TimeProvider.System,
                },
                CancellationToken.None
            )
            : null;
        var broker = Real ?? new(local!.AdminUrl, local.WebSocketUrl, local.AdminToken, local.TokenPrivateKeyFile);
        Say($"broker: {(local is null ? "a real one" : "LocalPulsar")}");
        var url = new Uri($"http://localhost:{SignInFloodBench.FreePort()}");
        using var portal = await SignInFloodBench.StartAsync(
            url,
            Path.Combine(folder, "portal"),
            new()
            {
                ["Portal__Clusters__0__Name"] = "bench",
                ["Portal__Clusters__0__AdminUrl"] = broker.AdminUrl.ToString(),
                ["Portal__Clusters__0__WebSocketUrl"] = broker.WebSocketUrl.ToString(),
                ["Portal__Clusters__0__AdminToken"] = broker.AdminToken,
                ["Portal__Clusters__0__TokenPrivateKeyFile"] = broker.TokenPrivateKeyFile,
                ["Portal__Limits__WebSocketSessionsPerKey"] = "10000",
            }
        );
        try
        {
            var token = await PrepareAsync(url);
            var (direct, gateway) = (
                new Clients(broker.WebSocketUrl, token),
                new Clients(new UriBuilder(url) { Scheme = "ws" }.Uri, token)
            );
            await direct.ThroughputAsync(TimeSpan.FromSeconds(2));
            await gateway.ThroughputAsync(TimeSpan.FromSeconds(2));
            // In turns, so that a machine that slows down slows both.
            var (atBroker, atGateway) = (new List<double>(), new List<double>());
            for (var turn = 0; turn < 2; turn++)
            {
                atBroker.Add(await direct.ThroughputAsync(Length));
                atGateway.Add(await gateway.ThroughputAsync(Length));
            }
            Say(
                $"{atBroker.Average():N0} messages/s at the broker, {atGateway.Average():N0} through the gateway: {atGateway.Average() / atBroker.Average():N2} of it"
            );
            var (one, other) = (await direct.DelaysAsync(), await gateway.DelaysAsync());
            Say(
                $"delay at the broker: median {At(one, 50):N2} ms, p99 {At(one, 99):N2} ms; through the gateway: median {At(other, 50):N2} ms, p99 {At(other, 99):N2} ms"
            );
            var before = Memory(portal);
            var sessions = await gateway.QuietAsync(Quiet);
            await Task.Delay(TimeSpan.FromSeconds(5));
            var more = Memory(portal) - before;
            Say($"{Quiet:N0} quiet sessions: {more / 1024.0 / 1024:N0} MiB, {more / 1024.0 / Quiet:N0} KiB each");
            foreach (var session in sessions)
                session.Dispose();
        }
        finally
        {
            portal.Kill(entireProcessTree: true);
            await portal.WaitForExitAsync();
        }
        Directory.Delete(folder, recursive: true);
    }

    private sealed record Broker(Uri AdminUrl, Uri WebSocketUrl, string AdminToken, string TokenPrivateKeyFile);

    private static Broker? Real =>
        Environment.GetEnvironmentVariable("PULSAR_WEBSOCKET_URL") is { Length: > 0 } address
            ? new(
                new(Setting("PULSAR_ADMIN_URLS").Split(',')[0]),
                new(address),
                Setting("PULSAR_ADMIN_TOKEN"),
                Setting("PULSAR_TOKEN_PRIVATE_KEY")
            )
            : null;

    private static string Setting(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"Set {name} as pulsar.sh prints it.");

    private static void Say(FormattableString text) => Console.WriteLine("gateway, " + text.ToString(CultureInfo.InvariantCulture));

    private static double At(List<double> times, int percent) =>
        times.Order().ElementAt(Math.Min(times.Count - 1, times.Count * percent / 100));

    private static long Memory(Process process)
    {
        process.Refresh();
        return process.WorkingSet64;
    }

    /// <summary>A tenant with a topic for each producer; the token of a key for all of them.</summary>
    private static async Task<string> PrepareAsync(Uri url)
    {
        const string Org = "/api/v1/organizations/bench";
        using var rest = new HttpClient { BaseAddress = url };
        rest.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        await SendAsync(rest, HttpMethod.Post, "/api/v1/organizations", new() { ["name"] = "Bench", ["slug"] = "bench" });
        await SendAsync(
            rest,
            HttpMethod.Put,
            "/api/v1/operator/organizations/bench/plan",
            new() { ["plan"] = "dedicated", ["payBy"] = "invoice" }
        );
        await SendAsync(rest, HttpMethod.Post, $"{Org}/tenants", new() { ["name"] = "bench-shop" });
        await ReadyAsync(rest, $"{Org}/tenants/bench-shop/namespaces/default");
        for (var topic = 0; topic < Topics; topic++)
        {
            await SendAsync(rest, HttpMethod.Post, $"{Org}/tenants/bench-shop/namespaces/default/topics", new() { ["name"] = $"t{topic}" });
            await ReadyAsync(rest, $"{Org}/tenants/bench-shop/namespaces/default/topics/t{topic}");
        }
        var key = await SendAsync(
            rest,
            HttpMethod.Post,
            $"{Org}/keys",
            new()
            {
                ["name"] = "bench",
                ["tenant"] = "bench-shop",
                ["namespace"] = "default",
                ["permissions"] = new JsonArray("produce", "consume"),
            }
        );
        await ReadyAsync(rest, $"{Org}/keys/{key["id"]}");
        return (string)key["token"]!;
    }

    private static async Task<JsonNode> SendAsync(HttpClient rest, HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await rest.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {text}");
    }

    private static async Task ReadyAsync(HttpClient rest, string path)
    {
        while ((string?)(await SendAsync(rest, HttpMethod.Get, path, null))["state"] != "ready")
            await Task.Delay(50);
    }

    private sealed class Clients(Uri server, string token)
    {
        /// <summary>Confirmed messages a second.</summary>
        public async Task<double> ThroughputAsync(TimeSpan length)
        {
            var began = Stopwatch.GetTimestamp();
            var counts = await Task.WhenAll(
                Enumerable.Range(0, Producers).Select(number => SendForAsync($"producer/persistent/bench-shop/default/t{number}", length))
            );
            return counts.Sum() / Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        /// <summary>Milliseconds from a message to its confirmation, one at a time.</summary>
        public async Task<List<double>> DelaysAsync()
        {
            using var socket = await ConnectAsync("producer/persistent/bench-shop/default/t0");
            var buffer = new byte[4096];
            var delays = new List<double>(OneByOne);
            for (var sent = 0; sent < OneByOne; sent++)
            {
                var began = Stopwatch.GetTimestamp();
                await socket.SendAsync(Frame, WebSocketMessageType.Text, true, CancellationToken.None);
                await socket.ReceiveAsync(buffer, CancellationToken.None);
                delays.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            return delays;
        }

        public async Task<List<ClientWebSocket>> QuietAsync(int count)
        {
            var sockets = new List<ClientWebSocket>(count);
            for (var number = 0; number < count; number++)
                sockets.Add(await ConnectAsync($"producer/persistent/bench-shop/default/t{number % Topics}"));
            return sockets;
        }

        private async Task<long> SendForAsync(string path, TimeSpan length)
        {
            using var socket = await ConnectAsync(path);
            using var room = new SemaphoreSlim(OnTheirWay);
            var confirmed = 0L;
            var reading = Task.Run(async () =>
            {
                var buffer = new byte[4096];
                while ((await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType != WebSocketMessageType.Close)
                {
                    confirmed++;
                    room.Release();
                }
            });
            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < length; )
            {
                await room.WaitAsync();
                await socket.SendAsync(Frame, WebSocketMessageType.Text, true, CancellationToken.None);
            }
            // Every message is confirmed before the last place is free again; then there is nothing to read but the close.
            for (var place = 0; place < OnTheirWay; place++)
                await room.WaitAsync();
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            await reading;
            return confirmed;
        }

        private async Task<ClientWebSocket> ConnectAsync(string path)
        {
            var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
            await socket.ConnectAsync(new Uri(server, "/ws/v2/" + path), CancellationToken.None);
            return socket;
        }
    }
}
