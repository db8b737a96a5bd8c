using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Portal.Tests.Support.RealServers;

/// <summary>A Pulsar that tests reach beside the portal: no class of the portal's is used here.</summary>
public class PulsarEndpoint(IReadOnlyList<Uri> adminUrls, Uri webSocketUrl, string adminToken, string privateKeyFile)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    public Uri AdminUrl => AdminUrls[0];

    public IReadOnlyList<Uri> AdminUrls { get; } = adminUrls;

    public Uri WebSocketUrl { get; } = webSocketUrl;

    /// <summary>The super-user's token; empty without authentication.</summary>
    public string AdminToken { get; } = adminToken;

    /// <summary>PKCS#8, DER or PEM.</summary>
    public string PrivateKeyFile { get; } = privateKeyFile;

    /// <summary>An RS256 token of a role.</summary>
    public string Token(string role, DateTimeOffset? expiresAt = null)
    {
        using var rsa = RSA.Create();
        var key = File.ReadAllBytes(PrivateKeyFile);
        if (key.AsSpan().StartsWith("-----"u8))
            rsa.ImportFromPem(Encoding.ASCII.GetString(key));
        else
            rsa.ImportPkcs8PrivateKey(key, out _);
        var claims = new JsonObject { ["sub"] = role };
        if (expiresAt is { } instant)
            claims["exp"] = instant.ToUnixTimeSeconds();
        var head = $"{Base64Url("{\"alg\":\"RS256\"}"u8)}.{Base64Url(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        return $"{head}.{Base64Url(rsa.SignData(Encoding.ASCII.GetBytes(head), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";

        static string Base64Url(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
    }

    /// <summary>A call of the admin API, redirects followed; as the super-user unless a token is given.</summary>
    public async Task<(HttpStatusCode Status, string Body)> CallAsync(
        HttpMethod method,
        string path,
        string? json = null,
        string? token = null,
        Uri? at = null
    )
    {
        var address = new Uri(at ?? AdminUrl, path);
        for (var hop = 0; ; hop++)
        {
            using var request = new HttpRequestMessage(method, address);
            if ((token ?? AdminToken) is { Length: > 0 } bearer)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            if (json is not null)
                request.Content = new StringContent(json, Encoding.UTF8, "application/json");
            using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
            if (response.StatusCode != HttpStatusCode.TemporaryRedirect || hop == 5)
                return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            address = response.Headers.Location!;
        }
    }

    /// <summary>A GET of the admin API as the super-user that must succeed.</summary>
    public async Task<JsonElement> GetAsync(string path, Uri? at = null)
    {
        var (status, body) = await CallAsync(HttpMethod.Get, path, at: at);
        Assert.True(status == HttpStatusCode.OK, $"GET {path}: {(int)status} {body}");
        return JsonElement.Parse(body);
    }

    /// <summary>Unloads a topic from its broker: its counters begin again at 0.</summary>
    /// <param name="fullName"><c>persistent://tenant/namespace/topic</c>.</param>
    public async Task UnloadAsync(string fullName)
    {
        var (status, body) = await CallAsync(HttpMethod.Put, $"admin/v2/{fullName.Replace("://", "/", StringComparison.Ordinal)}/unload");
        Assert.True(status == HttpStatusCode.NoContent, $"unload {fullName}: {(int)status} {body}");
    }

    /// <summary>Connects an ordinary WebSocket client: the connection, or the status that refused it.</summary>
    /// <param name="path">For example <c>producer/persistent/tenant/namespace/topic</c>, escaped.</param>
    public async Task<(ClientWebSocket? Socket, HttpStatusCode Status)> ConnectAsync(string path, string token)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(new Uri(WebSocketUrl, $"/ws/v2/{path}"), TestContext.Current.CancellationToken);
            return (socket, HttpStatusCode.SwitchingProtocols);
        }
        catch (WebSocketException)
        {
            using (socket)
                return (null, socket.HttpStatusCode);
        }
    }
}
