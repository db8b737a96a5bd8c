using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource.Apart;

/// <summary>Reads a value out of an answer. Throws <see cref="InvalidDataException"/> for what is none.</summary>
internal delegate T KafkaReading<out T>(ReadOnlySpan<byte> payload);

/// <summary>Calls into the processes of Kafka clients, with whatever may become of them as problems.</summary>
internal sealed partial class KafkaChildCalls(KafkaChildren children, ILogger<KafkaChildCalls> logger)
{
    /// <summary>
    /// The longest that an honest call takes, and time to start a process on a busy machine; a Kafka that is slow is said long before.
    /// </summary>
    internal static readonly TimeSpan Within = TimeSpan.FromMinutes(4);

    /// <summary>One call, and the process is nobody's again.</summary>
    public async Task<Outcome<T>> AskAsync<T>(
        KafkaConnection connection,
        KafkaVerb verb,
        byte[] arguments,
        KafkaReading<T> read,
        CancellationToken cancellationToken,
        Action<KafkaFrame>? progress = null
    )
    {
        if (!(await children.TakeAsync(connection, cancellationToken)).TryGet(out var child, out var problem))
            return problem;
        try
        {
            var call = child.NextCall();
            return await AnswerAsync(child, KafkaFrame.Of(call, verb, arguments), call, Within, read, cancellationToken, progress);
        }
        finally
        {
            children.Release(child);
        }
    }

    /// <summary>Opens something that stays in the process, which stays as long.</summary>
    public async Task<Outcome<KafkaChildHandle>> OpenAsync(
        KafkaConnection connection,
        KafkaVerb verb,
        byte[] arguments,
        CancellationToken cancellationToken
    )
    {
        if (!(await children.TakeAsync(connection, cancellationToken)).TryGet(out var child, out var problem))
            return problem;
        var call = child.NextCall();
        var handle = new KafkaChildHandle(this, child, call);
        try
        {
            var opened = await AnswerAsync(
                child,
                KafkaFrame.Of(call, verb, arguments),
                call,
                Within,
                static _ => default(Done),
                cancellationToken
            );
            if (opened.IsOk)
                return handle;
            problem = opened.Problem;
        }
        catch
        {
            // It may be open by now, or be opened yet.
            await handle.DisposeAsync();
            throw;
        }
        children.Release(child);
        return problem;
    }

    public async Task<Outcome<T>> AnswerAsync<T>(
        KafkaChildProcess child,
        ReadOnlyMemory<byte> frame,
        int call,
        TimeSpan within,
        KafkaReading<T> read,
        CancellationToken cancellationToken,
        Action<KafkaFrame>? progress = null
    )
    {
        if (await child.CallAsync(frame, call, within, progress, cancellationToken) is not { } answer)
            return Outcome.Refused<T>(children.Died(child));
        try
        {
            switch (answer.Verb)
            {
                case KafkaVerb.Value:
                    return Outcome.Of(read(answer.Payload.Span));
                case KafkaVerb.Refused:
                    return Outcome.Refused<T>(KafkaPayload.ReadProblem(answer.Payload.Span));
                case KafkaVerb.Failed:
                    LogOdd(
                        logger,
                        child.Connection,
                        KafkaPayload.Read<string>(answer.Payload.Span) is { Length: <= 100 } type && type.All(char.IsAsciiLetterOrDigit)
                            ? type
                            : "?"
                    );
                    return Outcome.Refused<T>(KafkaChildProblems.Odd);
            }
        }
        catch (InvalidDataException)
        {
            // Whoever speaks there isn't our program any more.
        }
        finally
        {
            KafkaFrame.GiveBack(answer.Payload);
        }
        child.Finish(KafkaChildEnd.Answer);
        return Outcome.Refused<T>(children.Died(child));
    }

    public void Release(KafkaChildProcess child) => children.Release(child);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A Kafka client met what it didn't expect from {Connection}: {Exception}")]
    private static partial void LogOdd(ILogger logger, KafkaConnection connection, string exception);
}

/// <summary>Something that is open in the process of a Kafka client.</summary>
internal sealed class KafkaChildHandle(KafkaChildCalls calls, KafkaChildProcess child, int handle) : IAsyncDisposable
{
    private static readonly TimeSpan ToClose = TimeSpan.FromMinutes(2);
    private int _closed;

    /// <summary>A call at what is open; its arguments are written behind the handle.</summary>
    public Task<Outcome<T>> AskAsync<T>(
        KafkaVerb verb,
        int size,
        Action<KafkaPacker> arguments,
        KafkaReading<T> read,
        CancellationToken cancellationToken,
        TimeSpan? within = null
    )
    {
        var call = child.NextCall();
        var packer = new KafkaPacker(call, verb, 4 + size);
        packer.Int(handle);
        arguments(packer);
        return calls.AnswerAsync(child, packer.ToFrame(), call, within ?? KafkaChildCalls.Within, read, cancellationToken);
    }

    public Task<Outcome<T>> AskAsync<T>(
        KafkaVerb verb,
        byte[] arguments,
        KafkaReading<T> read,
        CancellationToken cancellationToken,
        TimeSpan? within = null
    ) => AskAsync(verb, arguments.Length, packer => packer.Raw(arguments), read, cancellationToken, within);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        try
        {
            if (!child.HasEnded)
                await AskAsync(KafkaVerb.Close, 0, static _ => { }, static _ => default(Done), CancellationToken.None, ToClose);
        }
        finally
        {
            calls.Release(child);
        }
    }
}
