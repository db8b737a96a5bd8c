namespace Portal.Domain.Common;

/// <summary>
/// An expected refusal: a stable code for programs and a sentence a person can act on. The cases are closed; the API
/// maps each to one HTTP status, the pages to one look.
/// </summary>
/// <param name="Code">Stable, lower case with dashes, for example <c>tenant-name-taken</c>.</param>
/// <param name="Message">One or two sentences that say what is wrong and what to do.</param>
public abstract record Problem(string Code, string Message)
{
    /// <summary>The input cannot be right; <paramref name="Field"/> names it in camelCase where there is one.</summary>
    public sealed record Invalid(string Code, string Message, string? Field = null) : Problem(Code, Message);

    /// <summary>There is no such thing, or the actor may not know of it.</summary>
    public sealed record NotFound(string Code, string Message) : Problem(Code, Message);

    /// <summary>The actor is not signed in, or the credential is not valid (any more).</summary>
    public sealed record Unauthenticated(string Code, string Message) : Problem(Code, Message);

    /// <summary>The actor is known and may not; the sentence names the role that may.</summary>
    public sealed record Forbidden(string Code, string Message) : Problem(Code, Message);

    /// <summary>It contradicts what is there already.</summary>
    public sealed record Conflict(string Code, string Message, string? Field = null) : Problem(Code, Message);

    /// <summary>A limit of the plan: <paramref name="Used"/> of <paramref name="Limit"/>, and the plan that lifts it.</summary>
    public sealed record OverLimit(string Code, string Message, long Limit, long Used, string? LiftedBy) : Problem(Code, Message);

    /// <summary>A card is missing, was declined, or an invoice is unpaid.</summary>
    public sealed record PaymentRequired(string Code, string Message) : Problem(Code, Message);

    /// <summary>Too many requests; may be tried again after <paramref name="RetryAfter"/>.</summary>
    public sealed record TooMany(string Code, string Message, TimeSpan RetryAfter) : Problem(Code, Message);

    /// <summary>
    /// An outside system is away or answers wrongly; trying again later may help, after <paramref name="RetryAfter"/> where that is known.
    /// </summary>
    public sealed record Unavailable(string Code, string Message, TimeSpan? RetryAfter = null) : Problem(Code, Message);
}
