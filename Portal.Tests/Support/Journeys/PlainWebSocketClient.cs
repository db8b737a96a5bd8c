using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Portal.Tests.Support.Journeys;

/// <summary>What any customer's WebSocket client does: sends with acknowledgements, reads and acknowledges.</summary>
public sealed class PlainWebSocketClient(string webSocketUrl, string token)
{
    public async Task<ClientWebSocket> ConnectAsync(string kind, string topic, string? subscription = null, string query = "")
    {
        var socket = new ClientWebSocket();
        await ConnectAsync(socket, kind, topic, subscription, query);
        return socket;
    }

    private async Task ConnectAsync(ClientWebSocket socket, string kind, string topic, string? subscription, string query)
    {
        socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        // A broker that waits for one that died answers too late: asking again is quicker.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await socket.ConnectAsync(
            new Uri($"{webSocketUrl}/ws/v2/{kind}/persistent/{topic}{(subscription is null ? "" : "/" + subscription)}{query}"),
            deadline.Token
        );
    }

    /// <summary>What the broker answers to the client there: 101 when it takes it, 401 or 403 when it does not.</summary>
    public async Task<HttpStatusCode> AnswerAsync(string kind, string topic, string? subscription = null)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await ConnectAsync(socket, kind, topic, subscription, "");
        }
        catch (WebSocketException) when (socket.HttpStatusCode != 0)
        {
            // The status says it.
        }
        return socket.HttpStatusCode;
    }

    /// <summary>Sends messages of a size and waits for all acknowledgements.</summary>
    public async Task SendAsync(string topic, int count, int size)
    {
        using var socket = await ConnectAsync("producer", topic);
        for (var sent = 0; sent < count; sent++)
            await SendAsync(socket, sent, size);
        for (var acknowledged = 0; acknowledged < count; acknowledged++)
            Assert.Equal("ok", (string?)(await ReceiveAsync(socket))["result"]);
        await CloseAsync(socket);
    }

    public static Task SendAsync(WebSocket socket, int number, int size)
    {
        var payload = new byte[size];
        BitConverter.TryWriteBytes(payload, number);
        return SendJsonAsync(socket, new JsonObject { ["payload"] = Convert.ToBase64String(payload), ["context"] = $"{number}" });
    }

    /// <summary>Reads with one subscription until that many messages came, and acknowledges each.</summary>
    public static async Task<int> ReadAsync(WebSocket consumer, int count)
    {
        var bytes = 0;
        for (var read = 0; read < count; read++)
        {
            var message = await ReceiveAsync(consumer);
            bytes += Convert.FromBase64String((string)message["payload"]!).Length;
            await SendJsonAsync(consumer, new JsonObject { ["messageId"] = (string)message["messageId"]! });
        }
        return bytes;
    }

    /// <summary>The same, for messages of text: what they say.</summary>
    public static async Task<IReadOnlyList<string>> TextsAsync(WebSocket consumer, int count)
    {
        var texts = new List<string>();
        while (texts.Count < count)
        {
            var message = await ReceiveAsync(consumer);
            texts.Add(Encoding.UTF8.GetString(Convert.FromBase64String((string)message["payload"]!)));
            await SendJsonAsync(consumer, new JsonObject { ["messageId"] = (string)message["messageId"]! });
        }
        return texts;
    }

    public static async Task CloseAsync(WebSocket socket)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, deadline.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The other side was quicker.
        }
    }

    public static async Task<JsonNode> ReceiveAsync(WebSocket socket)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var text = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), deadline.Token);
            if (part.MessageType == WebSocketMessageType.Close)
                throw new WebSocketException("The broker closed the session.");
            text.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return JsonNode.Parse(text.ToArray())!;
        }
    }

    private static async Task SendJsonAsync(WebSocket socket, JsonObject frame)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await socket.SendAsync(Encoding.UTF8.GetBytes(frame.ToJsonString()), WebSocketMessageType.Text, true, deadline.Token);
    }
}
