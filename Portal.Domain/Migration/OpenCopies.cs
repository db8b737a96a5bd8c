using System.Collections.Concurrent;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>
/// Both ends of copies, kept open between the steps of one partition for a while: opening them takes longer than many a
/// step. What was opened with other settings, or stands elsewhere than the database says, is closed and opened anew.
/// </summary>
public sealed class OpenCopies(TimeProvider clock) : IAsyncDisposable
{
    private const int Most = 64;

    /// <summary>Longer, and another replica that takes the lane over would find the name taken.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<CopyId, OpenCopy> _open = new();

    /// <summary>What is open for the partition and fits; it belongs to the caller from now on. Null for none.</summary>
    public async Task<OpenCopy?> TakeAsync(CopyId partition, KafkaConnection connection, WriterSettings settings, long next)
    {
        if (!_open.TryRemove(partition, out var copy))
            return null;
        if (copy.Connection == connection && copy.Settings == settings && copy.Next == next)
            return copy;
        await copy.DisposeAsync();
        return null;
    }

    public async Task KeepAsync(CopyId partition, OpenCopy copy)
    {
        copy.Kept = clock.GetTimestamp();
        if (_open.Count >= Most || !_open.TryAdd(partition, copy))
        {
            await copy.DisposeAsync();
            return;
        }
        _ = CloseIdleAsync(partition, copy);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var partition in _open.Keys)
        {
            if (_open.TryRemove(partition, out var copy))
                await copy.DisposeAsync();
        }
    }

    private async Task CloseIdleAsync(CopyId partition, OpenCopy copy)
    {
        await Task.Delay(Idle, clock);
        // Kept again since then, it is closed by that one.
        if (clock.GetElapsedTime(copy.Kept) < Idle - TimeSpan.FromMilliseconds(100))
            return;
        if (_open.TryRemove(new(partition, copy)))
            await copy.DisposeAsync();
    }
}

/// <param name="Next">The offset that the reader stands at.</param>
public sealed class OpenCopy(KafkaConnection connection, WriterSettings settings, IKafkaReader reader, IPulsarWriter writer, long next)
    : IAsyncDisposable
{
    public KafkaConnection Connection => connection;
    public WriterSettings Settings => settings;
    public IKafkaReader Reader => reader;
    public IPulsarWriter Writer => writer;
    public long Next { get; set; } = next;
    public long Kept { get; set; }

    /// <summary>Steps in a row that found nothing to copy.</summary>
    public int Idle { get; set; }

    public async ValueTask DisposeAsync()
    {
        await reader.DisposeAsync();
        await writer.DisposeAsync();
    }
}
