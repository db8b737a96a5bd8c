using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>Tells passwords that a guesser tries early.</summary>
public interface IPasswordStrength
{
    /// <returns>From 0, guessed at once, to 4, not within a lifetime. What has less than <see cref="PasswordRules.LeastScore"/> is not
    /// taken.</returns>
    /// <param name="knownWords">What a guesser knows of the person, for example the email address.</param>
    int Score(string password, IEnumerable<string> knownWords);
}

/// <summary>Knows passwords that have leaked elsewhere.</summary>
public interface IBreachedPasswords
{
    bool Contains(string password);
}

/// <summary>
/// Length first, then leaks and guessability; no rules of composition, which make passwords worse (NIST SP 800-63B §3.1.1.2).
/// </summary>
public sealed class PasswordRules(IPasswordStrength strength, IBreachedPasswords breached)
{
    public const int Shortest = 12;

    /// <summary>At 0 and 1 a password falls to anybody who steals the hashes.</summary>
    public const int LeastScore = 2;

    /// <summary>Enough for any passphrase; hashing more would only serve who wants the server busy.</summary>
    public const int Longest = 128;

    public Problem.Invalid? Check(string? password, string email)
    {
        if (password is null || password.Length < Shortest)
            return new("password-too-short", $"Use at least {Shortest} characters. Three or four unrelated words work well.", "password");
        if (password.Length > Longest)
            return new("password-too-long", $"Use at most {Longest} characters.", "password");
        if (breached.Contains(password))
            return new(
                "password-breached",
                "This password appeared in a data breach, so attackers try it first. Choose another one: "
                    + "three or four unrelated words work well.",
                "password"
            );
        return ScoreOf(password, email) < LeastScore
            ? new(
                "password-guessable",
                "This password is easy to guess. Use three or four unrelated words, or let a password manager create one.",
                "password"
            )
            : null;
    }

    /// <summary>What the meter beside the field shows: the rules' own answer, so that it never praises what they refuse.</summary>
    public PasswordRating Rate(string? password, string email) =>
        Check(password, email) switch
        {
            { Code: "password-too-short" or "password-too-long" } wrongLength => new(0, wrongLength.Message),
            { Code: "password-breached" } => new(0, "Found in a data breach. Choose another password."),
            not null => new(1, "Too easy to guess. Add one or two unrelated words."),
            null => ScoreOf(password!, email) switch
            {
                LeastScore => new(2, "Fair. One more unrelated word makes it stronger."),
                3 => new(3, "Good."),
                _ => new(4, "Strong."),
            },
        };

    private int ScoreOf(string password, string email) => strength.Score(password, [email, .. email.Split('@', '.', '+', '-'), "portal"]);
}

/// <param name="Score">0 and 1 are not taken; 4 is the best.</param>
/// <param name="Words">For people.</param>
public sealed record PasswordRating(int Score, string Words);

/// <summary>
/// Rates a password while it is chosen. It is told nothing but the password and what was typed beside it, looks nothing up
/// and keeps nothing, so that the answer tells nothing of any account.
/// </summary>
public sealed class RatePassword(PasswordRules rules, IAttemptLimiter limiter)
{
    private const int LongestEmail = 254;

    public Task<Outcome<PasswordRating>> RunAsync(Actor actor, string? password, string? email, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (limiter.Check(actor, Attempt.Rating) is { } tooMany)
            return Task.FromResult<Outcome<PasswordRating>>(tooMany);
        // Who is signed in does not type the address beside a new password.
        var known = string.IsNullOrEmpty(email)
            ? actor.AccountId is null
                ? ""
                : actor.Name
            : email;
        return Task.FromResult(Outcome.Of(rules.Rate(password, known.Length > LongestEmail ? known[..LongestEmail] : known)));
    }
}
