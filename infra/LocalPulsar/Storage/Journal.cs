using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace LocalPulsar.Storage;

/// <summary>
/// The one writer of the database. Writes that wait together are committed together, in the order in which they were
/// queued, so that a thousand messages cost a few commits and what was acknowledged survives the end of the process.
/// </summary>
internal sealed class Journal : IAsyncDisposable
{
    private const int LargestBatch = 2000;
    private readonly Channel<Write> _queue = Channel.CreateUnbounded<Write>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Tables _tables;
    private readonly Task _loop;

    public Journal(string file)
    {
        _tables = new Tables(file);
        _loop = Task.Run(WriteAllAsync);
    }

    /// <summary>Queues a write; <paramref name="committed"/> runs once it is on disk (or failed), in queue order.</summary>
    public void Enqueue(Action<Tables> apply, Action<Exception?>? committed = null)
    {
        if (!_queue.Writer.TryWrite(new Write(apply, committed)))
            committed?.Invoke(new InvalidOperationException("The server is stopping."));
    }

    /// <summary>Queues a write; the task ends when it is on disk.</summary>
    public Task SaveAsync(Action<Tables> apply)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(
            apply,
            error =>
            {
                if (error is null)
                    done.SetResult();
                else
                    done.SetException(error);
            }
        );
        return done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        _tables.Dispose();
    }

    private async Task WriteAllAsync()
    {
        var batch = new List<Write>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < LargestBatch && _queue.Reader.TryRead(out var write))
                batch.Add(write);
            var error = Commit(batch);
            foreach (var write in batch)
                write.Committed?.Invoke(error);
            batch.Clear();
        }
    }

    private SqliteException? Commit(List<Write> batch)
    {
        try
        {
            using var transaction = _tables.Begin();
            foreach (var write in batch)
                write.Apply(_tables);
            transaction.Commit();
            return null;
        }
        catch (SqliteException e)
        {
            return e;
        }
    }

    private readonly record struct Write(Action<Tables> Apply, Action<Exception?>? Committed);
}
