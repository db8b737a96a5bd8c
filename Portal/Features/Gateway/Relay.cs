using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using Portal.Domain.Common;
using Portal.Domain.Gateway;

namespace Portal.Features.Gateway;

/// <summary>
/// Carries messages between a client and a broker, both ways, as they are. Neither side is read faster than the other
/// takes it, so a slow client slows its broker down and not this process. A quiet session holds no buffer.
/// </summary>
internal sealed class Relay(WebSocket client, WebSocket broker, GatewaySession session, GatewayMeter meter, TimeProvider clock)
{
    // Most messages fit and go on as one frame.
    private const int BufferBytes = 64 * 1024;

    // A close frame's reason holds so many bytes.
    private const int LongestReason = 123;

    private const string BrokerLost =
        "The cluster dropped the connection. A message above its WebSocket frame limit (1 MiB by default) causes this too.";

    private static readonly TimeSpan ToEnd = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ToClose = TimeSpan.FromSeconds(5);

    private volatile bool _over;

    private enum End
    {
        Closed,
        SourceLost,
        TargetLost,
    }

    /// <summary>Returns when both connections are over; it does not throw for anything that the sides do.</summary>
    public async Task RunAsync()
    {
        var up = PumpAsync(client, broker, GatewayMeter.In, session.Admission.Limits.MessageBytes);
        var heardOut = HearOutAsync(up);
        var down = PumpAsync(broker, client, GatewayMeter.Out, null);
        try
        {
            var first = await Task.WhenAny(up, down, session.Ended);
            if (session.Ended.IsCompleted)
                await EndAsync(await session.Ended, heardOut, down);
            else if (first == up)
                await AfterClientAsync(await up, heardOut, down);
            else
                await AfterBrokerAsync(await down, heardOut);
        }
        finally
        {
            _over = true;
            client.Abort();
            broker.Abort();
            await Task.WhenAll(heardOut, down);
        }
    }

    /// <summary>Nothing goes through any more from here on, whether or not the client answers.</summary>
    private async Task EndAsync(Problem reason, Task heardOut, Task<End> down)
    {
        _over = true;
        meter.Ended(reason);
        var status = reason switch
        {
            Problem.Unavailable => WebSocketCloseStatus.EndpointUnavailable,
            Problem.OverLimit => WebSocketCloseStatus.MessageTooBig,
            _ => WebSocketCloseStatus.PolicyViolation,
        };
        await Task.WhenAll(
            CloseAsync(client, status, reason.Message, ToEnd),
            CloseAsync(broker, WebSocketCloseStatus.NormalClosure, null, ToEnd)
        );
        await WaitAsync(Task.WhenAll(heardOut, down), ToEnd);
    }

    private async Task AfterClientAsync(End end, Task heardOut, Task<End> down)
    {
        if (end == End.TargetLost)
        {
            await CloseAsync(client, WebSocketCloseStatus.EndpointUnavailable, BrokerLost, ToEnd);
            await WaitAsync(heardOut, ToClose);
            return;
        }
        await CloseAsync(
            broker,
            end == End.Closed ? client.CloseStatus : WebSocketCloseStatus.NormalClosure,
            client.CloseStatusDescription,
            ToEnd
        );
        // What the broker had sent before it heard of the close still arrives.
        if (end == End.Closed && await WaitAsync(down, ToClose))
            await CloseAsync(client, client.CloseStatus, client.CloseStatusDescription, ToEnd);
    }

    private async Task AfterBrokerAsync(End end, Task heardOut)
    {
        if (end == End.TargetLost)
        {
            await CloseAsync(broker, WebSocketCloseStatus.NormalClosure, null, ToEnd);
            return;
        }
        if (end == End.Closed)
            await CloseAsync(client, broker.CloseStatus, broker.CloseStatusDescription, ToEnd);
        else
            await CloseAsync(client, WebSocketCloseStatus.EndpointUnavailable, BrokerLost, ToEnd);
        await WaitAsync(heardOut, ToClose);
        if (end == End.Closed)
            await CloseAsync(broker, broker.CloseStatus, broker.CloseStatusDescription, ToEnd);
    }

    /// <summary>
    /// Takes what a client still sends after its broker is gone, up to its close. A connection that is dropped with bytes
    /// unread is reset, and a reset takes with it the close frame that says why.
    /// </summary>
    private async Task HearOutAsync(Task<End> up)
    {
        if (await up != End.TargetLost)
            return;
        _over = true;
        await PumpAsync(client, broker, GatewayMeter.In, null);
    }

