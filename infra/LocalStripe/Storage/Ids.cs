using System.Security.Cryptography;

namespace LocalStripe.Storage;

/// <summary>Identifiers that look like Stripe's: a prefix by type and letters and digits that nobody can guess.</summary>
internal static class Ids
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static string New(string prefix, int length = 24) => $"{prefix}_{RandomNumberGenerator.GetString(Alphabet, length)}";
}
