using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Domain.Access;

/// <summary>The second factor of an account.</summary>
/// <param name="SealedSecret">Shared with the person's authenticator app; encrypted at rest.</param>
/// <param name="LastStep">The time step of the last code that was accepted: none is accepted twice.</param>
public sealed record Totp(string SealedSecret, long LastStep);

/// <summary>
/// Time-based one-time passwords as every authenticator app makes them: RFC 6238 with SHA-1, six digits, 30 seconds. Here
/// and not Identity's, which does not say which step a code was of, so that a code could be used twice.
/// </summary>
public static class TotpCodes
{
    public const int Digits = 6;
    private const int StepSeconds = 30;
    private const int SecretBytes = 20;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>160 bits in base32, as RFC 4226 §4 wants.</summary>
    public static string NewSecret() => RandomNumberGenerator.GetString(Base32, SecretBytes * 8 / 5);

    /// <summary>The time step that the code is of: now, one before or one after, and later than the last one accepted. Else null.</summary>
    public static long? Match(string secret, string? typed, DateTimeOffset now, long lastStep)
    {
        var code = string.Concat((typed ?? "").Where(character => !char.IsWhiteSpace(character)));
        if (code.Length != Digits || !code.All(char.IsAsciiDigit))
            return null;
        var (key, present) = (Decode(secret), now.ToUnixTimeSeconds() / StepSeconds);
        long? matched = null;
        for (var step = present - 1; step <= present + 1; step++)
        {
            var same = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Code(key, step)), Encoding.ASCII.GetBytes(code));
            if (same && step > lastStep)
                matched ??= step;
        }
        return matched;
    }

    /// <summary>For QR codes: the Key Uri Format that authenticator apps read.</summary>
    public static string Address(string secret, string issuer, string email) =>
        $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(email)}?secret={secret}&issuer={Uri.EscapeDataString(issuer)}";

    private static string Code(byte[] key, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // RFC 6238's default and the only one that all apps know; its weakness, collisions, does not touch HMAC.
        var hash = HMACSHA1.HashData(key, counter);
#pragma warning restore CA5350
        var offset = hash[^1] & 0x0f;
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(offset)) & 0x7fff_ffff;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] Decode(string secret)
    {
        var bytes = new byte[secret.Length * 5 / 8];
        var (bits, held, at) = (0, 0, 0);
        foreach (var character in secret)
        {
            (bits, held) = (bits << 5 | Base32.IndexOf(character, StringComparison.Ordinal), held + 5);
            if (held < 8)
                continue;
            held -= 8;
            bytes[at++] = (byte)(bits >> held);
            bits &= (1 << held) - 1;
        }
        return bytes;
    }
}
