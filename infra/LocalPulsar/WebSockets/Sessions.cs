using System.Collections.Concurrent;

namespace LocalPulsar.WebSockets;

/// <summary>The open WebSocket sessions, so that a restart or stop can drop them all.</summary>
internal sealed class Sessions
{
    private readonly ConcurrentDictionary<HttpContext, byte> _open = new();

    public void Add(HttpContext context) => _open[context] = 0;

    public void Remove(HttpContext context) => _open.TryRemove(context, out _);

    public void AbortAll()
    {
        foreach (var context in _open.Keys)
        {
            try
            {
                context.Abort();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself between the look and the call.
            }
        }
    }
}