    private async Task<End> PumpAsync(WebSocket source, WebSocket target, string direction, long? most)
    {
        while (true)
            if (await CarryMessageAsync(source, target, direction, most) is { } end)
                return end;
    }

    /// <summary>Carries one message on in frames of a buffer's size; null when it went whole.</summary>
    /// <param name="most">
    /// Bytes of one message; null for no limit. What is larger ends the session in the middle of it: the other side has
    /// the beginning at most, of a message that never ends, and drops it.
    /// </param>
    private async Task<End?> CarryMessageAsync(WebSocket source, WebSocket target, string direction, long? most)
    {
        // Waits without a buffer until something is there.
        if (await ReceiveAsync(source, Memory<byte>.Empty) is not { } part)
            return End.SourceLost;
        var buffer = HasMore(part) ? ArrayPool<byte>.Shared.Rent(BufferBytes) : [];
        try
        {
            for (var carried = 0L; ; )
            {
                var filled = 0;
                while (HasMore(part) && filled < buffer.Length)
                {
                    if (await ReceiveAsync(source, buffer.AsMemory(filled)) is not { } next)
                        return End.SourceLost;
                    part = next;
                    filled += part.Count;
                }
                if (part.MessageType == WebSocketMessageType.Close)
                    return End.Closed;
                if ((carried += filled) > most && session.Admission.Limits.TooLarge is { } tooLarge)
                    session.End(tooLarge);
                if (!_over && !session.Ended.IsCompleted)
                {
                    if (!await SendAsync(target, buffer.AsMemory(0, filled), part))
                        return End.TargetLost;
                    meter.Moved(direction, filled);
                }
                if (part.EndOfMessage)
                    return null;
            }
        }
        finally
        {
            if (buffer.Length > 0)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool HasMore(ValueWebSocketReceiveResult part) => !part.EndOfMessage && part.MessageType != WebSocketMessageType.Close;

    /// <summary>Null when the connection is lost.</summary>
    private static async ValueTask<ValueWebSocketReceiveResult?> ReceiveAsync(WebSocket source, Memory<byte> into)
    {
        try
        {
            return await source.ReceiveAsync(into, CancellationToken.None);
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            return null;
        }
    }

    private static async ValueTask<bool> SendAsync(WebSocket target, ReadOnlyMemory<byte> bytes, ValueWebSocketReceiveResult part)
    {
        try
        {
            await target.SendAsync(bytes, part.MessageType, part.EndOfMessage, CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            return false;
        }
    }

    private async Task CloseAsync(WebSocket socket, WebSocketCloseStatus? status, string? reason, TimeSpan atMost)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            return;
        using var deadline = new CancellationTokenSource(atMost, clock);
        var sent = Sendable(status);
        try
        {
            await socket.CloseOutputAsync(sent, sent == WebSocketCloseStatus.Empty ? null : Cut(reason), deadline.Token);
        }
        catch (Exception exception) when (IsLoss(exception) || exception is OperationCanceledException)
        {
            // The other side is gone, or takes nothing any more.
        }
    }

    private async Task<bool> WaitAsync(Task task, TimeSpan atMost)
    {
        using var stop = new CancellationTokenSource();
        var over = await Task.WhenAny(task, Task.Delay(atMost, clock, stop.Token)) == task;
        await stop.CancelAsync();
        return over;
    }

    /// <summary>Statuses that stand for the absence of one, or that programs made up, are not sent on.</summary>
    private static WebSocketCloseStatus Sendable(WebSocketCloseStatus? status) =>
        (int?)status switch
        {
            1000 or 1001 or 1002 or 1003 or 1007 or 1008 or 1009 or 1010 or 1011 or (>= 3000 and <= 4999) => status!.Value,
            null or 1005 => WebSocketCloseStatus.Empty,
            _ => WebSocketCloseStatus.NormalClosure,
        };

    private static string? Cut(string? reason)
    {
        if (reason is null || Encoding.UTF8.GetByteCount(reason) <= LongestReason)
            return reason;
        var (kept, bytes) = (0, 3);
        foreach (var rune in reason.EnumerateRunes())
        {
            if ((bytes += rune.Utf8SequenceLength) > LongestReason)
                break;
            kept += rune.Utf16SequenceLength;
        }
        return reason[..kept] + "…";
    }

    private static bool IsLoss(Exception exception) =>
        exception
            is WebSocketException
                or ObjectDisposedException
                or InvalidOperationException
                or IOException
                or OperationCanceledException;
}
