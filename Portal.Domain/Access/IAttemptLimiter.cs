namespace Portal.Domain.Access;

/// <summary>
/// What is attempted. Each has limits of its own, so that a stranger who uses up one never keeps an owner out of another.
/// </summary>
public enum Attempt
{
    /// <summary>A password from somebody who is not signed in.</summary>
    SignIn,

    /// <summary>A password or code from somebody who is signed in, or has given the right password.</summary>
    Proof,

    /// <summary>An email to the address that was typed.</summary>
    Email,

    /// <summary>A password that is rated while it is typed: of no account, and often.</summary>
    Rating,

    /// <summary>What names no account: links, passkeys, providers, invitations.</summary>
    Other,
}

/// <summary>Stands before everything that hashes a password or sends a mail.</summary>
public interface IAttemptLimiter
{
    /// <summary>Null when the attempt may go on, else how long to wait.</summary>
    /// <param name="account">What was typed as the account, whether it exists or not; null when only the address counts.</param>
    TimeSpan? Refuse(Actor actor, Attempt attempt, string? account);

    /// <summary>A sign-in whose password did not match: from that address the account waits, and from everywhere after very many.</summary>
    /// <param name="account">As typed, whether it exists or not.</param>
    void Failed(Actor actor, string account);
}

internal static class AttemptLimits
{
    public static Common.Problem.TooMany? Check(this IAttemptLimiter limiter, Actor actor, Attempt attempt, string? account = null) =>
        limiter.Refuse(actor, attempt, account) is { } wait
            ? new("too-many-attempts", $"Too many attempts. Try again in {InWords(wait)}.", wait)
            : null;

    private static string InWords(TimeSpan wait) =>
        wait > TimeSpan.FromHours(2) ? $"{Math.Ceiling(wait.TotalHours):0} hours"
        : wait > TimeSpan.FromMinutes(2) ? $"{Math.Ceiling(wait.TotalMinutes):0} minutes"
        : $"{Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds))} seconds";
}
