using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using LocalPulsar;

namespace Portal.Bench;

/// <summary>
/// How long a customer waits for a tenant to be ready and for a key to be revoked while others keep the engine busy: ten
/// keys of a hundred topics each are being granted, and a second cluster that accepts connections and never answers holds
/// five hundred open lines. Baseline, in the same run: the same beside an idle engine. The portal is a process of its own.
/// </summary>
internal static class EngineBench
{
    private const int Tries = 50;
    private const int Keys = 10;
    private const int Topics = 100;
    private const int HangingTenants = 500;
    private const string ApiKey = "bench-key-0123456789abcdef0123456789abcdef";

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("portal-bench-").FullName;
        await using var pulsar = await LocalPulsarServer.StartAsync(
            new()
            {
                DataFolder = Path.Combine(folder, "pulsar"),
                Port = 0,
                Clock = TimeProvider.System,
            },
            CancellationToken.None
        );
        using var hanging = new TcpListener(IPAddress.Loopback, 0);
        hanging.Start(1000);
        _ = AcceptAsync(hanging);
        var url = new Uri($"http://localhost:{SignInFloodBench.FreePort()}");
        using var portal = await SignInFloodBench.StartAsync(
            url,
            Path.Combine(folder, "portal"),
            new()
            {
                ["Portal__Clusters__0__Name"] = "healthy",
                ["Portal__Clusters__0__AdminUrl"] = pulsar.AdminUrl.ToString(),
                ["Portal__Clusters__0__WebSocketUrl"] = pulsar.WebSocketUrl.ToString(),
                ["Portal__Clusters__0__AdminToken"] = pulsar.AdminToken,
                ["Portal__Clusters__0__TokenPrivateKeyFile"] = pulsar.TokenPrivateKeyFile,
                ["Portal__Clusters__1__Name"] = "hanging",
                ["Portal__Clusters__1__AdminUrl"] = $"http://127.0.0.1:{((IPEndPoint)hanging.LocalEndpoint).Port}",
                ["Portal__Clusters__1__AdminToken"] = pulsar.AdminToken,
                ["Portal__Clusters__1__TokenPrivateKeyFile"] = pulsar.TokenPrivateKeyFile,
                ["Portal__Limits__ApiRequestsPerSecond"] = "10000",
                ["Portal__Limits__ApiBurst"] = "10000",
            }
        );
        try
        {
            using var rest = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(60) };
            rest.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
            foreach (var org in new[] { "busy", "stuck", "measured" })
                await OrganizationAsync(rest, org);
            await MeasureAsync(rest, "warm", 3);
            var idle = await MeasureAsync(rest, "idle", Tries);

