using Portal.Domain.Accounts;

namespace Portal.Hosting.Identity;

/// <summary>zxcvbn's estimate.</summary>
internal sealed class PasswordStrength : IPasswordStrength
{
    // The estimate's cost grows with the length, its answer hardly: the beginning is enough.
    private const int LooksAt = 64;

    private readonly global::Zxcvbn.Zxcvbn _estimator = new();
    private readonly Lock _one = new();

    public int Score(string password, IEnumerable<string> knownWords)
    {
        var looked = password.Length > LooksAt ? password[..LooksAt] : password;
        lock (_one)
            return _estimator.EvaluatePassword(looked, knownWords.Where(word => word.Length > 2)).Score;
    }
}
