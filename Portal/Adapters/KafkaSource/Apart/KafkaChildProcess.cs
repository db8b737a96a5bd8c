using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource.Apart;

/// <summary>
/// One process of a Kafka client, for one connection. Its threads only carry frames: what blocks is the pipe, and what it
/// blocks is nobody's but this connection's.
/// </summary>
internal sealed class KafkaChildProcess(
    KafkaConnection connection,
    KafkaChildSettings settings,
    bool anywhere,
    TimeProvider clock,
    Action<KafkaChildProcess, KafkaChildEnd> ended
) : IDisposable
{
    /// <summary>The process ends itself with this code when it takes more memory than it may.</summary>
    internal const int ExitOfMemory = 77;

    private static readonly TimeSpan ToEnd = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<int, Waiting> _waiting = new();
    private readonly BlockingCollection<ReadOnlyMemory<byte>> _outgoing = new();
    private readonly KafkaChildWords _words = new(connection.Password);
    private readonly Lock _starting = new();
    private Process? _process;
    private int _calls;
    private int _end = -1;

    public KafkaConnection Connection => connection;

    /// <summary>Calls and open things that hold it; kept by <see cref="KafkaChildren"/> under its lock.</summary>
    public int Uses { get; set; }

    public long LastUse { get; set; }

    /// <summary>When it was given to its organization; kept by <see cref="KafkaChildren"/>, as is what follows.</summary>
    public long Since { get; init; }

    /// <summary>When its place was asked back for somebody else: it takes no new calls. Null while it stays.</summary>
    public long? AskedBack { get; set; }

    public bool HasEnded => Volatile.Read(ref _end) >= 0;

    public KafkaChildEnd End => (KafkaChildEnd)Volatile.Read(ref _end);

    /// <summary>Of the process, while it runs.</summary>
    public int? Id => _process?.Id;

    /// <summary>The exit code and what it said last; neither holds secrets.</summary>
    public string Words => _words.ToString();

    public long MemoryBytes => settings.MemoryBytes;

    /// <returns>The number under which what the call opens is known.</returns>
    public int NextCall() => Interlocked.Increment(ref _calls);

    /// <summary>Sends a call and waits for its answer; null when the process ended instead.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up; the process is told.</exception>
    public async Task<KafkaFrame?> CallAsync(
        ReadOnlyMemory<byte> frame,
        int call,
        TimeSpan within,
        Action<KafkaFrame>? progress,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiting = new Waiting(clock.GetTimestamp(), within, progress);
        _waiting[call] = waiting;
        Start();
        Send(frame);
        // Either who ends it sees this call, or this call sees the end.
        if (HasEnded)
            waiting.Answer.TrySetResult(null);
        await using var givingUp = cancellationToken.UnsafeRegister(
            _ =>
            {
                if (waiting.Answer.TrySetCanceled(cancellationToken))
                    Send(KafkaFrame.Of(call, KafkaVerb.Cancel, []));
            },
            null
        );
        return await waiting.Answer.Task;
    }

    /// <summary>Ends what has outlived its limits.</summary>
    public void Watch()
    {
        if (HasEnded || _process is not { } process)
            return;
        if (_waiting.Values.Any(one => clock.GetElapsedTime(one.Began) > one.Within))
        {
            Finish(KafkaChildEnd.Deadline);
            return;
        }
        try
        {
            process.Refresh();
            if (process.WorkingSet64 > settings.MemoryBytes)
                Finish(KafkaChildEnd.Memory);
        }
        catch (InvalidOperationException)
        {
            // It has just ended; the reader tells.
        }
    }

    /// <summary>Ends it, once; every call that is open is answered by that.</summary>
    public void Finish(KafkaChildEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, (int)end, -1) != -1)
            return;
        _outgoing.CompleteAdding();
        if (end == KafkaChildEnd.Idle)
            _ = KillLaterAsync();
        else
            Kill();
        foreach (var call in _waiting.Keys)
            if (_waiting.TryRemove(call, out var waiting))
                waiting.Answer.TrySetResult(null);
        ended(this, end);
    }

    public void Dispose()
    {
        Finish(KafkaChildEnd.Idle);
        Kill();
    }

    private void Start()
    {
        lock (_starting)
        {
            if (_process is not null || HasEnded)
                return;
            try
            {
                _process = Process.Start(KafkaChildStart.Of(settings.MemoryBytes));
            }
            catch (Exception exception) when (exception is Win32Exception or IOException or InvalidOperationException)
            {
                _words.Add(exception.Message);
            }
            if (_process is null)
            {
                Finish(KafkaChildEnd.Unstarted);
                return;
            }
            _outgoing.Add(
                KafkaFrame.Of(0, KafkaVerb.Hello, KafkaPayload.Write(new KafkaPayload.Hello(connection, anywhere, settings.MemoryBytes)))
            );
            Carry("out", WriteAll);
            Carry("in", ReadAll);
            Carry("words", () => _words.ReadAll(_process.StandardError));
        }
    }

    // Reading a pipe blocks a thread; those of the pool are for work.
    private static void Carry(string what, Action carry) =>
        new Thread(() => carry()) { IsBackground = true, Name = $"Kafka client, {what}" }.Start();

    private void Send(ReadOnlyMemory<byte> frame)
    {
        try
        {
            _outgoing.Add(frame);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    private void WriteAll()
    {
        try
        {
            using var stream = _process!.StandardInput.BaseStream;
            foreach (var frame in _outgoing.GetConsumingEnumerable())
            {
                stream.Write(frame.Span);
                stream.Flush();
                KafkaFrame.GiveBack(frame);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It has ended; the reader tells.
        }
    }

    private void ReadAll()
    {
        var end = KafkaChildEnd.Exited;
        try
        {
            using var stream = _process!.StandardOutput.BaseStream;
            while (KafkaFrame.Read(stream) is { } frame)
                Take(frame);
        }
        catch (InvalidDataException)
        {
            end = KafkaChildEnd.Answer;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The pipe is gone: the process is, or will be.
        }
        if (end == KafkaChildEnd.Exited && _process!.WaitForExit(ToEnd))
        {
            if (!HasEnded)
                _words.Add($"exit code {_process.ExitCode}");
            if (_process.ExitCode == ExitOfMemory)
                end = KafkaChildEnd.Memory;
        }
        Finish(end);
    }

    private void Take(KafkaFrame frame)
    {
        if (!_waiting.TryGetValue(frame.Call, out var waiting))
            return;
        if (frame.Verb == KafkaVerb.Progress)
        {
            waiting.Progress?.Invoke(frame);
            return;
        }
        _waiting.TryRemove(frame.Call, out _);
        waiting.Answer.TrySetResult(frame);
    }

    private async Task KillLaterAsync()
    {
        // Its input has ended, and so does it.
        await Task.Delay(ToEnd, clock);
        Kill();
    }

    private void Kill()
    {
        try
        {
            _process?.Kill();
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // It has ended already.
        }
    }

    private sealed record Waiting(long Began, TimeSpan Within, Action<KafkaFrame>? Progress)
    {
        public TaskCompletionSource<KafkaFrame?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
