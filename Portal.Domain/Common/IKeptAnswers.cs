namespace Portal.Domain.Common;

/// <summary>What a repeated request finds under its <c>Idempotency-Key</c>.</summary>
public abstract record AnswerSlot
{
    /// <summary>Carry the request out, then keep or release under this holder.</summary>
    /// <param name="WasBegun">Somebody began before and died; nothing of it was committed to the database, but the outside world may have
    /// seen some of it.</param>
    public sealed record Reserved(string Holder, bool WasBegun) : AnswerSlot;

    /// <summary>The same request is being carried out.</summary>
    public sealed record InFlight : AnswerSlot;

    /// <summary>The key was used with another body.</summary>
    public sealed record OtherBody : AnswerSlot;

    /// <summary>It was answered; <paramref name="Sealed"/> is the answer as it was kept.</summary>
    public sealed record Answered(byte[] Sealed) : AnswerSlot;
}

/// <summary>
/// Answers to requests with an Idempotency-Key, for 24 hours. A reservation whose process died gives way at once. A
/// change made under a <see cref="RepeatableRequest"/> keeps its answer in its own transaction.
/// </summary>
public interface IKeptAnswers
{
    /// <param name="key">A hash over actor, path and the key that was sent.</param>
    /// <param name="bodyHash">A hash over the body.</param>
    Task<AnswerSlot> ReserveAsync(byte[] key, byte[] bodyHash, CancellationToken cancellationToken);

    /// <summary>The answer as it was sent, in the place of what the change kept.</summary>
    Task KeepAsync(byte[] key, string holder, byte[] sealedAnswer, CancellationToken cancellationToken);

    /// <summary>Gives the reservation up; what a change has kept already stays.</summary>
    Task ReleaseAsync(byte[] key, string holder, CancellationToken cancellationToken);
}
