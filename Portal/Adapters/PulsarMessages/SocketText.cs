using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Portal.Adapters.PulsarMessages;

internal static class SocketText
{
    // A message of 5 MiB, Pulsar's default largest, is a frame of 7 MiB.
    private const int ReceiveLimit = 64 * 1024 * 1024;

    public static async Task SendAsync<T>(this WebSocket socket, T frame, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        await socket.SendAsync(
            JsonSerializer.SerializeToUtf8Bytes(frame, type).AsMemory(),
            WebSocketMessageType.Text,
            endOfMessage: true,
            cancellationToken
        );

    /// <summary>The next frame; null when the server closed.</summary>
    /// <param name="arrived">Told after each part of it.</param>
    /// <exception cref="WebSocketException">The connection broke, or the frame is larger than any message.</exception>
    public static async Task<T?> ReceiveAsync<T>(
        this WebSocket socket,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken,
        Action? arrived = null
    )
        where T : class
    {
        var text = new ArrayBufferWriter<byte>(16 * 1024);
        while (true)
        {
            var part = await socket.ReceiveAsync(text.GetMemory(16 * 1024), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            text.Advance(part.Count);
            arrived?.Invoke();
            if (text.WrittenCount > ReceiveLimit)
                throw new WebSocketException(WebSocketError.Faulted, "The frame is larger than any message.");
            if (part.EndOfMessage)
                return JsonSerializer.Deserialize(text.WrittenSpan, type);
        }
    }
}
