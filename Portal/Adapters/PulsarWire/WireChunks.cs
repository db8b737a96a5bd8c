using Portal.Domain.Migration;

namespace Portal.Adapters.PulsarWire;

/// <summary>What an entry is of a message that its producer sent in chunks.</summary>
/// <param name="Message">The same for all of them.</param>
/// <param name="Number">From 0.</param>
/// <param name="Bytes">Of the whole message, as its producer says.</param>
internal readonly record struct WireChunk(string Message, int Number, int Of, int Bytes);

/// <summary>
/// Puts messages together that are several entries. Chunks of several producers come mixed, those of one in their order.
/// What is kept is bounded; a message that does not fit is counted and not kept.
/// </summary>
internal sealed class WireChunks
{
    /// <summary>Of everything that is kept; the largest message that goes back to Kafka.</summary>
    internal const int MostBytes = 64 * 1024 * 1024;

    private const int MostOpen = 1000;
    private const int MostGiven = 100;

    /// <summary>Pulsar's own consumers drop a message whose chunks stop coming for as long, in milliseconds.</summary>
    private const long Life = 60_000;

    private readonly Dictionary<string, Open> _open = new(StringComparer.Ordinal);

    /// <summary>A producer that has lost its connection sends again what it has no answer for.</summary>
    private readonly Queue<string> _given = new();

    private int _bytes;

    /// <summary>When the oldest message was sent that is not whole yet, milliseconds since 1970; null for none.</summary>
    public long? OpenSince => _open.Count == 0 ? null : _open.Values.Min(one => one.Since);

    /// <summary>With the last chunk the whole message, or why there is none; neither for a repeat of what was given already.</summary>
    public (byte[]? Whole, ReadObstacle? Obstacle) Add(string producer, long sent, WireChunk chunk, ReadOnlySpan<byte> payload)
    {
        Other(producer, sent, chunk.Message);
        if (_given.Contains(chunk.Message))
            return (null, null);
        if (chunk.Number == 0)
        {
            // Sent once more from its beginning: what came before it is dropped.
            Close(chunk.Message);
            var isKept = chunk.Bytes >= 0 && chunk.Bytes <= MostBytes - _bytes;
            if (_open.Count < MostOpen)
                _open[chunk.Message] = new(producer, sent, isKept ? new MemoryStream(chunk.Bytes) : null)
                {
                    Room = isKept ? chunk.Bytes : 0,
                };
            if (isKept)
                _bytes += chunk.Bytes;
        }
        if (!_open.TryGetValue(chunk.Message, out var open))
            return (null, ReadObstacle.Beheaded);
        // A repeat of one that is there.
        if (chunk.Number < open.Next)
            return (null, null);
        if (chunk.Number > open.Next || (open.Kept is { } kept && kept.Length + payload.Length > open.Room))
        {
            Close(chunk.Message);
            return (null, ReadObstacle.Beheaded);
        }
        open.Kept?.Write(payload);
        open.Next++;
        if (open.Next < chunk.Of)
            return (null, null);
        Close(chunk.Message);
        if (_given.Count == MostGiven)
            _given.Dequeue();
        _given.Enqueue(chunk.Message);
        return open.Kept is { } all ? (all.ToArray(), null) : (null, ReadObstacle.TooLarge);
    }

    /// <summary>What a producer sends next ends what it had begun, and so does time.</summary>
    public void Other(string producer, long sent, string? message = null)
    {
        if (_open.Count == 0)
            return;
        foreach (var (key, open) in _open.ToList())
            if (key != message && (open.Producer == producer || sent - open.Since > Life))
                Close(key);
    }

    private void Close(string message)
    {
        if (_open.Remove(message, out var open))
            _bytes -= open.Room;
    }

    private sealed class Open(string producer, long since, MemoryStream? kept)
    {
        public string Producer => producer;
        public long Since => since;

        /// <summary>Null for a message that is too large to be kept.</summary>
        public MemoryStream? Kept => kept;

        public int Room { get; init; }
        public int Next { get; set; }
    }
}
