using System.Security.Cryptography;
using System.Text;

namespace Portal.Domain.Credentials;

/// <summary>
/// The text of a portal API key: <c>ptl_</c>, 30 random characters of 0–9, A–Z, a–z (178 bits) and six that are the
/// CRC-32 of those before them. Prefix and checksum are for scanners that look for leaked keys; they never decide whether
/// a key is accepted.
/// </summary>
public static class ApiKeyText
{
    public const string Prefix = "ptl_";

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int RandomLength = 30;
    private const int ChecksumLength = 6;
    private const uint Polynomial = 0xEDB88320;

    public static string New()
    {
        var random = Prefix + RandomNumberGenerator.GetString(Alphabet, RandomLength);
        return random + Checksum(random);
    }

    /// <summary>Whether a text that a scanner found is one of these keys, live or not.</summary>
    public static bool LooksLikeOne(string text) =>
        text.Length == Prefix.Length + RandomLength + ChecksumLength
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text.EndsWith(Checksum(text[..^ChecksumLength]), StringComparison.Ordinal);

    /// <summary>SHA-256: a key has too many bits to be guessed, so nothing slower is needed.</summary>
    public static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>CRC-32 as in zip (IEEE 802.3), written in base 62 with leading zeros.</summary>
    private static string Checksum(string text)
    {
        var crc = uint.MaxValue;
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ Polynomial;
        }
        crc = ~crc;
        Span<char> digits = stackalloc char[ChecksumLength];
        for (var i = ChecksumLength - 1; i >= 0; i--, crc /= (uint)Alphabet.Length)
            digits[i] = Alphabet[(int)(crc % (uint)Alphabet.Length)];
        return new string(digits);
    }
}
