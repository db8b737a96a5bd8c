namespace Portal.Domain.Common;

/// <summary>
/// A request that may come again with the same <c>Idempotency-Key</c>: what is being carried out under it, wherever in
/// the process that happens. The change that it makes writes its answer in the change's own transaction, so that after a
/// death there is both or neither.
/// </summary>
public sealed class RepeatableRequest
{
    private static readonly AsyncLocal<RepeatableRequest?> Ambient = new();

    private Type? _of;
    private Func<object, Task<byte[]>>? _answer;

    private RepeatableRequest(byte[] key, string holder, bool isAnswered) => (Key, Holder, IsAnswered) = (key, holder, isAnswered);

    public static RepeatableRequest? Current => Ambient.Value is { IsOver: false } request ? request : null;

    public byte[] Key { get; }

    /// <summary>Whose reservation it is: of one request in one process. The answer is written only while it stands.</summary>
    public string Holder { get; }

    /// <summary>
    /// It was answered before: only whether the caller may still have the answer is in question, and nothing is carried out.
    /// </summary>
    public bool IsAnswered { get; }

    private bool IsOver { get; set; }

    /// <summary>Begins in the caller's asynchronous method and what that calls.</summary>
    public static RepeatableRequest Begin(byte[] key, string holder) => Ambient.Value = new(key, holder, false);

    public static RepeatableRequest BeginAnswered(byte[] key) => Ambient.Value = new(key, "", true);

    /// <summary>Work that the request left behind is no part of it.</summary>
    public void End() => IsOver = true;

    /// <summary>How the result of the change becomes the answer to keep, sealed.</summary>
    public void AnswerWith<T>(Func<T, Task<byte[]>> answer) => (_of, _answer) = (typeof(T), result => answer((T)result));

    /// <summary>
    /// For the database, in the transaction of a change: the sealed answer, or null when this change is not the one that answers.
    /// </summary>
    public async Task<byte[]?> AnswerOfAsync<T>(T result) =>
        _answer is { } answer && _of == typeof(T) && result is not null ? await answer(result) : null;

    /// <summary>For the guard, once it has let the caller in.</summary>
    /// <exception cref="AnsweredBeforeException">The request was answered before.</exception>
    public static void StopIfAnswered()
    {
        if (Current is { IsAnswered: true })
            throw new AnsweredBeforeException();
    }
}

/// <summary>The caller may have the answer that is kept; the use case goes no further.</summary>
public sealed class AnsweredBeforeException() : Exception("The request was answered before.");

/// <summary>Another replica took the request over: nothing was written here.</summary>
public sealed class ReservationLostException() : Exception("The request is being carried out elsewhere.");
