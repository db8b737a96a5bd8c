using System.Security.Cryptography;
using System.Text;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>Codes for the day when the authenticator app is lost: ten, shown once, kept as hashes, each good once.</summary>
public interface IRecoveryCodeStore
{
    Task<int> CountAsync(AccountId account, CancellationToken cancellationToken);

    /// <summary>Takes the place of all that were there; none means that there are none.</summary>
    Task ReplaceAsync(AccountId account, IReadOnlyList<byte[]> hashes, CancellationToken cancellationToken);

    /// <summary>False when there is no such code, or it was used.</summary>
    Task<bool> UseAsync(AccountId account, byte[] hash, CancellationToken cancellationToken);
}

public static class RecoveryCodes
{
    public const int Count = 10;

    // Without what is mistaken for something else when copied by hand.
    private const string Alphabet = "23456789abcdefghjkmnpqrstuvwxyz";
    private const int Length = 16;
    private const int Group = 4;

    /// <summary>As <c>k3mx-9qhd-wz7n-4tpv</c>: 79 bits, so a plain hash keeps them.</summary>
    public static IReadOnlyList<string> New() =>
        [
            .. Enumerable
                .Range(0, Count)
                .Select(_ =>
                    string.Join('-', RandomNumberGenerator.GetString(Alphabet, Length).Chunk(Group).Select(part => new string(part)))
                ),
        ];

    /// <summary>Whether it can be one at all, however it was typed.</summary>
    public static bool Resembles(string? typed) => Bare(typed).Length == Length;

    public static byte[] Hash(string? typed) => SHA256.HashData(Encoding.UTF8.GetBytes(Bare(typed)));

    private static string Bare(string? typed) => string.Concat((typed ?? "").Take(64).Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
