using System.Net;
using System.Net.Sockets;

namespace Portal.Tests.Support.Journeys;

/// <summary>A wire to a server that can be cut: open connections end, new ones are refused, until it is mended.</summary>
public sealed class TcpRelay : IAsyncDisposable
{
    private readonly IPEndPoint _target;
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _open = [];
    private TcpListener? _listener;

    public TcpRelay(int targetPort)
    {
        _target = new(IPAddress.Loopback, targetPort);
        Port = PortalProcess.FreePort();
        Mend();
    }

    public int Port { get; }

    public void Cut()
    {
        _listener?.Dispose();
        _listener = null;
        lock (_gate)
        {
            foreach (var socket in _open) socket.Dispose();
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
            while (true) _ = CarryAsync(await listener.AcceptSocketAsync());
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
    }

    private async Task CarryAsync(Socket near)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        lock (_gate) _open.UnionWith([near, far]);
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
            lock (_gate) _open.ExceptWith([near, far]);
        }
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer)) > 0;)
                for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // One of the two is gone.
        }
    }
}
