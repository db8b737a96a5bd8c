namespace Portal.Domain.Access;

/// <summary>Stands before everything that hashes a password or sends a mail.</summary>
public interface IAttemptLimiter
{
    /// <summary>Null when the attempt may go on, else how long to wait.</summary>
    /// <param name="account">What was typed as the account, whether it exists or not; null when only the address counts.</param>
    TimeSpan? Refuse(Actor actor, string? account);
}

internal static class AttemptLimits
{
    public static Common.Problem.TooMany? Check(this IAttemptLimiter limiter, Actor actor, string? account = null) =>
        limiter.Refuse(actor, account) is { } wait
            ? new("too-many-attempts", $"Too many attempts. Try again in {Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds))} seconds.", wait)
            : null;
}
