using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalPulsar;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace Portal.Tests.Adapters.LocalPulsarTests;

/// <summary>One development Pulsar on a folder of its own, and plain HTTP and WebSocket clients of it.</summary>
internal sealed class PulsarUnderTest : IAsyncDisposable
{
    private static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };

    private PulsarUnderTest(LocalPulsarServer server, string folder)
    {
        Server = server;
        Folder = folder;
    }

    public LocalPulsarServer Server { get; private set; }
    public string Folder { get; }

    public static string NewFolder() => Path.Combine(Path.GetTempPath(), "localpulsar-" + Guid.NewGuid().ToString("N"));

    public static async Task<PulsarUnderTest> StartAsync(TimeSpan? statsInterval = null)
    {
        var folder = NewFolder();
        return new PulsarUnderTest(await OpenAsync(folder, statsInterval), folder);
    }

    /// <summary>With tenant acme, its namespace prod and the topic t.</summary>
    public static async Task<PulsarUnderTest> WithTopicAsync()
    {
        var pulsar = await StartAsync();
        await pulsar.SendAsync(
            "PUT",
            "tenants/acme",
            new { adminRoles = new[] { "acme-admin" }, allowedClusters = new[] { "standalone" } }
        );
        await pulsar.SendAsync("PUT", "namespaces/acme/prod", new { });
        await pulsar.SendAsync("PUT", "persistent/acme/prod/t");
        return pulsar;
    }

    /// <param name="statsInterval">Between two refreshes of broker-stats; 100 ms unless given.</param>
    public static Task<LocalPulsarServer> OpenAsync(string folder, TimeSpan? statsInterval = null) =>
        LocalPulsarServer.StartAsync(
            new LocalPulsarOptions
            {
                DataFolder = folder,
                Port = 0,
                Clock = TimeProvider.System,
                StatsInterval = statsInterval ?? TimeSpan.FromMilliseconds(100),
            },
            CancellationToken.None
        );

    public async Task ReopenAsync()
    {
        await Server.DisposeAsync();
        Server = await OpenAsync(Folder);
    }

    public string TokenOf(string role, DateTime? expires = null)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(File.ReadAllText(Server.TokenPrivateKeyFile));
        var payload = new JsonObject { ["sub"] = role };
        if (expires is { } at)
            payload["exp"] = new DateTimeOffset(at).ToUnixTimeSeconds();
        var key = new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: true));
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            payload.ToJsonString(),
            new SigningCredentials(key, SecurityAlgorithms.RsaSha256)
        );
    }

    public Task<(int Status, string Body)> SendAsync(string method, string path, object? body = null) =>
        SendAsAsync(Server.AdminToken, method, path, body);

    public async Task<(int Status, string Body)> SendAsAsync(string? token, string method, string path, object? body = null)
    {
        var target = path.StartsWith('/') ? path : $"/admin/v2/{path}";
        using var request = new HttpRequestMessage(
            new HttpMethod(method),
            new Uri(Server.AdminUrl.GetLeftPart(UriPartial.Authority) + target)
        );
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (body is not null)
            request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await _http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse((await SendAsync("GET", path)).Body)!;

    public async Task<Socket> ConnectAsync(string path, string? token = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token ?? Server.AdminToken}");
        await socket.ConnectAsync(new Uri(Server.WebSocketUrl, $"/ws/v2/{path}"), CancellationToken.None);
        return new Socket(socket);
    }

    public async Task<string> ProduceAsync(string topic, string payload)
    {
        await using var producer = await ConnectAsync($"producer/persistent/{topic}");
        return (string)(await producer.AskAsync(new { payload = Convert.ToBase64String(Encoding.UTF8.GetBytes(payload)) }))["messageId"]!;
    }

    /// <summary>Polls until it holds; fails after ten seconds.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(10), what);
            await Task.Delay(30);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

internal sealed class Socket(ClientWebSocket socket) : IAsyncDisposable
{
    private readonly byte[] _buffer = new byte[1 << 20];

    public Task SendAsync(object frame) =>
        socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    public async Task<JsonNode> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var length = 0;
        WebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(new ArraySegment<byte>(_buffer, length, _buffer.Length - length), limit.Token);
            length += part.Count;
        } while (!part.EndOfMessage);
        return JsonNode.Parse(_buffer.AsSpan(0, length))!;
    }

    public async Task<JsonNode> AskAsync(object frame)
    {
        await SendAsync(frame);
        return await ReceiveAsync();
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
