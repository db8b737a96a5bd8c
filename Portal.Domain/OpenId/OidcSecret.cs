using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Domain.OpenId;

/// <summary>
/// A client's secret: 256 random bits, made by the portal, kept as SHA-256. Nobody chooses it, so there is nothing to guess
/// that a slow hash would slow down.
/// </summary>
public static class OidcSecret
{
    private const string Prefix = "ptlc_";

    internal static (string Secret, string Hash) Make()
    {
        var secret = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return (secret, Hash(secret));
    }

    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    public static bool Matches(string secret, string hash) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(secret)), Encoding.ASCII.GetBytes(hash));
}
