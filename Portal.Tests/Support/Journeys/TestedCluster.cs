using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using LocalPulsar;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Support.Journeys;

/// <summary>A cluster that a journey runs on, reached beside the portal with nothing but HTTP.</summary>
public sealed class TestedCluster : IAsyncDisposable
{
    private static readonly HttpClient Http = new();
    private readonly IReadOnlyList<Uri> _adminUrls;
    private readonly string _adminToken;
    private LocalPulsarServer? _standIn;
    private TcpListener? _silence;
    private readonly string? _folder;

    private TestedCluster(
        IReadOnlyList<Uri> adminUrls,
        string adminToken,
        Dictionary<string, string> settings,
        LocalPulsarServer? standIn,
        string? folder
    ) => (_adminUrls, _adminToken, Settings, _standIn, _folder) = (adminUrls, adminToken, settings, standIn, folder);

    /// <summary>The portal's settings for it.</summary>
    public Dictionary<string, string> Settings { get; }

    /// <param name="name"><c>LocalPulsar</c>, a server of the test's own, or a version of a real one that the run shares.</param>
    public static async Task<TestedCluster> StartAsync(string name)
    {
        if (name != "LocalPulsar")
            return Of(await PulsarServer.SharedAsync(new PulsarSetup(name)));
        var folder = PreparedFolder.ForPulsar("portal-pulsar-");
        var options = new LocalPulsarOptions
        {
            DataFolder = folder,
            Port = 0,
            Clock = TimeProvider.System,
            StatsInterval = TimeSpan.FromSeconds(1),
        };
        var server = await LocalPulsarServer.StartAsync(options, CancellationToken.None);
        var settings = SettingsOf(
            server.AdminUrl.GetLeftPart(UriPartial.Authority),
            server.WebSocketUrl.ToString(),
            server.AdminToken,
            server.TokenPrivateKeyFile,
            null
        );
        return new([server.AdminUrl], server.AdminToken, settings, server, folder);
    }

    public static TestedCluster Of(PulsarServer server) =>
        new(
            server.AdminUrls,
            server.AdminToken,
            SettingsOf(
                string.Join(',', server.AdminUrls.Select(url => url.ToString().TrimEnd('/'))),
                server.WebSocketUrl.ToString(),
                server.AdminToken,
                server.PrivateKeyFile,
                server.BrokerUrl.ToString()
            ),
            null,
            null
        );

    /// <summary>Waits until the brokers' statistics, which lag behind, count all the messages.</summary>
    public Task CountAllAsync(string topic, long messagesIn, long messagesOut) =>
        Eventually.TrueAsync(
            async () => await SumAsync(topic, "msgInCount", "msgOutCount") == (messagesIn, messagesOut),
            $"the brokers count {messagesIn} messages in and {messagesOut} out"
        );

    /// <summary>The brokers' own counters of a topic, its partitions added up: bytes in and bytes out.</summary>
    public Task<(long In, long Out)> CountersAsync(string topic) => SumAsync(topic, "bytesInCount", "bytesOutCount");

    /// <summary>What the topic's partitions hold now, in bytes.</summary>
    public async Task<long> StorageAsync(string topic) => (await SumAsync(topic, "storageSize", "storageSize")).In;

    private async Task<(long In, long Out)> SumAsync(string topic, string inward, string outward)
    {
        long bytesIn = 0,
            bytesOut = 0;
        foreach (var url in _adminUrls)
        {
            var stats = await AdminAsync(HttpMethod.Get, url, "broker-stats/topics");
            foreach (var (_, bundles) in stats.AsObject())
            foreach (var (_, kinds) in bundles!.AsObject())
            foreach (var (_, topics) in kinds!.AsObject())
            foreach (var (name, counters) in topics!.AsObject())
            {
                if (name != $"persistent://{topic}" && !name.StartsWith($"persistent://{topic}-partition-", StringComparison.Ordinal))
                    continue;
                bytesIn += (long)counters![inward]!;
                bytesOut += (long)counters[outward]!;
            }
        }
        return (bytesIn, bytesOut);
    }

    public Task<JsonNode> AdminAsync(HttpMethod method, string path, JsonNode? body = null) =>
        AdminAsync(method, _adminUrls[0], path, body);

    public async Task<bool> HasTenantAsync(string name)
    {
        using var answer = await SendAsync(HttpMethod.Get, _adminUrls[0], $"tenants/{name}");
        return answer.StatusCode == HttpStatusCode.NotFound ? false
            : answer.IsSuccessStatusCode ? true
            : throw new InvalidOperationException($"tenants/{name}: {(int)answer.StatusCode}");
    }

    /// <summary>From now on every connection is accepted at its address and nothing is answered. LocalPulsar only.</summary>
    public async Task HangAsync()
    {
        await _standIn!.DisposeAsync();
        _standIn = null;
        // Whatever address of it the portal has learnt by now, this is the only one that it had.
        _silence = new TcpListener(IPAddress.Loopback, _adminUrls[0].Port);
        _silence.Start();
    }

    public async ValueTask DisposeAsync()
    {
        _silence?.Dispose();
        if (_standIn is not null)
            await _standIn.DisposeAsync();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }

    private async Task<JsonNode> AdminAsync(HttpMethod method, Uri url, string path, JsonNode? body = null)
    {
        using var answer = await SendAsync(method, url, path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri url, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(url, $"/admin/v2/{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _adminToken);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        return await Http.SendAsync(request);
    }

    private static Dictionary<string, string> SettingsOf(string adminUrl, string webSocketUrl, string token, string key, string? brokerUrl)
    {
        var settings = new Dictionary<string, string>
        {
            ["Portal__Clusters__0__Name"] = "tested",
            ["Portal__Clusters__0__AdminUrl"] = adminUrl,
            ["Portal__Clusters__0__WebSocketUrl"] = webSocketUrl,
            ["Portal__Clusters__0__AdminToken"] = token,
            ["Portal__Clusters__0__TokenPrivateKeyFile"] = key,
        };
        if (brokerUrl is not null)
            settings["Portal__Clusters__0__BrokerUrl"] = brokerUrl;
        return settings;
    }
}
