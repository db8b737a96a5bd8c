using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Portal.Tests.Support.Journeys;

/// <summary>
/// A wire to a server that can be cut: open connections end, new ones are refused, until it is mended. It may be long:
/// every byte takes its delay, in each direction, however many are on their way. And it may be thin: then only so many
/// bytes pass in a second, in each direction of each connection.
/// </summary>
public sealed class TcpRelay : IAsyncDisposable
{
    private readonly IPEndPoint _target;
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _open = [];
    private readonly TimeSpan _delay;
    private readonly int _bytesPerSecond;
    private TcpListener? _listener;

    public TcpRelay(int targetPort, TimeSpan delay = default, int bytesPerSecond = int.MaxValue)
    {
        (_delay, _bytesPerSecond) = (delay, bytesPerSecond);
        _target = new(IPAddress.Loopback, targetPort);
        Port = RunningPortal.FreePort();
        Mend();
    }

    public int Port { get; }

    public void Cut()
    {
        _listener?.Dispose();
        _listener = null;
        lock (_gate)
        {
            foreach (var socket in _open)
                socket.Dispose();
            _open.Clear();
        }
    }

    public void Mend()
    {
        _listener = new(IPAddress.Loopback, Port);
        _listener.Start();
        _ = AcceptAsync(_listener);
    }

    public ValueTask DisposeAsync()
    {
        Cut();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
                _ = CarryAsync(await listener.AcceptSocketAsync());
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
    }

    private async Task CarryAsync(Socket near)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        lock (_gate)
            _open.UnionWith([near, far]);
        try
        {
            await far.ConnectAsync(_target);
            await Task.WhenAny(PumpAsync(near, far), PumpAsync(far, near));
        }
        catch (SocketException)
        {
            // The server is not there.
        }
        finally
        {
            near.Dispose();
            far.Dispose();
            lock (_gate)
                _open.ExceptWith([near, far]);
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var wire = Channel.CreateUnbounded<(long Due, byte[] Bytes)>();
        var arriving = DeliverAsync(wire.Reader, to);
        var buffer = new byte[32 * 1024];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer)) > 0; )
                wire.Writer.TryWrite((Environment.TickCount64 + (long)_delay.TotalMilliseconds, buffer[..read]));
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // One of the two is gone.
        }
        wire.Writer.Complete();
        await arriving;
    }

    private async Task DeliverAsync(ChannelReader<(long Due, byte[] Bytes)> wire, Socket to)
    {
        try
        {
            await foreach (var (due, bytes) in wire.ReadAllAsync())
            {
                if (due - Environment.TickCount64 is > 0 and var early)
                    await Task.Delay(TimeSpan.FromMilliseconds(early));
                for (var sent = 0; sent < bytes.Length; )
                {
                    var piece = await to.SendAsync(bytes.AsMemory(sent, Math.Min(bytes.Length - sent, Math.Max(1, _bytesPerSecond / 10))));
                    sent += piece;
                    if (_bytesPerSecond < int.MaxValue)
                        await Task.Delay(TimeSpan.FromSeconds((double)piece / _bytesPerSecond));
                }
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // One of the two is gone.
        }
    }
}
