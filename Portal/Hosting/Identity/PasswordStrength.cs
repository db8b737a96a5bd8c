using Portal.Domain.Accounts;

namespace Portal.Hosting.Identity;

/// <summary>zxcvbn's estimate, from 0 to 4: at 0 and 1 a password falls to anybody who steals the hashes.</summary>
internal sealed class PasswordStrength : IPasswordStrength
{
    private const int LeastScore = 2;

    // The estimate's cost grows with the length, its answer hardly: the beginning is enough.
    private const int LooksAt = 64;

    private readonly global::Zxcvbn.Zxcvbn _estimator = new();
    private readonly Lock _one = new();

    public bool IsGuessable(string password, IEnumerable<string> knownWords)
    {
        var looked = password.Length > LooksAt ? password[..LooksAt] : password;
        lock (_one) return _estimator.EvaluatePassword(looked, knownWords.Where(word => word.Length > 2)).Score < LeastScore;
    }
}