            await KeepBusyAsync(rest);
            var busy = await MeasureAsync(rest, "busy", Tries);
            var lanes = (await GetAsync(rest, "/api/v1/operator/work/lanes"))["items"]!.AsArray();
            var open = string.Join(
                ", ",
                lanes
                    .Where(lane => ((string)lane!["lane"]!).StartsWith("cluster:", StringComparison.Ordinal))
                    .Select(lane => $"{lane!["open"]} in {lane["lane"]}")
            );
            Print("a tenant on the healthy cluster is ready", idle.Ready, busy.Ready);
            Print("a key is revoked", idle.Revoked, busy.Revoked);
            Console.WriteLine($"engine, open work at the end: {open}; keys still being granted: {await GrantingAsync(rest)}");
        }
        finally
        {
            portal.Kill(entireProcessTree: true);
            await portal.WaitForExitAsync();
            hanging.Stop();
        }
        Directory.Delete(folder, recursive: true);
    }

    private static void Print(string what, List<double> idle, List<double> busy) =>
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"engine, {what} ({busy.Count} tries): idle median {At(idle, 50):N0} ms, p95 {At(idle, 95):N0} ms; "
                    + $"busy median {At(busy, 50):N0} ms, p95 {At(busy, 95):N0} ms, longest {busy.Max():N0} ms"
            )
        );

    private static double At(List<double> times, int percent) =>
        times.Order().ElementAt(Math.Min(times.Count - 1, times.Count * percent / 100));

    private static async Task OrganizationAsync(HttpClient rest, string slug)
    {
        await SendAsync(rest, HttpMethod.Post, "/api/v1/organizations", new() { ["name"] = slug, ["slug"] = slug });
        await SendAsync(
            rest,
            HttpMethod.Put,
            $"/api/v1/operator/organizations/{slug}/plan",
            new() { ["plan"] = "dedicated", ["payBy"] = "invoice" }
        );
    }

    private static async Task KeepBusyAsync(HttpClient rest)
    {
        const string Tenants = "/api/v1/organizations/busy/tenants";
        await SendAsync(rest, HttpMethod.Post, Tenants, new() { ["name"] = "busy-shop", ["cluster"] = "healthy" });
        for (var topic = 0; topic < Topics; topic++)
            await SendAsync(rest, HttpMethod.Post, $"{Tenants}/busy-shop/namespaces/default/topics", new() { ["name"] = $"topic-{topic}" });
        await UntilAsync(async () =>
            (string?)(await GetAsync(rest, $"{Tenants}/busy-shop/namespaces/default/topics/topic-{Topics - 1}"))["state"] == "ready"
        );
        for (var key = 0; key < Keys; key++)
        {
            await SendAsync(
                rest,
                HttpMethod.Post,
                "/api/v1/organizations/busy/keys",
                new()
                {
                    ["name"] = $"key-{key}",
                    ["tenant"] = "busy-shop",
                    ["namespace"] = "default",
                    ["permissions"] = new JsonArray("produce", "consume"),
                }
            );
        }
        for (var tenant = 0; tenant < HangingTenants; tenant++)
            await SendAsync(
                rest,
                HttpMethod.Post,
                "/api/v1/organizations/stuck/tenants",
                new() { ["name"] = $"stuck-{tenant}", ["cluster"] = "hanging" }
            );
    }

    private static async Task<(List<double> Ready, List<double> Revoked)> MeasureAsync(HttpClient rest, string mark, int tries)
    {
        const string Org = "/api/v1/organizations/measured";
        var (ready, revoked) = (new List<double>(), new List<double>());
        for (var number = 0; number < tries; number++)
        {
            var name = $"{mark}-{number}";
            var began = Stopwatch.GetTimestamp();
            await SendAsync(rest, HttpMethod.Post, $"{Org}/tenants", new() { ["name"] = name, ["cluster"] = "healthy" });
            await UntilAsync(async () => (string?)(await GetAsync(rest, $"{Org}/tenants/{name}"))["state"] == "ready");
            ready.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);

            await SendAsync(rest, HttpMethod.Post, $"{Org}/tenants/{name}/namespaces/default/topics", new() { ["name"] = "orders" });
            var key = await SendAsync(
                rest,
                HttpMethod.Post,
                $"{Org}/keys",
                new()
                {
                    ["name"] = name,
                    ["tenant"] = name,
                    ["namespace"] = "default",
                    ["topics"] = new JsonArray("orders"),
                    ["permissions"] = new JsonArray("produce"),
                }
            );
            await UntilAsync(async () => (string?)(await GetAsync(rest, $"{Org}/keys/{key["id"]}"))["state"] == "ready");
            began = Stopwatch.GetTimestamp();
            await SendAsync(rest, HttpMethod.Delete, $"{Org}/keys/{key["id"]}", null);
            await UntilAsync(async () => await StatusAsync(rest, $"{Org}/keys/{key["id"]}") == HttpStatusCode.NotFound);
            revoked.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return (ready, revoked);
    }

    private static async Task<int> GrantingAsync(HttpClient rest) =>
        (await GetAsync(rest, "/api/v1/organizations/busy/keys"))["items"]!.AsArray().Count(key => (string?)key!["state"] == "creating");

    private static async Task AcceptAsync(TcpListener hanging)
    {
        var open = new List<TcpClient>();
        try
        {
            while (true)
                open.Add(await hanging.AcceptTcpClientAsync());
        }
        catch (SocketException)
        {
            open.ForEach(client => client.Dispose());
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Delay(10);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient rest, string path)
    {
        using var answer = await rest.GetAsync(path);
        return answer.StatusCode;
    }

    private static async Task<JsonNode> GetAsync(HttpClient rest, string path) => (await rest.GetFromJsonAsync<JsonNode>(path))!;

    private static async Task<JsonNode> SendAsync(HttpClient rest, HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await rest.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
