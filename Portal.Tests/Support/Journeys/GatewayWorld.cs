using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace Portal.Tests.Support.Journeys;

/// <summary>An organization with one tenant on a cluster, and clients that connect through the portal's gateway.</summary>
public sealed class GatewayWorld(RunningPortal portal, RestClient rest, string slug)
{
    public const string Operators = "/api/v1/operator/organizations";

    private readonly string _org = $"/api/v1/organizations/{slug}";

    public string Slug => slug;

    public string Tenant { get; } = $"{slug}-{Guid.NewGuid():N}"[..14];

    public async Task CreateAsync(params string[] topics)
    {
        await rest.PostAsync("/api/v1/organizations", new JsonObject { ["name"] = slug, ["slug"] = slug }, HttpStatusCode.Created);
        await rest.PostAsync($"{_org}/tenants", new JsonObject { ["name"] = Tenant }, HttpStatusCode.Accepted);
        await rest.SettledAsync($"{_org}/tenants/{Tenant}/namespaces/default");
        await AddAsync(topics);
    }

    public async Task AddAsync(params string[] topics)
    {
        foreach (var topic in topics)
        {
            await rest.PostAsync(
                $"{_org}/tenants/{Tenant}/namespaces/default/topics",
                new JsonObject { ["name"] = topic },
                HttpStatusCode.Accepted
            );
            Assert.Equal(
                "ready",
                (string?)(await rest.SettledAsync($"{_org}/tenants/{Tenant}/namespaces/default/topics/{topic}"))["state"]
            );
        }
    }

    public async Task<(string Id, PlainWebSocketClient Client, string Token)> KeyAsync(
        string[] permissions,
        string[]? topics = null,
        DateTimeOffset? expiresAt = null
    )
    {
        var body = new JsonObject
        {
            ["name"] = "app",
            ["tenant"] = Tenant,
            ["namespace"] = "default",
            ["permissions"] = new JsonArray([.. permissions.Select(one => (JsonNode)one)]),
        };
        if (topics is not null)
            body["topics"] = new JsonArray([.. topics.Select(one => (JsonNode)one)]);
        if (expiresAt is { } at)
            body["expiresAt"] = at.ToString("O");
        var key = await rest.PostAsync($"{_org}/keys", body, HttpStatusCode.Created);
        Assert.Equal("ready", (string?)(await rest.SettledAsync($"{_org}/keys/{key["id"]}"))["state"]);
        var address = (string)(await rest.GetAsync($"{_org}/tenants/{Tenant}/connect"))["webSocketUrl"]!;
        Assert.Equal($"ws://localhost:{portal.Url.Port}", address);
        return ((string)key["id"]!, new PlainWebSocketClient(address, (string)key["token"]!), (string)key["token"]!);
    }

    public async Task DeleteKeyAsync(string id) =>
        Assert.Equal(HttpStatusCode.NoContent, (await rest.SendAsync(HttpMethod.Delete, $"{_org}/keys/{id}")).Status);

    /// <summary>Limits of the organization's own, in place of those it had.</summary>
    public async Task LimitAsync(RestClient rest, params (string Name, long? Value)[] limits)
    {
        var before = await rest.GetAsync($"{Operators}/{slug}/limits");
        var own = new JsonObject([.. limits.Select(limit => KeyValuePair.Create(limit.Name, (JsonNode?)limit.Value))]);
        await rest.PutAsync(
            $"{Operators}/{slug}/limits",
            new JsonObject
            {
                ["own"] = own,
                ["note"] = "As agreed",
                ["basedOn"] = (int?)before["revision"] ?? 0,
            }
        );
    }

    public Task SuspendAsync() =>
        rest.PostAsync($"{Operators}/{slug}/suspend", new JsonObject { ["reason"] = "unpaid" }, HttpStatusCode.OK);

    public string Topic(string name) => $"{Tenant}/default/{name}";

    /// <summary>Reads whatever comes until the session is closed, at most so long; the status and the reason of the close frame.</summary>
    public static async Task<(WebSocketCloseStatus? Status, string? Reason)> ClosedAsync(WebSocket socket, int seconds)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var buffer = new byte[64 * 1024];
        while ((await socket.ReceiveAsync(buffer, deadline.Token)).MessageType != WebSocketMessageType.Close)
        {
            // What was on its way.
        }
        return (socket.CloseStatus, socket.CloseStatusDescription);
    }

    /// <summary>What the gateway answers to a handshake that it refuses.</summary>
    public static async Task<(HttpStatusCode Status, string? Code)> RefusedAsync(Uri portal, string pathAndQuery, string? token)
    {
        using var http = new HttpClient { BaseAddress = portal };
        using var request = new HttpRequestMessage(HttpMethod.Get, pathAndQuery);
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (answer.StatusCode == HttpStatusCode.SwitchingProtocols)
            return (answer.StatusCode, null);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.StartsWith('{') ? (string?)JsonNode.Parse(text)!["code"] : text);
    }
}
