using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>Tells passwords that a guesser tries early.</summary>
public interface IPasswordStrength
{
    /// <param name="knownWords">What a guesser knows of the person, for example the email address.</param>
    bool IsGuessable(string password, IEnumerable<string> knownWords);
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

    /// <summary>Enough for any passphrase; hashing more would only serve who wants the server busy.</summary>
    public const int Longest = 128;

    public Problem.Invalid? Check(string? password, string email)
    {
        if (password is null || password.Length < Shortest)
            return new("password-too-short", $"Use at least {Shortest} characters. Three or four unrelated words work well.", "password");
        if (password.Length > Longest)
            return new("password-too-long", $"Use at most {Longest} characters.", "password");
        if (breached.Contains(password))
            return new("password-breached", "This password appeared in a data breach, so attackers try it first. Choose another one: three or four unrelated words work well.", "password");
        return strength.IsGuessable(password, [email, .. email.Split('@', '.', '+', '-'), "portal"])
            ? new("password-guessable", "This password is easy to guess. Use three or four unrelated words, or let a password manager create one.", "password")
            : null;
    }
}
