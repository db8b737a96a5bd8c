using System.Net.WebSockets;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalPulsar.WebSockets;

/// <summary>Text frames of a session. One at a time may send.</summary>
internal sealed class Frames(WebSocket socket, HttpContext context) : IDisposable
{
    /// <summary>Pulsar's webSocketMaxTextFrameSize.</summary>
    private const int LargestFrame = 1 << 20;
    private static readonly JsonSerializerOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly SemaphoreSlim _turn = new(1);
    private readonly byte[] _buffer = new byte[LargestFrame];

    public CancellationToken Gone => context.RequestAborted;

    public void Abort() => context.Abort();

    /// <summary>
    /// The next text; null when the client is gone. Binary frames are passed over; a frame that is too large ends the connection.
    /// </summary>
    public async Task<string?> ReceiveAsync()
    {
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            try
            {
                do
                {
                    if (length == LargestFrame)
                    {
                        Abort();
                        return null;
                    }
                    part = await socket.ReceiveAsync(_buffer.AsMemory(length), Gone);
                    length += part.Count;
                } while (!part.EndOfMessage);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException)
            {
                return null;
            }
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await CloseAsync();
                return null;
            }
            if (part.MessageType == WebSocketMessageType.Text)
                return Encoding.UTF8.GetString(_buffer, 0, length);
        }
    }

    public async Task SendAsync(JsonObject frame)
    {
        await _turn.WaitAsync(Gone);
        try
        {
            await socket.SendAsync(
                Encoding.UTF8.GetBytes(frame.ToJsonString(_relaxed)),
                WebSocketMessageType.Text,
                endOfMessage: true,
                Gone
            );
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task CloseAsync()
    {
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // The client did not wait for the answer.
        }
    }
}
