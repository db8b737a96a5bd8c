namespace Portal.Domain.Common;

/// <summary>What a repeated request finds under its <c>Idempotency-Key</c>.</summary>
public abstract record AnswerSlot
{
    /// <summary>Nobody was here: carry the request out, then keep or release.</summary>
    public sealed record Reserved : AnswerSlot;

    /// <summary>The same request is being carried out.</summary>
    public sealed record InFlight : AnswerSlot;

    /// <summary>The key was used with another body.</summary>
    public sealed record OtherBody : AnswerSlot;

    /// <summary>It was answered; <paramref name="Sealed"/> is the answer as it was kept.</summary>
    public sealed record Answered(byte[] Sealed) : AnswerSlot;
}

/// <summary>
/// Answers to requests with an Idempotency-Key, for 24 hours. A reservation whose process died gives way after a minute.
/// </summary>
public interface IKeptAnswers
{
    /// <param name="key">A hash over actor, path and the key that was sent.</param>
    /// <param name="bodyHash">A hash over the body.</param>
    Task<AnswerSlot> ReserveAsync(byte[] key, byte[] bodyHash, CancellationToken cancellationToken);

    Task KeepAsync(byte[] key, byte[] sealedAnswer, CancellationToken cancellationToken);

    Task ReleaseAsync(byte[] key, CancellationToken cancellationToken);
}
