using System.Security.Cryptography;
using System.Text;
using Portal.Hosting.Settings;

namespace Portal.Hosting.KeyRing;

/// <summary>The keys of <c>Portal:KeyRing</c>: one that encrypts, and all that decrypt. None at all when the section is absent.</summary>
internal sealed class KeyRingKeys
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Bound to what is encrypted, so that it opens as a key of the ring and as nothing else.</summary>
    private const string Purpose = "Portal.KeyRing.v1";

    private readonly Dictionary<string, byte[]> _keys = new(StringComparer.Ordinal);

    /// <summary>The id of the key that encrypts; null when none is set.</summary>
    public string? Current { get; private init; }

    /// <exception cref="WrongSettingException">The sentence names the setting and never repeats a key.</exception>
    public static KeyRingKeys Read(KeyRingSettings settings)
    {
        const string section = "Portal:KeyRing";
        var (current, older) = SecretBytes.Read(section, "Key", settings.Key, settings.KeyFile, settings.OlderKeys, settings.OlderKeyFiles);
        if (current is null && older.Count > 0)
            throw new WrongSettingException(
                $"{section}:Key is not set, but older keys are: set it, or KeyFile, to the key that encrypts from now on."
            );
        var keys = new KeyRingKeys { Current = current is null ? null : IdOf(current) };
        foreach (var key in current is null ? older : [current, .. older])
            keys._keys[IdOf(key)] = key;
        return keys;
    }

    public bool Has(string keyId) => _keys.ContainsKey(keyId);

    /// <returns>Base64 of nonce, tag and ciphertext, encrypted with <see cref="Current"/>.</returns>
    public string Encrypt(string plain)
    {
        var keyId = Current ?? throw new InvalidOperationException("There is no key to encrypt with.");
        var text = Encoding.UTF8.GetBytes(plain);
        var sealedBytes = new byte[NonceBytes + TagBytes + text.Length];
        var nonce = sealedBytes.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_keys[keyId], TagBytes);
        aes.Encrypt(nonce, text, sealedBytes.AsSpan(NonceBytes + TagBytes), sealedBytes.AsSpan(NonceBytes, TagBytes), Bound(keyId));
        return Convert.ToBase64String(sealedBytes);
    }

    /// <exception cref="CryptographicException">The key is not among those set, or what was encrypted is not as it was.</exception>
    public string Decrypt(string keyId, string encrypted)
    {
        if (!_keys.TryGetValue(keyId, out var key))
            throw new CryptographicException($"Portal:KeyRing has no key with the id {keyId}.");
        var sealedBytes = new byte[encrypted.Length];
        if (!Convert.TryFromBase64String(encrypted, sealedBytes, out var length) || length < NonceBytes + TagBytes)
            throw new CryptographicException("What is encrypted in the key ring was cut short or altered.");
        var text = new byte[length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(
            sealedBytes.AsSpan(0, NonceBytes),
            sealedBytes.AsSpan(NonceBytes + TagBytes, text.Length),
            sealedBytes.AsSpan(NonceBytes, TagBytes),
            text,
            Bound(keyId)
        );
        return Encoding.UTF8.GetString(text);
    }

    /// <summary>Tells keys apart and says nothing of them: the beginning of a hash, in hex.</summary>
    private static string IdOf(byte[] key) => Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(Purpose), .. key])[..8]);

    private static byte[] Bound(string keyId) => Encoding.UTF8.GetBytes($"{Purpose}:{keyId}");
}
